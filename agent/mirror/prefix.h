/*
 * IP prefixes of the interfaces: what the addresses of an interface have in common. A row
 * is there as long as an address has it; what it says is concluded from all of its
 * addresses, once after each change and only when somebody asks.
 */
#ifndef NETMIBD_MIRROR_PREFIX_H
#define NETMIBD_MIRROR_PREFIX_H

#include "../base/inet.h"
#include "../base/set.h"

#include <stdbool.h>
#include <stdint.h>

struct mirror;
struct addr;

struct prefix {
	struct set_node node;
	uint32_t ifindex;
	struct inet prefix; /* IPv4 or IPv6, no zone: the ifindex tells them apart */
	uint8_t length;
	uint32_t members;

	/* of the addresses, see prefix_conclude() */
	bool concluded;
	bool on_link;	 /* one of them has made a route to the prefix */
	bool autonomous; /* one of them was made of the prefix by the kernel */
	bool advertised; /* one of them says that a router has advertised it */
	bool leased;	 /* one of them is from DHCP, by all that can be seen */
	/* seconds of clock_now(), the last of them; ADDR_FOREVER */
	uint32_t preferred_until, valid_until;
};

void prefix_init(struct mirror *mirror);

/* @addr, new or with a new prefix, joins the row of its prefix, which is made if there is
 * none. */
void prefix_join(struct mirror *mirror, struct addr *addr);

/* @addr leaves the row, which goes with its last address. */
void prefix_leave(struct mirror *mirror, struct addr *addr);

/* Something about @addr has changed. */
void prefix_touch(struct addr *addr);

/* Fills in what the addresses of the row say. */
void prefix_conclude(struct mirror *mirror, const struct prefix *row);

/* The row of exactly this prefix, or NULL. */
struct prefix *prefix_find(const struct mirror *mirror, uint32_t ifindex,
	const struct inet *address, uint8_t length);

/* The row of the longest prefix that @address is in, or NULL. */
struct prefix *prefix_match(
	const struct mirror *mirror, uint32_t ifindex, const struct inet *address);

#endif
