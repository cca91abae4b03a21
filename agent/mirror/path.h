/*
 * A path: all that a next hop of a route says but the destination. A million routes share
 * a few hundred of them, as they share a struct fib_info in the kernel, so each is kept
 * once and knows the rows that lead over it: what the kernel does to a link or a nexthop
 * object is done to its paths' rows, without a look at the others.
 *
 * Paths are found by their content (struct path_key) and never change; a row whose next
 * hop becomes another one moves to another path.
 */
#ifndef NETMIBD_MIRROR_PATH_H
#define NETMIBD_MIRROR_PATH_H

#include "../base/inet.h"
#include "../base/set.h"

#include <bsd/sys/queue.h>
#include <stdbool.h>
#include <stdint.h>

struct mirror;
struct route;

/* Compared octet by octet: no gaps, and what is unused is zero. */
struct path_key {
	uint32_t ifindex;    /* 0: none */
	uint32_t nhid;	     /* nexthop object; 0: none */
	uint32_t generation; /* of the object's content */
	uint32_t table;
	uint32_t metric;
	uint32_t id;	     /* see struct route_info */
	uint32_t encap;	     /* see struct hop_info */
	struct inet nexthop; /* type INET_UNKNOWN: connected; a link-local one with its
			      * zone */
	struct inet src;     /* IPv6, of a source-specific route; else INET_UNKNOWN */
	struct inet prefsrc; /* of the packets sent; INET_UNKNOWN: none */
	uint16_t weight;     /* of the next hop among its route's, from 1 as `ip route`
			      * counts;     0: it is the only one */
	uint8_t src_plen;
	uint8_t v6;	    /* the routes are IPv6 */
	uint8_t tos;	    /* rtm_tos */
	uint8_t type;	    /* enum route_type */
	uint8_t proto;	    /* RTPROT_*, enum route_proto */
	uint8_t scope;	    /* rtm_scope */
	uint8_t preference; /* enum router_preference */
	uint8_t dead;	    /* the kernel does not use the next hop at present */
};

struct path {
	struct set_node node;
	LIST_HEAD(, route) rows;
	LIST_ENTRY(path) special; /* if it has an object or a preferred source */
	struct path_key key;
	uint32_t n_rows;
	uint32_t until; /* end of the default route that leads over it, s of clock_now();
			 * ROUTER_FOREVER. Not in the key: it is renewed. */
};

void path_init(struct mirror *mirror);

/* The path of that content, made if there is none. It lives as long as it has rows: the
 * caller gives it one at once. */
struct path *path_get(struct mirror *mirror, const struct path_key *key);

/* Lets @route, which leads over none, lead over @path; and over none again. path_leave()
 * frees a path without rows. */
void path_join(struct path *path, struct route *route);
void path_leave(struct mirror *mirror, struct path *path, struct route *route);

/* The first path over link @ifindex behind the place @after (NULL: of all), or NULL.
 * Rows may come and go in between. */
struct path *path_of_link(
	const struct mirror *mirror, uint32_t ifindex, const struct path_key *after);

#endif
