/*
 * netmibd.conf: our tokens, and the check of the files before Net-SNMP reads them.
 */
#ifndef NETMIBD_AGENTX_CONFIG_H
#define NETMIBD_AGENTX_CONFIG_H

#include "../base/options.h"

#include <stdbool.h>

/* Registers our tokens, and those that Net-SNMP knows in the other mode only; what ours
 * say goes to @options from config_adopt() on. */
void config_init(struct options *options, bool standalone);

/* Checks the files that will be read (@files: those of -c, comma separated, or NULL;
 * @only: -C, no others) for tokens that nobody has registered, tokens without a value,
 * and values that ours do not take. Every one is logged with file and line. Returns how
 * many. Call it when all tokens are registered (SNMP_CALLBACK_PRE_READ_CONFIG), and not
 * between a reading and config_adopt(). */
unsigned int config_check(const char *files, bool only);

/* After a reading: puts the new values in force and returns 0, or, if a value was wrong,
 * leaves the old ones and returns how many were. */
unsigned int config_adopt(void);

#endif
