/*
 * SET of routes, as the three tables of routes show them: what they can be told is in
 * routeColumns.c, what becomes of it in routeEdits.c.
 *
 * A row is a next hop. One that is created beside another one of its destination, policy
 * and metric joins it: a multipath route. "A row entry cannot be modified when the status
 * is marked as active(1)", so it has to be taken out of service for that.
 */
#ifndef NETMIBD_TABLES_ROUTEEDITS_H
#define NETMIBD_TABLES_ROUTEEDITS_H

#include "edits.h"
#include "routes.h"

#define ROUTE_INDEX_MAX 100

enum route_edit_field {
	EDIT_IFINDEX,
	EDIT_TYPE,
	EDIT_METRIC,
	EDIT_OTHER, /* what can only be said to be what it is */
	EDIT_FATE,
};

struct route_copy {
	uint32_t
		index[ROUTE_INDEX_MAX]; /* in inetCidrRouteTable: what tells rows apart */
	size_t len;
	struct inet dst;     /* a link-local one with its zone */
	struct inet nexthop; /* the same */
	struct inet src;     /* INET_UNKNOWN: any */
	uint32_t ifindex, table, metric;
	uint16_t weight;      /* 0: it is the only next hop of its route, */
	enum route_kind kind; /* 0: not said */
	uint8_t plen, src_plen, type, proto, tos, scope;
	bool is_object; /* over a nexthop object */
	/* The policy says table, TOS, metric and interface, which cannot be said to be
	 * otherwise. */
	bool long_policy;
};

extern const struct edit_kind route_edits;

/* Has enough been said for the route to be active? */
bool route_copy_is_ready(const void *copy);

/* Are there bits of the destination beyond its length? */
bool route_copy_has_host_bits(const struct route_copy *route);

/* For struct table: make; the setters; and what is read of a row out of service. */
bool make_inetCidrRoute(
	const struct query *query, const uint32_t *index, size_t len, void *to);
bool make_ipCidrRoute(
	const struct query *query, const uint32_t *index, size_t len, void *to);
enum set_status set_route_ifindex(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_inetCidrRouteType(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_ipCidrRouteType(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_ipRouteType(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_ipCidrRouteInfo(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_route_next_hop_as(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_route_metric1(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_route_no_metric(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_route_status(
	const struct query *query, struct edit *edit, const struct value *value);
bool get_draft_route_ifindex(
	const struct query *query, const void *copy, struct value *value);
bool get_draft_inetCidrRouteType(
	const struct query *query, const void *copy, struct value *value);
bool get_draft_ipCidrRouteType(
	const struct query *query, const void *copy, struct value *value);
bool get_draft_route_metric1(
	const struct query *query, const void *copy, struct value *value);
bool get_draft_route_metric2(
	const struct query *query, const void *copy, struct value *value);

#endif
