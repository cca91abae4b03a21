/*
 * Wishes about routes. To the kernel an IPv4 route is one thing with all its next hops:
 * one of them joins or leaves by a request that replaces it as a whole. So the kernel is
 * asked for the route first, and its own message is altered: what the mirror does not
 * keep (preferred source, MTU ...) stays. An IPv6 route takes and gives next hops singly.
 */
#ifndef NETMIBD_KERNEL_ROUTE_WISH_H
#define NETMIBD_KERNEL_ROUTE_WISH_H

#include "../mirror/wish.h"
#include "channel.h"
#include "snapshot.h"

/* Keeps the message of the route that the wish is about, or that it joins, in @snapshot
 * (empty): none, if there is none and none is needed. 0/-errno; -ESRCH: it is not there.
 */
int route_wish_look(const struct route_wish *wish, bool gone, struct channel *channel,
	struct snapshot *snapshot);

/* The request. @snapshot: of route_wish_look(). NULL: the route is none that can be
 * altered. */
struct nl_msg *route_wish_encode(
	const struct route_wish *wish, bool gone, const struct snapshot *snapshot);

/* The request that undoes it. */
struct nl_msg *route_wish_back(
	const struct route_wish *wish, bool gone, const struct snapshot *snapshot);

#endif
