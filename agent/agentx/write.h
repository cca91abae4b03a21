/*
 * SET: Net-SNMP's phases of one PDU onto the engine's transaction.
 */
#ifndef NETMIBD_AGENTX_WRITE_H
#define NETMIBD_AGENTX_WRITE_H

#include "handler.h"
#include "netsnmp.h"

/* Takes @requests, which fall into @table, through the phase that @info is in. @query is
 * of the phase's moment. */
void write_phase(const struct table *table, const struct served *served,
	struct query *query, netsnmp_agent_request_info *info,
	netsnmp_request_info *requests);

#endif
