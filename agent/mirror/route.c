/*
 * Routes: from what messages say to rows; see route.h.
 *
 * A message names a route with its next hops. The rows that the mirror has of that route
 * are put beside the next hops, both in one order: what is on both sides becomes what the
 * message says, what is only there is added, what is only here goes.
 */
#include "route.h"

#include "../base/alloc.h"
#include "../base/clock.h"
#include "route_rows.h"
#include "route_silent.h"

#include <stdlib.h>
#include <string.h>

/* A message at work on one prefix. */
struct work {
	struct mirror *mirror;
	const struct route_info *info;
	struct hop_info *all_hops;
	enum origin origin;
	uint32_t generation; /* of the route's nexthop object */
	uint8_t rank;	     /* of its rows among their rivals */
	/* those to one destination, which has the zone of a link if it needs one */
	struct inet dst;
	struct hop_info *hops;
	size_t n_hops;
};

static struct inet
zoned(const struct inet *inet, uint32_t ifindex)
{
	return inet_is_link_local(inet) ? inet_in_zone(inet, ifindex) : *inet;
}

/* Of many routes over few links: the last answer is kept, until any link changes. */
static bool
is_down(struct mirror *mirror, uint32_t ifindex)
{
	const struct link *link;

	if (mirror->hop_link != ifindex) {
		link = mirror_link(mirror, ifindex);
		mirror->hop_link = ifindex;
		mirror->hop_link_down = link && !link->info.up;
	}
	return mirror->hop_link_down;
}

/* A dump may have been filled before its link went down, or may see routes that are about
 * to go (route_silent.h). None leads over a link that is down. */
static bool
is_left_behind(const struct work *work, const struct hop_info *hop)
{
	const struct route_info *info = work->info;

	return work->origin == FROM_DUMP && !info->nhid && hop->ifindex &&
	       info->scope != ROUTE_SCOPE_HOST &&
	       (info->dst.type == INET_IPV4 || hop->gateway.len) &&
	       is_down(work->mirror, hop->ifindex);
}

static struct path_key
key_of(const struct work *work, const struct hop_info *hop)
{
	const struct route_info *info = work->info;
	struct path_key key = { 0 };

	key.ifindex = hop->ifindex;
	key.nhid = info->nhid;
	key.generation = work->generation;
	key.table = info->table;
	key.metric = info->metric;
	key.id = info->id;
	key.encap = hop->encap;
	key.nexthop = zoned(&hop->gateway, hop->ifindex);
	key.src = info->src;
	if (info->dst.type == INET_IPV4) /* a word on where IPv6 packets come from kills none */
		key.prefsrc = info->prefsrc;
	key.weight = hop->weight;
	key.src_plen = info->src_plen;
	key.v6 = info->dst.type == INET_IPV6;
	key.tos = info->tos;
	key.type = info->type;
	key.proto = info->proto;
	key.scope = info->scope;
	key.preference = info->preference;
	key.dead = hop->dead || is_left_behind(work, hop);
	return key;
}

/* Nexthop objects. */

static void
expand_member(struct route_info *info, const struct nexthop *nexthop, uint16_t weight)
{
	struct hop_info *hop = &info->hops[info->n_hops++];

	memset(hop, 0, sizeof(*hop));
	hop->gateway = nexthop->gateway;
	hop->ifindex = nexthop->ifindex;
	hop->weight = weight;
	hop->dead = nexthop->dead;
}

/* The kernel says blackhole of any route whose object is one (fib_dump_info(),
 * rt6_fill_node()), and says the route's own type again when it is none any more. That is
 * not known then; unicast is what it nearly always is. */
static void
take_type(struct route_info *info, const struct nexthop *object)
{
	if (object->blackhole)
		info->type = ROUTE_BLACKHOLE;
	else if (info->type == ROUTE_BLACKHOLE)
		info->type = ROUTE_UNICAST;
	if (object->blackhole) {
		memset(&info->hops[0], 0, sizeof(info->hops[0]));
		info->n_hops = 1;
	}
}

/* Puts what its object leads over in the place of @info's next hops, if it is known.
 * Returns the generation of the object's content, 0 if it is not. */
