/*
 * What becomes of routes in silence: see route_silent.h.
 */
#include "route_silent.h"

#include "../base/alloc.h"
#include "../base/clock.h"
#include "route_rows.h"

#include <stdlib.h>
#include <string.h>

/* Rows between two looks at the clock. */
#define ROWS_AT_ONCE 64

/* What is to be done. */

static void
plan(struct mirror *mirror, const struct route_task *task)
{
	struct route_tasks *tasks = &mirror->route_tasks;

	if (tasks->n == tasks->max) {
		tasks->max = tasks->max ? 2 * tasks->max : 16;
		tasks->list = xrealloc(tasks->list, tasks->max * sizeof(*tasks->list));
	}
	tasks->list[tasks->n++] = *task;
}

void
route_tasks_free(struct mirror *mirror)
{
	free(mirror->route_tasks.list);
}

/* A dump that was filled before something happened may bring rows that are not there yet,
 * and do not follow it. */
static bool
is_being_read(const struct mirror *mirror)
{
	return mirror->sweeps[KIND_ROUTE].running || mirror->sweeps[KIND_NEXTHOP].running;
}

static void
doubt(const struct mirror *mirror, struct route_doubt *what, uint32_t ifindex)
{
	if (!mirror_is_complete(mirror, KIND_ROUTE) && !is_being_read(mirror))
		return;
	if (what->pending && what->ifindex != ifindex)
		ifindex = 0;
	what->pending = true;
	what->ifindex = ifindex;
}

void
route_doubt(struct mirror *mirror, uint32_t ifindex)
{
	doubt(mirror, &mirror->route_doubt, ifindex);
}

void
route_doubt_now(struct mirror *mirror, uint32_t ifindex)
{
	doubt(mirror, &mirror->route_doubt_now, ifindex);
}

void
route_follow_nexthop(struct mirror *mirror, uint32_t id)
{
	struct route_task task = { .what = TASK_NEXTHOP, .nhid = id };

	if (!LIST_EMPTY(&mirror->special_paths))
		plan(mirror, &task);
}

/* Links. */

static bool
carries(const struct link *link)
{
	return link && link->info.up && link->info.lower_up;
}

static void
follow_link(struct mirror *mirror, const struct link *old, const struct link *new)
{
	struct route_task task = { .what = TASK_LINK_UP, .ifindex = old->info.ifindex };

	if (carries(old) && !carries(new) &&
		(nexthop_forget_link(mirror, task.ifindex) ||
			mirror->sweeps[KIND_NEXTHOP].running))
		route_doubt(mirror, 0);
	if (!path_of_link(mirror, task.ifindex, NULL) && !is_being_read(mirror))
		return;
	if (!new)
		task.what = TASK_LINK_GONE;
	else if (!new->info.up)
		task.what = TASK_LINK_DOWN;
	if (!new || old->info.up != new->info.up) {
		plan(mirror, &task);
		route_doubt(mirror, task.ifindex);
	} else if (old->info.lower_up != new->info.lower_up ||
		   old->info.operstate != new->info.operstate) {
		/* With ignore_routes_with_linkdown a carrier that is lost kills next
		 * hops, and one that comes back brings them back. The kernel tells when
		 * it has done that (netdev_state_change()), with another operstate; the
		 * carrier may have been told before by something else. */
		route_doubt_now(mirror, task.ifindex);
	}
}

/* Addresses. */

static int
probe_prefix_link(const void *row, const void *ifindex)
{
	return ((const struct prefix *)row)->ifindex < *(const uint32_t *)ifindex ? -1
										  : 0;
}

/* IPv4 prefixes come first among those of a link. */
static bool
has_ipv4(const struct mirror *mirror, uint32_t ifindex)
{
	const struct prefix *prefix =
		set_seek(&mirror->prefixes, probe_prefix_link, &ifindex);

	return prefix && prefix->ifindex == ifindex && inet_is_v4(&prefix->prefix);
}

static bool
has_ipv6(const struct mirror *mirror, uint32_t ifindex)
{
	uint32_t next = ifindex + 1;
	const struct prefix *prefix =
		set_seek(&mirror->prefixes, probe_prefix_link, &next);

	/* the one before it, which is the last one of the link */
	prefix = prefix ? set_prev(&mirror->prefixes, prefix)
			: set_last(&mirror->prefixes);
	return prefix && prefix->ifindex == ifindex && inet_is_v6(&prefix->prefix);
}

/* An IPv4 address makes next hops live again, also those that a link without one has let
 * die (fib_inetaddr_event()). */
static void
follow_new_addr(struct mirror *mirror, const struct addr *new)
{
	struct route_task task = { .what = TASK_LINK_ADDRESSED, .ifindex = new->ifindex };

	if (new->class == ADDR_UNICAST && inet_is_v4(&new->address) &&
		path_of_link(mirror, new->ifindex, NULL))
		plan(mirror, &task);
}

