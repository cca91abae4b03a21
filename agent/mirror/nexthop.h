/*
 * Nexthop objects (ip-nexthop(8), Linux 5.3): what the routes that name one by its id
 * lead over. An object is one next hop or a group of others.
 *
 * A route's message repeats the next hops of its object (while the sysctl
 * nexthop_compat_mode is 1) or names the id only; and an object can change with no word
 * on the routes (6.18: a member of a group that goes). So the object, if it is known, is
 * what is believed, and the rows of its routes follow it.
 *
 * Objects also go without an event: with their link, when that goes down, loses its
 * carrier or is deleted (nexthop_flush_dev() of net/ipv4/nexthop.c).
 */
#ifndef NETMIBD_MIRROR_NEXTHOP_H
#define NETMIBD_MIRROR_NEXTHOP_H

#include "../base/inet.h"
#include "sweep.h"

#include <stdbool.h>
#include <stdint.h>

struct mirror;

/* One of a group: the kernel has up to 65535 octets of 8 for them, of a kernel with
 * 16-bit weights, too. */
#define NEXTHOP_MAX_MEMBERS 8192

struct nexthop_member {
	uint32_t id;
	uint16_t weight; /* from 1 */
};

/* What a RTM_NEWNEXTHOP message says. */
struct nexthop_info {
	uint32_t id;
	uint32_t ifindex; /* 0: none: a group, or a blackhole */
	bool blackhole;
	bool dead;	     /* RTNH_F_DEAD */
	struct inet gateway; /* INET_UNKNOWN: none; no zone */
	size_t n_members;    /* of a group; 0: it is none */
	struct nexthop_member members[NEXTHOP_MAX_MEMBERS];
};

struct nexthop {
	struct swept swept;
	uint32_t id;
	uint32_t ifindex;
	uint32_t generation; /* another one with each change of its content */
	bool blackhole, dead;
	bool going; /* on its way out */
	struct inet gateway;
	size_t n_members;
	struct nexthop_member *members;
};

void nexthop_init(struct mirror *mirror);
void nexthop_free(struct mirror *mirror);

/* Object @info->id is there, or gone. The rows of its routes follow in route_work(). */
void mirror_put_nexthop(
	struct mirror *mirror, const struct nexthop_info *info, enum origin origin);
void mirror_drop_nexthop(struct mirror *mirror, uint32_t id);

/* Link @ifindex is down, has no carrier or is gone: so are the objects that lead over it.
 * True if there were any. */
bool nexthop_forget_link(struct mirror *mirror, uint32_t ifindex);

/* For sweep_end(): takes out and frees the object that @row is. */
void nexthop_sweep_drop(void *mirror, struct swept *row);

/* Is it known what @nexthop leads over: is it no group, or one with a member that is
 * known? */
bool nexthop_is_known(const struct mirror *mirror, const struct nexthop *nexthop);

/* The object, or NULL. */
struct nexthop *mirror_nexthop(const struct mirror *mirror, uint32_t id);

#endif
