/*
 * Routes in the mirror against a small kernel, by random changes: it keeps routes as the
 * kernel does, sends an event for each change that the kernel has one for, and takes
 * dumps at moments of its choice. When all has been read, the mirror must have its rows,
 * no two of one index, and each row in its set once.
 */
#include "unit.h"

#include "../../agent/base/clock.h"
#include "../../agent/mirror/route_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ROUTES 200
#define MAX_HOPS   4
#define QUEUE	   256
#define LINKS	   4

struct kroute {
	bool v6, local; /* local: of scope host, survives its link's going down */
	uint8_t prefix, plen, metric, proto;
	uint32_t table;
	uint8_t n;
	struct khop {
		uint8_t gateway; /* 0: none */
		uint8_t ifindex;
		bool dead;
	} hops[MAX_HOPS];
};

struct kevent {
	enum { ROUTE_NEW, ROUTE_GONE, LINK_DOWN, LINK_UP } what;
	bool replace, append;
	uint32_t ifindex;
	struct kroute route;
};

static struct kernel {
	struct kroute routes[MAX_ROUTES];
	size_t n;
	bool up[LINKS + 1];
	struct kevent events[QUEUE];
	unsigned int head, tail;
} kernel;

/* What the kernel says, as the decoder would have it. */

static uint32_t
content_of(const struct kroute *route)
{
	uint32_t hash = route->proto * 2u + route->local;

	for (int i = 0; i < route->n; i++) /* no two have one: a gateway is below 8 */
		hash = hash * 64 + route->hops[i].gateway * 8u + route->hops[i].ifindex;
	return hash + 1;
}

static struct route_info *
info_of(struct mirror *mirror, const struct kroute *route)
{
	struct route_info *info = mirror->said;
	uint8_t octets[16] = { 0x20, 1, route->prefix };
	enum inet_type type = route->v6 ? INET_IPV6 : INET_IPV4;

	memset(info, 0, offsetof(struct route_info, hops));
	info->dst = inet_make(type, octets);
	info->plen = route->plen;
	info->table = route->table;
	info->metric = route->metric;
	info->lifetime = ROUTER_FOREVER;
	info->type = ROUTE_UNICAST;
	info->scope = route->local ? ROUTE_SCOPE_HOST : 0;
	info->proto = route->proto;
	info->id = route->v6 ? 0 : content_of(route);
	info->n_hops = route->n;
	for (int i = 0; i < route->n; i++) {
		struct hop_info *hop = &info->hops[i];
		uint8_t gateway[16] = { 0x20, 1, [3] = route->hops[i].gateway };

		memset(hop, 0, sizeof(*hop));
		hop->ifindex = route->hops[i].ifindex;
		hop->weight = route->n > 1;
		hop->dead = route->hops[i].dead;
		if (route->hops[i].gateway)
			hop->gateway = inet_make(type, gateway);
	}
	return info;
}

/* The kernel's changes. */

static void
tell(const struct kevent *event)
{
	kernel.events[kernel.tail++ % QUEUE] = *event;
}

enum how {
	FRONT,
	BACK,
	REPLACE,
};

static void
tell_route(const struct kroute *route, bool gone, enum how how)
{
	struct kevent event = { .what = gone ? ROUTE_GONE : ROUTE_NEW,
		.replace = how == REPLACE,
		.append = how == BACK,
		.route = *route };

	tell(&event);
}

static bool
are_rivals(const struct kroute *a, const struct kroute *b)
{
	return a->v6 == b->v6 && a->prefix == b->prefix && a->plen == b->plen &&
	       a->table == b->table && a->metric == b->metric;
}

static bool
same_hop(const struct khop *a, const struct khop *b)
{
	return a->gateway == b->gateway && a->ifindex == b->ifindex;
}

static bool
same_content(const struct kroute *a, const struct kroute *b)
{
	if (a->n != b->n || a->proto != b->proto || a->local != b->local)
		return false;
	for (int i = 0; i < a->n; i++) {
		if (!same_hop(&a->hops[i], &b->hops[i]))
			return false;
	}
	return true;
}

