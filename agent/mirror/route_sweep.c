/*
 * The end of a sweep of routes: see route_sweep.h.
 */
#include "route_sweep.h"

#include "../base/clock.h"
#include "route_rows.h"

/* Rows between two looks at the clock. */
#define ROWS_AT_ONCE 256

static int
probe_place(const void *row, const void *sought)
{
	const struct route *route = row;
	const struct route_place *place = sought;
	int order = place->hidden ? set_order(route->path->key.table, place->table) : 0;

	order = order ? order : inet_compare(&route->dst, &place->dst);
	order = order ? order : set_order(route->plen, place->plen);
	return order < 0 ? -1 : 0;
}

/* As probe_place() finds it again: the shown ones of a prefix are of two tables. */
static bool
is_at(const struct route *route, const struct route_place *place)
{
	return route->plen == place->plen &&
	       (!place->hidden || route->path->key.table == place->table) &&
	       inet_compare(&route->dst, &place->dst) == 0;
}

static struct route_place
place_of(const struct route *route, bool hidden)
{
	return (struct route_place){ .begun = true,
		.hidden = hidden,
		.table = route->path->key.table,
		.dst = route->dst,
		.plen = route->plen };
}

/* Is @route in what has been read? */
static bool
in_scope(const struct mirror *mirror, const struct route *route)
{
	return !mirror->confirming || mirror->confirming == route->path->key.ifindex ||
	       mirror->confirming == ROUTE_CONFIRM_ALL;
}

/* A dump does not name what stands between the next hops of another route: what is known
 * of it by events is right, unless some were lost. */
static bool
is_unseen(const struct mirror *mirror, const struct route *route)
{
	return !sweep_saw(&mirror->sweeps[KIND_ROUTE], &route->swept) &&
	       in_scope(mirror, route) && !(route->swept.between && mirror->confirming);
}

/* Does @route have an IPv6 rival of several next hops, between which it may stand? */
static bool
may_be_passed_over(struct mirror *mirror, const struct route *route)
{
	const struct path_key *key = &route->path->key;
	struct route_group group;
	const struct route *other;

	if (!key->v6 || key->weight)
		return false;
	route_group_begin(mirror, &group, &route->dst, route->plen, key->table);
	while ((other = route_group_next(mirror, &group))) {
		const struct path_key *rival = &other->path->key;

		if (rival->weight && !rival->nhid && rival->metric == key->metric &&
			rival->src_plen == key->src_plen &&
			inet_compare(&rival->src, &key->src) == 0)
			return true;
	}
	return false;
}

/* Takes @route out, which was not seen. Of an IPv4 route a dump names all next hops or
 * none, also those out of its scope. Returns the row to go on with, in @set. */
static struct route *
drop(struct mirror *mirror, const struct set *set, struct route *route)
{
	struct route_place place = place_of(route, set == &mirror->hidden_routes);
	struct route *after = set_next(set, route);

	mirror->route_dump_changes++;
	mirror->route_passed_over |= may_be_passed_over(mirror, route);
	if (route->path->key.v6) {
		route_remove(mirror, route, false);
		return after;
	}
	route_remove_whole(mirror, route);
	return set_seek(set, probe_place, &place);
}

/* From the place on to the end of the set; false: stopped before it, at *@place. */
static bool
judge_set(struct mirror *mirror, const struct set *set, uint64_t deadline,
	struct route_place *place)
{
	bool hidden = set == &mirror->hidden_routes;
	struct route *route = place->begun && place->hidden == hidden
				      ? set_seek(set, probe_place, place)
				      : set_first(set);
	unsigned int n = 0;

	while (route) {
		struct route_place was = place_of(route, hidden);

		route = is_unseen(mirror, route) ? drop(mirror, set, route)
						 : set_next(set, route);
		/* Only between two prefixes: the place would not tell their rows apart.
		 */
		if (++n >= ROWS_AT_ONCE && route && !is_at(route, &was)) {
			n = 0;
			if (clock_now() > deadline) {
				*place = place_of(route, hidden);
				return false;
			}
		}
	}
	return true;
}

bool
route_sweep_end(struct mirror *mirror, uint64_t deadline)
{
	struct route_place *place = &mirror->route_place;

	if (!place->hidden && !judge_set(mirror, &mirror->routes, deadline, place))
		return false;
	if (!judge_set(mirror, &mirror->hidden_routes, deadline, place)) {
		place->hidden = true;
		return false;
	}
	*place = (struct route_place){ 0 };
	if (!mirror->confirming || mirror->confirming == ROUTE_CONFIRM_ALL)
		mirror->route_twins = mirror->route_twins_seen;
	sweep_close(&mirror->sweeps[KIND_ROUTE]);
	mirror->confirming = 0;
	return true;
}

void
route_sweep_begin(struct mirror *mirror, uint32_t confirming)
{
	sweep_begin(&mirror->sweeps[KIND_ROUTE]);
	mirror->confirming = confirming;
	mirror->route_place = (struct route_place){ 0 };
	mirror->route_dump_changes = 0;
	mirror->route_news = 0;
	mirror->route_twins_seen = false;
}

void
route_sweep_stop(struct mirror *mirror)
{
	sweep_close(&mirror->sweeps[KIND_ROUTE]);
	mirror->confirming = 0;
}
