/*
 * ipv4InterfaceTable (IP-MIB, RFC 4293): the interfaces that have an IPv4 stack. That is
 * every one whose MTU is 68 or more; Linux cannot switch IPv4 off on an interface.
 */
#include "tables.h"

/* The kernel reassembles whatever IPv4 can say the length of (ip_frag_reasm). */
#define REASM_MAX 65535

static const struct set *
rows(const struct query *query)
{
	return &mirror_of(query)->ipv4ifs;
}

static bool
get_ipv4InterfaceReasmMaxSize(
	const struct query *query, const void *row, struct value *value)
{
	(void)query, (void)row;
	value->number = REASM_MAX;
	return true;
}

static bool
get_ipv4InterfaceEnableStatus(
	const struct query *query, const void *row, struct value *value)
{
	(void)query, (void)row;
	value->number = IP_STATUS_UP;
	return true;
}

static bool
get_ipv4InterfaceRetransmitTime(
	const struct query *query, const void *row, struct value *value)
{
	const struct ipif *ipif = row;

	(void)query;
	value->number = ipif->retrans_time;
	return ipif->neigh_at != 0;
}

static const struct column columns[] = {
	{ 2, "ipv4InterfaceReasmMaxSize", SYNTAX_INTEGER, READ_ONLY,
		.get = get_ipv4InterfaceReasmMaxSize },
	{ 3, "ipv4InterfaceEnableStatus", SYNTAX_INTEGER, READ_ONLY,
		.get = get_ipv4InterfaceEnableStatus },
	{ 4, "ipv4InterfaceRetransmitTime", SYNTAX_GAUGE32, READ_ONLY,
		.get = get_ipv4InterfaceRetransmitTime, .needs = NEED_IPIF_NEIGH },
};

static const struct index_part by_ifIndex[] = {
	{ INDEX_INTEGER, offsetof(struct ipif, ifindex) },
};

const struct table ipv4InterfaceTable_table = {
	.name = "ipv4InterfaceTable",
	.root = OID(1, 3, 6, 1, 2, 1, 4, 28),
	.entry = OID(1, 3, 6, 1, 2, 1, 4, 28, 1),
	.rows = rows,
	.prepare = ipif_prepare,
	.refresh = ipif_refresh,
	INDEX(by_ifIndex),
	COLUMNS(columns),
};
