/*
 * The mirror: what the kernel has, as ordered sets of plain structs. One per network
 * namespace, no globals. It knows no netlink and no SNMP.
 *
 * Who writes: kernel/session puts and drops rows from events and dumps; kernel/stats sets
 * what is fetched on demand; nobody else (tests stand in for them), but for what is the
 * agent's own (the spin lock, struct link.traps, what is told, struct status). Who reads:
 * tables/, through the sets. No pointer to a row outlives a return to the event loop.
 *
 * A resync is mark and sweep: sweep_begin, put every row of a dump, sweep_end drops what
 * was not seen. Events go on meanwhile, and they win: what an event has said since
 * sweep_begin is younger than (or will be followed by an event that is younger than) what
 * the dump says, so the dump's word on that row is ignored, also on rows that an event
 * has deleted (their keys are kept until the sweep ends). That is right as long as no
 * event is lost in between; whoever loses one must begin a new sweep.
 */
#ifndef NETMIBD_MIRROR_MIRROR_H
#define NETMIBD_MIRROR_MIRROR_H

#include "../base/options.h"
#include "../base/set.h"
#include "../base/status.h"
#include "addr.h"
#include "change.h"
#include "ipif.h"
#include "ipstats.h"
#include "keeper.h"
#include "link.h"
#include "neigh.h"
#include "nexthop.h"
#include "prefix.h"
#include "rcvaddr.h"
#include "route.h"
#include "route_silent.h"
#include "route_sweep.h"
#include "router.h"
#include "source.h"
#include "stack.h"
#include "sweep.h"
#include "told.h"
#include "writes.h"

#include <stdbool.h>
#include <stdint.h>

#define MAX_WATCHERS 4

struct watcher {
	watch_fn *fn;
	void *arg;
};

struct mirror {
	struct set links;	  /* struct link, by ifindex */
	struct set stack;	  /* struct stack, by higher, lower */
	struct set inverted;	  /* the same rows, by lower, higher */
	struct set rcvaddrs;	  /* struct rcvaddr, by ifindex, address */
	struct set addrs;	  /* struct addr, by address, ifindex, and what else */
	struct set broadcasts;	  /* struct addr, likewise: what those name */
	bool shows_anycasts;	  /* the kernel tells of them */
	struct set addr_index;	  /* of both, what is shown, by struct addr.address */
	struct set addr_members;  /* struct addr, by ifindex, prefix */
	struct set prefixes;	  /* struct prefix, by ifindex, prefix, length */
	struct set routers;	  /* struct router, by gateway, ifindex */
	bool routers_stale;	  /* the default routes are others now */
	bool routers_expire;	  /* one of them has a lifetime */
	struct set neighs;	  /* struct neigh, by ifindex, address */
	size_t real_neighs;	  /* of these, how many neigh_is_real() says */
	uint32_t rcvaddr_sweep;	  /* number of the last reading of the addresses */
	struct ip_node ip;	  /* what the node counts of IP, and its switches */
	size_t n_silent;	  /* links whose stacking may change without an event */
	uint32_t highest_ifindex; /* ever seen: below it an index may have been used */

	struct set ipv4ifs;	  /* struct ipif, by ifindex */
	struct set ipv6ifs;	  /* struct ipif, by ifindex */
	struct set ipif_doubts;	  /* those of both in doubt, by version, ifindex */
	uint64_t links_changed;	  /* clock_now() of the last link that came or went */
	uint64_t stack_changed;	  /* and of the last visible change of the stack */
	uint64_t ipv4ifs_changed; /* of the last row of ipv4ifs that came or went */
	uint64_t ipv6ifs_changed; /* the same of ipv6ifs */
	uint64_t ipv6ifs_altered; /* and of the last row of it that changed */

