/*
 * Logging with a subject and a limit. The lines go to a sink: stderr until agentx/ puts
 * Net-SNMP's log there (-L and -D then work as in every Net-SNMP daemon).
 *
 * What an attacker or a flapping port can repeat is logged by log_limited(): five lines
 * at once, then one in ten seconds that says how many were left out.
 */
#ifndef NETMIBD_BASE_LOG_H
#define NETMIBD_BASE_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <syslog.h>

struct log_sink {
	void (*line)(int priority, const char *text); /* LOG_ERR ... LOG_DEBUG */
	bool (*debugging)(const char *subject);	      /* is -D given for it? */
	void (*debug)(const char *subject, const char *text);
};

struct log_limit {
	uint64_t since;	     /* of the present window, clock_now() */
	unsigned int lines;  /* in the present window */
	uint64_t suppressed; /* since the last line */
};

/* Sends what follows to @sink (kept, not copied); NULL: to stderr. */
void log_to(const struct log_sink *sink);

/* Logs one line, printf(3)-like, without a newline at its end. */
void log_line(int priority, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same, but at most as often as said above; @limit is static at the caller. */
void log_limited(struct log_limit *limit, int priority, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Logs under -D@subject ("netlink", "mirror", "stats", "follow"). */
void log_debug(const char *subject, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* True if log_debug() of @subject would show something: guards costly arguments. */
bool log_debugging(const char *subject);

#endif
