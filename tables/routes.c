/*
 * What the tables of routes share: see routes.h.
 */
#include "routes.h"

#include "../agent/base/clock.h"

enum route_kind
route_kind_of(const struct path_key *key)
{
	switch (key->type) {
	case ROUTE_UNICAST:
		return key->nexthop.type == INET_UNKNOWN ? ROUTE_KIND_LOCAL
							 : ROUTE_KIND_REMOTE;
	case ROUTE_LOCAL:
		return ROUTE_KIND_LOCAL;
	case ROUTE_BLACKHOLE:
		return ROUTE_KIND_BLACKHOLE;
	case ROUTE_UNREACHABLE:
	case ROUTE_PROHIBIT:
		return ROUTE_KIND_REJECT;
	default:
		return ROUTE_KIND_OTHER;
	}
}

/* icmp(4) is a redirect; what an advertisement brings has no word of its own. */
enum route_protocol
route_protocol_of(const struct path_key *key)
{
	switch (key->proto) {
	case ROUTE_PROTO_REDIRECT:
		return PROTOCOL_ICMP;
	case ROUTE_PROTO_KERNEL:
		return PROTOCOL_LOCAL;
	case ROUTE_PROTO_BOOT:
	case ROUTE_PROTO_STATIC:
		return PROTOCOL_NETMGMT;
	case ROUTE_PROTO_DHCP:
		return PROTOCOL_DHCP;
	case ROUTE_PROTO_BGP:
		return PROTOCOL_BGP;
	case ROUTE_PROTO_ISIS:
		return PROTOCOL_ISIS;
	case ROUTE_PROTO_OSPF:
		return PROTOCOL_OSPF;
	case ROUTE_PROTO_RIP:
		return PROTOCOL_RIP;
	case ROUTE_PROTO_EIGRP:
		return PROTOCOL_EIGRP;
	default:
		return PROTOCOL_OTHER;
	}
}

const struct set *
route_rows(const struct query *query)
{
	return &mirror_of(query)->routes;
}

bool
route_is_ipv4_main(const void *row)
{
	const struct path_key *key = path_of(row);

	return ((const struct route *)row)->dst.type == INET_IPV4 &&
	       key->table == ROUTE_TABLE_MAIN && !inet_is_v6(&key->nexthop);
}

bool
route_is_beyond_ipv4(const void *row)
{
	return ((const struct route *)row)->dst.type > INET_IPV4;
}

bool
route_has_lower_metric(const void *a, const void *b)
{
	return path_of(a)->metric < path_of(b)->metric;
}

bool
get_route_ifindex(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value->number = path_of(row)->ifindex;
	return true;
}

/* The kernel does not know: it is the time since the agent has seen the route for the
 * first time, or another one with its index in its place. */
bool
get_route_age(const struct query *query, const void *row, struct value *value)
{
	uint64_t now = query->now / NS_PER_S, since = ((const struct swept *)row)->since;

	/* what an event has changed after the query began has no age yet */
	value->number = now > since ? now - since : 0;
	return true;
}

bool
get_route_metric1(const struct query *query, const void *row, struct value *value)
{
	uint32_t metric = path_of(row)->metric;

	(void)query;
	value->number = metric < INT32_MAX ? metric : INT32_MAX;
	return true;
}

bool
get_route_metric2(const struct query *query, const void *row, struct value *value)
{
	get_route_no_metric(query, row, value);
	if (path_of(row)->weight)
		value->number = path_of(row)->weight;
	return true;
}

bool
get_route_no_metric(const struct query *query, const void *row, struct value *value)
{
	(void)query, (void)row;
	value->number = (uint64_t)(int64_t)-1;
	return true;
}

bool
get_route_dest(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value_set_octets(value, ((const struct route *)row)->dst.bytes, 4);
	return true;
}

void
route_mask(const struct route *route, uint8_t mask[4])
{
	uint32_t bits = route->plen ? UINT32_MAX << (32 - route->plen) : 0;

	for (int i = 0; i < 4; i++)
		mask[i] = (uint8_t)(bits >> (24 - 8 * i));
}

bool
get_route_mask(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	route_mask(row, value->scratch);
	value_set_octets(value, value->scratch, 4);
	return true;
}
