/*
 * What the kernel says of ports of a bridge, built for tests. Every function returns a
 * new message.
 */
#ifndef NETMIBD_TESTS_FIXTURE_PORT_H
#define NETMIBD_TESTS_FIXTURE_PORT_H

#include "fake_kernel.h"

#include <linux/if_bridge.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BRIDGE = 5, PORT = 7, OTHER = 8 };

/* A number of 1, 2 or 4 octets. */
struct setting {
	int attribute;
	int size; /* 0: the end */
	uint32_t value;
};

/* RTM_NEWLINK about a port of @master, or with @kind "" about a bridge. */
struct nl_msg *said_port(
	uint32_t ifindex, uint32_t master, const char *kind, const struct setting *set);

/* The same of family AF_BRIDGE: its VLANs, and that 20 is mapped to a @tunnel. */
struct nl_msg *said_vlans(uint32_t ifindex, uint32_t master,
	const struct bridge_vlan_info *vlans, size_t n, bool tunnel);

/* RTM_NEWNEIGH of family AF_BRIDGE: 02:00:00:00:00:@last leads to it. */
struct nl_msg *said_entry(uint32_t ifindex, uint32_t master, uint8_t last, uint16_t vlan,
	uint16_t state, uint8_t flags);

/* RTM_GETMDB: groups of PORT, and one of OTHER. */
struct nl_msg *said_groups(uint32_t bridge);

/* The five answers about PORT, without what they say of others. */
struct nl_msg *said(size_t n);

/* All that the kernel says when what makes PORT the port that it is is remembered, of
 * others, too. */
void say_all(struct fake_kernel *fake);

/* Nothing that can be set: its state, as of a slave of a bond. */
extern const struct setting nothing[];

#endif
