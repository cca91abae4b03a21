/*
 * Default routers: the gateways of the default routes of the main table, one row for each
 * gateway of an interface. They are read as a whole when somebody asks and something has
 * happened that may have changed them (mirror->routers_stale), which is more than the
 * events of routes: an IPv4 route vanishes without one when its link goes down, its last
 * address goes, or its nexthop object is deleted.
 */
#ifndef NETMIBD_MIRROR_ROUTER_H
#define NETMIBD_MIRROR_ROUTER_H

#include "../base/inet.h"
#include "../base/set.h"

#include <stdbool.h>
#include <stdint.h>

struct mirror;

#define ROUTER_FOREVER UINT32_MAX

/* RFC 4191 section 2.1, as RTA_PREF has it. */
enum router_preference {
	ROUTER_MEDIUM = 0,
	ROUTER_HIGH = 1,
	ROUTER_INVALID = 2,
	ROUTER_LOW = 3,
};

/* One gateway of one route. */
struct router_info {
	struct inet gateway; /* IPv4 or IPv6, no zone */
	uint32_t ifindex;
	uint32_t metric;
	uint32_t lifetime;  /* s from now; ROUTER_FOREVER */
	uint8_t preference; /* enum router_preference */
};

struct router {
	struct set_node node;
	struct inet gateway; /* a link-local one with its zone */
	uint32_t ifindex;
	uint32_t metric; /* the lowest of its routes, whose the rest is */
	uint32_t until;	 /* s of clock_now(); ROUTER_FOREVER */
	uint32_t mark;
	uint8_t preference;
};

void router_init(struct mirror *mirror);
void router_free(struct mirror *mirror);

/* A reading: begin, one put for each gateway of each route, end. */
void router_sweep_begin(struct mirror *mirror);
void router_put(struct mirror *mirror, const struct router_info *info);
void router_sweep_end(struct mirror *mirror);

#endif
