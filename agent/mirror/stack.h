/*
 * Which link runs on top of which: the rows of ifStackTable, kept as links come and go.
 *
 * An entry is claimed by the links that say so (a port names its master, a vlan names its
 * lower link). It is visible when both ends exist; a link without a visible entry above
 * it has the entry (0, link), one without a visible entry below it has (link, 0): "there
 * are always at least two" (RFC 2863, ifStackTable).
 */
#ifndef NETMIBD_MIRROR_STACK_H
#define NETMIBD_MIRROR_STACK_H

#include "../base/set.h"

#include <stdbool.h>
#include <stdint.h>

struct mirror;
struct link;

struct stack {
	struct set_node by_higher, by_lower;
	uint32_t higher, lower; /* ifindex, or 0 for nothing */
	uint16_t claims;
	bool visible;
};

void stack_init(struct mirror *mirror);
void stack_free(struct mirror *mirror);

/* @link has been put into the set of links: makes its entries and those that others have
 * claimed with it visible. */
void stack_add_link(struct mirror *mirror, struct link *link);

/* @link is about to be taken out of the set of links. */
void stack_remove_link(struct mirror *mirror, struct link *link);

/* @link (in the set) runs on and below other links than before. */
void stack_move_link(struct mirror *mirror, struct link *link, uint32_t old_master,
	uint32_t old_lower);

/* What has been said of @link may mean another speed, of it and of the links on top of
 * it: none has an event of its own. */
void stack_forget_speeds(struct mirror *mirror, struct link *link);

#endif
