/*
 * Notifications of the default routes: the best one of a family leads elsewhere, or there
 * is none any more.
 *
 * What a manager wants to know is where the packets go: by next hop and interface. A
 * route's metric or protocol may change, and it may be there twice. Some replace it by
 * deleting it first, so all that happens in a millisecond is looked at together, and
 * "lost" is told when there has been none for a moment.
 */
#include "notices.h"
#include "routes.h"

#include "../agent/base/clock.h"

enum { PROTO = 9, METRIC1 = 12 }; /* inetCidrRouteTable */

/* How long after a change it is looked at, and for how long there must have been no
 * default route, in ms. */
#define LOOK_MS 1
#define LOST_MS 50

static const struct notification nmdDefaultRouteChanged = {
	.name = "nmdDefaultRouteChanged",
	.oid = NMD_NOTIFICATION(8),
	.type = NOTICE_DEFAULT_ROUTE,
};

static const struct notification nmdDefaultRouteLost = {
	.name = "nmdDefaultRouteLost",
	.oid = NMD_NOTIFICATION(9),
	.type = NOTICE_DEFAULT_ROUTE,
};

static const enum inet_type families[] = { INET_IPV4, INET_IPV6 };

#define N_FAMILIES N_ELEMENTS(families)

/* The default routes of a family. */

static int
probe(const void *row, const void *sought)
{
	const struct route *route = row;
	int order = inet_compare(&route->dst, sought);

	return order ? order : 0; /* the prefix length 0 is the first one */
}

static const struct route *
if_default(const struct route *route, enum inet_type family)
{
	static const uint8_t any[16];

	return route && route->plen == 0 && route->dst.type == family &&
			       memcmp(route->dst.bytes, any, route->dst.len) == 0
		       ? route
		       : NULL;
}

static const struct route *
first_default(const struct mirror *mirror, enum inet_type family)
{
	static const uint8_t any[16];
	struct inet dst = inet_make(family, any);

	return if_default(set_seek(&mirror->routes, probe, &dst), family);
}

static const struct route *
next_default(const struct mirror *mirror, const struct route *route)
{
	return if_default(set_next(&mirror->routes, route), route->dst.type);
}

/* Is it for all packets? */
static bool
is_general(const struct path_key *path)
{
	return path->table == ROUTE_TABLE_MAIN && !path->tos && !path->src_plen;
}

/* The one of the lowest metric; NULL: there is none, or that one rejects. */
static const struct route *
best_of(const struct mirror *mirror, enum inet_type family)
{
	const struct route *best = NULL, *route = first_default(mirror, family);

	for (; route; route = next_default(mirror, route)) {
		if (is_general(path_of(route)) &&
			(!best || path_of(route)->metric < path_of(best)->metric))
			best = route;
	}
	return best && path_of(best)->type == ROUTE_UNICAST ? best : NULL;
}

const struct route *
default_route_by(
	const struct mirror *mirror, uint32_t ifindex, const struct inet *gateway)
{
	for (size_t i = 0; i < N_FAMILIES; i++) {
		const struct route *route = first_default(mirror, families[i]);

		for (; route; route = next_default(mirror, route)) {
			const struct path_key *path = path_of(route);

			if (path->ifindex == ifindex && path->table == ROUTE_TABLE_MAIN &&
				inet_compare(&path->nexthop, gateway) == 0)
				return route;
		}
	}
	return NULL;
}

/* Telling. */

static void
add_old(struct notice *notice, const struct notice_default *old)
{
	notice_add_number(
		notice, NMD_OLD_NEXT_HOP_TYPE, SYNTAX_INTEGER, old->next_hop.type);
	notice_add_octets(
		notice, NMD_OLD_NEXT_HOP, old->next_hop.bytes, old->next_hop.len);
	notice_add_number(notice, NMD_OLD_IF_INDEX, SYNTAX_INTEGER, old->ifindex);
}

static void
tell(struct notices *notices, size_t family, uint64_t state, struct notice *notice)
{
	notice_add_number(
		notice, NMD_CAUSE, SYNTAX_INTEGER, notices->defaults[family].cause);
	notify_tell(notices->notifier, TOPIC_DEFAULT_ROUTE, true, &family, sizeof(family),
		state, notice);
}

