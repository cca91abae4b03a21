/*
 * Rows of routes: see route_rows.h.
 */
#include "route_rows.h"

#include "../base/alloc.h"
#include "../base/clock.h"
#include "../base/log.h"

#include <stdlib.h>
#include <string.h>

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
	for (at = route; (at = set_prev(&mirror->routes, at)) &&
			 route_order_prefix(at, route) == 0;) {
		if (has_cidr_of(at, route))
			return;
	}
	for (at = route; (at = set_next(&mirror->routes, at)) &&
			 route_order_prefix(at, route) == 0;) {
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

/* Has a manager asked for it by a long policy? */
static bool
is_wished_long(const struct mirror *mirror, const struct route *route)
{
	const struct route_wish *wish = &mirror->route_wished;
	const struct path_key *key = &route->path->key;
	struct inet dst, hop = key->nexthop;

	if (!wish->long_policy || wish->plen != route->plen ||
		wish->table != key->table || wish->tos != key->tos ||
		wish->metric != key->metric || wish->ifindex != key->ifindex)
		return false;
	dst = inet_plain(&route->dst);
	if (hop.type != INET_UNKNOWN)
		hop = inet_plain(&key->nexthop);
	return inet_compare(&dst, &wish->dst) == 0 &&
	       inet_compare(&hop, &wish->gateway) == 0;
}

/* Has it a long policy whatever policies others have? */
static bool
is_long(const struct mirror *mirror, const struct route *route)
{
	return route->path->key.src_plen || is_wished_long(mirror, route);
}

static bool
insert(struct mirror *mirror, struct set *set, struct route *route)
{
	struct route *owner;

	if (is_long(mirror, route))
		return insert_from(set, route, POLICY_LONG);
	route->policy = POLICY_DEFAULT;
	owner = set_insert(set, route);
	if (!owner)
		return true;
	if (mirror_is_complete(mirror, KIND_ROUTE) || !goes_first(route, owner))
		return insert_from(set, route, POLICY_LONG);
	set_remove(set, owner);
	set_insert(set, route);
	insert_from(set, owner, POLICY_LONG); /* there were no more rows than now */
	return true;
}

/* Right behind the hint, if that is the place: no other row of the prefix is there then.
 */
static bool
insert_behind_hint(struct mirror *mirror, struct route *route)
{
	struct route_hint *hint = &mirror->route_hint;
	struct route *next;

	if (!hint->row || route_order_prefix(hint->row, route) >= 0)
		return false;
	next = route_hint_next(mirror);
	if (next && route_order_prefix(next, route) <= 0)
		return false;
	route->policy = is_long(mirror, route) ? POLICY_LONG : POLICY_DEFAULT;
	set_insert_behind(&mirror->routes, route, hint->row);
	hint->row = route; /* and what is behind it is the same */
	mirror->cidr_routes += is_cidr(route);
	return true;
}

static bool
insert_shown(struct mirror *mirror, struct route *route)
{
	if (insert_behind_hint(mirror, route))
		return true;
	mirror->route_hint = (struct route_hint){ 0 };
	if (!insert(mirror, &mirror->routes, route))
		return false;
	mirror->route_hint.row = route;
	count_cidr(mirror, route, 1);
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
	uint32_t fields = !old || !new ? ROUTE_ALL : ROUTE_PATH;
	struct change change = { KIND_ROUTE, old, new, fields };

	if (any->plen == 0)
		mirror->routers_stale = true;
	mirror_publish(mirror, &change);
}

/* Puts @route, whose path is known, into its set. False: there is no room for it. */
static bool
enter(struct mirror *mirror, struct route *route)
{
	bool shown = route_is_shown(&route->path->key);

	if (shown ? !insert_shown(mirror, route)
		  : !insert(mirror, &mirror->hidden_routes, route)) {
		static struct log_limit limit;

		log_limited(&limit, LOG_WARNING,
			"more than %d routes of one destination, next hop, metric, TOS "
			"and interface: some are not shown",
			POLICY_MAX);
		return false;
	}
	if (shown)
		publish(mirror, NULL, route);
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
	if (mirror->route_hint.row == route)
		mirror->route_hint = (struct route_hint){ 0 };
	if (mirror->route_hint.next == route)
		mirror->route_hint.known = false;
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
