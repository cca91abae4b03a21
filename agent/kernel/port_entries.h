/*
 * VLANs and entries of a port of a bridge, from the kernel's messages to requests that
 * put them back. For port.c alone.
 */
#ifndef NETMIBD_KERNEL_PORT_ENTRIES_H
#define NETMIBD_KERNEL_PORT_ENTRIES_H

#include "../base/lladdr.h"
#include "snapshot.h"

#include <stdbool.h>
#include <stdint.h>

/* What is found of a port. */
struct port {
	uint32_t ifindex, master;
	bool found;	       /* its settings, of */
	bool is_of_bridge;     /* a bridge, */
	struct lladdr address; /* and its own address */
	struct snapshot now;   /* in the order in which they are put back: first these, */
	struct snapshot later; /* then those */
	int error;	       /* -EBADMSG: a message is not whole */
};

/* Keeps @msg (freed, NULL: nothing) in @snapshot. */
void port_keep(struct snapshot *snapshot, struct nl_msg *msg);

/* RTM_DELLINK, AF_BRIDGE: port @ifindex has not @vlan any more; one that it had not stays
 * without a word. */
struct nl_msg *port_encode_no_vlan(uint32_t ifindex, uint16_t vlan);

/* For channel_request(); @arg is a struct port. */

/* RTM_NEWLINK of family AF_BRIDGE: VLANs, now. */
void port_take_vlans(const struct nlmsghdr *msg, void *arg);

/* RTM_NEWNEIGH of family AF_BRIDGE: what was not learned by the bridge itself; without a
 * VLAN now, else later. */
void port_take_entry(const struct nlmsghdr *msg, void *arg);

/* RTM_GETMDB: permanent multicast entries, those of any source now, else later: the
 * kernel makes some of these by those. */
void port_take_groups(const struct nlmsghdr *msg, void *arg);

#endif
