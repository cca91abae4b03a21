/*
 * ipNetToPhysicalTable (IP-MIB, RFC 4293): the neighbours of both IP versions. A
 * link-local one is of type ipv6(2): the ifIndex is in the index, and clients pass
 * ipv6z(4) over.
 */
#include "neighbours.h"

enum ip_net_to_physical_state {
	STATE_REACHABLE = 1,
	STATE_STALE = 2,
	STATE_DELAY = 3,
	STATE_PROBE = 4,
	STATE_INVALID = 5,
	STATE_UNKNOWN = 6,
	STATE_INCOMPLETE = 7,
};

static bool
get_ipNetToPhysicalLastUpdated(
	const struct query *query, const void *row, struct value *value)
{
	value->number = query_timestamp(query, ((const struct neigh *)row)->updated);
	return true;
}

/* "If Neighbor Unreachability Detection is not in use (e.g. for IPv4), this object is
 * always unknown(6)": in Linux it is in use for IPv4, too. It is not for a static entry.
 */
static bool
get_ipNetToPhysicalState(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	switch (((const struct neigh *)row)->state) {
	case NEIGH_REACHABLE:
		value->number = STATE_REACHABLE;
		break;
	case NEIGH_STALE:
		value->number = STATE_STALE;
		break;
	case NEIGH_DELAY:
		value->number = STATE_DELAY;
		break;
	case NEIGH_PROBE:
		value->number = STATE_PROBE;
		break;
	case NEIGH_FAILED:
		value->number = STATE_INVALID;
		break;
	case NEIGH_INCOMPLETE:
		value->number = STATE_INCOMPLETE;
		break;
	default:
		value->number = STATE_UNKNOWN;
		break;
	}
	return true;
}

static const struct column columns[] = {
	{ 4, "ipNetToPhysicalPhysAddress", SYNTAX_OCTETS, READ_CREATE,
		.get = get_neighbour_lladdr, .set = set_neighbour_lladdr,
		.get_draft = get_draft_lladdr, .high = 65535 },
	{ 5, "ipNetToPhysicalLastUpdated", SYNTAX_TIMETICKS, READ_ONLY,
		.get = get_ipNetToPhysicalLastUpdated },
	{ 6, "ipNetToPhysicalType", SYNTAX_INTEGER, READ_CREATE,
		.get = get_neighbour_type, .set = set_neighbour_type,
		.get_draft = get_draft_neighbour_type },
	{ 7, "ipNetToPhysicalState", SYNTAX_INTEGER, READ_ONLY,
		.get = get_ipNetToPhysicalState },
	{ 8, "ipNetToPhysicalRowStatus", SYNTAX_INTEGER, READ_CREATE,
		.get = get_row_active, .set = set_row_status, .is_row_status = true },
};

static const struct index_part by_ifIndex_address[] = {
	{ INDEX_INTEGER, offsetof(struct neigh, ifindex) },
	{ INDEX_INET, offsetof(struct neigh, address) },
};

const struct table ipNetToPhysicalTable_table = {
	.name = "ipNetToPhysicalTable",
	.root = OID(1, 3, 6, 1, 2, 1, 4, 35),
	.entry = OID(1, 3, 6, 1, 2, 1, 4, 35, 1),
	.rows = neighbour_rows,
	.prepare = neighbour_prepare,
	.member = neighbour_is_shown,
	INDEX(by_ifIndex_address),
	COLUMNS(columns),
	.edits = &neighbour_edits,
	.make = make_ipNetToPhysical,
};
