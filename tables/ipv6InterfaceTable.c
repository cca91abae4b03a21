/*
 * ipv6InterfaceTable (IP-MIB, RFC 4293): the interfaces that have an IPv6 stack: none
 * with an MTU below 1280. One on which IPv6 is switched off has a row that says so.
 */
#include "edits.h"

static bool
get_ipv6InterfaceIdentifier(
	const struct query *query, const void *row, struct value *value)
{
	const struct ipif *ipif = row;

	(void)query;
	value_set_octets(value, ipif->identifier, ipif->identifier_len);
	return true;
}

static bool
get_ipv6InterfaceEnableStatus(
	const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value->number =
		((const struct ipif *)row)->info.disabled ? IP_STATUS_DOWN : IP_STATUS_UP;
	return true;
}

static bool
get_ipv6InterfaceReachableTime(
	const struct query *query, const void *row, struct value *value)
{
	const struct ipif *ipif = row;

	(void)query;
	/* The base: what the kernel makes of it is another random time every few minutes
	 * (RFC 4861 section 6.3.4). */
	value->number = ipif->reachable_time;
	return ipif->neigh_at != 0;
}

static bool
get_ipv6InterfaceForwarding(
	const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value->number = ((const struct ipif *)row)->info.forwarding ? FORWARDING_YES
								    : FORWARDING_NO;
	return true;
}

static const struct column columns[] = {
	{ 2, "ipv6InterfaceReasmMaxSize", SYNTAX_GAUGE32, READ_ONLY,
		FIELD(ipif, info.reasm_max) },
	{ 3, "ipv6InterfaceIdentifier", SYNTAX_OCTETS, READ_ONLY,
		.get = get_ipv6InterfaceIdentifier, .needs = NEED_IPIF_IDENTIFIER },
	{ 5, "ipv6InterfaceEnableStatus", SYNTAX_INTEGER, READ_WRITE,
		.get = get_ipv6InterfaceEnableStatus, .needs = NEED_IPIF_STATE,
		.set = set_ipv6InterfaceEnableStatus },
	{ 6, "ipv6InterfaceReachableTime", SYNTAX_GAUGE32, READ_ONLY,
		.get = get_ipv6InterfaceReachableTime, .needs = NEED_IPIF_NEIGH },
	{ 7, "ipv6InterfaceRetransmitTime", SYNTAX_GAUGE32, READ_ONLY,
		FIELD(ipif, retrans_time), .needs = NEED_IPIF_NEIGH },
	{ 8, "ipv6InterfaceForwarding", SYNTAX_INTEGER, READ_WRITE,
		.get = get_ipv6InterfaceForwarding, .set = set_ipv6InterfaceForwarding },
};

static const struct index_part by_ifIndex[] = {
	{ INDEX_INTEGER, offsetof(struct ipif, ifindex) },
};

const struct table ipv6InterfaceTable_table = {
	.name = "ipv6InterfaceTable",
	.root = OID(1, 3, 6, 1, 2, 1, 4, 30),
	.entry = OID(1, 3, 6, 1, 2, 1, 4, 30, 1),
	.rows = ipv6if_rows,
	.prepare = ipif_prepare,
	.refresh = ipif_refresh,
	INDEX(by_ifIndex),
	COLUMNS(columns),
	.edits = &ipv6if_edits,
};
