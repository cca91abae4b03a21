/*
 * nmdIpAddrTable (NETMIBD-MIB): the prefix lengths and lifetimes of addresses. It has the
 * rows of ipAddressTable, and what is set of one meets what is set there in one edit: a
 * row is created by ipAddressRowStatus.
 */
#include "addressEdits.h"

static bool
get_nmdIpAddrPreferredLifetime(
	const struct query *query, const void *row, struct value *value)
{
	value->number = address_preferred(row, query->now);
	return true;
}

static bool
get_nmdIpAddrValidLifetime(
	const struct query *query, const void *row, struct value *value)
{
	value->number =
		addr_seconds_left(((const struct addr *)row)->valid_until, query->now);
	return true;
}

static const struct column columns[] = {
	{ 1, "nmdIpAddrPrefixLength", SYNTAX_GAUGE32, READ_CREATE,
		FIELD(addr, prefix_length), .set = set_nmdIpAddrPrefixLength,
		.get_draft = get_draft_length, .low = 1, .high = 128 },
	{ 2, "nmdIpAddrPreferredLifetime", SYNTAX_GAUGE32, READ_CREATE,
		.get = get_nmdIpAddrPreferredLifetime,
		.set = set_nmdIpAddrPreferredLifetime, .get_draft = get_draft_preferred },
	{ 3, "nmdIpAddrValidLifetime", SYNTAX_GAUGE32, READ_CREATE,
		.get = get_nmdIpAddrValidLifetime, .set = set_nmdIpAddrValidLifetime,
		.get_draft = get_draft_valid, .low = 1, .high = UINT32_MAX },
};

static const struct index_part by_address[] = {
	{ INDEX_INET, offsetof(struct addr, address) },
};

const struct table nmdIpAddrTable_table = {
	.name = "nmdIpAddrTable",
	.root = OID(1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 1, 3),
	.entry = OID(1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 1, 3, 1),
	.rows = address_rows,
	.prepare = ipif_prepare, /* as in ipAddressTable */
	INDEX(by_address),
	COLUMNS(columns),
	.edits = &address_edits,
	.make = make_ipAddress,
	.augments = &ipAddressTable_table,
};