static void
cut_out(size_t at)
{
	memmove(&kernel.routes[at], &kernel.routes[at + 1],
		(kernel.n - at - 1) * sizeof(kernel.routes[0]));
	kernel.n--;
}

static struct kroute
random_route(void)
{
	struct kroute route = { .v6 = pick(2),
		.prefix = (uint8_t)pick(3),
		.plen = (uint8_t)(24 + 8 * pick(2)),
		.metric = (uint8_t)pick(3),
		.table = pick(3) ? ROUTE_TABLE_MAIN : 100,
		.n = (uint8_t)(pick(3) ? 1 : 2 + pick(MAX_HOPS - 1)) };

	/* One protocol for all next hops of an IPv6 route: see update() of route.c. */
	route.proto = (uint8_t)(route.v6 ? 4 : 4 + pick(2));
	route.local = !route.v6 && route.n == 1 && !pick(5);
	for (int i = 0; i < route.n; i++) {
		route.hops[i].ifindex = (uint8_t)(1 + pick(LINKS));
		route.hops[i].gateway = (uint8_t)(route.n > 1	? 1u + (unsigned int)i
						  : route.local ? 0
								: pick(4));
		if (!kernel.up[route.hops[i].ifindex])
			route.n = 0; /* "Device for nexthop is not up" */
	}
	return route;
}

static void
put_in(size_t at, const struct kroute *route)
{
	memmove(&kernel.routes[at + 1], &kernel.routes[at],
		(kernel.n++ - at) * sizeof(kernel.routes[0]));
	kernel.routes[at] = *route;
}

/* IPv4: rivals stand in an order, and the first one is replaced. */
static void
add_v4(const struct kroute *route, enum how how)
{
	size_t first = kernel.n;

	for (size_t i = kernel.n; i-- > 0;) {
		if (!are_rivals(&kernel.routes[i], route))
			continue;
		if (same_content(&kernel.routes[i], route))
			return; /* EEXIST */
		first = i;
	}
	if (first == kernel.n)
		how = how == REPLACE ? FRONT : how;
	if (how == REPLACE)
		kernel.routes[first] = *route;
	else
		put_in(how == FRONT ? first : kernel.n, route);
	tell_route(route, false, how);
}

/* IPv6: next hops with a gateway join others, those without stand alone, each new one
 * behind the others. Replaced is what is of its own kind: all siblings, or the first that
 * stands alone; else of the other kind. */
static void
add_v6(const struct kroute *route, enum how how)
{
	struct kroute *group = NULL, *single = NULL, *victim;
	bool alone = !route->hops[0].gateway;

	for (size_t i = kernel.n; i-- > 0;) {
		struct kroute *other = &kernel.routes[i];

		if (!are_rivals(other, route))
			continue;
		if (alone && same_hop(&other->hops[0], &route->hops[0]))
			return;
		if (other->hops[0].gateway)
			group = other;
		else
			single = other;
	}
	victim = alone ? (single ? single : group) : group ? group : single;
	if (how == REPLACE && victim) {
		*victim = *route;
		tell_route(route, false, REPLACE);
		return;
	}
	if (alone || !group) {
		put_in(kernel.n, route);
		tell_route(route, false, BACK);
		return;
	}
	for (int i = 0; i < group->n; i++) {
		if (same_hop(&group->hops[i], &route->hops[0]))
			return;
	}
	if (group->n == MAX_HOPS)
		return;
	group->hops[group->n++] = route->hops[0];
	tell_route(group, false, BACK);
}

static void
remove_some(size_t at)
{
	struct kroute gone = kernel.routes[at];

	if (gone.v6 && gone.n > 1 && pick(2)) { /* one next hop of several */
		int hop = (int)pick(gone.n);
		struct kroute *left = &kernel.routes[at];

		left->n--;
		memmove(&left->hops[hop], &left->hops[hop + 1],
			(size_t)(left->n - hop) * sizeof(left->hops[0]));
		gone.hops[0] = gone.hops[hop];
		gone.n = 1;
	} else {
		cut_out(at);
	}
	tell_route(&gone, true, FRONT);
}