static uint32_t
expand(const struct mirror *mirror, struct route_info *info)
{
	const struct nexthop *object =
		info->nhid ? mirror_nexthop(mirror, info->nhid) : NULL;
	size_t n = 0;

	if (!object || !nexthop_is_known(mirror, object))
		return 0; /* it comes later, or its members do */
	take_type(info, object);
	if (info->type != ROUTE_UNICAST)
		return object->generation; /* one next hop, which leads nowhere */
	for (size_t i = 0; i < object->n_members; i++)
		n += mirror_nexthop(mirror, object->members[i].id) != NULL;
	info->n_hops = 0;
	if (!object->n_members)
		expand_member(info, object, 0);
	for (size_t i = 0; i < object->n_members; i++) {
		const struct nexthop *member =
			mirror_nexthop(mirror, object->members[i].id);

		if (member)
			expand_member(info, member, n > 1 ? object->members[i].weight : 0);
	}
	return object->generation;
}

/* The rows of a prefix. */

static void
collect_row(struct mirror *mirror, size_t at, struct route *route)
{
	if (at == mirror->max_mine) {
		mirror->max_mine = mirror->max_mine ? 2 * mirror->max_mine : 16;
		mirror->mine = xrealloc(
			mirror->mine, mirror->max_mine * sizeof(mirror->mine[0]));
	}
	mirror->mine[at] = route;
}

/* Are they rivals: routes that the kernel orders, and replaces one by another, by what is
 * the same in them? */
static bool
rivals(const struct path_key *key, const struct route_info *info)
{
	return key->metric == info->metric && key->tos == info->tos &&
	       key->src_plen == info->src_plen && inet_compare(&key->src, &info->src) == 0;
}

static bool
is_route_of(const struct path_key *key, const struct route_info *info)
{
	return key->v6 ? key->nhid == info->nhid : key->id == info->id;
}

/* Collects the rows of the route that the message is about (@same), or of its rivals.
 * Returns how many. */
static size_t
collect(const struct work *work, bool same)
{
	struct route_group group;
	struct route *route;
	size_t n = 0;

	route_group_begin(work->mirror, &group, &work->dst, work->info->plen,
		work->info->table);
	while ((route = route_group_next(work->mirror, &group))) {
		const struct path_key *key = &route->path->key;

		if (rivals(key, work->info) && is_route_of(key, work->info) == same)
			collect_row(work->mirror, n++, route);
	}
	return n;
}

/* One order of next hops for both sides. */

static int
order_hops(const void *a, const void *b)
{
	const struct hop_info *x = a, *y = b;
	int order = set_order(x->ifindex, y->ifindex);

	order = order ? order : set_order(x->encap, y->encap);
	return order ? order : inet_compare(&x->gateway, &y->gateway);
}

static struct hop_info
hop_of(const struct route *route)
{
	const struct path_key *key = &route->path->key;
	struct hop_info hop = { .ifindex = key->ifindex, .encap = key->encap };

	hop.gateway = key->nexthop.len ? inet_plain(&key->nexthop) : key->nexthop;
	return hop;
}

static int
order_rows(const void *a, const void *b)
{
	struct hop_info x = hop_of(*(struct route *const *)a),
			y = hop_of(*(struct route *const *)b);

	return order_hops(&x, &y);
}

static struct hop_info *
find_hop(const struct work *work, const struct route *route)
{
	struct hop_info hop = hop_of(route);

	return bsearch(&hop, work->hops, work->n_hops, sizeof(hop), order_hops);
}

/* What a replacing route takes the place of. */

static struct route *
first_of(struct route *const *rows, size_t n)
{
	struct route *found = rows[0];

	for (size_t i = 1; i < n; i++) {
		if (rows[i]->swept.rank < found->swept.rank)
			found = rows[i];
	}
	return found;
}

/* IPv4: collects the rows of the rival that is replaced. Returns how many. */
static size_t
collect_replaced(const struct work *work)
{
	struct mirror *mirror = work->mirror;
	size_t n = collect(work, false), kept = 0;
	uint32_t id;

	if (!n)
		return 0;
	id = first_of(mirror->mine, n)->path->key.id;
	for (size_t i = 0; i < n; i++) {
		if (mirror->mine[i]->path->key.id == id)
			mirror->mine[kept++] = mirror->mine[i];
	}
	return kept;
}

/* A next hop that can be one of several of an IPv6 route (rt6_qualify_for_ecmp()). Those of
 * router advertisements cannot. */
