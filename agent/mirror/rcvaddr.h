/*
 * Link-layer addresses on which a link receives frames: the rows of ifRcvAddressTable.
 * The link's own and its broadcast address follow the link's events. The others (further
 * unicast addresses, multicast groups) change without any event, so they are read when
 * somebody asks, as a mark and sweep of their own.
 */
#ifndef NETMIBD_MIRROR_RCVADDR_H
#define NETMIBD_MIRROR_RCVADDR_H

#include "../base/lladdr.h"
#include "../base/set.h"

#include <stdbool.h>
#include <stdint.h>

struct mirror;
struct link_info;

struct rcvaddr {
	struct set_node node;
	uint32_t ifindex;
	struct lladdr address;
	bool own;      /* the link's address or broadcast address */
	uint32_t mark; /* reading in which it was listed last; 0: never */
};

void rcvaddr_init(struct mirror *mirror);
void rcvaddr_free(struct mirror *mirror);

/* The link's own addresses are now those of @now; they were those of @before. Either may
 * be NULL: the link is new, or gone (then all its addresses go). */
void rcvaddr_follow_link(struct mirror *mirror, const struct link_info *before,
	const struct link_info *now);

/* A reading: begin, one put for each address listed, end. Addresses of links that the
 * mirror does not have are ignored. */
void rcvaddr_sweep_begin(struct mirror *mirror);
void rcvaddr_put(struct mirror *mirror, uint32_t ifindex, const struct lladdr *address);
void rcvaddr_sweep_end(struct mirror *mirror);

#endif