/* IPv6 routes are announced, but for next hops beside others: what lets the last address
 * go has let those die before (addrconf_ifdown()). */
static void
follow_old_ipv6(struct mirror *mirror, const struct addr *old)
{
	if (!has_ipv6(mirror, old->ifindex) && path_of_link(mirror, old->ifindex, NULL))
		route_doubt_now(mirror, old->ifindex);
}

void
route_follow_ipv6(struct mirror *mirror, uint32_t ifindex)
{
	const struct path *path = path_of_link(mirror, ifindex, NULL);

	while (path && !(path->key.v6 && path->key.dead))
		path = path_of_link(mirror, ifindex, &path->key);
	if (path)
		route_doubt_now(mirror, ifindex);
}

static void
follow_old_addr(struct mirror *mirror, const struct addr *old)
{
	struct route_task task = { .what = TASK_LINK_BARE, .ifindex = old->ifindex };

	if (old->class != ADDR_UNICAST)
		return;
	if (inet_is_v6(&old->address)) {
		follow_old_ipv6(mirror, old);
		return;
	}
	if (!has_ipv4(mirror, task.ifindex) &&
		(path_of_link(mirror, task.ifindex, NULL) || is_being_read(mirror))) {
		plan(mirror, &task);
		route_doubt(mirror, task.ifindex);
	}
	task.what = TASK_SOURCE_GONE;
	task.source = inet_plain(&old->address);
	if (addr_is_ours(mirror, &task.source))
		return;
	if (!LIST_EMPTY(&mirror->special_paths))
		plan(mirror, &task);
	if (is_being_read(mirror))
		route_doubt(mirror, 0);
}

void
route_follow(struct mirror *mirror, const struct change *change)
{
	if (change->kind == KIND_LINK)
		mirror->hop_link = 0;
	if (change->kind == KIND_LINK && change->old)
		follow_link(mirror, change->old, change->new);
	else if (change->kind == KIND_ADDR && !change->old)
		follow_new_addr(mirror, change->new);
	else if (change->kind == KIND_ADDR && !change->new)
		follow_old_addr(mirror, change->old);
}

/* Doing it: the next hops of one route. */

static bool
same_route(const struct path_key *a, const struct path_key *b)
{
	if (a->table != b->table || a->metric != b->metric || a->tos != b->tos ||
		a->nhid != b->nhid)
		return false;
	if (!a->v6)
		return a->id == b->id;
	return a->src_plen == b->src_plen && inet_compare(&a->src, &b->src) == 0 &&
	       (a->nhid || (a->nexthop.len && b->nexthop.len));
}

/* Does the route of @row have a next hop that lives on another link? */
static bool
has_another(struct mirror *mirror, const struct route *row)
{
	const struct path_key *key = &row->path->key;
	struct route_group group;
	const struct route *other;

	route_group_begin(mirror, &group, &row->dst, row->plen, key->table);
	while ((other = route_group_next(mirror, &group))) {
		const struct path_key *k = &other->path->key;

		if (other != row && same_route(k, key) && !k->dead &&
			k->ifindex != key->ifindex)
			return true;
	}
	return false;
}

void
route_remove_whole(struct mirror *mirror, struct route *row)
{
	struct path_key key = row->path->key;
	struct inet dst = row->dst;
	struct route_group group;
	struct route *other;

	route_group_begin(mirror, &group, &dst, row->plen, key.table);
	while ((other = route_group_next(mirror, &group))) {
		if (same_route(&other->path->key, &key))
			route_remove(mirror, other, true);
	}
}

static void
set_dead(struct mirror *mirror, struct route *row, bool dead)
{
	struct path_key key = row->path->key;

	/* A dump that was filled before does not know. */
	sweep_stamp(&mirror->sweeps[KIND_ROUTE], &row->swept, FROM_EVENT);
	key.dead = dead;
	route_move(mirror, row, &key);
}

static void
let_die(struct mirror *mirror, struct route *row)
{
	if (has_another(mirror, row))
		set_dead(mirror, row, true);
	else
		route_remove_whole(mirror, row);
}

/* The rows of one path. */

