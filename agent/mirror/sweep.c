/*
 * Mark and sweep: see sweep.h.
 */
#include "sweep.h"

#include <stdlib.h>

void
sweep_init(struct sweep *sweep, struct set *rows, set_compare_fn *compare)
{
	set_init(rows, offsetof(struct swept, node), compare);
	set_init(&sweep->buried, offsetof(struct swept, node), compare);
	sweep->rows = rows;
}

static void
empty_graves(struct sweep *sweep)
{
	struct swept *row, *after;

	set_for_each (row, after, &sweep->buried) {
		set_remove(&sweep->buried, row);
		free(row);
	}
}

void
sweep_free(struct sweep *sweep)
{
	empty_graves(sweep);
}

bool
sweep_admit(struct sweep *sweep, const void *key, struct swept *row, enum origin origin)
{
	if (!sweep->running)
		return true;
	if (origin == FROM_DUMP) {
		if (row ? row->mark == 2 * sweep->number + 1
			: set_find(&sweep->buried, key) != NULL)
			return false;
	} else if (row) {
		row->mark = 2 * sweep->number + 1;
		return true;
	}
	if (row)
		row->mark = 2 * sweep->number;
	return true;
}

void
sweep_add(struct sweep *sweep, struct swept *row, enum origin origin)
{
	row->mark = 2 * sweep->number + (sweep->running && origin == FROM_EVENT);
	set_insert(sweep->rows, row);
}

void
sweep_bury(struct sweep *sweep, struct swept *row)
{
	if (!sweep->running || set_insert(&sweep->buried, row))
		free(row);
}

void
sweep_begin(struct sweep *sweep)
{
	empty_graves(sweep);
	sweep->running = true;
	if (++sweep->number == 0) /* 0 is what no row has been marked with */
		sweep->number = 1;
}

void
sweep_end(struct sweep *sweep, void (*drop)(void *arg, struct swept *row), void *arg)
{
	struct swept *row, *after;

	if (!sweep->running)
		return;
	sweep->running = false;
	empty_graves(sweep);
	set_for_each (row, after, sweep->rows) {
		if (row->mark / 2 != sweep->number)
			drop(arg, row);
	}
	sweep->complete = true;
}