static bool
can_be_sibling(const struct path_key *key)
{
	return !key->nhid && key->nexthop.len && key->proto != ROUTE_PROTO_RA;
}

/* IPv6: the rivals that the message does not name, siblings first. Returns how many;
 * *@siblings: how many of those are; *@named: how many rows it names. */
static size_t
collect_rivals(const struct work *work, size_t *siblings, size_t *named)
{
	struct mirror *mirror = work->mirror;
	struct route_group group;
	struct route *route;
	size_t n = 0;

	*siblings = *named = 0;
	route_group_begin(
		mirror, &group, &work->dst, work->info->plen, work->info->table);
	while ((route = route_group_next(mirror, &group))) {
		const struct path_key *key = &route->path->key;

		if (!rivals(key, work->info))
			continue;
		if (is_route_of(key, work->info) && find_hop(work, route)) {
			++*named;
			continue;
		}
		collect_row(mirror, n++, route);
		if (can_be_sibling(key)) {
			mirror->mine[n - 1] = mirror->mine[*siblings];
			mirror->mine[(*siblings)++] = route;
		}
	}
	return n;
}

/* Takes out the route of which @rows[@which] is a next hop, or all of them (@which NULL). */
static void
remove_rivals(struct mirror *mirror, struct route **rows, size_t n, struct route *which)
{
	uint32_t nhid = which ? which->path->key.nhid : 0;

	for (size_t i = 0; i < n; i++) {
		if (!which || rows[i] == which ||
			(nhid && rows[i]->path->key.nhid == nhid))
			route_remove(mirror, rows[i], true);
	}
}

/* IPv6, fib6_add_rt2node(): a route that can have siblings takes the place of all that can,
 * and one that cannot of the first one that cannot; if there is none, of the first one of
 * the other kind. */
static void
remove_replaced(const struct work *work)
{
	struct mirror *mirror = work->mirror;
	struct path_key key = key_of(work, &work->hops[0]);
	size_t siblings, named, n = collect_rivals(work, &siblings, &named);
	struct route **others = mirror->mine + siblings;

	n -= siblings;
	if (inet_is_link_local(&work->info->dst))
		route_doubt(mirror, 0); /* rivals on other links are not looked at */
	if (can_be_sibling(&key) ? siblings > 0 : !n && !named)
		remove_rivals(mirror, mirror->mine, siblings, NULL);
	else if (n && !named)
		remove_rivals(mirror, others, n, first_of(others, n));
	else if (n)
		route_doubt(mirror, 0);
}

/* What is replaced may not be there yet: after a loss, a dump that was filled before is
 * about to bring it. */
static void
doubt_replaced(const struct work *work)
{
	struct mirror *mirror = work->mirror;

	if (mirror->sweeps[KIND_ROUTE].running && !mirror->confirming)
		route_doubt(mirror, 0);
}

/* Ranks. */

#define RANK_MAX UINT8_MAX

/* Is this of a dump that names all routes? */
static bool
is_of_all(const struct work *work)
{
	uint32_t confirming = work->mirror->confirming;

	return work->origin == FROM_DUMP &&
	       (!confirming || confirming == ROUTE_CONFIRM_ALL);
}

/* Where the kernel puts a route among its rivals: a dump of all names them in their order,
 * an event says before (IPv4) or behind the others, IPv6 has no before. Beyond RANK_MAX
 * all are of one rank: so many rivals have not been heard of. */
static uint8_t
rank_of(const struct work *work)
{
	struct mirror *mirror = work->mirror;
	const struct sweep *sweep = &mirror->sweeps[KIND_ROUTE];
	bool v6 = work->info->dst.type == INET_IPV6;
	bool first = work->origin == FROM_EVENT && !work->info->append && !v6;
	size_t n = collect(work, false);
	unsigned int rank = 0;

	for (size_t i = 0; i < n; i++) {
		struct swept *other = &mirror->mine[i]->swept;

		if (first)
			other->rank += other->rank < RANK_MAX;
		else if ((!is_of_all(work) || sweep_saw(sweep, other)) &&
			 other->rank >= rank)
			rank = other->rank + 1u;
	}
	return (uint8_t)(rank < RANK_MAX ? rank : RANK_MAX);
}

/* The rows and the next hops side by side. */

