/*
 * netmibd.conf: our tokens, and the check that there is none nobody knows.
 */
#ifndef NETMIBD_AGENTX_CONFIG_H
#define NETMIBD_AGENTX_CONFIG_H

#include "../base/options.h"

#include <stdbool.h>

/* Registers our tokens; what they say goes to @options from config_adopt() on. */
void config_init(struct options *options);

/* Checks the files that will be read (@files: those of -c, comma separated, or NULL;
 * @only: -C, no others) for tokens that nobody has registered. Every one is logged with
 * file and line. Returns how many. */
unsigned int config_check(const char *files, bool only);

/* After a reading: puts the new values in force and returns 0, or, if a value was wrong,
 * leaves the old ones and returns how many were. */
unsigned int config_adopt(void);

#endif
