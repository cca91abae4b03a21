/*
 * atTable (RFC1213-MIB, deprecated since 1991 and still asked for): the IPv4 neighbours
 * once more. Its index has the 1 of a NetworkAddress before the address.
 */
#include "neighbours.h"

static const struct column columns[] = {
	{ 1, "atIfIndex", SYNTAX_INTEGER, READ_ONLY, FIELD(neigh, ifindex) },
	{ 2, "atPhysAddress", SYNTAX_OCTETS, READ_WRITE, .get = get_neighbour_lladdr,
		.set = set_atPhysAddress },
	{ 3, "atNetAddress", SYNTAX_IPADDRESS, READ_ONLY, .get = get_neighbour_ipv4 },
};

static const struct index_part by_ifIndex_address[] = {
	{ INDEX_INTEGER, offsetof(struct neigh, ifindex) },
	{ INDEX_NETWORKADDRESS, offsetof(struct neigh, address) },
};

const struct table atTable_table = {
	.name = "atTable",
	.root = OID(1, 3, 6, 1, 2, 1, 3, 1),
	.by_column = true, /* as snmpd does */
	.entry = OID(1, 3, 6, 1, 2, 1, 3, 1, 1),
	.rows = neighbour_rows,
	.prepare = neighbour_prepare,
	.member = neighbour_is_ipv4,
	INDEX(by_ifIndex_address),
	COLUMNS(columns),
	.edits = &neighbour_edits,
};
