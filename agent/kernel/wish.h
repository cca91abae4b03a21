/*
 * Wishes come true: changes of the kernel, one request each, and how they are undone.
 * See mirror/wish.h.
 */
#ifndef NETMIBD_KERNEL_WISH_H
#define NETMIBD_KERNEL_WISH_H

#include "../mirror/mirror.h"
#include "anycast.h"
#include "channel.h"
#include "snapshot.h"

struct wishes {
	struct mirror *mirror;
	struct channel route; /* opened when it is first needed; strict */
	const char *proc;     /* "/proc", or what a test has in its place */
	bool permitted;	      /* CAP_NET_ADMIN is there */
	struct snapshot left; /* what an undo could not put back yet */
	struct anycasts anycasts;
};

/* Logs if the process has no CAP_NET_ADMIN. */
void wishes_init(struct wishes *wishes, struct mirror *mirror);
void wishes_close(struct wishes *wishes);

/* For struct source: see there. */
bool wishes_may(const struct wishes *wishes);
int wishes_fulfil(struct wishes *wishes, const struct wish *wish, struct deed **deed);
int wishes_undo(struct wishes *wishes, struct deed *deed);
int wishes_settle(struct wishes *wishes);
void wishes_keep(struct deed *deed);

#endif
