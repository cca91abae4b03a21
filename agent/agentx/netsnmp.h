/*
 * Net-SNMP's headers, in the order they want, for agentx/ only.
 */
#ifndef NETMIBD_AGENTX_NETSNMP_H
#define NETMIBD_AGENTX_NETSNMP_H

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <net-snmp/agent/agent_callbacks.h>
#include <net-snmp/agent/agent_sysORTable.h>
#include <net-snmp/agent/mib_modules.h>

#endif
