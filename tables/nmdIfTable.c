/*
 * nmdIfTable (NETMIBD-MIB): what the kernel has of an interface and IF-MIB has no object
 * for, or none that can be written. It has the rows of ifTable.
 */
#include "edits.h"

#define IPV4_MIN_MTU 68 /* RFC 791 */

static bool
get_nmdIfIpv4Forwarding(const struct query *query, const void *row, struct value *value)
{
	const struct link *link = row;
	const struct ipif *ipv4 = ipif_find(mirror_of(query), IP_V4, link->info.ifindex);

	if (!ipv4)
		return false;
	value->number = ipv4->info.forwarding ? FORWARDING_YES : FORWARDING_NO;
	return true;
}

static bool
get_nmdIfKind(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value_set_display(value, ((const struct link *)row)->info.kind, 255);
	return true;
}

static const struct column columns[] = {
	{ 1, "nmdIfMtu", SYNTAX_INTEGER, READ_WRITE, FIELD(link, info.mtu),
		.set = set_nmdIfMtu, .low = IPV4_MIN_MTU, .high = INT32_MAX },
	{ 2, "nmdIfMinMtu", SYNTAX_GAUGE32, READ_ONLY, FIELD(link, info.min_mtu) },
	{ 3, "nmdIfMaxMtu", SYNTAX_GAUGE32, READ_ONLY, FIELD(link, info.max_mtu) },
	{ 4, "nmdIfIpv4Forwarding", SYNTAX_INTEGER, READ_WRITE,
		.get = get_nmdIfIpv4Forwarding, .set = set_nmdIfIpv4Forwarding },
	{ 5, "nmdIfKind", SYNTAX_OCTETS, READ_ONLY, .get = get_nmdIfKind },
};

static const struct index_part by_ifIndex[] = {
	{ INDEX_INTEGER, offsetof(struct link, info.ifindex) },
};

const struct table nmdIfTable_table = {
	.name = "nmdIfTable",
	.root = OID(1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 1, 2),
	.entry = OID(1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 1, 2, 1),
	.rows = link_rows,
	.prepare = ipif_prepare, /* has it IPv4? */
	INDEX(by_ifIndex),
	COLUMNS(columns),
	.edits = &link_edits,
};
