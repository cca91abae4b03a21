/*
 * Rows of routes: see route_rows.h.
 */
#include "route_rows.h"

#include "../base/alloc.h"
#include "../base/clock.h"
#include "../base/log.h"

#include <stdlib.h>
#include <string.h>

/* Order. */

/* Destination and prefix length stand side by side, without a gap. */
#define PREFIX_AT   offsetof(struct route, dst)
#define PREFIX_SIZE (offsetof(struct route, policy) - PREFIX_AT)

static int
order_prefix(const struct route *a, const struct route *b)
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
	int order = order_prefix(x, y);

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
	return order_prefix(row, sought) < 0 ? -1 : 0;
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

/* The first shown row at or behind the prefix of @sought. A dump names routes nearly in
 * order, so that it often is the one behind the row that came last. */
static struct route *
first_from(const struct mirror *mirror, const struct route *sought)
{
	struct route *last = mirror->last_shown, *next;

	if (last && order_prefix(last, sought) < 0) {
		next = set_next(&mirror->routes, last);
		if (!next || order_prefix(next, sought) >= 0)
			return next;
	}
	return set_seek(&mirror->routes, probe_prefix, sought);
}

void
route_group_begin(const struct mirror *mirror, struct route_group *group,
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

/* What ipCidrRouteTable shows. */

static bool
is_cidr(const struct route *route)
{
	const struct path_key *key = &route->path->key;

	return !key->v6 && key->table == ROUTE_TABLE_MAIN && !inet_is_v6(&key->nexthop);
}

static bool
has_cidr_of(const struct route *other, const struct route *route)
{
	const struct path_key *x = &other->path->key, *y = &route->path->key;

	return is_cidr(other) && x->tos == y->tos &&
	       inet_compare(&x->nexthop, &y->nexthop) == 0;
}

/* Counts @route, which has come into the set of those that are shown or is about to leave
 * it (@by is 1 or -1), unless another row has its index in that table, too. */
static void
count_cidr(struct mirror *mirror, const struct route *route, int by)
{
	const struct route *at;

	if (!is_cidr(route))
		return;
	for (at = route;
		(at = set_prev(&mirror->routes, at)) && order_prefix(at, route) == 0;) {
		if (has_cidr_of(at, route))
			return;
	}
	for (at = route;
		(at = set_next(&mirror->routes, at)) && order_prefix(at, route) == 0;) {
		if (has_cidr_of(at, route))
			return;
	}
	mirror->cidr_routes += (size_t)by;
}

/* Policies. */

/* Who is to have { 0 0 } of two that the first dump brings: the one without a TOS, of the
 * lower metric, of the lower ifIndex. */
static bool
goes_first(const struct route *a, const struct route *b)
{
	const struct path_key *x = &a->path->key, *y = &b->path->key;

	if (!x->tos != !y->tos)
		return !x->tos;
	if (x->metric != y->metric)
		return x->metric < y->metric;
	return x->ifindex < y->ifindex;
}

/* The first policy that is free from @policy on. False: none is. */
static bool
insert_from(struct set *set, struct route *route, unsigned int policy)
{
	for (; policy <= POLICY_MAX; policy++) {
		route->policy = (uint8_t)policy;
		if (!set_insert(set, route))
			return true;
	}
	return false;
}

/* The same short cut as that of first_from(). */
static bool
insert_behind_last(struct mirror *mirror, struct route *route)
{
	struct route *last = mirror->last_shown, *next;

	if (!last || order_prefix(last, route) >= 0)
		return false;
	next = set_next(&mirror->routes, last);
	if (next && order_prefix(next, route) <= 0)
		return false;
	route->policy = route->path->key.src_plen ? POLICY_LONG : POLICY_DEFAULT;
	set_insert_behind(&mirror->routes, route, last);
	return true;
}

static bool
insert(struct mirror *mirror, struct set *set, struct route *route)
{
	struct route *owner;

	if (set == &mirror->routes && insert_behind_last(mirror, route))
		return true;

	if (route->path->key.src_plen)
		return insert_from(set, route, POLICY_LONG);
	route->policy = POLICY_DEFAULT;
	owner = set_insert(set, route);
	if (!owner)
		return true;
	if (mirror_is_complete(mirror, KIND_ROUTE) || !goes_first(route, owner))
		return insert_from(set, route, POLICY_LONG);
	if (mirror->last_shown == owner)
		mirror->last_shown = NULL;
	set_remove(set, owner);
	set_insert(set, route);
	insert_from(set, owner, POLICY_LONG); /* there were no more rows than now */
	return true;
}

/* Rows. */

bool
route_is_shown(const struct path_key *key)
{
	if ((key->table != ROUTE_TABLE_MAIN && key->table != ROUTE_TABLE_DEFAULT) ||
		key->dead)
		return false;
	switch (key->type) {
	case ROUTE_UNICAST:
	case ROUTE_LOCAL:
	case ROUTE_BLACKHOLE:
	case ROUTE_UNREACHABLE:
	case ROUTE_PROHIBIT:
		return true;
	default:
		return false;
	}
}

static void
publish(struct mirror *mirror, const struct route *old, const struct route *new)
{
	const struct route *any = new ? new : old;
	struct change change = { KIND_ROUTE, old, new,
		old &&new ? ROUTE_PATH : ROUTE_ALL };

	if (any->plen == 0)
		mirror->routers_stale = true;
	mirror_publish(mirror, &change);
}

/* Puts @route, whose path is known, into its set. False: there is no room for it. */
static bool
enter(struct mirror *mirror, struct route *route)
{
	bool shown = route_is_shown(&route->path->key);

	if (!insert(mirror, shown ? &mirror->routes : &mirror->hidden_routes, route)) {
		static struct log_limit limit;

		log_limited(&limit, LOG_WARNING,
			"more than %d routes of one destination, next hop, metric, TOS "
			"and interface: some are not shown",
			POLICY_MAX);
		return false;
	}
	if (shown) {
		mirror->last_shown = route;
		count_cidr(mirror, route, 1);
		publish(mirror, NULL, route);
	}
	return true;
}

static void
leave(struct mirror *mirror, struct route *route)
{
	if (!route_is_shown(&route->path->key)) {
		set_remove(&mirror->hidden_routes, route);
		return;
	}
	count_cidr(mirror, route, -1);
	if (mirror->last_shown == route)
		mirror->last_shown = NULL;
	set_remove(&mirror->routes, route);
	publish(mirror, route, NULL);
}

static uint32_t
seconds_now(void)
{
	return (uint32_t)(clock_now() / NS_PER_S);
}

struct route *
route_add(struct mirror *mirror, const struct inet *dst, uint8_t plen,
	const struct path_key *key, enum origin origin)
{
	struct route *route = xcalloc(1, sizeof(*route));

	route->dst = *dst;
	route->plen = plen;
	route->swept.since = seconds_now();
	path_join(path_get(mirror, key), route);
	sweep_stamp(&mirror->sweeps[KIND_ROUTE], &route->swept, origin);
	if (enter(mirror, route))
		return route;
	path_leave(mirror, route->path, route);
	free(route);
	return NULL;
}

struct route *
route_move(struct mirror *mirror, struct route *route, const struct path_key *key)
{
	struct path *from = route->path;
	struct route old = *route;

	if (memcmp(&from->key, key, sizeof(*key)) == 0)
		return route;
	/* The row that watchers see as the old one needs its path until they have. */
	LIST_REMOVE(route, of_path);
	LIST_INSERT_HEAD(&from->rows, &old, of_path);
	if (route_is_shown(&from->key) == route_is_shown(key)) {
		path_join(path_get(mirror, key), route);
		if (route_is_shown(key))
			publish(mirror, &old, route);
	} else {
		leave(mirror, route);
		path_join(path_get(mirror, key), route);
		if (!enter(mirror, route)) {
			path_leave(mirror, route->path, route);
			free(route);
			route = NULL;
		}
	}
	path_leave(mirror, from, &old);
	return route;
}

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

static bool
are_siblings(const struct path_key *a, const struct path_key *b)
{
	return a->weight && b->weight && !b->nhid && a->metric == b->metric &&
	       a->src_plen == b->src_plen && inet_compare(&a->src, &b->src) == 0;
}

void
route_release_last(struct mirror *mirror, const struct inet *dst, uint8_t plen,
	const struct path_key *like)
{
	struct route_group group;
	struct route *route, *last = NULL;
	struct path_key key;

	route_group_begin(mirror, &group, dst, plen, like->table);
	while ((route = route_group_next(mirror, &group))) {
		if (!are_siblings(like, &route->path->key))
			continue;
		if (last)
			return; /* it is not */
		last = route;
	}
	if (!last)
		return;
	key = last->path->key;
	key.weight = 0;
	route_move(mirror, last, &key);
}

void
route_remove(struct mirror *mirror, struct route *route, bool bury)
{
	struct path_key key = route->path->key;
	struct inet dst = route->dst;
	uint8_t plen = route->plen;

	if (bury)
		route_bury(mirror, &dst, plen, &key);
	leave(mirror, route);
	path_leave(mirror, route->path, route);
	free(route);
	if (key.v6 && !key.nhid && key.weight)
		route_release_last(mirror, &dst, plen, &key);
}
