/*
 * The sets of rows of routes, their order, what is buried during a sweep: see
 * route_rows.h.
 */
#include "route_rows.h"

#include "../base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Order. */

/* Destination and prefix length stand side by side, without a gap. */
#define PREFIX_AT   offsetof(struct route, dst)
#define PREFIX_SIZE (offsetof(struct route, policy) - PREFIX_AT)

int
route_order_prefix(const struct route *a, const struct route *b)
{
	return memcmp(
		(const char *)a + PREFIX_AT, (const char *)b + PREFIX_AT, PREFIX_SIZE);
}

static uint32_t
policy_length(const struct route *route)
{
	if (route->policy == POLICY_DEFAULT)
		return 2;
	return (route->path->key.src_plen ? 6 + 1 + 16 : 6) +
	       (route->policy > POLICY_LONG);
}

/* Of two policies that are not { 0 0 }. */
static int
order_long_policies(const struct route *a, const struct route *b)
{
	const struct path_key *x = &a->path->key, *y = &b->path->key;
	int order = set_order(policy_length(a), policy_length(b));

	order = order ? order : set_order(x->table, y->table);
	order = order ? order : set_order(x->tos, y->tos);
	order = order ? order : set_order(x->metric, y->metric);
	order = order ? order : set_order(x->ifindex, y->ifindex);
	order = order ? order : set_order(x->src_plen, y->src_plen);
	order = order ? order : memcmp(x->src.bytes, y->src.bytes, sizeof(x->src.bytes));
	return order ? order : set_order(a->policy, b->policy);
}

static int
compare(const void *a, const void *b)
{
	const struct route *x = a, *y = b;
	int order = route_order_prefix(x, y);

	if (order)
		return order;
	if (x->policy != POLICY_DEFAULT && y->policy != POLICY_DEFAULT)
		order = order_long_policies(x, y);
	else /* { 0 0 } is shorter than any other one */
		order = set_order(x->policy, y->policy);
	return order ? order : inet_compare(&x->path->key.nexthop, &y->path->key.nexthop);
}

/* What is not shown: by table first, so that one table's rows stand together. */
static int
compare_hidden(const void *a, const void *b)
{
	const struct route *x = a, *y = b;
	int order = set_order(x->path->key.table, y->path->key.table);

	return order ? order : compare(a, b);
}

/* A row that an event has deleted while a dump is being read: as the kernel tells rows
 * apart. */
struct grave {
	struct swept swept;
	struct path_key key;
	struct inet dst;
	uint8_t plen;
};

/* The dump may be of another state of the row than the one that was buried. */
static struct path_key
identity_of(const struct path_key *key)
{
	struct path_key identity = { 0 };

	identity.ifindex = key->ifindex;
	identity.nhid = key->nhid;
	identity.table = key->table;
	identity.metric = key->metric;
	identity.id = key->id;
	identity.encap = key->encap;
	identity.nexthop = key->nexthop;
	identity.src = key->src;
	identity.src_plen = key->src_plen;
	identity.v6 = key->v6;
	identity.tos = key->tos;
	return identity;
}

static int
compare_graves(const void *a, const void *b)
{
	const struct grave *x = a, *y = b;
	int order = memcmp(&x->dst, &y->dst, sizeof(x->dst));

	order = order ? order : set_order(x->plen, y->plen);
	return order ? order : memcmp(&x->key, &y->key, sizeof(x->key));
}

void
route_init(struct mirror *mirror)
{
	struct sweep *sweep = &mirror->sweeps[KIND_ROUTE];

	sweep_init(sweep, &mirror->routes, compare);
	set_init(&mirror->hidden_routes, offsetof(struct route, swept.node),
		compare_hidden);
	set_init(&sweep->buried, offsetof(struct grave, swept.node), compare_graves);
	path_init(mirror);
	mirror->max_mine = 16;
	mirror->mine = xcalloc(mirror->max_mine, sizeof(mirror->mine[0]));
	mirror->said = xcalloc(1, sizeof(*mirror->said));
	mirror->expanded = xcalloc(1, sizeof(*mirror->expanded));
	mirror->said_nexthop = xcalloc(1, sizeof(*mirror->said_nexthop));
}

static void
free_rows(struct mirror *mirror, struct set *set)
{
	struct route *route, *after;

	set_for_each (route, after, set) {
		set_remove(set, route);
		path_leave(mirror, route->path, route);
		free(route);
	}
}

