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

static uint32_t
mark_of(const struct sweep *sweep, bool by_event)
{
	return sweep->number << 1 | by_event;
}

bool
sweep_admit(struct sweep *sweep, const void *key, struct swept *row, enum origin origin)
{
	if (!sweep->running)
		return true;
	if (origin == FROM_DUMP) {
		if (row ? row->mark == mark_of(sweep, true)
			: set_find(&sweep->buried, key) != NULL)
			return false;
	}
	if (row)
		row->mark = mark_of(sweep, origin == FROM_EVENT) & 0xffffff;
	return true;
}

void
sweep_stamp(struct sweep *sweep, struct swept *row, enum origin origin)
{
	row->mark = mark_of(sweep, sweep->running && origin == FROM_EVENT) & 0xffffff;
}

void
sweep_add(struct sweep *sweep, struct swept *row, enum origin origin)
{
	sweep_stamp(sweep, row, origin);
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
	if (++sweep->number > SWEEP_MAX) /* 0 is what no row has been marked with */
		sweep->number = 1;
}

void
sweep_close(struct sweep *sweep)
{
	sweep->running = false;
	sweep->complete = true;
	empty_graves(sweep);
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
		if (!sweep_saw(sweep, row))
			drop(arg, row);
	}
	sweep->complete = true;
}
