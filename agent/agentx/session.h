/*
 * The SNMP side's life: the library's start and end, and the session with the master.
 */
#ifndef NETMIBD_AGENTX_SESSION_H
#define NETMIBD_AGENTX_SESSION_H

#include "../base/options.h"
#include "../base/status.h"
#include "handler.h"

#include <stdbool.h>

/* What the command line says about it. */
struct agentx_settings {
	bool standalone;     /* be an SNMP agent, not a subagent */
	const char *address; /* of the standalone agent; NULL: agentaddress, or default */
	const char *socket;  /* -x: of the master; NULL: agentXSocket, or default */
	const char *config_files; /* -c; NULL: none */
	bool only_these_files;	  /* -C */
};

/* Prepares Net-SNMP's library; call it first, before any option that is its own (-L, -D)
 * is handed to it. */
void agentx_prepare(void);

/* Hand -L and -D on. agentx_log_option() may take the next word of @argv (moves optind);
 * returns -1 if it is wrong. */
int agentx_log_option(char *option, int argc, char *const *argv);
void agentx_debug_option(const char *subjects);
void agentx_log_default(void);

/* Reads the configuration into @options and opens the session or the ports, and counts
 * sessions and requests into @status, which must outlive agentx_close(). Returns 0, or
 * -1 after logging why not: a configuration error or an address that cannot be had. A
 * master that is not there is no error: it is tried again every second. */
int agentx_open(const struct agentx_settings *settings, struct options *options,
	struct status *status);

/* Reads the configuration as agentx_open() does, and opens nothing (--check). The
 * process is to leave without agentx_close(), which writes what the library keeps.
 * Returns how many errors it has, which are logged, or -1 if the library does not start.
 */
int agentx_examine(const struct agentx_settings *settings, struct options *options);

/* Serves @tables from now on. Returns how many were refused. */
int agentx_serve(const struct table *const *tables, const struct served *served);

/* Goes to the background (without -f). 0, or -1. */
int agentx_daemonize(void);

/* SIGHUP: reads the configuration again. */
void agentx_reconfigure(void);

/* Takes leave of the master (AgentX Close) and ends the library. */
void agentx_close(void);

/* The AgentX socket of the master, by which netmibd finds it; for the status. */
const char *agentx_socket(void);

/* The library's version, for -V. */
const char *agentx_version(void);

#endif
