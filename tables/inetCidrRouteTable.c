/*
 * inetCidrRouteTable (IP-FORWARD-MIB, RFC 4292): every route of the tables main and
 * default, IPv4 and IPv6, a row for each next hop. What inetCidrRoutePolicy is made of is
 * said in mirror/route.h.
 */
#include "routeEdits.h"

/* How many sub-identifiers a long policy has, without ordinal and source. */
#define POLICY_LEN 6

static void
add_policy(const struct route *route, struct oid_buf *name)
{
	const struct path_key *key = &route->path->key;
	bool has_source = key->src.type != INET_UNKNOWN;
	uint32_t ordinal = route->policy - POLICY_LONG;

	if (route->policy == POLICY_DEFAULT) {
		index_add(name, 2); /* { 0 0 } */
		index_add(name, 0);
		index_add(name, 0);
		return;
	}
	index_add(name, POLICY_LEN + (has_source ? 1 + 16 : 0) + (ordinal > 0));
	index_add(name, 0);
	index_add(name, 0);
	index_add(name, key->table);
	index_add(name, key->tos);
	index_add(name, key->metric);
	index_add(name, key->ifindex);
	if (has_source) {
		index_add(name, key->src_plen);
		for (size_t i = 0; i < 16; i++)
			index_add(name, key->src.bytes[i]);
	}
	if (ordinal)
		index_add(name, ordinal);
}

/* RFC 4292 wants an empty next hop of type unknown(0) for routes that have no gateway.
 * Who expects 0.0.0.0 there, as in older tables and agents, can have that; it sorts at
 * the same place. */
static void
add_next_hop(const struct query *query, const struct path_key *key, struct oid_buf *name)
{
	static const struct inet zero4 = { .type = INET_IPV4, .len = 4 };
	static const struct inet zero6 = { .type = INET_IPV6, .len = 16 };
	const struct inet *hop = &key->nexthop;

	if (hop->type == INET_UNKNOWN &&
		mirror_of(query)->options->connected_next_hop_zero)
		hop = key->v6 ? &zero6 : &zero4;
	index_add_inet(name, hop);
}

void
encode_inetCidrRoute(const struct query *query, const void *row, struct oid_buf *name)
{
	const struct route *route = row;

	index_add_inet(name, &route->dst);
	index_add(name, route->plen);
	add_policy(route, name);
	add_next_hop(query, &route->path->key, name);
}

static bool
get_inetCidrRouteType(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value->number = route_kind_of(path_of(row));
	return true;
}

static bool
get_inetCidrRouteProto(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value->number = route_protocol_of(path_of(row));
	return true;
}

static const struct column columns[] = {
	{ 7, "inetCidrRouteIfIndex", SYNTAX_INTEGER, READ_CREATE,
		.get = get_route_ifindex, .set = set_route_ifindex,
		.get_draft = get_draft_route_ifindex, .high = INT32_MAX },
	{ 8, "inetCidrRouteType", SYNTAX_INTEGER, READ_CREATE,
		.get = get_inetCidrRouteType, .set = set_inetCidrRouteType,
		.get_draft = get_draft_inetCidrRouteType },
	{ 9, "inetCidrRouteProto", SYNTAX_INTEGER, READ_ONLY,
		.get = get_inetCidrRouteProto },
	{ 10, "inetCidrRouteAge", SYNTAX_GAUGE32, READ_ONLY, .get = get_route_age },
	{ 11, "inetCidrRouteNextHopAS", SYNTAX_GAUGE32, READ_CREATE, .get = get_zero,
		.set = set_route_next_hop_as, .get_draft = get_zero },
	{ 12, "inetCidrRouteMetric1", SYNTAX_INTEGER, READ_CREATE,
		.get = get_route_metric1, .set = set_route_metric1,
		.get_draft = get_draft_route_metric1 },
	{ 13, "inetCidrRouteMetric2", SYNTAX_INTEGER, READ_CREATE,
		.get = get_route_metric2, .set = set_route_no_metric,
		.get_draft = get_draft_route_metric2 },
	{ 14, "inetCidrRouteMetric3", SYNTAX_INTEGER, READ_CREATE,
		.get = get_route_no_metric, .set = set_route_no_metric,
		.get_draft = get_route_no_metric },
	{ 15, "inetCidrRouteMetric4", SYNTAX_INTEGER, READ_CREATE,
		.get = get_route_no_metric, .set = set_route_no_metric,
		.get_draft = get_route_no_metric },
	{ 16, "inetCidrRouteMetric5", SYNTAX_INTEGER, READ_CREATE,
		.get = get_route_no_metric, .set = set_route_no_metric,
		.get_draft = get_route_no_metric },
	{ 17, "inetCidrRouteStatus", SYNTAX_INTEGER, READ_CREATE, .get = get_row_active,
		.set = set_route_status, .is_row_status = true },
};

const struct table inetCidrRouteTable_table = {
	.name = "inetCidrRouteTable",
	.root = OID(1, 3, 6, 1, 2, 1, 4, 24, 7),
	.entry = OID(1, 3, 6, 1, 2, 1, 4, 24, 7, 1),
	.rows = route_rows,
	.encode = encode_inetCidrRoute,
	COLUMNS(columns),
	.edits = &route_edits,
	.make = make_inetCidrRoute,
};