/* What route_silent.h says of links that go down. */
static void
link_goes_down(uint32_t ifindex)
{
	struct kevent event = { .what = LINK_DOWN, .ifindex = ifindex };

	kernel.up[ifindex] = false;
	tell(&event);
	for (size_t i = kernel.n; i-- > 0;) {
		struct kroute *route = &kernel.routes[i];
		struct kroute was = *route;
		int alive = 0, hit = 0;

		for (int h = 0; h < route->n; h++) {
			if (route->hops[h].ifindex == ifindex && !route->local &&
				!route->hops[h].dead)
				hit++, route->hops[h].dead = true;
			alive += !route->hops[h].dead;
		}
		if (!hit || alive)
			continue;
		cut_out(i);
		if (was.v6) /* the flags are not told with it */
			tell_route(&was, true, FRONT);
	}
}

/* Next hops that were beside others live again, which nothing says. */
static void
link_comes_up(uint32_t ifindex)
{
	struct kevent event = { .what = LINK_UP, .ifindex = ifindex };

	kernel.up[ifindex] = true;
	for (size_t i = 0; i < kernel.n; i++) {
		for (int h = 0; h < kernel.routes[i].n; h++) {
			if (kernel.routes[i].hops[h].ifindex == ifindex)
				kernel.routes[i].hops[h].dead = false;
		}
	}
	tell(&event);
}

static void
change(void)
{
	uint32_t ifindex = 1 + pick(LINKS);
	struct kroute route;

	if (kernel.tail - kernel.head > QUEUE - 60)
		return;
	switch (pick(kernel.n > MAX_ROUTES - 4 ? 1 : 12)) {
	case 0:
	case 1:
	case 2:
	case 3:
	case 4:
		if (kernel.n)
			remove_some(pick((uint32_t)kernel.n));
		break;
	case 5:
		if (!kernel.up[ifindex])
			link_comes_up(ifindex);
		else if (!pick(4))
			link_goes_down(ifindex);
		break;
	default:
		route = random_route();
		if (route.n)
			(route.v6 ? add_v6 : add_v4)(&route, pick(3));
	}
}

/* The mirror reads. */

static void
set_link(struct mirror *mirror, uint32_t ifindex, bool up)
{
	struct link_info info = plain_link(ifindex, "x");

	info.up = info.lower_up = up;
	mirror_put_link(mirror, &info, FROM_EVENT);
}

static void
read_event(struct mirror *mirror)
{
	const struct kevent *event = &kernel.events[kernel.head % QUEUE];
	struct route_info *info;

	if (kernel.head == kernel.tail)
		return;
	kernel.head++;
	switch (event->what) {
	case ROUTE_NEW:
		info = info_of(mirror, &event->route);
		info->replace = event->replace;
		info->append = event->append;
		mirror_put_route(mirror, info, FROM_EVENT);
		break;
	case ROUTE_GONE:
		mirror_drop_route(mirror, info_of(mirror, &event->route));
		break;
	case LINK_DOWN:
	case LINK_UP:
		set_link(mirror, event->ifindex, event->what == LINK_UP);
		break;
	}
	while (!route_work(mirror, 0)) /* slice by slice */
		;
}

static void
read_events(struct mirror *mirror)
{
	while (kernel.head != kernel.tail)
		read_event(mirror);
}

/* A dump names routes by family, table and destination, in an order that changes do not
 * disturb: each destination as it is when the datagram is filled. */
#define PLACES 24

static unsigned int
place_of(const struct kroute *route)
{
	return route->v6 * 12u + (route->table == 100) * 6u + (route->plen == 32) * 3u +
	       route->prefix;
}

static size_t
fill(struct kroute *datagram, unsigned int first, unsigned int end)
{
	size_t n = 0;

	for (unsigned int place = first; place < end; place++) {
		for (size_t i = 0; i < kernel.n; i++) {
			if (place_of(&kernel.routes[i]) == place)
				datagram[n++] = kernel.routes[i];
		}
	}
	return n;
}