/* Does the task concern those of @path? Each of them leaves the path then. */
static bool
concerns(const struct mirror *mirror, const struct route_task *task,
	const struct path *path)
{
	const struct path_key *key = &path->key;
	const struct nexthop *nexthop;

	switch (task->what) {
	case TASK_LINK_UP:
		return !key->nhid && key->dead;
	case TASK_LINK_ADDRESSED:
		return !key->nhid && key->dead && !key->v6;
	case TASK_LINK_DOWN:
		return !key->nhid && !key->dead && key->scope != ROUTE_SCOPE_HOST &&
		       (!key->v6 || key->nexthop.len);
	case TASK_LINK_BARE:
		return !key->v6 && !key->nhid && !key->dead;
	case TASK_LINK_GONE:
		return !key->v6 && !key->nhid;
	case TASK_SOURCE_GONE:
		return key->table == ROUTE_TABLE_MAIN &&
		       inet_compare(&key->prefsrc, &task->source) == 0;
	case TASK_NEXTHOP:
		if (key->nhid != task->nhid)
			return false;
		nexthop = mirror_nexthop(mirror, task->nhid);
		/* Members that a dump has not named yet will be another task. */
		return !nexthop || (key->generation != nexthop->generation &&
					   nexthop_is_known(mirror, nexthop));
	}
	return false;
}

static void
follow_row(struct mirror *mirror, const struct route_task *task, struct route *row)
{
	switch (task->what) {
	case TASK_LINK_UP:
	case TASK_LINK_ADDRESSED: /* see follow_siblings() */
		break;
	case TASK_LINK_DOWN:
	case TASK_LINK_BARE:
		let_die(mirror, row);
		break;
	case TASK_LINK_GONE:
	case TASK_SOURCE_GONE:
		route_remove_whole(mirror, row);
		break;
	case TASK_NEXTHOP:
		if (mirror_nexthop(mirror, task->nhid))
			route_rebuild(mirror, row);
		else
			route_remove_whole(mirror, row);
		break;
	}
}

/* Only next hops beside another one die (IPv6: the others will be announced), or live
 * again. So some of the rows stay where they are, and the path is done in one go. An IPv6
 * one lives again also when the others have been deleted (fib6_ifup()), but then a
 * carrier may be what it lacks. */
static void
follow_siblings(struct mirror *mirror, struct path *path, bool dead)
{
	bool each =
		!dead && path->key.v6 && carries(mirror_link(mirror, path->key.ifindex));
	struct route *row, *after;

	for (row = LIST_FIRST(&path->rows); row; row = after) {
		/* With the last of its rows the path is gone, and none is after it. */
		after = LIST_NEXT(row, of_path);
		if (each || has_another(mirror, row))
			set_dead(mirror, row, dead);
	}
}

/* True: all rows of @path, which is the one of @key, have followed. */
static bool
follow_path(struct mirror *mirror, const struct route_task *task,
	const struct path_key *key, uint64_t deadline)
{
	struct path sought = { .key = *key }, *path;
	unsigned int n = 0;

	while ((path = set_find(&mirror->paths, &sought))) {
		struct route *row = LIST_FIRST(&path->rows);

		if (++n % ROWS_AT_ONCE == 0 && clock_now() > deadline)
			return false;
		follow_row(mirror, task, row);
		path = set_find(&mirror->paths, &sought);
		if (path && LIST_FIRST(&path->rows) == row)
			route_remove(mirror, row, true); /* it cannot follow */
	}
	return true;
}

static struct path *
next_path_of_link(struct mirror *mirror, const struct route_task *task)
{
	struct path *path =
		path_of_link(mirror, task->ifindex, task->begun ? &task->at : NULL);

	while (path && !concerns(mirror, task, path))
		path = path_of_link(mirror, task->ifindex, &path->key);
	return path;
}

static struct path *
next_special_path(struct mirror *mirror, const struct route_task *task)
{
	struct path *path = LIST_FIRST(&mirror->special_paths);

	while (path && !concerns(mirror, task, path))
		path = LIST_NEXT(path, special);
	return path;
}

static struct path *
next_path(struct mirror *mirror, const struct route_task *task)
{
	if (task->what == TASK_SOURCE_GONE || task->what == TASK_NEXTHOP)
		return next_special_path(mirror, task);
	return next_path_of_link(mirror, task);
}

static bool
do_task(struct mirror *mirror, struct route_task *task, uint64_t deadline)
{
	struct path *path;

	while ((path = next_path(mirror, task))) {
		struct path_key key = path->key;

		if (task->what == TASK_LINK_UP || task->what == TASK_LINK_ADDRESSED)
			follow_siblings(mirror, path, false);
		else if (key.v6 && task->what == TASK_LINK_DOWN)
			follow_siblings(mirror, path, true);
		else if (!follow_path(mirror, task, &key, deadline))
			return false;
		task->at = key;
		task->begun = true;
	}
	return true;
}

bool
route_work(struct mirror *mirror, uint64_t deadline)
{
	struct route_tasks *tasks = &mirror->route_tasks;

	while (tasks->done < tasks->n) {
		struct route_task task = tasks->list[tasks->done];
		bool done = do_task(mirror, &task, deadline);

		/* The list may have grown, and moved. */
		tasks->list[tasks->done] = task;
		if (!done)
			return false;
		tasks->done++;
	}
	tasks->done = tasks->n = 0;
	return true;
}
