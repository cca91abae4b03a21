/*
 * The mirror: see mirror.h.
 */
#include "mirror.h"

#include "../base/alloc.h"
#include "../base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct grave {
	struct set_node node;
	uint32_t key;
};

static int
order(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int
link_order(const void *a, const void *b)
{
	const struct link *x = a, *y = b;

	return order(x->info.ifindex, y->info.ifindex);
}

static int
grave_order(const void *a, const void *b)
{
	const struct grave *x = a, *y = b;

	return order(x->key, y->key);
}

struct mirror *
mirror_new(const struct options *options)
{
	struct mirror *mirror = xcalloc(1, sizeof(*mirror));

	set_init(&mirror->links, offsetof(struct link, node), link_order);
	stack_init(mirror);
	rcvaddr_init(mirror);
	ipstats_init(&mirror->ip);
	ipif_init(mirror);
	for (int kind = 0; kind < N_KINDS; kind++)
		set_init(&mirror->sweeps[kind].buried, offsetof(struct grave, node),
			grave_order);
	mirror->options = options;
	return mirror;
}

static void
empty_graves(struct sweep *sweep)
{
	struct grave *grave, *after;

	set_for_each (grave, after, &sweep->buried) {
		set_remove(&sweep->buried, grave);
		free(grave);
	}
}

void
mirror_free(struct mirror *mirror)
{
	struct link *link, *after;

	stack_free(mirror);
	rcvaddr_free(mirror);
	ipstats_free(&mirror->ip);
	ipif_free(mirror);
	set_for_each (link, after, &mirror->links) {
		set_remove(&mirror->links, link);
		free(link);
	}
	for (int kind = 0; kind < N_KINDS; kind++)
		empty_graves(&mirror->sweeps[kind]);
	free(mirror);
}

void
mirror_watch(struct mirror *mirror, watch_fn *fn, void *arg)
{
	if (mirror->n_watchers == MAX_WATCHERS)
		abort(); /* a programming error: the watchers are known at build time */
	mirror->watchers[mirror->n_watchers++] = (struct watcher){ fn, arg };
}

void
mirror_publish(struct mirror *mirror, const struct change *change)
{
	for (unsigned int i = 0; i < mirror->n_watchers; i++)
		mirror->watchers[i].fn(change, mirror->watchers[i].arg);
}

struct link *
mirror_link(const struct mirror *mirror, uint32_t ifindex)
{
	struct link key;

	if (!ifindex)
		return NULL;
	key.info.ifindex = ifindex;
	return set_find(&mirror->links, &key);
}

bool
mirror_conclude_oper(struct mirror *mirror, struct link *link)
{
	enum link_oper oper = link_conclude(&link->info, link->n_lower > 0);

	if (oper == link->oper)
		return false;
	link->oper = (uint8_t)oper;
	if (mirror->synced)
		link->oper_since = clock_now();
	return true;
}

/* Decides whether the dump may still speak of @key, and notes that an event did. */
static bool
admit(struct sweep *sweep, uint32_t key, struct link *row, enum origin origin)
{
	struct grave sought = { .key = key };

	if (!sweep->running)
		return true;
	if (origin == FROM_DUMP) {
		if (row ? row->touched == sweep->number
			: set_find(&sweep->buried, &sought) != NULL)
			return false;
	} else if (row) {
		row->touched = sweep->number;
	}
	if (row)
		row->mark = sweep->number;
	return true;
}

static void
add_link(struct mirror *mirror, const struct link_info *info, enum origin origin)
{
	struct sweep *sweep = &mirror->sweeps[KIND_LINK];
	struct link *link = xcalloc(1, sizeof(*link));
	struct change change = { KIND_LINK, NULL, link, LINK_ALL };

	link->info = *info;
	link->mark = sweep->number;
	link->touched = sweep->running && origin == FROM_EVENT ? sweep->number : 0;
	link->oper = (uint8_t)link_conclude(info, false);
	if (mirror->synced) {
		link->oper_since = clock_now();
		mirror->links_changed = link->oper_since;
		/* The index may have been another device's: whoever remembers its
		 * counters must not subtract them. */
		if (info->ifindex <= mirror->highest_ifindex)
			link->discontinuity = link->oper_since;
	}
	if (info->ifindex > mirror->highest_ifindex)
		mirror->highest_ifindex = info->ifindex;
	set_insert(&mirror->links, link);
	mirror->putting = link;
	stack_add_link(mirror, link);
	mirror->putting = NULL;
	rcvaddr_follow_link(mirror, NULL, info);
	ipif_follow_link(mirror, NULL, info);
	mirror_publish(mirror, &change);
}

static void
update_link(struct mirror *mirror, struct link *link, const struct link_info *info)
{
	struct link old = *link;
	struct change change = { KIND_LINK, &old, link, 0 };

	change.fields = link_info_diff(&old.info, info);
	/* A new speed has no event of its own; it comes with some other change of the
	 * link (carrier), so any word on the link makes us ask again. */
	if (link->speed_known == KNOWN_FRESH)
		link->speed_known = KNOWN_STALE;
	if (!change.fields)
		return;
	link->info = *info;
	mirror->putting = link;
	stack_move_link(mirror, link, old.info.master, old.info.lower);
	mirror->putting = NULL;
	mirror_conclude_oper(mirror, link);
	if (link->oper != old.oper)
		change.fields |= LINK_OPER;
	if (change.fields & (LINK_ADDRESS | LINK_OTHER)) {
		rcvaddr_follow_link(mirror, &old.info, info);
		ipif_follow_link(mirror, &old.info, info);
	}
	mirror_publish(mirror, &change);
}

void
mirror_put_link(struct mirror *mirror, const struct link_info *info, enum origin origin)
{
	struct link *link = mirror_link(mirror, info->ifindex);

	if (!info->ifindex ||
		!admit(&mirror->sweeps[KIND_LINK], info->ifindex, link, origin))
		return;
	if (link)
		update_link(mirror, link, info);
	else
		add_link(mirror, info, origin);
}

static void
delete_link(struct mirror *mirror, struct link *link)
{
	struct change change = { KIND_LINK, link, NULL, LINK_ALL };

	mirror->putting = link;
	stack_remove_link(mirror, link);
	mirror->putting = NULL;
	rcvaddr_follow_link(mirror, &link->info, NULL);
	ipif_follow_link(mirror, &link->info, NULL);
	set_remove(&mirror->links, link);
	if (mirror->synced)
		mirror->links_changed = clock_now();
	mirror_publish(mirror, &change);
	free(link);
}

static void
bury(struct sweep *sweep, uint32_t key)
{
	struct grave *grave = xcalloc(1, sizeof(*grave));

	grave->key = key;
	if (set_insert(&sweep->buried, grave))
		free(grave);
}

void
mirror_drop_link(struct mirror *mirror, uint32_t ifindex)
{
	struct sweep *sweep = &mirror->sweeps[KIND_LINK];
	struct link *link = mirror_link(mirror, ifindex);

	if (sweep->running && ifindex)
		bury(sweep, ifindex);
	if (link)
		delete_link(mirror, link);
}

void
mirror_sweep_begin(struct mirror *mirror, enum kind kind)
{
	struct sweep *sweep = &mirror->sweeps[kind];

	empty_graves(sweep);
	sweep->running = true;
	if (++sweep->number == 0) /* 0 is what no row has been marked with */
		sweep->number = 1;
}

void
mirror_sweep_end(struct mirror *mirror, enum kind kind)
{
	struct sweep *sweep = &mirror->sweeps[kind];
	struct link *link, *after;

	if (!sweep->running)
		return;
	sweep->running = false;
	empty_graves(sweep);
	set_for_each (link, after, &mirror->links) {
		if (link->mark != sweep->number)
			delete_link(mirror, link);
	}
	mirror->synced = true;
}

void
mirror_set_counters(
	struct link *link, const struct raw_counters *raw, bool has_mac, uint64_t now)
{
	bool first = link->counters_at == 0;
	bool back = !first && counters_went_back(&link->raw, raw);

	if (back)
		link->discontinuity = now;
	counters_conclude(
		&link->counters, raw, has_mac, first || back ? NULL : &link->counters);
	link->raw = *raw;
	link->counters_at = now;
}

void
mirror_set_alias(struct mirror *mirror, struct link *link, const char *alias)
{
	struct link old = *link;
	struct change change = { KIND_LINK, &old, link, LINK_ALIAS };

	if (strcmp(link->info.alias, alias) == 0)
		return;
	snprintf(link->info.alias, sizeof(link->info.alias), "%s", alias);
	mirror_publish(mirror, &change);
}
