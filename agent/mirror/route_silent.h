/*
 * What becomes of routes without an event of theirs, by what the mirror sees happen to
 * links, addresses and nexthop objects. The kernel's rules, as of 6.18:
 *
 *	a link goes down	IPv4: its next hops are dead, and a route without another
 *				one goes, but for those to this host
 *(fib_sync_down_dev()); IPv6: a next hop beside another one is dead, the rest is
 *				announced (fib6_ifdown())
 *	a link comes up		IPv4, IPv6: a next hop beside another one lives again
 *				(fib_sync_up(), rt6_sync_up())
 *	it gets an IPv4		so does an IPv4 next hop beside another one
 *	address
 *	a link is deleted	IPv4: so are all routes with a next hop on it
 *	it loses its last	IPv4: as if it went down, and those to this host, too
 *	address
 *	an address goes that	IPv4: so do the routes of table main with it as preferred
 *	no link has any more	source (fib_sync_down_addr())
 *	a nexthop object goes	so do its routes (of IPv6 they are announced, but only
 *with or becomes another	nexthop_compat_mode 1), or they lead elsewhere
 *
 * That is done at once, in the order of events, in slices: route_work(). A look at the
 *kernel confirms it a moment later, and tells what cannot be known here (what a carrier
 *means for links with ignore_routes_with_linkdown): mirror->route_doubt, which the
 *session heeds.
 */
#ifndef NETMIBD_MIRROR_ROUTE_SILENT_H
#define NETMIBD_MIRROR_ROUTE_SILENT_H

#include "change.h"
#include "path.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mirror;

/* Something that has happened, and how far the routes have followed. */
struct route_task {
	enum {
		TASK_LINK_UP,
		TASK_LINK_ADDRESSED, /* it has got an IPv4 address */
		TASK_LINK_DOWN,
		TASK_LINK_BARE, /* its last IPv4 address is gone */
		TASK_LINK_GONE,
		TASK_SOURCE_GONE,
		TASK_NEXTHOP,
	} what;
	uint32_t ifindex;
	uint32_t nhid;
	struct inet source;
	bool begun;
	struct path_key at; /* the path that was worked on last, if begun */
};

struct route_tasks {
	struct route_task *list;
	size_t n, max, done;
};

/* What is to be read again of the kernel's routes. */
struct route_doubt {
	bool pending;
	uint32_t ifindex; /* those over this link; 0: all */
};

void route_tasks_free(struct mirror *mirror);

/* The mirror has changed. */
void route_follow(struct mirror *mirror, const struct change *change);

/* Nexthop object @id has come, gone, or become another one. */
void route_follow_nexthop(struct mirror *mirror, uint32_t id);

/* IPv6 may have been switched on again on link @ifindex: next hops beside others live
 * again then, unannounced. */
void route_follow_ipv6(struct mirror *mirror, uint32_t ifindex);

/* The routes over link @ifindex (0: all) are to be read again: a moment later, when the
 * kernel has done what it has announced; or now, for it has. Nothing happens before they
 * have been read once. */
void route_doubt(struct mirror *mirror, uint32_t ifindex);
void route_doubt_now(struct mirror *mirror, uint32_t ifindex);

/* Does what is to be done until clock_now() is @deadline. True: nothing is left. Before
 * that no event may be read. */
bool route_work(struct mirror *mirror, uint64_t deadline);

#endif