	struct set routes;	  /* struct route: what is shown, see there */
	struct set hidden_routes; /* and the others, by table first */
	struct set paths;	  /* struct path, by content */
	struct set nexthops;	  /* struct nexthop, by id */
	bool ipv6_sources;	  /* a route of IPv6 has had a preferred source */
	size_t cidr_routes;	  /* of the routes, how many ipCidrRouteTable has */
	LIST_HEAD(, path) special_paths;
	struct path *recent_paths[256]; /* those asked for last, by their content */
	struct route_hint route_hint;
	struct route_wish route_wished; /* .long_policy: so its row is to have one */
	uint32_t nexthop_generation;	/* that was given last */
	struct route_tasks route_tasks;
	struct route_doubt route_doubt;	    /* to be looked at a moment later, */
	struct route_doubt route_doubt_now; /* and now */
	uint32_t hop_link;   /* the link that a route was last read over, */
	bool hop_link_down;  /* and whether it is down */
	uint32_t confirming; /* see route_sweep_begin(); 0: no such sweep is running */
	struct route_place route_place;
	size_t route_news;	   /* rows that the sweep has seen for the first time */
	size_t route_dump_changes; /* what the sweep has found to be otherwise */
	bool route_twins;	   /* IPv6 has equal routes: a row stands for several */
	bool route_twins_seen;	   /* by the sweep that is running */
	bool route_passed_over; /* one may have gone here because a dump does not name it
				 */
	struct route **mine;	/* for a message at work: the rows it is about */
	size_t max_mine;
	/* What a message says: too big for the stack. The second one is made of the rows
	 * of a route whose nexthop object has changed. */
	struct route_info *said, *expanded;
	struct nexthop_info *said_nexthop;

	struct writes writes; /* the agent's own */
	struct told told;     /* as well */
	struct status status; /* and that: each layer counts its part */
	struct link *putting; /* the link that a put or drop is at work on */
	struct sweep sweeps[N_KINDS];
	struct watcher watchers[MAX_WATCHERS];
	unsigned int n_watchers;
	const struct source *source; /* may be NULL */
	const struct keeper *keeper; /* may be NULL */
	const struct options *options;
};

/* True once the first sweep of @kind has ended: what comes and goes now is a change. */
static inline bool
mirror_is_complete(const struct mirror *mirror, enum kind kind)
{
	return mirror->sweeps[kind].complete;
}

/* A new, empty mirror; @options must outlive it. mirror_free() also frees all rows,
 * without telling the watchers. */
struct mirror *mirror_new(const struct options *options);
void mirror_free(struct mirror *mirror);

/* Calls @fn on every change from now on. At most MAX_WATCHERS. */
void mirror_watch(struct mirror *mirror, watch_fn *fn, void *arg);

/* Link @info->ifindex exists and looks like @info. */
void mirror_put_link(
	struct mirror *mirror, const struct link_info *info, enum origin origin);

/* Link @ifindex is gone. Nothing happens if it is not known. */
void mirror_drop_link(struct mirror *mirror, uint32_t ifindex);

/* A message has said that of the IP interfaces of a link. Links that the mirror does not
 * have are ignored. An answer to a request counts as an event. */
void mirror_put_ipif(
	struct mirror *mirror, const struct ipif_said *said, enum origin origin);

/* The link of that index, or NULL. */
struct link *mirror_link(const struct mirror *mirror, uint32_t ifindex);

/* Sets the traps (enum link_traps) of link @ifindex; returns what they were before. */
uint8_t mirror_set_traps(struct mirror *mirror, uint32_t ifindex, uint8_t traps);

/* Resync of one kind, see above. sweep_begin forgets a sweep that has not ended. */
void mirror_sweep_begin(struct mirror *mirror, enum kind kind);
void mirror_sweep_end(struct mirror *mirror, enum kind kind);

/* A reading of the counters of @link at time @now (clock_now()). @has_mac: are the mac_
 * ones in it? */
void mirror_set_counters(
	struct link *link, const struct raw_counters *raw, bool has_mac, uint64_t now);

/* @link looks like @info, which was asked for: a link that is down changes without an
 * event (6.18). No link comes or goes by it. */
void mirror_refresh_link(
	struct mirror *mirror, struct link *link, const struct link_info *info);

/* Concludes the operational state of @link again (its stacking or its info has changed);
 * true if it is another one now. Does not publish. */
bool mirror_conclude_oper(struct mirror *mirror, struct link *link);

/* Tells the watchers. */
void mirror_publish(struct mirror *mirror, const struct change *change);

#endif
