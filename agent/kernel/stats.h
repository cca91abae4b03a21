/*
 * What is fetched when somebody asks: counters, speed, queue length, receive addresses.
 *
 * A value is fetched again when it is older than the maximum age of the options. One link
 * is asked for by a request of its own; when so many have been asked for within one age
 * that a dump of all would have cost less, the next one is a dump. That is never more
 * than twice the cost of the better of the two, whatever the manager does.
 *
 * The alias of a link that is down is another case: it has no age that would do, for a
 * change is to be seen by the next request. It is read for each request, unless so many
 * were that a dump must do for the rest of the age. The lower link of a tunnel that is
 * down is another such property.
 *
 * Neighbours have events, but not for every state: one that is asked for the first time
 * (INCOMPLETE) or used again after a while (DELAY) is not announced. A dump when they are
 * asked for sees them.
 */
#ifndef NETMIBD_KERNEL_STATS_H
#define NETMIBD_KERNEL_STATS_H

#include "../mirror/mirror.h"
#include "channel.h"

#include <stdint.h>

/* One property that is asked for on demand. */
struct demand {
	uint64_t window;      /* clock_now() at the first request of this age */
	unsigned int singles; /* requests for one link within it */
	bool dumped;	      /* has there been a dump within it? */
};

/* What is asked for of IP interfaces: see stats_ipif.h. */
struct ipif_demand {
	struct demand state, identifier;
	uint64_t all_at;   /* clock_now() of the last dump of IPv6 */
	uint64_t neigh_at; /* and of that of the neighbour caches' parameters */
};

struct stats {
	struct mirror *mirror;
	struct channel route;	/* NETLINK_ROUTE */
	struct channel generic; /* NETLINK_GENERIC */
	int ethtool; /* its family; 0: not asked yet, -1: the kernel has none */
	struct demand counters, speed, queue, alias;
	struct ipif_demand ipif;
	uint64_t rcvaddrs_at;		/* clock_now() of the last reading; 0: never */
	uint64_t neighs_due, stack_due; /* when these may be read again */
	uint64_t routers_at, routers_due;
	uint64_t requests; /* sent to the kernel, for SIGUSR1 and tests */
	uint64_t failures;
};

/* 0, or -errno if the kernel gives no socket. */
int stats_open(struct stats *stats, struct mirror *mirror);
void stats_close(struct stats *stats);

/* For struct source: see there. */
void stats_need(struct stats *stats, uint32_t ifindex, uint32_t needs, uint64_t now);
void stats_need_rcvaddrs(struct stats *stats, uint64_t now);
void stats_need_neighs(struct stats *stats, uint64_t now);
void stats_need_routers(struct stats *stats, uint64_t now);
void stats_need_stack(struct stats *stats, uint64_t now);

/* For the files of this folder that ask, too. */

/* Is what was read at @at (0: never) good enough? @now is when the query began: what has
 * been read for its first varbind is good for its last one, so that a Counter32 and its
 * Counter64 agree. */
bool stats_is_fresh(const struct stats *stats, uint64_t at, uint64_t now);

/* Opens @channel (one of the two above) again, if it had to be closed. False: it is not
 * open. */
bool stats_is_open(struct stats *stats, struct channel *channel);

/* channel_request(), counted; a failure that means something is logged. */
int stats_ask(struct stats *stats, struct channel *channel, struct nl_msg *msg,
	reply_fn *fn, void *arg);

/* A dump of what should be true at each request: at most one part in STATS_SHARE of the
 * time is spent on such a dump. Returns when it is due again. */
#define STATS_SHARE 20
uint64_t stats_ask_in_turn(struct stats *stats, struct nl_msg *msg, reply_fn *fn);

#endif
