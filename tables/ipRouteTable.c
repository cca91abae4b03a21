/*
 * ipRouteTable (RFC1213-MIB, replaced twice since and still asked for): the IPv4 routes
 * of table main once more. Its index is the destination alone, so one route of each is
 * shown: that of the lowest metric, of equal ones that of the shortest prefix, of these
 * the first one of inetCidrRouteTable.
 */
#include "routeEdits.h"

#include <string.h>

enum ip_route_type {
	IP_ROUTE_OTHER = 1,
	IP_ROUTE_DIRECT = 3,
	IP_ROUTE_INDIRECT = 4,
};

static void
encode(const struct query *query, const void *row, struct oid_buf *name)
{
	const struct route *route = row;

	(void)query;
	if (route->dst.type == INET_IPV4)
		index_add_ipaddress(name, route->dst.bytes);
	else
		index_add(name, OUT_OF_TABLE);
}

/* Those without a prefix, which are IPv6 anycast, come first in mirror->addr_members. */
static int
probe_member(const void *row, const void *sought)
{
	const struct addr *addr = row;
	int order = set_order(addr->ifindex, *(const uint32_t *)sought);

	return order ? order : (addr->prefix_of ? 0 : -1);
}

/* The IPv4 address of an interface that is @wanted, if it has this one, or its first;
 * NULL if it has none. */
static const struct addr *
own_address(const struct mirror *mirror, uint32_t ifindex, const struct inet *wanted)
{
	const struct addr *first =
		set_seek(&mirror->addr_members, probe_member, &ifindex);
	const struct addr *addr = first;

	for (; addr && addr->ifindex == ifindex && inet_is_v4(&addr->address);
		addr = set_next(&mirror->addr_members, addr)) {
		if (!wanted->len || memcmp(addr->address.bytes, wanted->bytes, 4) == 0)
			return addr;
	}
	return addr == first ? NULL : first;
}

/* Of a direct route it is the agent's own address on the interface (RFC 1213). */
static bool
get_ipRouteNextHop(const struct query *query, const void *row, struct value *value)
{
	const struct path_key *key = path_of(row);
	const uint8_t *octets = key->nexthop.bytes; /* none: 0.0.0.0 */

	if (route_kind_of(key) == ROUTE_KIND_LOCAL) {
		const struct addr *addr =
			own_address(mirror_of(query), key->ifindex, &key->prefsrc);

		if (addr)
			octets = addr->address.bytes;
	}
	value_set_octets(value, octets, 4);
	return true;
}

static bool
get_ipRouteType(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	switch (route_kind_of(path_of(row))) {
	case ROUTE_KIND_LOCAL:
		value->number = IP_ROUTE_DIRECT;
		break;
	case ROUTE_KIND_REMOTE:
		value->number = IP_ROUTE_INDIRECT;
		break;
	default:
		value->number = IP_ROUTE_OTHER;
		break;
	}
	return true;
}

static bool
get_ipRouteProto(const struct query *query, const void *row, struct value *value)
{
	enum route_protocol protocol = route_protocol_of(path_of(row));

	(void)query;
	if (protocol == PROTOCOL_DHCP)
		protocol = PROTOCOL_NETMGMT;
	if (protocol == PROTOCOL_EIGRP)
		protocol = PROTOCOL_OTHER;
	value->number = protocol;
	return true;
}

static const struct column columns[] = {
	{ 1, "ipRouteDest", SYNTAX_IPADDRESS, READ_ONLY, .get = get_route_dest },
	{ 2, "ipRouteIfIndex", SYNTAX_INTEGER, READ_ONLY, .get = get_route_ifindex },
	{ 3, "ipRouteMetric1", SYNTAX_INTEGER, READ_ONLY, .get = get_route_metric1 },
	{ 4, "ipRouteMetric2", SYNTAX_INTEGER, READ_ONLY, .get = get_route_metric2 },
	{ 5, "ipRouteMetric3", SYNTAX_INTEGER, READ_ONLY, .get = get_route_no_metric },
	{ 6, "ipRouteMetric4", SYNTAX_INTEGER, READ_ONLY, .get = get_route_no_metric },
	{ 7, "ipRouteNextHop", SYNTAX_IPADDRESS, READ_ONLY, .get = get_ipRouteNextHop },
	{ 8, "ipRouteType", SYNTAX_INTEGER, READ_WRITE, .get = get_ipRouteType,
		.set = set_ipRouteType },
	{ 9, "ipRouteProto", SYNTAX_INTEGER, READ_ONLY, .get = get_ipRouteProto },
	{ 10, "ipRouteAge", SYNTAX_INTEGER, READ_ONLY, .get = get_route_age },
	{ 11, "ipRouteMask", SYNTAX_IPADDRESS, READ_ONLY, .get = get_route_mask },
	{ 12, "ipRouteMetric5", SYNTAX_INTEGER, READ_ONLY, .get = get_route_no_metric },
	{ 13, "ipRouteInfo", SYNTAX_OBJECT_ID, READ_ONLY, .get = get_zero_dot_zero },
};

const struct table ipRouteTable_table = {
	.name = "ipRouteTable",
	.root = OID(1, 3, 6, 1, 2, 1, 4, 21),
	.by_column = true, /* as snmpd does */
	.entry = OID(1, 3, 6, 1, 2, 1, 4, 21, 1),
	.rows = route_rows,
	.member = route_is_ipv4_main,
	.beyond = route_is_beyond_ipv4,
	.encode = encode,
	.group = 4, /* the destination: all routes to it are one row */
	.better = route_has_lower_metric,
	COLUMNS(columns),
	.edits = &route_edits,
};
