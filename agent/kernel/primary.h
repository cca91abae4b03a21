/*
 * The order of IPv4 addresses. The first one of a prefix is the primary one, the source
 * of packets; when it goes the next one takes its place (promote_secondaries), and when
 * it comes back it is the last. Putting it back in its place means to put those behind it
 * that were there.
 */
#ifndef NETMIBD_KERNEL_PRIMARY_H
#define NETMIBD_KERNEL_PRIMARY_H

#include "../mirror/mirror.h"
#include "snapshot.h"

/* Keeps in @behind the addresses of the prefix of @address that come after it, in their
 * order: secondary ones. 0/-errno. */
int primary_remember(struct snapshot *behind, struct channel *channel, uint32_t ifindex,
	const struct inet *address, uint8_t plen);

/* @behind go behind all others of their prefix, one by one, in their order: each with
 * what goes with it (@sourced: the routes that prefer it as source, too), and back at
 * once. What the kernel refuses is kept in @refused. */
void primary_restore(const struct snapshot *behind, struct channel *channel,
	uint32_t ifindex, bool sourced, struct snapshot *refused);

#endif
