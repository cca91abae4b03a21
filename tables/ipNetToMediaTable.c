/*
 * ipNetToMediaTable (IP-MIB, deprecated): the IPv4 neighbours, the same rows as those of
 * ipNetToPhysicalTable.
 */
#include "neighbours.h"

static const struct column columns[] = {
	{ 1, "ipNetToMediaIfIndex", SYNTAX_INTEGER, READ_CREATE, FIELD(neigh, ifindex),
		.set = set_ipNetToMediaIfIndex, .low = 1, .high = INT32_MAX },
	{ 2, "ipNetToMediaPhysAddress", SYNTAX_OCTETS, READ_CREATE,
		.get = get_neighbour_lladdr, .set = set_neighbour_lladdr, .high = 65535 },
	{ 3, "ipNetToMediaNetAddress", SYNTAX_IPADDRESS, READ_CREATE,
		.get = get_neighbour_ipv4, .set = set_ipNetToMediaNetAddress },
	{ 4, "ipNetToMediaType", SYNTAX_INTEGER, READ_CREATE, .get = get_neighbour_type,
		.set = set_ipNetToMediaType },
};

static const struct index_part by_ifIndex_address[] = {
	{ INDEX_INTEGER, offsetof(struct neigh, ifindex) },
	{ INDEX_IPADDRESS, offsetof(struct neigh, address) },
};

const struct table ipNetToMediaTable_table = {
	.name = "ipNetToMediaTable",
	.root = OID(1, 3, 6, 1, 2, 1, 4, 22),
	.by_column = true, /* as snmpd does */
	.entry = OID(1, 3, 6, 1, 2, 1, 4, 22, 1),
	.rows = neighbour_rows,
	.prepare = neighbour_prepare,
	.member = neighbour_is_ipv4,
	INDEX(by_ifIndex_address),
	COLUMNS(columns),
	.edits = &neighbour_edits,
	.make = make_ipNetToMedia,
};
