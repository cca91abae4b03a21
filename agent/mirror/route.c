/*
 * Routes: from what messages say to rows; see route.h.
 *
 * A message names a route with its next hops. The rows that the mirror has of that route
 * are put beside the next hops, both in one order: what is on both sides becomes what the
 * message says, what is only there is added, what is only here goes.
 */
#include "route.h"

#include "../base/clock.h"
#include "route_message.h"
#include "route_silent.h"

#include <stdlib.h>
#include <string.h>

/* The rows and the next hops side by side. */

static void
note_dump(const struct route_message *message)
{
	message->mirror->route_dump_changes += message->origin == FROM_DUMP;
}

static void
renew(const struct route_message *message, struct route *route)
{
	uint32_t lifetime = message->info->lifetime, until = ROUTER_FOREVER;

	if (route->plen)
		return;
	if (lifetime != ROUTER_FOREVER)
		until = (uint32_t)(clock_now() / NS_PER_S) + lifetime;
	if (route->path->until == until)
		return;
	route->path->until = until;
	message->mirror->routers_stale = true;
}

static void
add(const struct route_message *message, const struct hop_info *hop)
{
	struct path_key key = message_key(message, hop);
	struct route *route;

	if (!route_admit(message->mirror, &message->dst, message->info->plen, &key, NULL,
		    message->origin))
		return;
	route = route_add(message->mirror, &message->dst, message->info->plen, &key,
		message->origin);
	note_dump(message);
	if (!route)
		return;
	route->swept.rank = message->rank;
	renew(message, route);
}

/* Has the dump named it before? Then the kernel has it twice (note_twins()), and uses the
 * first; or this is another reading, which tells no more. */
static bool
is_twin(const struct route_message *message, const struct route *route)
{
	struct sweep *sweep = &message->mirror->sweeps[KIND_ROUTE];

	if (message->origin != FROM_DUMP || !sweep->running || !route->path->key.v6 ||
		!sweep_saw(sweep, &route->swept))
		return false;
	message->mirror->route_twins_seen = true;
	return true;
}

static void
update(const struct route_message *message, struct route *route,
	const struct hop_info *hop)
{
	struct path_key key = message_key(message, hop);
	const struct path_key *old = &route->path->key;

	if (is_twin(message, route))
		return;
	if (!route_admit(message->mirror, &route->dst, route->plen, &key, route,
		    message->origin))
		return;
	/* The kernel says one protocol of all next hops of an IPv6 route, whichever each
	 * of them came with: that of the first one it names. */
	if (key.v6 && message->n_hops > 1 && !key.nhid && !message->info->replace)
		key.proto = old->proto;
	if (key.id != old->id) /* it has taken the place of another one */
		route_bury(message->mirror, &route->dst, route->plen, old);
	if (message->origin == FROM_EVENT)
		route->swept.since = (uint32_t)(clock_now() / NS_PER_S);
	route->swept.rank = message->rank;
	if (message->origin == FROM_DUMP)
		route->swept.between = false;
	if (memcmp(&key, old, sizeof(key)) != 0) {
		note_dump(message);
		route = route_move(message->mirror, route, &key);
	}
	if (route)
		renew(message, route);
}

/* A row of the route that the message does not name. Of an IPv6 route a message may name
 * one next hop of several. */
static void
miss(const struct route_message *message, struct route *route)
{
	const struct path_key *key = &route->path->key;

	if (key->v6 && !key->nhid)
		return;
	if (message->origin == FROM_DUMP &&
		sweep_heard(&message->mirror->sweeps[KIND_ROUTE], &route->swept))
		return;
	note_dump(message);
	route_remove(message->mirror, route, message->origin == FROM_EVENT);
}

/* Most routes of a first dump are the first of their prefix, and have one next hop: there
 * is nothing to look at. True if this is one. */
static bool
add_to_none(struct route_message *message)
{
	struct route_group group;

	if (message->n_hops != 1)
		return false;
	route_group_begin(message->mirror, &group, &message->dst, message->info->plen,
		message->info->table);
	if (route_group_next(message->mirror, &group))
		return false;
	message->rank = 0;
	add(message, &message->hops[0]);
	return true;
}