static void
tell_changed(struct notices *notices, size_t family, const struct route *route)
{
	const struct path_key *path = path_of(route);
	uint64_t state =
		notices_hash(NOTICES_HASH, &path->nexthop, sizeof(path->nexthop));
	struct query query = notices_query(notices);
	struct notice *notice;

	if (!notices_want(notices, NOTICE_DEFAULT_ROUTE))
		return;
	notice = notice_new(&nmdDefaultRouteChanged);
	notice_add_number(notice, NMD_ADDRESS_FAMILY, SYNTAX_INTEGER, families[family]);
	notice_add(notice, &query, &inetCidrRouteTable_table, ROUTE_IF_INDEX, route);
	notice_add(notice, &query, &inetCidrRouteTable_table, PROTO, route);
	notice_add(notice, &query, &inetCidrRouteTable_table, METRIC1, route);
	add_old(notice, &notices->defaults[family]);
	notice_add_number(
		notice, NMD_NEW_NEXT_HOP_TYPE, SYNTAX_INTEGER, path->nexthop.type);
	notice_add_octets(
		notice, NMD_NEW_NEXT_HOP, path->nexthop.bytes, path->nexthop.len);
	tell(notices, family, notices_hash(state, &path->ifindex, sizeof(path->ifindex)),
		notice);
}

static void
tell_lost(struct notices *notices, size_t family)
{
	struct notice *notice;

	if (!notices_want(notices, NOTICE_DEFAULT_ROUTE))
		return;
	notice = notice_new(&nmdDefaultRouteLost);
	notice_add_number(notice, NMD_ADDRESS_FAMILY, SYNTAX_INTEGER, families[family]);
	add_old(notice, &notices->defaults[family]);
	tell(notices, family, 0, notice);
}

/* Looking. */

static struct notice_default
default_of(const struct route *route)
{
	return (struct notice_default){ .present = true,
		.ifindex = path_of(route)->ifindex,
		.next_hop = path_of(route)->nexthop };
}

static bool
is_other(const struct notice_default *known, const struct route *route)
{
	return !known->present || known->ifindex != path_of(route)->ifindex ||
	       inet_compare(&known->next_hop, &path_of(route)->nexthop) != 0;
}

/* Returns for how many ms more it is to be seen whether the last one has been lost; 0:
 * nothing is left to do. */
static unsigned int
look_at(struct notices *notices, size_t family)
{
	struct notice_default *known = &notices->defaults[family];
	const struct route *best = best_of(notices->mirror, families[family]);
	uint64_t gone;

	if (best) {
		if (is_other(known, best)) {
			tell_changed(notices, family, best);
			*known = default_of(best);
		}
		known->stale = false;
		known->lost_at = 0;
		return 0;
	}
	if (known->present && !known->lost_at)
		known->lost_at = clock_now();
	gone = (clock_now() - known->lost_at) / NS_PER_MS;
	if (known->present && gone < LOST_MS)
		return LOST_MS - (unsigned int)gone;
	if (known->present)
		tell_lost(notices, family);
	*known = (struct notice_default){ .present = false };
	return 0;
}

static void look(void *arg);

void
default_notices_soon(struct notices *notices, unsigned int ms)
{
	uint64_t due = clock_now() + ms * NS_PER_MS;

	if (notices->default_timer && notices->default_due <= due)
		return;
	if (notices->default_timer)
		notices->loop->cancel(notices->default_timer);
	notices->default_timer = notices->loop->after(ms, look, notices);
	notices->default_due = due;
}

static void
look(void *arg)
{
	struct notices *notices = arg;
	unsigned int again = 0;

	notices->default_timer = 0;
	for (size_t family = 0; family < N_FAMILIES; family++) {
		unsigned int ms =
			notices->defaults[family].stale ? look_at(notices, family) : 0;

		again = again && (!ms || again < ms) ? again : ms;
	}
	gateway_notices_review(notices);
	if (again)
		default_notices_soon(notices, again);
}

void
default_notices(struct notices *notices, const struct change *change)
{
	const struct route *old = change->old, *new = change->new;
	size_t family = inet_is_v4(&(new ? new : old)->dst) ? 0 : 1;
	struct notice_default *known = &notices->defaults[family];

	if (!notices->begun)
		return;
	known->cause = (uint8_t)notices_cause(notices, old ? path_of(old)->ifindex : 0);
	known->stale = true;
	default_notices_soon(notices, LOOK_MS);
}

void
default_notices_begin(struct notices *notices)
{
	for (size_t family = 0; family < N_FAMILIES; family++) {
		const struct route *best = best_of(notices->mirror, families[family]);

		if (best)
			notices->defaults[family] = default_of(best);
	}
	gateway_notices_review(notices);
}
