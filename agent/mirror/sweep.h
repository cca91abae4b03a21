/*
 * Mark and sweep of one kind of rows: how a dump of the kernel's state and the events
 * that come meanwhile are brought together. What the rules are and why they are right is
 * said in mirror.h; this is the part that is the same for every kind.
 *
 * A row of such a kind begins with a struct swept, is allocated by xcalloc(), and is in
 * the set of its kind by its key.
 */
#ifndef NETMIBD_MIRROR_SWEEP_H
#define NETMIBD_MIRROR_SWEEP_H

#include "../base/set.h"

#include <stdbool.h>
#include <stdint.h>

/* Who says so. */
enum origin {
	FROM_EVENT,
	FROM_DUMP,
};

struct swept {
	struct set_node node;
	/* The sweep in which it was seen last, by its number times 2; plus 1 if an event
	 * spoke of it then. */
	uint32_t mark : 24;
	/* For the owner of the row; not used here. */
	uint32_t rank : 7;
	uint32_t between : 1;
	uint32_t since;
};

/* Then it begins again: no row is left that was marked so long ago. */
#define SWEEP_MAX 0x7fffff

struct sweep {
	struct set *rows; /* all rows of the kind */
	struct set
		buried;	 /* rows that events deleted during the sweep, or keys of such */
	uint32_t number; /* of the present or last one, from 1 to SWEEP_MAX */
	bool running;
	bool complete; /* one has ended: from now on, what comes and goes is a change */
};

/* Makes @rows an empty set ordered by @compare, and @sweep its sweep. */
void sweep_init(struct sweep *sweep, struct set *rows, set_compare_fn *compare);

/* Frees what is buried. The rows are their owner's. */
void sweep_free(struct sweep *sweep);

/* May @origin speak of the row of @key, which is @row or, if that is NULL, not there? If
 * so and it is there, it is marked as seen. */
bool sweep_admit(
	struct sweep *sweep, const void *key, struct swept *row, enum origin origin);

/* Marks a row that @origin has made, and that its owner puts into a set. */
void sweep_stamp(struct sweep *sweep, struct swept *row, enum origin origin);

/* The same, and puts it into the set. */
void sweep_add(struct sweep *sweep, struct swept *row, enum origin origin);

/* An event says that @row is gone, which is not in the set (any more): remembers that as
 * long as it matters, then frees it. Takes a row of which only the key is filled in, too.
 */
void sweep_bury(struct sweep *sweep, struct swept *row);

/* Has @row been seen in the present sweep, or the last one? */
static inline bool
sweep_saw(const struct sweep *sweep, const struct swept *row)
{
	return row->mark >> 1 == sweep->number;
}

/* Has an event spoken of @row in the present sweep? */
static inline bool
sweep_heard(const struct sweep *sweep, const struct swept *row)
{
	return sweep->running && row->mark == (sweep->number << 1 | 1);
}

/* Begins; one that has not ended is forgotten. */
void sweep_begin(struct sweep *sweep);

/* Ends without a look at the rows: for an owner who has done that, or will. */
void sweep_close(struct sweep *sweep);

/* Ends and calls @drop on every row that was not seen: it must take it out of the set.
 * Nothing happens if none is running. */
void sweep_end(
	struct sweep *sweep, void (*drop)(void *arg, struct swept *row), void *arg);

#endif
