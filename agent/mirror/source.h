/*
 * What the mirror may ask of whoever feeds it: the only way from a table to the kernel.
 * In the daemon it is kernel/; a test can leave it NULL (nothing is fetched) or bring a
 * fake.
 *
 * What reads returns with the mirror as true as it can be made; a failure is logged and
 * counted there and shows as values that are older than wanted, never as an error. What
 * is wished for is done or not, and says so.
 */
#ifndef NETMIBD_MIRROR_SOURCE_H
#define NETMIBD_MIRROR_SOURCE_H

#include "wish.h"

#include <stdint.h>

/* What a column needs fetched before its value is right; struct column.needs. */
enum need {
	NEED_COUNTERS = 1 << 0,
	NEED_SPEED = 1 << 1,
	NEED_QUEUE = 1 << 2,
	NEED_ALIAS = 1 << 3, /* has no event while the link is down */

	/* of the IP interfaces of a link */
	NEED_IPIF_STATE = 1 << 8,    /* is IPv6 switched on? */
	NEED_IPIF_COUNTERS = 1 << 9, /* of IPv6 */
	NEED_IPIF_NEIGH = 1 << 10,   /* parameters of the neighbour caches */
	/* Which rows there are, and the link-local addresses: of all links, and rows may
	 * come and go by it. */
	NEED_IPIF_ROWS = 1 << 11,
	NEED_IPIF_IDENTIFIER = 1 << 12, /* what it is made of has no event, as above */
	NEED_IPIF = 0x1f << 8,
};

/* What of the node, not of one of its links, is to be made fresh. */
enum node_need {
	NEED_IP_COUNTERS = 1 << 0, /* of IP and ICMP: rows may come */
	NEED_IP_SYSCTLS = 1 << 1,
};

struct source {
	/* Reads the events that are queued now. */
	void (*drain)(void *arg);
	/* Makes what the bits of @needs name of link @ifindex fresh, seen from @now, when
	 * the query began. Links neither come nor go by it. @ifindex 0: what changes by
	 * itself of all links (NEED_IPIF_...). */
	void (*need)(void *arg, uint32_t ifindex, uint32_t needs, uint64_t now);
	/* Makes the receive addresses fresh: rows may come and go. */
	void (*need_rcvaddrs)(void *arg, uint64_t now);
	/* Makes the stacking of links fresh that are down: rows may come and go. */
	void (*need_stack)(void *arg, uint64_t now);
	/* Makes the states of neighbours fresh that the kernel does not announce: rows
	 * may come, none goes. */
	void (*need_neighs)(void *arg, uint64_t now);
	/* Makes the default routers fresh: rows may come and go. */
	void (*need_routers)(void *arg, uint64_t now);
	/* Makes what the bits (enum node_need) of @needs name fresh, seen from @now. */
	void (*need_node)(void *arg, uint32_t needs, uint64_t now);

	/* May anything be changed at all (netmibdWrite, CAP_NET_ADMIN)? */
	bool (*may_write)(void *arg);
	/* Does a secondary IPv4 address of link @name outlive its primary one
	 * (promote_secondaries)? */
	bool (*promotes)(void *arg, const char *name);
	/* Is the anycast @address of link @ifindex there because it was wished for? */
	bool (*has_joined)(void *arg, uint32_t ifindex, const struct inet *address);
	/* Fulfils @wish: 0, and *@deed is what undo() or keep() frees, NULL if nothing
	 * has been done (a dry run); or -errno, and nothing has been done. The mirror
	 * follows by the kernel's events, which are read before this returns. */
	int (*fulfil)(void *arg, const struct wish *wish, struct deed **deed);
	/* Makes all as it was before: 0, or -errno, and the log says what is left. What
	 * has to wait for another deed that is undone after it is tried again with each,
	 * and by settle() after the last one. */
	int (*undo)(void *arg, struct deed *deed);
	int (*settle)(void *arg);
	void (*keep)(void *arg, struct deed *deed);
	void *arg;
};

#endif
