/*
 * Logging: see log.h.
 */
#include "log.h"

#include "clock.h"

#include <stdio.h>

#define LIMIT_BURST  5
#define LIMIT_WINDOW (10 * NS_PER_S)

static void
stderr_line(int priority, const char *text)
{
	(void)priority;
	fprintf(stderr, "%s\n", text);
}

static bool
never(const char *subject)
{
	(void)subject;
	return false;
}

static void
stderr_debug(const char *subject, const char *text)
{
	fprintf(stderr, "%s: %s\n", subject, text);
}

static const struct log_sink stderr_sink = { stderr_line, never, stderr_debug };
static const struct log_sink *sink = &stderr_sink;

void
log_to(const struct log_sink *to)
{
	sink = to ? to : &stderr_sink;
}

void
log_line(int priority, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	sink->line(priority, text);
}

void
log_limited(struct log_limit *limit, int priority, const char *format, ...)
{
	uint64_t now = clock_now();
	char text[512];
	va_list args;

	if (now - limit->since >= LIMIT_WINDOW) {
		limit->since = now;
		limit->lines = limit->suppressed ? LIMIT_BURST - 1 : 0;
	}
	if (limit->lines >= LIMIT_BURST) {
		limit->suppressed++;
		return;
	}
	limit->lines++;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (limit->suppressed) {
		log_line(priority, "%s (and %llu more of the kind)", text,
			(unsigned long long)limit->suppressed);
		limit->suppressed = 0;
	} else {
		sink->line(priority, text);
	}
}

bool
log_debugging(const char *subject)
{
	return sink->debugging(subject);
}

void
log_debug(const char *subject, const char *format, ...)
{
	char text[512];
	va_list args;

	if (!sink->debugging(subject))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	sink->debug(subject, text);
}
