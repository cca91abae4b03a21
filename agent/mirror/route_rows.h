/*
 * The rows of routes: their two sets, their order, who gets which policy, and how many of
 * them ipCidrRouteTable has. For the files of this folder that decide which rows there
 * are: route.c by what messages say, route_silent.c by what follows from other changes.
 */
#ifndef NETMIBD_MIRROR_ROUTE_ROWS_H
#define NETMIBD_MIRROR_ROUTE_ROWS_H

#include "mirror.h"

/* The row behind mirror->route_hint's, which is there. */
struct route *route_hint_next(struct mirror *mirror);

/* The order of destination and prefix length. */
int route_order_prefix(const struct route *a, const struct route *b);

/* Adds a row and publishes it. Logs and returns NULL when it would be the 256th with one
 * index but for the ordinal. */
struct route *route_add(struct mirror *mirror, const struct inet *dst, uint8_t plen,
	const struct path_key *key, enum origin origin);

/* Lets @route lead over the path of @key, and publishes that, if it is another one. What
 * the index is made of is the same in both. Returns @route, or NULL if it had to go. */
struct route *route_move(
	struct mirror *mirror, struct route *route, const struct path_key *key);

/* Takes @route out, publishes that, and frees it. @bury: a dump that is being read may
 * not bring it back. */
void route_remove(struct mirror *mirror, struct route *route, bool bury);

/* The same for all rows of the route that @route is a next hop of; they are buried. */
void route_remove_whole(struct mirror *mirror, struct route *route);

/* An event says that what is not known is gone. */
void route_bury(struct mirror *mirror, const struct inet *dst, uint8_t plen,
	const struct path_key *key);

/* May @origin speak of @route, or if that is NULL of a row like that? See sweep_admit().
 */
bool route_admit(struct mirror *mirror, const struct inet *dst, uint8_t plen,
	const struct path_key *key, struct route *route, enum origin origin);

/* An IPv6 next hop that is left alone of the siblings that @like is one of has no weight
 * any more; nothing says so. */
void route_release_last(struct mirror *mirror, const struct inet *dst, uint8_t plen,
	const struct path_key *like);

/* Puts the route of @route, whose nexthop object has changed, there again. */
void route_rebuild(struct mirror *mirror, struct route *route);

/* A walk over the rows of one prefix in one table of the kernel. */
struct route_group {
	const struct set *set;
	struct route *next;
	const struct inet *dst;
	uint8_t plen;
	uint32_t table;
	bool both; /* those that are shown are done, and the others are at hand */
};

/* for (begin; (row = route_group_next()); ): all rows to @dst/@plen in @table, shown or
 * not. The row that was returned last may be removed. */
void route_group_begin(struct mirror *mirror, struct route_group *group,
	const struct inet *dst, uint8_t plen, uint32_t table);
struct route *route_group_next(const struct mirror *mirror, struct route_group *group);

#endif
