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
	bool found;		 /* its settings, of */
	bool is_of_bridge;	 /* a bridge, */
	struct lladdr address;	 /* and its own address */
	bool filters;		 /* the bridge looks at VLANs, */
	uint8_t vlans[4096 / 8]; /* of which the port has these: a bit each */
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

/* RTM_NEWLINK of family AF_BRIDGE: VLANs, later. */
void port_take_vlans(const struct nlmsghdr *msg, void *arg);

/* RTM_NEWNEIGH of family AF_BRIDGE: what was not learned by the bridge itself; of VLANs
 * that the port has later, else now. */
void port_take_entry(const struct nlmsghdr *msg, void *arg);

/* RTM_GETMDB: permanent multicast entries, those of any source now, else later: the
 * kernel makes some of these by those. Left out is one without a VLAN where the bridge
 * looks at VLANs: it has no effect, and would be made in all of them. */
void port_take_groups(const struct nlmsghdr *msg, void *arg);

#endif
