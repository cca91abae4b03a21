/*
 * Stacking: see stack.h. Both orders of the table are kept as sets over the same rows, so
 * that ifStackTable and ifInvStackTable can both be walked without sorting anything.
 */
#include "stack.h"

#include "../base/alloc.h"
#include "../base/clock.h"
#include "mirror.h"

#include <stdlib.h>

static int
by_higher(const void *a, const void *b)
{
	const struct stack *x = a, *y = b;

	return set_order(x->higher, y->higher) ?: set_order(x->lower, y->lower);
}

static int
by_lower(const void *a, const void *b)
{
	const struct stack *x = a, *y = b;

	return set_order(x->lower, y->lower) ?: set_order(x->higher, y->higher);
}

void
stack_init(struct mirror *mirror)
{
	set_init(&mirror->stack, offsetof(struct stack, by_higher), by_higher);
	set_init(&mirror->inverted, offsetof(struct stack, by_lower), by_lower);
}

void
stack_free(struct mirror *mirror)
{
	struct stack *entry, *after;

	set_for_each (entry, after, &mirror->stack) {
		set_remove(&mirror->stack, entry);
		free(entry);
	}
}

static struct stack *
find(const struct mirror *mirror, uint32_t higher, uint32_t lower)
{
	return set_find(
		&mirror->stack, &(struct stack){ .higher = higher, .lower = lower });
}

static void
changed(struct mirror *mirror)
{
	if (mirror_is_complete(mirror, KIND_LINK))
		mirror->stack_changed = clock_now();
}

static void
insert(struct mirror *mirror, uint32_t higher, uint32_t lower, bool visible)
{
	struct stack *entry = xcalloc(1, sizeof(*entry));

	entry->higher = higher;
	entry->lower = lower;
	entry->claims = 1;
	entry->visible = visible;
	set_insert(&mirror->stack, entry);
	set_insert(&mirror->inverted, entry);
	if (visible)
		changed(mirror);
}

static void delete (struct mirror *mirror, struct stack *entry)
{
	if (entry->visible)
		changed(mirror);
	set_remove(&mirror->stack, entry);
	set_remove(&mirror->inverted, entry);
	free(entry);
}

/* The entry that says "nothing above" or "nothing below" comes or goes with the count. */
static void
zero_entry(struct mirror *mirror, uint32_t higher, uint32_t lower, bool wanted)
{
	struct stack *entry = find(mirror, higher, lower);

	if (wanted && !entry)
		insert(mirror, higher, lower, true);
	else if (!wanted && entry)
		delete (mirror, entry);
}

static void
recount(struct mirror *mirror, struct link *link, int higher, int lower)
{
	struct link old = *link;

	link->n_higher += (uint32_t)higher;
	link->n_lower += (uint32_t)lower;
	zero_entry(mirror, 0, link->info.ifindex, link->n_higher == 0);
	zero_entry(mirror, link->info.ifindex, 0, link->n_lower == 0);
	/* lowerLayerDown needs a lower layer, so the state may follow the count. The link
	 * that is being put itself is published by who puts it. */
	if (mirror_conclude_oper(mirror, link) && link != mirror->putting) {
		struct change change = { KIND_LINK, &old, link, LINK_OPER };

		mirror_publish(mirror, &change);
	}
}

static void
show(struct mirror *mirror, struct stack *entry, bool visible)
{
	struct link *higher = mirror_link(mirror, entry->higher);
	struct link *lower = mirror_link(mirror, entry->lower);
	int step = visible ? 1 : -1;

	if (entry->visible == visible)
		return;
	entry->visible = visible;
	changed(mirror);
	if (higher)
		recount(mirror, higher, 0, step);
	if (lower)
		recount(mirror, lower, step, 0);
}