static void
note_dump(const struct work *work)
{
	work->mirror->route_dump_changes += work->origin == FROM_DUMP;
}

static void
renew(const struct work *work, struct route *route)
{
	uint32_t lifetime = work->info->lifetime, until = ROUTER_FOREVER;

	if (route->plen)
		return;
	if (lifetime != ROUTER_FOREVER)
		until = (uint32_t)(clock_now() / NS_PER_S) + lifetime;
	if (route->path->until == until)
		return;
	route->path->until = until;
	work->mirror->routers_stale = true;
}

static void
add(const struct work *work, const struct hop_info *hop)
{
	struct path_key key = key_of(work, hop);
	struct route *route;

	if (!route_admit(work->mirror, &work->dst, work->info->plen, &key, NULL,
		    work->origin))
		return;
	route = route_add(work->mirror, &work->dst, work->info->plen, &key, work->origin);
	note_dump(work);
	if (!route)
		return;
	route->swept.rank = work->rank;
	renew(work, route);
}

static void
update(const struct work *work, struct route *route, const struct hop_info *hop)
{
	struct path_key key = key_of(work, hop);
	const struct path_key *old = &route->path->key;

	if (!route_admit(work->mirror, &route->dst, route->plen, &key, route,
		    work->origin))
		return;
	/* The kernel says one protocol of all next hops of an IPv6 route, whichever each
	 * of them came with: that of the first one it names. */
	if (key.v6 && work->n_hops > 1 && !key.nhid && !work->info->replace)
		key.proto = old->proto;
	if (key.id != old->id) /* it has taken the place of another one */
		route_bury(work->mirror, &route->dst, route->plen, old);
	if (work->origin == FROM_EVENT)
		route->swept.since = (uint32_t)(clock_now() / NS_PER_S);
	route->swept.rank = work->rank;
	if (memcmp(&key, old, sizeof(key)) != 0) {
		note_dump(work);
		route = route_move(work->mirror, route, &key);
	}
	if (route)
		renew(work, route);
}

/* A row of the route that the message does not name. Of an IPv6 route a message may name
 * one next hop of several. */
static void
miss(const struct work *work, struct route *route)
{
	const struct path_key *key = &route->path->key;

	if (key->v6 && !key->nhid)
		return;
	if (work->origin == FROM_DUMP &&
		sweep_heard(&work->mirror->sweeps[KIND_ROUTE], &route->swept))
		return;
	note_dump(work);
	route_remove(work->mirror, route, work->origin == FROM_EVENT);
}

static void
put_prefix(struct work *work)
{
	struct mirror *mirror = work->mirror;
	bool v6 = work->info->dst.type == INET_IPV6;
	size_t n, at = 0;

	if (work->n_hops > 1)
		qsort(work->hops, work->n_hops, sizeof(work->hops[0]), order_hops);
	if (work->info->replace)
		doubt_replaced(work);
	if (work->info->replace && v6)
		remove_replaced(work);
	n = collect(work, true);
	if (n && !is_of_all(work)) {
		work->rank = mirror->mine[0]->swept.rank;
	} else {
		work->rank = work->info->replace ? 0 : rank_of(work);
		n = collect(work, true);
	}
	if (!n && work->info->replace && !v6)
		n = collect_replaced(work);
	if (n > 1)
		qsort(mirror->mine, n, sizeof(mirror->mine[0]), order_rows);
	for (size_t i = 0; i < work->n_hops; i++) {
		struct hop_info mine;
		int order = 1;

		while (at < n) {
			mine = hop_of(mirror->mine[at]);
			order = order_hops(&mine, &work->hops[i]);
			if (order >= 0)
				break;
			miss(work, mirror->mine[at++]);
		}
		if (at < n && order == 0)
			update(work, mirror->mine[at++], &work->hops[i]);
		else
			add(work, &work->hops[i]);
	}
	while (at < n)
		miss(work, mirror->mine[at++]);
	/* A dump that was filled before may name siblings that have gone. */
	if (v6 && work->n_hops > 1 && work->origin == FROM_DUMP) {
		struct path_key key = key_of(work, &work->hops[0]);

		route_release_last(mirror, &work->dst, work->info->plen, &key);
	}
}

