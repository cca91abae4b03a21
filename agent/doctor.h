/*
 * netmibd --check: what is wrong on this machine, and how to mend it.
 */
#ifndef NETMIBD_DOCTOR_H
#define NETMIBD_DOCTOR_H

#include "command.h"

/* Reads the configuration as the daemon does, looks at the machine, at the master's
 * socket and, if snmp.conf(5) says who asks, at what the master answers at
 * @command->check_address; changes nothing. Prints what it finds. Returns the exit
 * status: EXIT_SUCCESS if nothing is wrong. */
int doctor_check(const struct command *command);

#endif