static void
claim(struct mirror *mirror, uint32_t higher, uint32_t lower)
{
	struct stack *entry;

	if (!higher || !lower || higher == lower)
		return;
	entry = find(mirror, higher, lower);
	if (entry) {
		entry->claims++;
		return;
	}
	insert(mirror, higher, lower, false);
	if (mirror_link(mirror, higher) && mirror_link(mirror, lower))
		show(mirror, find(mirror, higher, lower), true);
}

static void
release(struct mirror *mirror, uint32_t higher, uint32_t lower)
{
	struct stack *entry = find(mirror, higher, lower);

	if (!higher || !lower || !entry || --entry->claims)
		return;
	show(mirror, entry, false);
	delete (mirror, entry);
}

static int
probe_higher(const void *row, const void *ifindex)
{
	return ((const struct stack *)row)->higher < *(const uint32_t *)ifindex ? -1 : 0;
}

static int
probe_lower(const void *row, const void *ifindex)
{
	return ((const struct stack *)row)->lower < *(const uint32_t *)ifindex ? -1 : 0;
}

/* Shows or hides what others have claimed with a link that has come or is going. Showing
 * deletes zero entries, and hiding inserts them; they sort before the others of their
 * range, so @after is never one of them. */
static void
show_all(struct mirror *mirror, uint32_t ifindex, bool visible)
{
	struct stack *entry, *after;

	entry = set_seek(&mirror->stack, probe_higher, &ifindex);
	for (; entry && entry->higher == ifindex; entry = after) {
		after = set_next(&mirror->stack, entry);
		if (entry->lower && mirror_link(mirror, entry->lower))
			show(mirror, entry, visible);
	}
	entry = set_seek(&mirror->inverted, probe_lower, &ifindex);
	for (; entry && entry->lower == ifindex; entry = after) {
		after = set_next(&mirror->inverted, entry);
		if (entry->higher && mirror_link(mirror, entry->higher))
			show(mirror, entry, visible);
	}
}

void
stack_add_link(struct mirror *mirror, struct link *link)
{
	uint32_t ifindex = link->info.ifindex;

	zero_entry(mirror, 0, ifindex, true);
	zero_entry(mirror, ifindex, 0, true);
	claim(mirror, link->info.master, ifindex);
	claim(mirror, ifindex, link->info.lower);
	show_all(mirror, ifindex, true);
}

void
stack_remove_link(struct mirror *mirror, struct link *link)
{
	uint32_t ifindex = link->info.ifindex;

	release(mirror, link->info.master, ifindex);
	release(mirror, ifindex, link->info.lower);
	show_all(mirror, ifindex, false);
	zero_entry(mirror, 0, ifindex, false);
	zero_entry(mirror, ifindex, 0, false);
}

void
stack_move_link(
	struct mirror *mirror, struct link *link, uint32_t old_master, uint32_t old_lower)
{
	uint32_t ifindex = link->info.ifindex;

	if (old_master != link->info.master) {
		release(mirror, old_master, ifindex);
		claim(mirror, link->info.master, ifindex);
	}
	if (old_lower != link->info.lower) {
		release(mirror, ifindex, old_lower);
		claim(mirror, ifindex, link->info.lower);
	}
}

/* Links can be stacked in a circle only by a kernel that lies. */
#define DEPTH_MAX 8

static void
forget_speeds(struct mirror *mirror, struct link *link, int depth)
{
	uint32_t ifindex = link->info.ifindex;
	const struct stack *entry;

	if (link->speed_known == KNOWN_FRESH)
		link->speed_known = KNOWN_STALE;
	if (depth == DEPTH_MAX)
		return;
	entry = set_seek(&mirror->inverted, probe_lower, &ifindex);
	for (; entry && entry->lower == ifindex;
		entry = set_next(&mirror->inverted, entry)) {
		struct link *higher = mirror_link(mirror, entry->higher);

		if (higher && entry->visible)
			forget_speeds(mirror, higher, depth + 1);
	}
}

void
stack_forget_speeds(struct mirror *mirror, struct link *link)
{
	forget_speeds(mirror, link, 0);
}
