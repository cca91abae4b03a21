/*
 * Restoring what is kept (kept.h): at the start, and whenever a link comes that something
 * is kept of. What is kept comes in by the edits (keeper.h), which know this as their
 * keeper, and by the file that its owner has read.
 *
 * Switches are restored first, then what is the links' own, addresses, routes; addresses
 * when the link is there, routes when it is up. Each is tried once whenever its link
 * comes or comes up (a route a second time behind all others: it may lead over one of
 * them), and what is as it should be already is left alone.
 *
 * What goes while all is well with its link has been removed by somebody and is forgotten
 * with a line in the log. What goes with its link, with the link's IPv6 or, of IPv4
 * routes, its last address, is restored when these are back; so is what was lost
 * unobserved.
 */
#ifndef NETMIBD_MIRROR_RESTORE_H
#define NETMIBD_MIRROR_RESTORE_H

#include "../base/loop.h"
#include "kept.h"
#include "mirror.h"

struct restore {
	struct kept_set kept;
	struct mirror *mirror;
	const struct loop *loop;
	struct keeper keeper;
	void (*changed)(void *arg);
	void *arg;
	bool begun;
	bool refrained;			 /* it has been said that nothing is restored */
	unsigned int timer, doubt_timer; /* 0: none is running */
};

/* Becomes the keeper of @mirror, and watches it. @changed(@arg) is called when something
 * has been forgotten that was removed by somebody (what SETs do is known to whoever does
 * them). restore_close() lets go of all, before the mirror goes. */
void restore_open(struct restore *restore, struct mirror *mirror, const struct loop *loop,
	void (*changed)(void *arg), void *arg);
void restore_close(struct restore *restore);

/* The mirror is complete: begins, from the loop. */
void restore_begin(struct restore *restore);

/* restore_apply.c: what has come of an attempt. */
enum restored {
	RESTORE_DONE,
	RESTORE_THERE,	 /* it was so already */
	RESTORE_NOT_NOW, /* its link is not there, or not up */
	RESTORE_REFUSED, /* which is in the log */
};

/* Makes @kept so. */
enum restored restore_apply(struct mirror *mirror, const struct kept *kept);

/* The link of @kept, if it is there and no other one; or NULL. */
const struct link *restore_link(const struct mirror *mirror, const struct kept *kept);

/* Is @link, of that name, another device than the one that @kept was set for? */
bool restore_is_another(const struct kept *kept, const struct link *link);

/* Is an address or a route there, but perhaps for its details? */
bool restore_is_there(struct mirror *mirror, const struct kept *kept);

/* If that address or route is not there: is its link as it must be for it to stay, so
 * that somebody has removed it? */
bool restore_could_stay(struct mirror *mirror, const struct kept *kept);

/* Has the link of @kept, of IPv6, lost all its IPv6 since @kept went, and got it back? */
bool restore_was_reset(const struct mirror *mirror, const struct kept *kept);

/* The ifindex that a wish is about; 0: none. */
uint32_t restore_ifindex(const struct wish *wish);

/* The row of a route: on the link of route->ifindex, or if that is 0 on any. */
const struct route *restore_route(struct mirror *mirror, const struct route_wish *route);

#endif
