/*
 * A deed: a wish that has been fulfilled, and what it takes to undo it, which is looked
 * at before. For wish.c alone.
 */
#ifndef NETMIBD_KERNEL_DEED_H
#define NETMIBD_KERNEL_DEED_H

#include "switch.h"
#include "wish.h"

struct deed {
	struct wish back; /* what undoes it, but for what is remembered besides */
	struct snapshot lost;
	struct snapshot behind; /* the addresses that come after an address */
	struct switch_memory overwritten;
};

/* Opens the channel for requests, if it is not open. 0/-errno. */
int wishes_open(struct wishes *wishes);

/* Fills in what it takes to undo @wish, as the mirror and the kernel know it now, and
 * what goes with it. 0/-errno. */
int deed_prepare(struct wishes *wishes, const struct wish *wish, struct deed *deed);

/* Frees it. */
void deed_forget(struct deed *deed);

#endif
