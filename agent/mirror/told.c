/*
 * What managers are told: see told.h.
 */
#include "told.h"

#include "../base/clock.h"

#include <stddef.h>

static int
compare(const void *a, const void *b)
{
	return set_order(((const struct told_type *)a)->number,
		((const struct told_type *)b)->number);
}

void
told_init(struct told *told)
{
	set_init(&told->types, offsetof(struct told_type, node), compare);
	for (uint32_t i = 0; i < TOLD_TYPES; i++) {
		told->type[i].number = i + 1;
		set_insert(&told->types, &told->type[i]);
	}
}

void
told_loss(struct told *told)
{
	told->losses++;
}

void
told_resync(struct told *told)
{
	told->resyncs++;
	told->resynced_at = clock_now();
	if (told->resynced)
		told->resynced(told->resynced_arg);
}
