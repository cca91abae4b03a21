/*
 * ipCidrRouteTable (IP-FORWARD-MIB, RFC 2096, deprecated): the IPv4 routes of table main.
 * Its index knows neither metric nor interface, so of several routes that it cannot tell
 * apart the one of the lowest metric is shown. A next hop that is an IPv6 address has no
 * place in it.
 *
 * The rows come by destination and length, and the mask sorts as the length does.
 */
#include "routeEdits.h"

static void
encode(const struct query *query, const void *row, struct oid_buf *name)
{
	const struct route *route = row;
	uint8_t mask[4];

	(void)query;
	if (route->dst.type != INET_IPV4) {
		index_add(name, OUT_OF_TABLE);
		return;
	}
	route_mask(route, mask);
	index_add_ipaddress(name, route->dst.bytes);
	index_add_ipaddress(name, mask);
	index_add(name, route->path->key.tos);
	index_add_ipaddress(name, route->path->key.nexthop.bytes); /* none: 0.0.0.0 */
}

static bool
get_ipCidrRouteTos(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value->number = path_of(row)->tos;
	return true;
}

static bool
get_ipCidrRouteNextHop(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value_set_octets(value, path_of(row)->nexthop.bytes, 4);
	return true;
}

static bool
get_ipCidrRouteType(const struct query *query, const void *row, struct value *value)
{
	enum route_kind kind = route_kind_of(path_of(row));

	(void)query;
	value->number = kind == ROUTE_KIND_BLACKHOLE ? ROUTE_KIND_REJECT : kind;
	return true;
}

static bool
get_ipCidrRouteProto(const struct query *query, const void *row, struct value *value)
{
	enum route_protocol protocol = route_protocol_of(path_of(row));

	(void)query;
	value->number = protocol == PROTOCOL_DHCP ? PROTOCOL_NETMGMT : protocol;
	return true;
}

static const struct column columns[] = {
	{ 1, "ipCidrRouteDest", SYNTAX_IPADDRESS, READ_ONLY, .get = get_route_dest },
	{ 2, "ipCidrRouteMask", SYNTAX_IPADDRESS, READ_ONLY, .get = get_route_mask },
	{ 3, "ipCidrRouteTos", SYNTAX_INTEGER, READ_ONLY, .get = get_ipCidrRouteTos },
	{ 4, "ipCidrRouteNextHop", SYNTAX_IPADDRESS, READ_ONLY,
		.get = get_ipCidrRouteNextHop },
	{ 5, "ipCidrRouteIfIndex", SYNTAX_INTEGER, READ_CREATE, .get = get_route_ifindex,
		.set = set_route_ifindex, .get_draft = get_draft_route_ifindex },
	{ 6, "ipCidrRouteType", SYNTAX_INTEGER, READ_CREATE, .get = get_ipCidrRouteType,
		.set = set_ipCidrRouteType, .get_draft = get_draft_ipCidrRouteType },
	{ 7, "ipCidrRouteProto", SYNTAX_INTEGER, READ_ONLY, .get = get_ipCidrRouteProto },
	{ 8, "ipCidrRouteAge", SYNTAX_INTEGER, READ_ONLY, .get = get_route_age },
	{ 9, "ipCidrRouteInfo", SYNTAX_OBJECT_ID, READ_CREATE, .get = get_zero_dot_zero,
		.set = set_ipCidrRouteInfo, .get_draft = get_zero_dot_zero },
	{ 10, "ipCidrRouteNextHopAS", SYNTAX_INTEGER, READ_CREATE, .get = get_zero,
		.set = set_route_next_hop_as, .get_draft = get_zero },
	{ 11, "ipCidrRouteMetric1", SYNTAX_INTEGER, READ_CREATE, .get = get_route_metric1,
		.set = set_route_metric1, .get_draft = get_draft_route_metric1 },
	{ 12, "ipCidrRouteMetric2", SYNTAX_INTEGER, READ_CREATE, .get = get_route_metric2,
		.set = set_route_no_metric, .get_draft = get_draft_route_metric2 },
	{ 13, "ipCidrRouteMetric3", SYNTAX_INTEGER, READ_CREATE,
		.get = get_route_no_metric, .set = set_route_no_metric,
		.get_draft = get_route_no_metric },
	{ 14, "ipCidrRouteMetric4", SYNTAX_INTEGER, READ_CREATE,
		.get = get_route_no_metric, .set = set_route_no_metric,
		.get_draft = get_route_no_metric },
	{ 15, "ipCidrRouteMetric5", SYNTAX_INTEGER, READ_CREATE,
		.get = get_route_no_metric, .set = set_route_no_metric,
		.get_draft = get_route_no_metric },
	{ 16, "ipCidrRouteStatus", SYNTAX_INTEGER, READ_CREATE, .get = get_row_active,
		.set = set_route_status, .is_row_status = true },
};

const struct table ipCidrRouteTable_table = {
	.name = "ipCidrRouteTable",
	.root = OID(1, 3, 6, 1, 2, 1, 4, 24, 4),
	.entry = OID(1, 3, 6, 1, 2, 1, 4, 24, 4, 1),
	.rows = route_rows,
	.member = route_is_ipv4_main,
	.beyond = route_is_beyond_ipv4,
	.encode = encode,
	.group = 8, /* destination and mask */
	.better = route_has_lower_metric,
	COLUMNS(columns),
	.edits = &route_edits,
	.make = make_ipCidrRoute,
};
