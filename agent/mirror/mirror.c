/*
 * The mirror: see mirror.h.
 */
#include "mirror.h"

#include "../base/alloc.h"
#include "../base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
link_order(const void *a, const void *b)
{
	const struct link *x = a, *y = b;

	return set_order(x->info.ifindex, y->info.ifindex);
}

struct mirror *
mirror_new(const struct options *options)
{
	struct mirror *mirror = xcalloc(1, sizeof(*mirror));

	sweep_init(&mirror->sweeps[KIND_LINK], &mirror->links, link_order);
	stack_init(mirror);
	rcvaddr_init(mirror);
	addr_init(mirror);
	neigh_init(mirror);
	nexthop_init(mirror);
	route_init(mirror);
	router_init(mirror);
	ipstats_init(&mirror->ip);
	ipif_init(mirror);
	told_init(&mirror->told);
	mirror->options = options;
	return mirror;
}

void
mirror_free(struct mirror *mirror)
{
	struct link *link, *after;

	stack_free(mirror);
	rcvaddr_free(mirror);
	addr_free(mirror);
	neigh_free(mirror);
	route_free(mirror);
	nexthop_free(mirror);
	router_free(mirror);
	ipstats_free(&mirror->ip);
	ipif_free(mirror);
	set_for_each (link, after, &mirror->links) {
		set_remove(&mirror->links, link);
		free(link);
	}
	for (int kind = 0; kind < N_KINDS; kind++)
		sweep_free(&mirror->sweeps[kind]);
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
	route_follow(mirror, change);
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

uint8_t
mirror_set_traps(struct mirror *mirror, uint32_t ifindex, uint8_t traps)
{
	struct link *link = mirror_link(mirror, ifindex);
	uint8_t before = link ? link->traps : LINK_TRAPS_DEFAULT;

	if (link)
		link->traps = traps;
	return before;
}

bool
mirror_conclude_oper(struct mirror *mirror, struct link *link)
{
	enum link_oper oper = link_conclude(&link->info, link->n_lower > 0);

	if (oper == link->oper)
		return false;
	link->oper = (uint8_t)oper;
	if (mirror_is_complete(mirror, KIND_LINK))
		link->oper_since = clock_now();
	return true;
}

/* A link that is down and of a kind whose lower link can be changed: that is not
 * announced (6.18). */
static bool
is_silent(const struct link_info *info)
{
	return info->movable && !info->up;
}

static void
add_link(struct mirror *mirror, const struct link_info *info, enum origin origin)
{
	struct sweep *sweep = &mirror->sweeps[KIND_LINK];
	struct link *link = xcalloc(1, sizeof(*link));
	struct change change = { KIND_LINK, NULL, link, LINK_ALL };

	link->info = *info;
	link->oper = (uint8_t)link_conclude(info, false);
	if (mirror_is_complete(mirror, KIND_LINK)) {
		link->oper_since = clock_now();
		mirror->links_changed = link->oper_since;
		/* The index may have been another device's: whoever remembers its
		 * counters must not subtract them. */
		if (info->ifindex <= mirror->highest_ifindex)
			link->discontinuity = link->oper_since;
	}
	if (info->ifindex > mirror->highest_ifindex)
		mirror->highest_ifindex = info->ifindex;
	sweep_add(sweep, &link->swept, origin);
	mirror->n_silent += is_silent(info);
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
	stack_forget_speeds(mirror, link);
	link->info.devtype_read = info->devtype_read;
	if (!change.fields)
		return;
	mirror->n_silent += (size_t)is_silent(info) - (size_t)is_silent(&link->info);
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

/* Takes @link out of the mirror, and what cannot be without it. The caller frees it. */
static void
remove_link(struct mirror *mirror, struct link *link)
{
	struct change change = { KIND_LINK, link, NULL, LINK_ALL };

	addr_forget_link(mirror, link->info.ifindex);
	neigh_forget_link(mirror, link->info.ifindex);
	mirror->putting = link;
	stack_remove_link(mirror, link);
	mirror->putting = NULL;
	rcvaddr_follow_link(mirror, &link->info, NULL);
	ipif_follow_link(mirror, &link->info, NULL);
	set_remove(&mirror->links, link);
	mirror->n_silent -= is_silent(&link->info);
	if (mirror_is_complete(mirror, KIND_LINK))
		mirror->links_changed = clock_now();
	mirror_publish(mirror, &change);
}

/* A dump that follows a loss of events may name another device than the one that had the
 * index before. The kind and the bus of a device do not change; its name and its address
 * can, but hardly both at once. */
static bool
is_another(const struct link_info *a, const struct link_info *b)
{
	return strcmp(a->kind, b->kind) != 0 || strcmp(a->parent, b->parent) != 0 ||
	       strcmp(a->parent_bus, b->parent_bus) != 0 ||
	       (strcmp(a->name, b->name) != 0 &&
		       lladdr_compare(&a->address, &b->address) != 0);
}

void
mirror_put_link(struct mirror *mirror, const struct link_info *info, enum origin origin)
{
	struct link *link = mirror_link(mirror, info->ifindex);
	struct link key = { .info.ifindex = info->ifindex };

	if (!info->ifindex || !sweep_admit(&mirror->sweeps[KIND_LINK], &key,
				      link ? &link->swept : NULL, origin))
		return;
	if (link && origin == FROM_DUMP && is_another(&link->info, info)) {
		remove_link(mirror, link);
		free(link);
		link = NULL;
	}
	if (!link) {
		add_link(mirror, info, origin);
		return;
	}
	if (origin == FROM_DUMP) /* who knows what has been missed */
		link->speed_known = link->mac_known = KNOWN_STALE;
	update_link(mirror, link, info);
}

void
mirror_refresh_link(
	struct mirror *mirror, struct link *link, const struct link_info *info)
{
	update_link(mirror, link, info);
}

void
mirror_drop_link(struct mirror *mirror, uint32_t ifindex)
{
	struct link *link = mirror_link(mirror, ifindex);

	if (link) {
		remove_link(mirror, link);
	} else {
		link = xcalloc(1, sizeof(*link));
		link->info.ifindex = ifindex;
	}
	sweep_bury(&mirror->sweeps[KIND_LINK], &link->swept);
}

void
mirror_sweep_begin(struct mirror *mirror, enum kind kind)
{
	sweep_begin(&mirror->sweeps[kind]);
}

static void
drop_link(void *mirror, struct swept *row)
{
	remove_link(mirror, (struct link *)row);
	free(row);
}

static void
drop_addr(void *mirror, struct swept *row)
{
	addr_remove(mirror, (struct addr *)row);
	free(row);
}

static void
drop_neigh(void *mirror, struct swept *row)
{
	neigh_remove(mirror, (struct neigh *)row);
	free(row);
}

void
mirror_sweep_end(struct mirror *mirror, enum kind kind)
{
	static void (*const drop[N_KINDS])(void *mirror, struct swept *row) = {
		[KIND_LINK] = drop_link,
		[KIND_ADDR] = drop_addr,
		[KIND_NEIGH] = drop_neigh,
		[KIND_NEXTHOP] = nexthop_sweep_drop,
	};

	sweep_end(&mirror->sweeps[kind], drop[kind], mirror);
}

void
mirror_set_counters(
	struct link *link, const struct raw_counters *raw, bool has_mac, uint64_t now)
{
	bool first = link->counters_at == 0;
	/* Packets change their class when the driver's counters come in or stay away. */
	bool back = !first &&
		    (counters_went_back(&link->raw, raw) || has_mac != link->has_mac);

	if (back)
		link->discontinuity = now;
	counters_conclude(
		&link->counters, raw, has_mac, first || back ? NULL : &link->counters);
	link->raw = *raw;
	link->has_mac = has_mac;
	link->counters_at = now;
}
