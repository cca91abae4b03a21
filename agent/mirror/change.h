/*
 * A change: an old and a new row of one kind, either may be absent. All that happens to
 * the mirror is told to its watchers in this form, once, after the row is in its new
 * state.
 */
#ifndef NETMIBD_MIRROR_CHANGE_H
#define NETMIBD_MIRROR_CHANGE_H

#include <stdint.h>

enum kind {
	KIND_LINK,    /* struct link, fields: enum link_field */
	KIND_ADDR,    /* struct addr, enum addr_field */
	KIND_NEIGH,   /* struct neigh, enum neigh_field */
	KIND_NEXTHOP, /* never published: its routes are */
	KIND_ROUTE,   /* struct route, enum route_field */
	N_KINDS,
};

struct change {
	enum kind kind;
	const void *old; /* NULL: the row is new */
	const void *new; /* NULL: the row is gone */
	uint32_t fields; /* what differs, in the bits of the kind */
};

/* Both rows are valid during the call only. */
typedef void watch_fn(const struct change *change, void *arg);

#endif
