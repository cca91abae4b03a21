/*
 * What a link loses when it leaves its bridge or bond: what was set of the port, its
 * VLANs, and the entries that somebody has made for it. Kept as requests in a snapshot.
 */
#ifndef NETMIBD_KERNEL_PORT_H
#define NETMIBD_KERNEL_PORT_H

#include "snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Keeps in @snapshot, behind what is there, what makes link @ifindex the port of link
 * @master that it is now, in the order in which a port that has just come takes it.
 * 0/-errno, -EBADMSG: the kernel's words cannot be read. Left out is what comes by
 * itself: the state of spanning tree, what was learned, the port's own addresses; and
 * what is no setting of a single port (options of one of its VLANs, MRP, a team's). */
int port_remember(struct snapshot *snapshot, struct channel *channel, uint32_t ifindex,
	uint32_t master);

/* Is @msg, of a snapshot, a request about what is set of a port? */
bool port_is_settings(const struct nlmsghdr *msg);

/* Sends of @msg, which is one, what is not so already: a cost that is set is not
 * computed any more. 0/-errno, and what the kernel says, cut to @size - 1 octets, in
 * @why. */
int port_set_again(
	struct channel *channel, const struct nlmsghdr *msg, char *why, size_t size);

#endif