void
route_free(struct mirror *mirror)
{
	free_rows(mirror, &mirror->routes);
	free_rows(mirror, &mirror->hidden_routes);
	route_tasks_free(mirror);
	free(mirror->mine);
	free(mirror->said);
	free(mirror->expanded);
	free(mirror->said_nexthop);
}

/* Groups. */

static int
probe_prefix(const void *row, const void *sought)
{
	return route_order_prefix(row, sought) < 0 ? -1 : 0;
}

struct place {
	struct route route;
	uint32_t table;
};

static int
probe_hidden(const void *row, const void *sought)
{
	const struct route *route = row;
	const struct place *place = sought;
	int order = set_order(route->path->key.table, place->table);

	return order ? order : probe_prefix(row, &place->route);
}

struct route *
route_hint_next(struct mirror *mirror)
{
	struct route_hint *hint = &mirror->route_hint;

	if (!hint->known) {
		hint->next = set_next(&mirror->routes, hint->row);
		hint->known = true;
	}
	return hint->next;
}

/* The first shown row at or behind the prefix of @sought. */
static struct route *
first_from(struct mirror *mirror, const struct route *sought)
{
	struct route_hint *hint = &mirror->route_hint;
	struct route *row = hint->row;
	int order = row ? route_order_prefix(row, sought) : 0;

	if (row && order < 0) {
		row = route_hint_next(mirror);
		order = row ? route_order_prefix(row, sought) : 1;
		if (order == 0)
			*hint = (struct route_hint){ .row = row };
		if (order >= 0)
			return row;
	}
	row = set_seek(&mirror->routes, probe_prefix, sought);
	if (row && route_order_prefix(row, sought) == 0)
		*hint = (struct route_hint){ .row = row };
	return row;
}

void
route_group_begin(struct mirror *mirror, struct route_group *group,
	const struct inet *dst, uint8_t plen, uint32_t table)
{
	struct route sought = { .dst = *dst, .plen = plen };

	*group = (struct route_group){ &mirror->routes, NULL, dst, plen, table, false };
	if (table != ROUTE_TABLE_MAIN && table != ROUTE_TABLE_DEFAULT)
		return;
	group->next = first_from(mirror, &sought);
}

static bool
is_of(const struct route *route, const struct route_group *group)
{
	return route && route->plen == group->plen &&
	       inet_compare(&route->dst, group->dst) == 0;
}

struct route *
route_group_next(const struct mirror *mirror, struct route_group *group)
{
	struct route *route;

	for (;;) {
		route = is_of(group->next, group) ? group->next : NULL;
		if (!route && !group->both) {
			struct place place = { .table = group->table };

			place.route.dst = *group->dst;
			place.route.plen = group->plen;
			group->both = true;
			group->set = &mirror->hidden_routes;
			group->next = set_count(group->set)
					      ? set_seek(group->set, probe_hidden, &place)
					      : NULL;
			continue;
		}
		if (!route)
			return NULL;
		group->next = set_next(group->set, route);
		if (route->path->key.table == group->table)
			return route;
		if (group->both)
			return NULL; /* those are of another table */
	}
}

/* Graves. */

bool
route_admit(struct mirror *mirror, const struct inet *dst, uint8_t plen,
	const struct path_key *key, struct route *route, enum origin origin)
{
	struct sweep *sweep = &mirror->sweeps[KIND_ROUTE];
	bool news = origin == FROM_DUMP && (!route || !sweep_saw(sweep, &route->swept));
	struct grave grave;

	if (!sweep->running)
		return true;
	if (!route && origin == FROM_DUMP && set_count(&sweep->buried)) {
		grave.dst = *dst;
		grave.plen = plen;
		grave.key = identity_of(key);
	}
	if (!route && (origin == FROM_EVENT || !set_count(&sweep->buried))) {
		mirror->route_news += news;
		return true;
	}
	if (!sweep_admit(sweep, &grave, route ? &route->swept : NULL, origin))
		return false;
	mirror->route_news += news;
	return true;
}

void
route_bury(struct mirror *mirror, const struct inet *dst, uint8_t plen,
	const struct path_key *key)
{
	struct sweep *sweep = &mirror->sweeps[KIND_ROUTE];
	struct grave *grave;

	if (!sweep->running)
		return;
	grave = xcalloc(1, sizeof(*grave));
	grave->dst = *dst;
	grave->plen = plen;
	grave->key = identity_of(key);
	sweep_bury(sweep, &grave->swept);
}
