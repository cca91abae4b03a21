/*
 * SET of routes, as inetCidrRouteTable shows them.
 */
#ifndef NETMIBD_TABLES_ROUTEEDITS_H
#define NETMIBD_TABLES_ROUTEEDITS_H

#include "edits.h"

extern const struct edit_kind route_edits;

/* For struct table: make; and the setters. */
bool make_inetCidrRoute(
	const struct query *query, const uint32_t *index, size_t len, void *to);
enum set_status set_inetCidrRouteIfIndex(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_inetCidrRouteType(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_inetCidrRouteNextHopAS(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_inetCidrRouteMetric1(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_inetCidrRouteMetric(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_inetCidrRouteStatus(
	const struct query *query, struct edit *edit, const struct value *value);

#endif
