/*
 * What a fuzz target says to the log: nothing.
 */
#ifndef NETMIBD_FUZZ_QUIET_H
#define NETMIBD_FUZZ_QUIET_H

#include "../../agent/base/log.h"

#include <stddef.h>

static void
no_line(int priority, const char *text)
{
	(void)priority, (void)text;
}

static bool
no_debugging(const char *subject)
{
	(void)subject;
	return false;
}

static const struct log_sink quiet = { no_line, no_debugging, NULL };

#endif