static bool
is_over(const struct kroute *route, uint32_t confirming)
{
	bool over = !confirming || confirming == ROUTE_CONFIRM_ALL;

	for (int h = 0; h < route->n; h++)
		over |= route->hops[h].ifindex == confirming;
	return over;
}

/* Datagrams of a dump on their way: in the socket and in the reader's ring. */
#define ON_THE_WAY 7

static void
judge(struct mirror *mirror, const struct kroute *routes, size_t n, uint32_t confirming)
{
	for (size_t i = 0; i < n; i++) {
		if (is_over(&routes[i], confirming))
			mirror_put_route(mirror, info_of(mirror, &routes[i]), FROM_DUMP);
	}
}

/* A dump that is taken while changes go on: a few destinations to a datagram, which is
 * judged a while after the kernel has filled it. */
static void
sweep_once(struct mirror *mirror, uint32_t confirming)
{
	static struct {
		struct kroute routes[MAX_ROUTES];
		size_t n;
	} datagrams[ON_THE_WAY];
	unsigned int most = 1 + pick(ON_THE_WAY), filled = 0, judged = 0, at = 0, end;

	read_events(mirror);
	route_sweep_begin(mirror, confirming);
	while (at < PLACES || judged < filled) {
		if (at < PLACES && filled - judged < most &&
			(filled == judged || pick(3))) {
			end = at + 1 + pick(3);
			end = end < PLACES ? end : PLACES;
			datagrams[filled % ON_THE_WAY].n =
				fill(datagrams[filled % ON_THE_WAY].routes, at, end);
			filled++;
			at = end;
		} else {
			judge(mirror, datagrams[judged % ON_THE_WAY].routes,
				datagrams[judged % ON_THE_WAY].n, confirming);
			judged++;
		}
		for (uint32_t i = pick(4); i; i--) {
			if (pick(2))
				change();
			else
				read_event(mirror);
		}
	}
	read_events(mirror); /* as resync.c: all that the dump is older than */
	while (!route_sweep_end(mirror, 0)) {
		if (!pick(3))
			read_event(mirror);
	}
}

/* Comparison. */

static size_t
rows_of(struct mirror *mirror, const struct route_info *info, size_t hop)
{
	struct route_group group;
	const struct route *row;
	size_t n = 0;

	route_group_begin(mirror, &group, &info->dst, info->plen, info->table);
	while ((row = route_group_next(mirror, &group))) {
		const struct path_key *key = &row->path->key;

		n += key->metric == info->metric && key->id == info->id &&
		     key->proto == info->proto &&
		     key->ifindex == info->hops[hop].ifindex &&
		     key->dead == info->hops[hop].dead &&
		     key->weight == info->hops[hop].weight &&
		     inet_compare(&key->nexthop, &info->hops[hop].gateway) == 0;
	}
	return n;
}

/* No two of one index, and all in order. */
static bool
in_order(const struct set *set)
{
	struct route *row, *after;

	set_for_each (row, after, set) {
		if (after && set->compare(row, after) >= 0)
			return false;
	}
	return true;
}

/* What ipCidrRouteTable would show, by a count of pairs. */
static size_t
count_cidr(const struct mirror *mirror)
{
	struct route *row, *after;
	size_t n = 0;

	set_for_each (row, after, &mirror->routes) {
		const struct path_key *key = &row->path->key;
		const struct route *other = row;
		bool first = !key->v6 && key->table == ROUTE_TABLE_MAIN;

		while (first && (other = set_prev(&mirror->routes, other)) &&
			inet_compare(&other->dst, &row->dst) == 0)
			first = other->plen != row->plen ||
				other->path->key.table != ROUTE_TABLE_MAIN ||
				inet_compare(&other->path->key.nexthop, &key->nexthop);
		n += first;
	}
	return n;
}

static size_t
count_path_rows(const struct mirror *mirror)
{
	struct path *path, *after;
	size_t n = 0;

	set_for_each (path, after, &mirror->paths)
		n += path->n_rows;
	return n;
}

