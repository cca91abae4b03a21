/*
 * Neighbours (ARP and IPv6 neighbour discovery) as the mirror keeps them, in the kernel's
 * words, ordered as ipNetToPhysicalTable is: by interface and address. A link-local
 * neighbour has no zone here, since the interface is in the index already.
 */
#ifndef NETMIBD_MIRROR_NEIGH_H
#define NETMIBD_MIRROR_NEIGH_H

#include "../base/inet.h"
#include "../base/lladdr.h"
#include "sweep.h"

#include <stdbool.h>
#include <stdint.h>

struct mirror;

/* NUD_*: each is a bit of its own in the kernel, and one of them is set. */
enum neigh_state {
	NEIGH_NONE = 0,
	NEIGH_INCOMPLETE = 1,
	NEIGH_REACHABLE = 2,
	NEIGH_STALE = 4,
	NEIGH_DELAY = 8,
	NEIGH_PROBE = 16,
	NEIGH_FAILED = 32,
	NEIGH_NOARP = 64,
	NEIGH_PERMANENT = 128,
};

/* NTF_EXT_LEARNED: somebody else's knowledge (a routing daemon's, of EVPN). */
#define NEIGH_EXT_LEARNED 0x10

struct neigh_info {
	uint32_t ifindex;
	uint32_t age; /* 1/100 s since the kernel updated it */
	uint8_t state;
	uint8_t flags; /* NTF_* */
	struct inet address;
	struct lladdr lladdr; /* empty: not known */
};

enum neigh_field {
	NEIGH_LLADDR = 1 << 0,
	NEIGH_STATE = 1 << 1,
	NEIGH_FLAGS = 1 << 2,
	NEIGH_ALL = (1 << 3) - 1,
};

struct neigh {
	struct swept swept;
	uint64_t updated; /* clock_now() */
	uint32_t ifindex;
	uint8_t state, flags;
	struct inet address;
	struct lladdr lladdr;
};

void neigh_init(struct mirror *mirror);
void neigh_free(struct mirror *mirror);

/* The neighbour of link @ifindex with that address (no zone), or NULL. */
const struct neigh *mirror_neigh(
	const struct mirror *mirror, uint32_t ifindex, const struct inet *address);

/* Neighbour @info is there, or gone. */
void mirror_put_neigh(
	struct mirror *mirror, const struct neigh_info *info, enum origin origin);
void mirror_drop_neigh(struct mirror *mirror, const struct neigh_info *info);

/* Takes @neigh out of the mirror; the caller frees it. */
void neigh_remove(struct mirror *mirror, struct neigh *neigh);

/* The link is gone: so are its neighbours. */
void neigh_forget_link(struct mirror *mirror, uint32_t ifindex);

/* Is it one that a manager wants to see, as `ip neigh` decides: neither a multicast group
 * nor an address that needs no resolution (NOARP), nor a mere place (NONE)? */
bool neigh_is_real(const struct neigh *neigh);

#endif
