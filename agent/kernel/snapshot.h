/*
 * What a link loses when it goes down, and does not get back when it comes up: its IPv6
 * addresses, the routes and nexthop objects over it, static neighbours; and what goes
 * with an address. Kept as the kernel's own messages, and sent again; or as requests of
 * ours (NLM_F_REQUEST), which are sent as they are.
 */
#ifndef NETMIBD_KERNEL_SNAPSHOT_H
#define NETMIBD_KERNEL_SNAPSHOT_H

#include "../base/inet.h"
#include "channel.h"

#include <stddef.h>
#include <stdint.h>

struct snapshot {
	uint8_t *messages; /* one after another, aligned */
	size_t len, size;
};

/* Takes it of link @ifindex, behind what is in @snapshot; @channel is strict. 0/-errno;
 * @snapshot is to be forgotten in any case. Left out is what the kernel makes by itself:
 * its link-local addresses, routes of protocol kernel, what router advertisements bring,
 * table local. */
int snapshot_take(struct snapshot *snapshot, struct channel *channel, uint32_t ifindex);

/* The same of what goes with IPv6, when that is switched off. */
int snapshot_take_ipv6(
	struct snapshot *snapshot, struct channel *channel, uint32_t ifindex);

/* The same of what goes with @address of link @ifindex: itself; if it is the @last one of
 * IPv4, the IPv4 routes over the link, and static neighbours (inetdev_destroy(),
 * fib_disable_ip()); and if @sourced, the routes of table main that prefer it as source.
 */
int snapshot_take_address(struct snapshot *snapshot, struct channel *channel,
	uint32_t ifindex, const struct inet *address, uint8_t plen, bool last,
	bool sourced);

/* Keeps what the kernel says of @address of link @ifindex with the prefix length @plen,
 * and no more. */
int snapshot_take_one(struct snapshot *snapshot, struct channel *channel,
	uint32_t ifindex, const struct inet *address, uint8_t plen);

/* Keeps @msg. */
void snapshot_keep(struct snapshot *snapshot, const struct nlmsghdr *msg);

/* channel_request(), but for answers that say that there is nothing to keep: without that
 * family, or without a route. A dump that others have interrupted may lack something, but
 * is whole: better than no SET on a busy router. 0/-errno. */
int snapshot_ask(struct channel *channel, struct nl_msg *msg, reply_fn *fn, void *arg);

/* Puts it back; what is there already stays. What the kernel refuses is kept in @refused,
 * behind what is there. */
void snapshot_restore(const struct snapshot *snapshot, struct channel *channel,
	struct snapshot *refused);

/* The same, for the last time: what is refused is logged. */
void snapshot_complain(const struct snapshot *snapshot, struct channel *channel);

void snapshot_forget(struct snapshot *snapshot);

#endif