static bool
is_equal(struct mirror *mirror)
{
	size_t rows = set_count(&mirror->routes) + set_count(&mirror->hidden_routes);
	size_t wanted = 0;

	for (size_t i = 0; i < kernel.n; i++) {
		struct route_info *info = info_of(mirror, &kernel.routes[i]);

		wanted += info->n_hops;
		for (size_t hop = 0; hop < info->n_hops; hop++) {
			if (rows_of(mirror, info, hop) != 1)
				return false;
		}
	}
	return rows == wanted && count_path_rows(mirror) == rows &&
	       in_order(&mirror->routes) && in_order(&mirror->hidden_routes) &&
	       count_cidr(mirror) == mirror->cidr_routes;
}

static struct mirror *
start(void)
{
	struct mirror *mirror = mirror_new(&unit_options);

	memset(&kernel, 0, sizeof(kernel));
	memset(&kernel.up, true, sizeof(kernel.up));
	for (int i = 0; i < 40; i++)
		change();
	kernel.head = kernel.tail; /* before us */
	for (uint32_t i = 1; i <= LINKS; i++)
		set_link(mirror, i, kernel.up[i]);
	return mirror;
}

static void
confirm(struct mirror *mirror)
{
	while (mirror->route_doubt.pending) {
		uint32_t ifindex = mirror->route_doubt.ifindex;

		mirror->route_doubt.pending = false;
		sweep_once(mirror, ifindex ? ifindex : ROUTE_CONFIRM_ALL);
		read_events(mirror);
	}
}

/* Links come up again. */
static void
links_come_up(struct mirror *mirror)
{
	for (uint32_t i = 1; i <= LINKS; i++) {
		if (!kernel.up[i])
			link_comes_up(i);
	}
	read_events(mirror);
	confirm(mirror);
}

static void
events_alone_tell_all(void)
{
	struct mirror *mirror = start();
	bool equal = true;

	sweep_once(mirror, 0);
	read_events(mirror);
	confirm(mirror);
	for (int round = 0; round < 4000 && equal; round++) {
		for (uint32_t n = pick(6); n; n--)
			change();
		read_events(mirror);
		equal = is_equal(mirror);
		if (equal && !pick(8))
			links_come_up(mirror);
	}
	CU_ASSERT_TRUE(equal);
	mirror_free(mirror);
}

static void
random_sweeps_equal_the_kernel(void)
{
	struct mirror *mirror = start();
	bool equal = true;

	for (int round = 0; round < 3000 && equal; round++) {
		for (uint32_t n = pick(8); n; n--)
			change();
		/* Events are lost; links are read first, as the session does. */
		kernel.head = kernel.tail;
		for (uint32_t i = 1; i <= LINKS; i++)
			set_link(mirror, i, kernel.up[i]);
		route_work(mirror, UINT64_MAX);
		sweep_once(mirror, 0);
		read_events(mirror);
		confirm(mirror);
		equal = is_equal(mirror);
		if (equal && !pick(4))
			links_come_up(mirror);
	}
	CU_ASSERT_TRUE(equal);
	mirror_free(mirror);
}

/* Looks at the routes over some link, or at all, while changes go on, do no harm: what
 * they tell ahead of the events, and what the events then say, ends in the truth. */
static void
confirmations_do_no_harm(void)
{
	struct mirror *mirror = start();
	bool equal = true;

	sweep_once(mirror, 0);
	read_events(mirror);
	confirm(mirror);
	for (int round = 0; round < 6000 && equal; round++) {
		for (uint32_t n = pick(4); n; n--)
			change();
		sweep_once(mirror, pick(3) ? 1 + pick(LINKS) : ROUTE_CONFIRM_ALL);
		if (pick(2))
			continue; /* what it has left behind meets the next one */
		read_events(mirror);
		confirm(mirror);
		equal = is_equal(mirror);
		if (equal && !pick(8))
			links_come_up(mirror);
	}
	CU_ASSERT_TRUE(equal);
	mirror_free(mirror);
}

void
suite_route_model(void)
{
	CU_pSuite suite = CU_add_suite("route model", NULL, NULL);

	CU_ADD_TEST(suite, events_alone_tell_all);
	CU_ADD_TEST(suite, random_sweeps_equal_the_kernel);
	CU_ADD_TEST(suite, confirmations_do_no_harm);
}
