/*
 * Rows of a message's route and its rivals: see route_message.h.
 */
#include "route_message.h"

#include "../base/alloc.h"

/* The rows of a prefix. */

static void
collect_row(struct mirror *mirror, size_t at, struct route *route)
{
	if (at == mirror->max_mine) {
		mirror->max_mine *= 2;
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
	       key->src_plen == info->src_plen &&
	       inet_compare(&key->src, &info->src) == 0;
}

static bool
is_route_of(const struct path_key *key, const struct route_info *info)
{
	return key->v6 ? key->nhid == info->nhid : key->id == info->id;
}

/* Collects the rows of the route that the message is about (@same), or of its rivals.
 * Returns how many. */
size_t
message_collect(const struct route_message *message, bool same)
{
	struct route_group group;
	struct route *route;
	size_t n = 0;

	route_group_begin(message->mirror, &group, &message->dst, message->info->plen,
		message->info->table);
	while ((route = route_group_next(message->mirror, &group))) {
		const struct path_key *key = &route->path->key;

		if (rivals(key, message->info) && is_route_of(key, message->info) == same)
			collect_row(message->mirror, n++, route);
	}
	return n;
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
size_t
message_collect_replaced(const struct route_message *message)
{
	struct mirror *mirror = message->mirror;
	size_t n = message_collect(message, false), kept = 0;
	uint32_t id;

	if (!n)
		return 0;
	id = first_of(mirror->mine, n)->path->key.id;
	for (size_t i = 0; i < n; i++) {
		if (mirror->mine[i]->path->key.id == id)
			mirror->mine[kept++] = mirror->mine[i];
	}
	if (kept < n)
		route_doubt(mirror, 0); /* a loss may have upset the ranks */
	return kept;
}

/* A next hop that can be one of several of an IPv6 route (rt6_qualify_for_ecmp()). Those
 * of router advertisements cannot. */
static bool
can_be_sibling(const struct path_key *key)
{
	return !key->nhid && key->nexthop.len && key->proto != ROUTE_PROTO_RA;
}

/* IPv6: the rivals that the message does not name, siblings first. Returns how many;
 * *@siblings: how many of those are; *@named: the row it names that comes first, or NULL.
 */
static size_t
collect_rivals(
	const struct route_message *message, size_t *siblings, struct route **named)
{
	struct mirror *mirror = message->mirror;
	struct route_group group;
	struct route *route;
	size_t n = 0;

	*siblings = 0;
	*named = NULL;
	route_group_begin(
		mirror, &group, &message->dst, message->info->plen, message->info->table);
	while ((route = route_group_next(mirror, &group))) {
		const struct path_key *key = &route->path->key;

		if (!rivals(key, message->info))
			continue;
		if (is_route_of(key, message->info) && message_names(message, route)) {
			if (!*named || route->swept.rank < (*named)->swept.rank)
				*named = route;
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

/* Takes out the route of which @which, one of @rows, is a next hop; NULL: all of them. */
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

/* One that stands alone takes the place of the first that does, and does not look whether
 * another one is its equal (6.18): that one is there twice then. */
static void
note_twins(
	struct mirror *mirror, struct route **rows, size_t n, const struct route *named)
{
	struct route *first = first_of(rows, n);

	if (first->swept.rank >= named->swept.rank)
		return;
	mirror->route_twins = true;
	remove_rivals(mirror, rows, n, first);
}

/* IPv6, fib6_add_rt2node(): a route that can have siblings takes the place of all that
 * can, and one that cannot of the first one that cannot; if there is none, of the first
 * one of the other kind. */
void
message_remove_replaced(const struct route_message *message)
{
	struct mirror *mirror = message->mirror;
	struct path_key key = message_key(message, &message->hops[0]);
	struct route *named, **others;
	size_t siblings, n = collect_rivals(message, &siblings, &named);

	others = mirror->mine + siblings;
	n -= siblings;
	if (siblings && mirror->route_passed_over)
		route_doubt(mirror, 0); /* what stood between them is named now */
	/* Rivals on other links are not looked at; what is named may have come by a newer
	 * dump; a loss or a dump of a part may have upset the ranks. */
	if (inet_is_link_local(&message->info->dst) ||
		(siblings > 0) + n + (named != NULL) > 1) {
		route_doubt(mirror, 0);
		for (size_t i = 0; i < n; i++) /* let a dump judge */
			others[i]->swept.between = false;
	}
	if (can_be_sibling(&key) ? siblings > 0 : !n && !named)
		remove_rivals(mirror, mirror->mine, siblings, NULL);
	else if (n && !named)
		remove_rivals(mirror, others, n, first_of(others, n));
	else if (n && !can_be_sibling(&key))
		note_twins(mirror, others, n, named);
}

/* Ranks. */

#define RANK_MAX 0x7f

/* Is this of a dump that names all routes? */
bool
message_is_of_all(const struct route_message *message)
{
	uint32_t confirming = message->mirror->confirming;

	return message->origin == FROM_DUMP &&
	       (!confirming || confirming == ROUTE_CONFIRM_ALL);
}

/* Or of one that names those over one link? */
static bool
is_of_link(const struct route_message *message)
{
	return message->origin == FROM_DUMP && !message_is_of_all(message);
}

/* By an event: before all rivals (IPv4), or behind them; IPv6 has no before. */
static unsigned int
rank_by_event(const struct route_message *message, size_t n)
{
	struct mirror *mirror = message->mirror;
	bool v6 = message->info->dst.type == INET_IPV6;
	bool first = message->origin == FROM_EVENT && !message->info->append && !v6;
	unsigned int rank = 0;

	for (size_t i = 0; i < n; i++) {
		struct swept *other = &mirror->mine[i]->swept;

		if (first)
			other->rank += other->rank < RANK_MAX;
		else if (other->rank >= rank)
			rank = other->rank + 1u;
	}
	return rank;
}

/* A dump of all names them in the kernel's order. Where events have spoken of some of
 * them meanwhile, what is known of their order is newer. */
static unsigned int
rank_by_dump(const struct route_message *message, size_t n, unsigned int known)
{
	struct mirror *mirror = message->mirror;
	const struct sweep *sweep = &mirror->sweeps[KIND_ROUTE];
	unsigned int rank = 0;

	for (size_t i = 0; i < n; i++) {
		const struct swept *other = &mirror->mine[i]->swept;

		if (sweep_heard(sweep, other)) {
			route_doubt(mirror, 0);
			return known;
		}
		if (sweep_saw(sweep, other) && other->rank >= rank)
			rank = other->rank + 1u;
	}
	return rank;
}

/* Is @route one of the rows that share a rank with the message's: of the same route, of
 * IPv6 those it names and their siblings? */
static bool
shares_rank(const struct route_message *message, const struct path_key *key,
	const struct route *route)
{
	if (!is_route_of(&route->path->key, message->info))
		return false;
	return !key->v6 || key->nhid || message_names(message, route) ||
	       (can_be_sibling(key) && can_be_sibling(&route->path->key));
}

/* Collects the rivals that have ranks of their own; *@same: a row that has not. */
static size_t
collect_ranked(const struct route_message *message, struct route **same)
{
	struct mirror *mirror = message->mirror;
	struct path_key key = message_key(message, &message->hops[0]);
	struct route_group group;
	struct route *route;
	size_t n = 0;

	*same = NULL;
	route_group_begin(
		mirror, &group, &message->dst, message->info->plen, message->info->table);
	while ((route = route_group_next(mirror, &group))) {
		if (!rivals(&route->path->key, message->info))
			continue;
		if (shares_rank(message, &key, route))
			*same = route;
		else
			collect_row(mirror, n++, route);
	}
	return n;
}

/* IPv6: next hops that are appended to others come behind all rivals, and those that
 * stood behind the first of them are between them now. A dump does not name those: the
 * kernel says all next hops with the first and goes on behind the last
 * (fib6_dump_node()). Only what is certain is noted, for no dump will refute it. */
static void
note_between(const struct route_message *message, size_t n, const struct route *same)
{
	struct mirror *mirror = message->mirror;
	struct path_key key = message_key(message, &message->hops[0]);

	if (message->origin != FROM_EVENT || !key.v6 || !can_be_sibling(&key) ||
		mirror->sweeps[KIND_ROUTE].running || mirror->route_doubt.pending)
		return;
	for (size_t i = 0; i < n; i++) {
		struct swept *other = &mirror->mine[i]->swept;

		other->between = other->rank > same->swept.rank;
	}
}

/* Beyond RANK_MAX all are of one rank: so many rivals have not been heard of. */
uint8_t
message_rank(const struct route_message *message)
{
	struct route *same;
	size_t n = collect_ranked(message, &same);
	unsigned int rank = same ? same->swept.rank : 0;

	/* Without its rivals a dump tells no order; nor does a route that replaces others
	 * if a dump was ahead of it. */
	if (n && (same ? message->info->replace : is_of_link(message)))
		route_doubt(message->mirror, 0);
	if (same && !message->info->replace)
		note_between(message, n, same);
	if (same && !message_is_of_all(message))
		return (uint8_t)rank;
	if (message->info->replace)
		return 0; /* the place of the first one */
	rank = message_is_of_all(message) ? rank_by_dump(message, n, rank)
					  : rank_by_event(message, n);
	return (uint8_t)(rank < RANK_MAX ? rank : RANK_MAX);
}

void
message_doubt(const struct route_message *message)
{
	struct mirror *mirror = message->mirror;

	if (mirror->sweeps[KIND_ROUTE].running && !mirror->confirming)
		route_doubt(mirror, 0);
}

const struct route *
mirror_route_rivals(struct mirror *mirror, const struct inet *dst, uint8_t plen,
	const struct path_key *like, size_t *n, bool *twin)
{
	const struct route *route, *first = NULL;
	struct route_group group;

	*n = 0;
	*twin = false;
	route_group_begin(mirror, &group, dst, plen, like->table);
	while ((route = route_group_next(mirror, &group))) {
		const struct path_key *key = &route->path->key;

		if (key->metric != like->metric || key->tos != like->tos ||
			key->src_plen != like->src_plen ||
			inet_compare(&key->src, &like->src) != 0)
			continue;
		*n += key->v6 || !first || first->path->key.id != key->id;
		*twin |= key->ifindex == like->ifindex &&
			 inet_compare(&key->nexthop, &like->nexthop) == 0;
		if (!first || first->path->key.dead)
			first = route;
	}
	return first;
}