/* A route to link-local addresses has a destination on each link. */
static void
for_each_prefix(struct work *work, void (*fn)(struct work *work))
{
	work->dst = work->info->dst;
	work->n_hops = work->info->n_hops;
	work->hops = work->all_hops;
	if (!inet_is_link_local(&work->dst)) {
		fn(work);
		return;
	}
	for (size_t i = 0; i < work->info->n_hops; i++) {
		work->hops = &work->all_hops[i];
		work->n_hops = 1;
		work->dst = inet_in_zone(&work->info->dst, work->hops->ifindex);
		fn(work);
	}
}

/* Is it about to go as a whole: does it lead over what is left behind, and otherwise over
 * dead next hops only? */
static bool
is_leaving(const struct work *work)
{
	const struct route_info *info = work->info;
	bool left = false;

	if (info->dst.type != INET_IPV4 || work->origin != FROM_DUMP)
		return false;
	for (size_t i = 0; i < info->n_hops; i++) {
		if (info->hops[i].dead)
			continue;
		if (!is_left_behind(work, &info->hops[i]))
			return false;
		left = true;
	}
	return left;
}

/* Table local is not kept: it says again what the addresses say, four rows for each. */
static bool
is_kept(const struct route_info *info)
{
	return info->table != ROUTE_TABLE_LOCAL;
}

void
mirror_put_route(struct mirror *mirror, struct route_info *info, enum origin origin)
{
	struct work work = { .mirror = mirror, .info = info, .origin = origin };

	if (!is_kept(info))
		return;
	work.generation = expand(mirror, info);
	work.all_hops = info->hops;
	if (info->n_hops && !is_leaving(&work))
		for_each_prefix(&work, put_prefix);
}

/* The route is gone, or those of its next hops that the message names. */
static void
drop_prefix(struct work *work)
{
	struct mirror *mirror = work->mirror;
	const struct route_info *info = work->info;
	bool all = info->dst.type == INET_IPV4 || info->nhid;
	size_t n = collect(work, true);

	if (work->n_hops > 1)
		qsort(work->hops, work->n_hops, sizeof(work->hops[0]), order_hops);
	for (size_t i = 0; i < n; i++) {
		if (all || find_hop(work, mirror->mine[i]))
			route_remove(mirror, mirror->mine[i], true);
	}
	/* Also of what was not there: a dump may be about to say that it is. */
	for (size_t i = 0; i < work->n_hops; i++) {
		struct path_key key = key_of(work, &work->hops[i]);

		route_bury(mirror, &work->dst, info->plen, &key);
	}
}

void
mirror_drop_route(struct mirror *mirror, struct route_info *info)
{
	struct work work = { .mirror = mirror, .info = info, .origin = FROM_EVENT };

	if (!is_kept(info))
		return;
	work.generation = expand(mirror, info);
	work.all_hops = info->hops;
	if (info->n_hops || !inet_is_link_local(&info->dst))
		for_each_prefix(&work, drop_prefix);
}

static void
renew_prefix(struct work *work)
{
	size_t n = collect(work, true);

	for (size_t i = 0; i < n; i++) {
		if (find_hop(work, work->mirror->mine[i]))
			renew(work, work->mirror->mine[i]);
	}
}

void
route_renew(struct mirror *mirror, struct route_info *info)
{
	struct work work = { .mirror = mirror, .info = info, .all_hops = info->hops };

	if (info->plen == 0 && info->n_hops == 1)
		for_each_prefix(&work, renew_prefix);
}

void
route_rebuild(struct mirror *mirror, struct route *route)
{
	const struct path_key *key = &route->path->key;
	struct route_info *info = mirror->expanded;

	info->dst = key->v6 && route->dst.type != INET_IPV6 ? inet_plain(&route->dst)
							    : route->dst;
	info->src = key->src;
	info->prefsrc = key->prefsrc;
	info->table = key->table;
	info->metric = key->metric;
	info->nhid = key->nhid;
	info->id = key->id;
	info->lifetime = ROUTER_FOREVER;
	info->plen = route->plen;
	info->src_plen = key->src_plen;
	info->tos = key->tos;
	info->type = key->type;
	info->proto = key->proto;
	info->scope = key->scope;
	info->preference = key->preference;
	info->replace = false;
	info->n_hops = 0;
	mirror_put_route(mirror, info, FROM_EVENT);
}
