/*
 * Which addresses are shown, and under which index: the rules are in addr.h.
 */
#ifndef NETMIBD_MIRROR_ADDR_INDEX_H
#define NETMIBD_MIRROR_ADDR_INDEX_H

#include "addr.h"

void addr_index_init(struct mirror *mirror);

/* After one row of @address (without zone) at @ifindex came into the set of addresses or
 * of broadcast addresses, or went: who is shown there, and who has the plain index now.
 * To be called before another row comes or goes. */
void addr_settle(struct mirror *mirror, const struct inet *address, uint32_t ifindex);

/* @addr, which goes, is no longer shown. */
void addr_hide(struct mirror *mirror, struct addr *addr);

#endif
