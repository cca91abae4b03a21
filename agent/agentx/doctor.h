/*
 * The part of --check that has to do with SNMP: the socket of the master, the file of
 * what is kept, and what the master answers. To be called after agentx_examine(). All of
 * it prints findings (base/report.h).
 */
#ifndef NETMIBD_AGENTX_DOCTOR_H
#define NETMIBD_AGENTX_DOCTOR_H

#include "../engine/table.h"

#include <stdbool.h>
#include <sys/types.h>

/* The AgentX socket: is it there, may this user connect, does somebody answer? @snmpd: a
 * process of that name in this network, 0: none. Returns true if there is a master. */
bool doctor_socket(pid_t snmpd);

/* The folder and the file of what outlives netmibd. */
void doctor_store(void);

/* Asks the agent at @address, with what snmp.conf(5) has as defaults. @tables: what
 * a netmibd that runs serves, ends with NULL; NULL: none runs. */
void doctor_master(const char *address, const struct table *const *tables);

#endif
