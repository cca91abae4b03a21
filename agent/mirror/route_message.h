/*
 * A message about a route, at work: what route.c, which decides what becomes of rows,
 * needs of its next hops (route_hops.c) and of the rows that are there (route_rivals.c).
 */
#ifndef NETMIBD_MIRROR_ROUTE_MESSAGE_H
#define NETMIBD_MIRROR_ROUTE_MESSAGE_H

#include "route_rows.h"

/* A message at work on one prefix. */
struct route_message {
	struct mirror *mirror;
	const struct route_info *info;
	struct hop_info *all_hops;
	enum origin origin;
	uint32_t generation; /* of the route's nexthop object */
	uint8_t rank;	     /* of its rows among their rivals */
	/* those to one destination, which has the zone of a link if it needs one */
	struct inet dst;
	struct hop_info *hops;
	size_t n_hops;
};

/* Next hops. */

/* The path of a row for @hop. */
struct path_key message_key(
	const struct route_message *message, const struct hop_info *hop);

/* Has the kernel let go what leads over @hop, though the message, of a dump, names it? */
bool message_left_behind(const struct route_message *message, const struct hop_info *hop);

/* Puts what its nexthop object leads over in the place of @info's next hops, if it is
 * known. Returns the generation of the object's content, 0 if it is not. */
uint32_t message_expand(const struct mirror *mirror, struct route_info *info);

/* One order of next hops and of rows (struct route *), for qsort(3): by what tells those
 * of one route apart. */
int order_hops(const void *a, const void *b);
int order_rows(const void *a, const void *b);

/* The next hop in that order that a row has. */
struct hop_info hop_of(const struct route *route);

/* The next hop that @route has if the message, whose hops are in order, names it, or
 * NULL. */
struct hop_info *message_names(
	const struct route_message *message, const struct route *route);

/* Rows of the message's prefix and table; all return how many they put into
 * mirror->mine. */

/* Those of its route (@same), or of its route's rivals. */
size_t message_collect(const struct route_message *message, bool same);

/* IPv4: those of the rival that is replaced. */
size_t message_collect_replaced(const struct route_message *message);

/* IPv6: takes out what is replaced but not named. The hops must be in order. */
void message_remove_replaced(const struct route_message *message);

/* Is it of a dump that names all routes? */
bool message_is_of_all(const struct route_message *message);

/* While all routes are read after a loss, what the mirror does not know yet may matter:
 * they are read once more. */
void message_doubt(const struct route_message *message);

/* The rank of the route among its rivals, which make way for it. Overwrites
 * mirror->mine. */
uint8_t message_rank(const struct route_message *message);

#endif
