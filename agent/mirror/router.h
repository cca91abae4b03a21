/*
 * Default routers: the gateways of the default routes of the main table, one row for each
 * gateway of an interface. They follow from the routes and are gathered again when one of
 * those has changed and somebody asks.
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

struct router {
	struct set_node node;
	struct inet gateway; /* a link-local one with its zone */
	uint32_t ifindex;
	uint32_t metric; /* the lowest of its routes, whose the rest is */
	uint32_t until;	 /* s of clock_now(); ROUTER_FOREVER */
	uint8_t preference;
};

void router_init(struct mirror *mirror);
void router_free(struct mirror *mirror);

/* Makes them true, if they are not. */
void router_refresh(struct mirror *mirror);

#endif