static void
put_prefix(struct route_message *message)
{
	struct mirror *mirror = message->mirror;
	bool v6 = message->info->dst.type == INET_IPV6;
	size_t n, at = 0;

	if (message->n_hops > 1)
		qsort(message->hops, message->n_hops, sizeof(message->hops[0]),
			order_hops);
	/* What is replaced may not be there yet: a dump that was filled before is about
	 * to bring it. */
	if (message->info->replace)
		message_doubt(message);
	if (message->info->replace && v6)
		message_remove_replaced(message);
	if (add_to_none(message))
		return;
	message->rank = message_rank(message);
	n = message_collect(message, true);
	if (!n && message->info->replace && !v6)
		n = message_collect_replaced(message);
	if (n > 1)
		qsort(mirror->mine, n, sizeof(mirror->mine[0]), order_rows);
	for (size_t i = 0; i < message->n_hops; i++) {
		struct hop_info mine;
		int order = 1;

		while (at < n) {
			mine = hop_of(mirror->mine[at]);
			order = order_hops(&mine, &message->hops[i]);
			if (order >= 0)
				break;
			miss(message, mirror->mine[at++]);
		}
		if (at < n && order == 0)
			update(message, mirror->mine[at++], &message->hops[i]);
		else
			add(message, &message->hops[i]);
	}
	while (at < n)
		miss(message, mirror->mine[at++]);
	/* A dump that was filled before may name siblings that have gone. */
	if (v6 && message->n_hops > 1 && message->origin == FROM_DUMP) {
		struct path_key key = message_key(message, &message->hops[0]);

		route_release_last(mirror, &message->dst, message->info->plen, &key);
	}
}

/* A route to link-local addresses has a destination on each link. */
static void
for_each_prefix(struct route_message *message, void (*fn)(struct route_message *message))
{
	struct hop_info *hops = message->all_hops;
	size_t n = message->info->n_hops;

	message->dst = message->info->dst;
	message->n_hops = n;
	message->hops = hops;
	if (!inet_is_link_local(&message->dst)) {
		fn(message);
		return;
	}
	qsort(hops, n, sizeof(hops[0]), order_hops); /* by link first */
	for (size_t at = 0; at < n; at += message->n_hops) {
		uint32_t ifindex = hops[at].ifindex;

		message->hops = &hops[at];
		message->n_hops = 1;
		while (at + message->n_hops < n &&
			hops[at + message->n_hops].ifindex == ifindex)
			message->n_hops++;
		message->dst = inet_in_zone(&message->info->dst, ifindex);
		fn(message);
	}
}

/* Is it about to go as a whole: does it lead over what is left behind, and otherwise over
 * dead next hops only? */
static bool
is_leaving(const struct route_message *message)
{
	const struct route_info *info = message->info;
	bool left = false;

	if (info->dst.type != INET_IPV4 || message->origin != FROM_DUMP)
		return false;
	for (size_t i = 0; i < info->n_hops; i++) {
		if (info->hops[i].dead)
			continue;
		if (!message_left_behind(message, &info->hops[i]))
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
	struct route_message message = {
		.mirror = mirror, .info = info, .origin = origin
	};

	mirror->ipv6_sources |= info->dst.type == INET_IPV6 && info->prefsrc.len;
	if (!is_kept(info))
		return;
	message.generation = message_expand(mirror, info);
	message.all_hops = info->hops;
	if (info->n_hops && !is_leaving(&message))
		for_each_prefix(&message, put_prefix);
}

/* The route is gone, or those of its next hops that the message names. */
static void
drop_prefix(struct route_message *message)
{
	struct mirror *mirror = message->mirror;
	const struct route_info *info = message->info;
	bool all = info->dst.type == INET_IPV4 || info->nhid;
	size_t n = message_collect(message, true);

	if (message->n_hops > 1)
		qsort(message->hops, message->n_hops, sizeof(message->hops[0]),
			order_hops);
	for (size_t i = 0; i < n; i++) {
		if (all || message_names(message, mirror->mine[i]))
			route_remove(mirror, mirror->mine[i], true);
	}
	if ((mirror->route_twins || mirror->route_passed_over) &&
		info->dst.type == INET_IPV6)
		route_doubt(mirror, 0); /* the other one is there, or is named now */
	/* Also of what was not there: a dump may be about to say that it is. */
	for (size_t i = 0; i < message->n_hops; i++) {
		struct path_key key = message_key(message, &message->hops[i]);

		route_bury(mirror, &message->dst, info->plen, &key);
	}
}

void
mirror_drop_route(struct mirror *mirror, struct route_info *info)
{
	struct route_message message = {
		.mirror = mirror, .info = info, .origin = FROM_EVENT
	};

	if (!is_kept(info))
		return;
	message.generation = message_expand(mirror, info);
	message.all_hops = info->hops;
	if (info->n_hops || !inet_is_link_local(&info->dst))
		for_each_prefix(&message, drop_prefix);
}

static void
renew_prefix(struct route_message *message)
{
	size_t n = message_collect(message, true);

	for (size_t i = 0; i < n; i++) {
		if (message_names(message, message->mirror->mine[i]))
			renew(message, message->mirror->mine[i]);
	}
}

void
route_renew(struct mirror *mirror, struct route_info *info)
{
	struct route_message message = {
		.mirror = mirror, .info = info, .all_hops = info->hops
	};

	if (info->plen == 0 && info->n_hops == 1)
		for_each_prefix(&message, renew_prefix);
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
