/*
 * What the tables of routes share: all three show the rows of mirror->routes, the IPv4
 * ones of table main in words of their own.
 */
#ifndef NETMIBD_TABLES_ROUTES_H
#define NETMIBD_TABLES_ROUTES_H

#include "tables.h"

/* IANAipRouteProtocol; those of ipCidrRouteProto end with 16, of ipRouteProto with 14. */
enum route_protocol {
	PROTOCOL_OTHER = 1,
	PROTOCOL_LOCAL = 2,
	PROTOCOL_NETMGMT = 3,
	PROTOCOL_ICMP = 4,
	PROTOCOL_RIP = 8,
	PROTOCOL_ISIS = 9,
	PROTOCOL_OSPF = 13,
	PROTOCOL_BGP = 14,
	PROTOCOL_EIGRP = 16,
	PROTOCOL_DHCP = 19,
};

/* What a route does with a packet: inetCidrRouteType; ipCidrRouteType ends with 4. */
enum route_kind {
	ROUTE_KIND_OTHER = 1,
	ROUTE_KIND_REJECT = 2,
	ROUTE_KIND_LOCAL = 3,
	ROUTE_KIND_REMOTE = 4,
	ROUTE_KIND_BLACKHOLE = 5,
};

static inline const struct path_key *
path_of(const void *row)
{
	return &((const struct route *)row)->path->key;
}

enum route_kind route_kind_of(const struct path_key *key);
enum route_protocol route_protocol_of(const struct path_key *key);

/* For struct table. */
const struct set *route_rows(const struct query *query);
/* encode of the index of inetCidrRouteTable */
void encode_inetCidrRoute(
	const struct query *query, const void *row, struct oid_buf *name);
/* member, beyond and better of the IPv4 tables: the routes of table main whose next hop
 * is no IPv6 address; of equal indexes the lowest metric. */
bool route_is_ipv4_main(const void *row);
bool route_is_beyond_ipv4(const void *row);
bool route_has_lower_metric(const void *a, const void *b);

/* Getters. Metric1 is the kernel's metric, metric 2 the weight of a next hop that is not
 * the only one of its route; what is not used is -1. */
bool get_route_ifindex(const struct query *query, const void *row, struct value *value);
bool get_route_age(const struct query *query, const void *row, struct value *value);
bool get_route_metric1(const struct query *query, const void *row, struct value *value);
bool get_route_metric2(const struct query *query, const void *row, struct value *value);
bool get_route_no_metric(const struct query *query, const void *row, struct value *value);
/* of IPv4 routes */
bool get_route_dest(const struct query *query, const void *row, struct value *value);
bool get_route_mask(const struct query *query, const void *row, struct value *value);

/* The mask of an IPv4 route, four octets into @mask. */
void route_mask(const struct route *route, uint8_t mask[4]);

#endif
