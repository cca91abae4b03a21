/*
 * Who keeps what a manager has set over restarts, as the edits see him. In the daemon it
 * is restore.c; NULL: nobody does.
 *
 * What is kept or forgotten on the way of a transaction is so at once, and is taken back
 * or left by its end.
 */
#ifndef NETMIBD_MIRROR_KEEPER_H
#define NETMIBD_MIRROR_KEEPER_H

#include "wish.h"

#include <stdbool.h>

struct keeper {
	/* What @wish is about shall last, in the place of what was kept of the same thing
	 * before. @done: the kernel has just been changed; else it was so already. */
	void (*keep)(void *arg, const struct wish *wish, bool done);
	/* It shall last no more: a WISH_..._GONE, or what was kept. */
	void (*forget)(void *arg, const struct wish *wish);
	/* The end of a transaction: it stays, or all has been undone. */
	void (*settle)(void *arg, bool stays);
	/* Is what @wish is about kept? */
	bool (*keeps)(void *arg, const struct wish *wish);
	void *arg;
};

#endif
