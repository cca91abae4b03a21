/*
 * Routes in the mirror: policies, what is shown, what replaces what, and what dies in
 * silence. That rows are true whatever comes in which order is test_route_model.c's.
 */
#include "unit.h"

#include "../../agent/base/clock.h"
#include "../../agent/mirror/route_rows.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static struct mirror *mirror;

static struct inet
inet_of(const char *text)
{
	uint8_t octets[16];
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;

	if (!*text)
		return (struct inet){ 0 };
	inet_pton(family, text, octets);
	return inet_make(family == AF_INET ? INET_IPV4 : INET_IPV6, octets);
}

/* A route in the making: "10.0.0.0/8", its next hop. Returns mirror->said. */
static struct route_info *
say(const char *prefix, const char *gateway, uint32_t ifindex, uint32_t metric)
{
	struct route_info *info = mirror->said;
	char text[64];
	const char *slash = strchr(prefix, '/');

	memset(info, 0, offsetof(struct route_info, hops) + sizeof(info->hops[0]));
	snprintf(text, sizeof(text), "%.*s", (int)(slash - prefix), prefix);
	info->dst = inet_of(text);
	info->plen = (uint8_t)atoi(slash + 1);
	info->table = ROUTE_TABLE_MAIN;
	info->metric = metric;
	info->lifetime = ROUTER_FOREVER;
	info->type = ROUTE_UNICAST;
	info->proto = ROUTE_PROTO_STATIC;
	info->n_hops = 1;
	info->hops[0].gateway = inet_of(gateway);
	info->hops[0].ifindex = ifindex;
	if (info->dst.type == INET_IPV4) /* as if the gateway were all there is to it */
		info->id = ifindex + 1000 * (info->hops[0].gateway.bytes[3] + 1u);
	return info;
}

static void
say_hop(struct route_info *info, const char *gateway, uint32_t ifindex)
{
	struct hop_info *hop = &info->hops[info->n_hops++];

	memset(hop, 0, sizeof(*hop));
	hop->gateway = inet_of(gateway);
	hop->ifindex = ifindex;
	hop->weight = info->hops[0].weight = 1;
	info->id = info->id * 31 + ifindex;
}

static void
put(const char *prefix, const char *gateway, uint32_t ifindex, uint32_t metric)
{
	mirror_put_route(mirror, say(prefix, gateway, ifindex, metric), FROM_EVENT);
}

static void
drop(const char *prefix, const char *gateway, uint32_t ifindex, uint32_t metric)
{
	mirror_drop_route(mirror, say(prefix, gateway, ifindex, metric));
}

/* The first reading has ended. */
static void
complete(void)
{
	while (!route_sweep_end(mirror, UINT64_MAX))
		;
}

static void
begin(void)
{
	clock_freeze(1000 * NS_PER_S);
	mirror = mirror_new(&unit_options);
	for (uint32_t i = 1; i <= 4; i++) {
		struct link_info info = plain_link(i, "x");

		info.up = info.lower_up = true;
		mirror_put_link(mirror, &info, FROM_EVENT);
	}
	route_sweep_begin(mirror, 0);
	complete();
}

static void
end(void)
{
	mirror_free(mirror);
	clock_freeze(0);
}

static void
work(void)
{
	CU_ASSERT_TRUE(route_work(mirror, UINT64_MAX));
}

/* The shown row of that prefix, next hop and link, or NULL. */
static const struct route *
shown(const char *prefix, const char *gateway, uint32_t ifindex, uint32_t metric)
{
	struct route_info *info = say(prefix, gateway, ifindex, metric);
	struct inet nexthop = info->hops[0].gateway;
	struct route *row, *after;

	if (inet_is_link_local(&nexthop))
		nexthop = inet_in_zone(&nexthop, ifindex);
	set_for_each (row, after, &mirror->routes) {
		struct inet dst = row->dst.len ? inet_plain(&row->dst) : row->dst;

		if (inet_compare(&dst, &info->dst) == 0 && row->plen == info->plen &&
			row->path->key.metric == metric &&
			row->path->key.ifindex == ifindex &&
			inet_compare(&row->path->key.nexthop, &nexthop) == 0)
			return row;
	}
	return NULL;
}

static size_t
count(void)
{
	return set_count(&mirror->routes);
}

/* Policies. */

static void
the_first_has_the_default_policy(void)
{
	const struct route *a, *b;

	begin();
	put("10.0.0.0/8", "192.0.2.1", 1, 100);
	put("10.0.0.0/8", "192.0.2.1", 1, 50);
	put("10.0.0.0/8", "192.0.2.2", 1, 50); /* another next hop: no rival */
	a = shown("10.0.0.0/8", "192.0.2.1", 1, 100);
	b = shown("10.0.0.0/8", "192.0.2.1", 1, 50);
	CU_ASSERT_EQUAL(a->policy, POLICY_DEFAULT);
	CU_ASSERT_EQUAL(b->policy, POLICY_LONG);
	CU_ASSERT_EQUAL(shown("10.0.0.0/8", "192.0.2.2", 1, 50)->policy, POLICY_DEFAULT);
	/* sticky: who is left keeps what it has, and the next one takes what is free */
	drop("10.0.0.0/8", "192.0.2.1", 1, 100);
	CU_ASSERT_EQUAL(shown("10.0.0.0/8", "192.0.2.1", 1, 50)->policy, POLICY_LONG);
	put("10.0.0.0/8", "192.0.2.1", 1, 70);
	CU_ASSERT_EQUAL(shown("10.0.0.0/8", "192.0.2.1", 1, 70)->policy, POLICY_DEFAULT);
	end();
}

static void
equal_routes_are_numbered(void)
{
	bool seen[5] = { false };
	struct route *row, *after;

	begin();
	for (uint32_t id = 1; id <= 4; id++) {
		struct route_info *info = say("10.0.0.0/8", "192.0.2.1", 1, 0);

		info->id = id;
		mirror_put_route(mirror, info, FROM_EVENT);
	}
	CU_ASSERT_EQUAL(count(), 4);
	set_for_each (row, after, &mirror->routes)
		seen[row->policy] = true;
	CU_ASSERT_TRUE(seen[0] && seen[1] && seen[2] && seen[3]);
	CU_ASSERT_EQUAL(mirror->cidr_routes, 1);
	for (uint32_t id = 1; id <= 4; id++) {
		struct route_info *info = say("10.0.0.0/8", "192.0.2.1", 1, 0);

		info->id = id;
		mirror_drop_route(mirror, info);
		CU_ASSERT_EQUAL(count(), 4 - id);
		CU_ASSERT_EQUAL(mirror->cidr_routes, id < 4 ? 1 : 0);
	}
	end();
}

/* More than an ordinal can tell apart: some are not shown, and nothing is lost. */
static void
too_many_equal_routes(void)
{
	begin();
	for (uint32_t id = 1; id <= 300; id++) {
		struct route_info *info = say("10.0.0.0/8", "192.0.2.1", 1, 0);

		info->id = id;
		mirror_put_route(mirror, info, FROM_EVENT);
	}
	CU_ASSERT_EQUAL(count(), 256);
	for (uint32_t id = 1; id <= 300; id++) {
		struct route_info *info = say("10.0.0.0/8", "192.0.2.1", 1, 0);

		info->id = id;
		mirror_drop_route(mirror, info);
	}
	CU_ASSERT_EQUAL(count(), 0);
	CU_ASSERT_EQUAL(set_count(&mirror->paths), 0);
	end();
}

static void
the_first_dump_seeds_the_policies(void)
{
	mirror = mirror_new(&unit_options);
	route_sweep_begin(mirror, 0);
	mirror_put_route(mirror, say("10.0.0.0/8", "192.0.2.1", 1, 100), FROM_DUMP);
	mirror_put_route(mirror, say("10.0.0.0/8", "192.0.2.1", 1, 50), FROM_DUMP);
	mirror_put_route(mirror, say("10.0.0.0/8", "192.0.2.1", 1, 70), FROM_DUMP);
	complete();
	CU_ASSERT_EQUAL(shown("10.0.0.0/8", "192.0.2.1", 1, 50)->policy, POLICY_DEFAULT);
	CU_ASSERT_EQUAL(shown("10.0.0.0/8", "192.0.2.1", 1, 70)->policy, POLICY_LONG);
	CU_ASSERT_EQUAL(shown("10.0.0.0/8", "192.0.2.1", 1, 100)->policy, POLICY_LONG);
	mirror_free(mirror);
}

static void
source_specific_ones_are_long(void)
{
	struct route_info *info;

	begin();
	info = say("2001:db8::/32", "2001:db8::1", 1, 1024);
	info->src = inet_of("2001:db8:1::");
	info->src_plen = 48;
	mirror_put_route(mirror, info, FROM_EVENT);
	CU_ASSERT_EQUAL(
		shown("2001:db8::/32", "2001:db8::1", 1, 1024)->policy, POLICY_LONG);
	put("2001:db8::/32", "2001:db8::1", 1, 1024); /* another route */
	CU_ASSERT_EQUAL(count(), 2);
	drop("2001:db8::/32", "2001:db8::1", 1, 1024);
	CU_ASSERT_EQUAL(count(), 1);
	CU_ASSERT_EQUAL(
		shown("2001:db8::/32", "2001:db8::1", 1, 1024)->path->key.src_plen, 48);
	end();
}

/* What is shown. */

static void
what_is_not_shown(void)
{
	static const uint8_t types[] = { ROUTE_BROADCAST, ROUTE_ANYCAST, ROUTE_MULTICAST,
		ROUTE_THROW, 10, 11 };
	struct route_info *info;

	begin();
	for (size_t i = 0; i < N_ELEMENTS(types); i++) {
		info = say("10.0.0.0/8", "", 0, (uint32_t)i);
		info->type = types[i];
		mirror_put_route(mirror, info, FROM_EVENT);
	}
	info = say("10.0.0.0/8", "192.0.2.1", 1, 0);
	info->table = 100;
	mirror_put_route(mirror, info, FROM_EVENT);
	info = say("10.0.0.0/8", "192.0.2.1", 1, 0);
	info->hops[0].dead = true;
	mirror_put_route(mirror, info, FROM_EVENT);
	CU_ASSERT_EQUAL(count(), 0);
	CU_ASSERT_EQUAL(set_count(&mirror->hidden_routes), N_ELEMENTS(types) + 2);
	info = say("10.0.0.0/8", "192.0.2.1", 1, 0);
	info->table = ROUTE_TABLE_LOCAL; /* is not kept at all */
	mirror_put_route(mirror, info, FROM_EVENT);
	CU_ASSERT_EQUAL(set_count(&mirror->hidden_routes), N_ELEMENTS(types) + 2);
	info = say("10.0.0.0/8", "192.0.2.9", 1, 0);
	info->table = ROUTE_TABLE_DEFAULT;
	mirror_put_route(mirror, info, FROM_EVENT);
	CU_ASSERT_EQUAL(count(), 1);
	CU_ASSERT_EQUAL(mirror->cidr_routes, 0); /* main only */
	end();
}

static void
link_local_destinations_have_zones(void)
{
	const struct route *row;

	begin();
	put("fe80::/64", "", 1, 256);
	put("fe80::/64", "", 2, 256);
	put("2001:db8::/32", "fe80::1", 2, 1024);
	CU_ASSERT_EQUAL(count(), 3);
	row = shown("fe80::/64", "", 2, 256);
	CU_ASSERT_EQUAL(row->dst.type, INET_IPV6Z);
	CU_ASSERT_EQUAL(row->dst.bytes[19], 2);
	CU_ASSERT_EQUAL(row->policy, POLICY_DEFAULT);
	row = shown("2001:db8::/32", "fe80::1", 2, 1024);
	CU_ASSERT_EQUAL(row->path->key.nexthop.type, INET_IPV6Z);
	drop("fe80::/64", "", 1, 256);
	CU_ASSERT_PTR_NULL(shown("fe80::/64", "", 1, 256));
	CU_ASSERT_PTR_NOT_NULL(shown("fe80::/64", "", 2, 256));
	end();
}

/* Replacing. */

static void
replace(const char *prefix, const char *gateway, uint32_t ifindex, uint32_t metric)
{
	struct route_info *info = say(prefix, gateway, ifindex, metric);

	info->replace = true;
	mirror_put_route(mirror, info, FROM_EVENT);
}

static void
ipv4_replaces_a_whole_route(void)
{
	struct route_info *info;

	begin();
	info = say("10.0.0.0/8", "192.0.2.1", 1, 0);
	say_hop(info, "192.0.2.2", 2);
	mirror_put_route(mirror, info, FROM_EVENT);
	CU_ASSERT_EQUAL(count(), 2);
	replace("10.0.0.0/8", "192.0.2.1", 1, 0);
	CU_ASSERT_EQUAL(count(), 1);
	/* the row has lived on */
	CU_ASSERT_EQUAL(shown("10.0.0.0/8", "192.0.2.1", 1, 0)->policy, POLICY_DEFAULT);
	CU_ASSERT_EQUAL(shown("10.0.0.0/8", "192.0.2.1", 1, 0)->path->key.weight, 0);
	/* of several rivals the first one is replaced: this one is put before it ... */
	put("10.0.0.0/8", "192.0.2.3", 1, 0);
	info = say("10.0.0.0/8", "192.0.2.4", 1, 0);
	info->append = true; /* ... and this one behind it */
	mirror_put_route(mirror, info, FROM_EVENT);
	replace("10.0.0.0/8", "192.0.2.5", 1, 0);
	CU_ASSERT_PTR_NULL(shown("10.0.0.0/8", "192.0.2.3", 1, 0));
	replace("10.0.0.0/8", "192.0.2.6", 1, 0);
	CU_ASSERT_PTR_NULL(shown("10.0.0.0/8", "192.0.2.5", 1, 0));
	drop("10.0.0.0/8", "192.0.2.6", 1, 0);
	replace("10.0.0.0/8", "192.0.2.7", 1, 0);
	CU_ASSERT_EQUAL(count(), 2);
	CU_ASSERT_PTR_NOT_NULL(shown("10.0.0.0/8", "192.0.2.4", 1, 0));
	end();
}

static void
ipv6_replaces_siblings(void)
{
	struct route_info *info;

	begin();
	put("2001:db8::/32", "2001:db8::1", 1, 1024);
	info = say("2001:db8::/32", "2001:db8::1", 1, 1024);
	say_hop(info, "2001:db8::2", 2);
	mirror_put_route(mirror, info, FROM_EVENT); /* appended */
	put("2001:db8::/32", "", 3, 1024); /* one without a gateway stays alone */
	CU_ASSERT_EQUAL(count(), 3);
	replace("2001:db8::/32", "2001:db8::3", 1, 1024);
	CU_ASSERT_EQUAL(count(), 2);
	CU_ASSERT_PTR_NOT_NULL(shown("2001:db8::/32", "", 3, 1024));
	CU_ASSERT_PTR_NOT_NULL(shown("2001:db8::/32", "2001:db8::3", 1, 1024));
	replace("2001:db8::/32", "", 4, 1024);
	CU_ASSERT_EQUAL(count(), 2);
	CU_ASSERT_PTR_NOT_NULL(shown("2001:db8::/32", "", 4, 1024));
	/* nothing of its own kind there: it takes the place of the other */
	drop("2001:db8::/32", "2001:db8::3", 1, 1024);
	replace("2001:db8::/32", "2001:db8::4", 1, 1024);
	CU_ASSERT_EQUAL(count(), 1);
	CU_ASSERT_PTR_NOT_NULL(shown("2001:db8::/32", "2001:db8::4", 1, 1024));
	end();
}

/* A dump does not name what stands between next hops that were appended one by one. */
static void
a_dump_passes_over_what_stands_between(void)
{
	struct route_info *info;

	begin();
	info = say("2001:db8::/32", "2001:db8::1", 1, 1024);
	say_hop(info, "2001:db8::2", 2);
	mirror_put_route(mirror, info, FROM_EVENT);
	put("2001:db8::/32", "", 3, 1024);
	put("2001:db8::/32", "", 4, 512); /* no rival */
	info = say("2001:db8::/32", "2001:db8::1", 1, 1024);
	say_hop(info, "2001:db8::2", 2);
	say_hop(info, "2001:db8::3", 1);
	mirror_put_route(mirror, info, FROM_EVENT);
	CU_ASSERT_EQUAL(count(), 5);
	for (uint32_t confirming = ROUTE_CONFIRM_ALL;; confirming = 0) {
		route_sweep_begin(mirror, confirming);
		info = say("2001:db8::/32", "2001:db8::1", 1, 1024);
		say_hop(info, "2001:db8::2", 2);
		say_hop(info, "2001:db8::3", 1);
		mirror_put_route(mirror, info, FROM_DUMP);
		complete();
		CU_ASSERT_PTR_NULL(shown("2001:db8::/32", "", 4, 512));
		if (!confirming) /* after a loss nothing is known but by the dump */
			break;
		CU_ASSERT_PTR_NOT_NULL(shown("2001:db8::/32", "", 3, 1024));
	}
	CU_ASSERT_EQUAL(count(), 3);
	/* but it may be there, and be named when a next hop goes */
	mirror->route_doubt.pending = false;
	drop("2001:db8::/32", "2001:db8::3", 1, 1024);
	CU_ASSERT_TRUE(mirror->route_doubt.pending);
	end();
}

/* A replacing IPv6 route can make two that are equal: one row, and doubt when one goes.
 */
static void
ipv6_has_twins(void)
{
	begin();
	put("2001:db8::/32", "", 1, 1024);
	put("2001:db8::/32", "", 2, 1024);
	replace("2001:db8::/32", "", 2, 1024); /* takes the place of the first */
	CU_ASSERT_EQUAL(count(), 1);
	CU_ASSERT_PTR_NOT_NULL(shown("2001:db8::/32", "", 2, 1024));
	CU_ASSERT_TRUE(mirror->route_twins);
	CU_ASSERT_TRUE(mirror->route_doubt.pending); /* it may have been another one */
	mirror->route_doubt.pending = false;
	drop("2001:db8::/32", "", 2, 1024);
	CU_ASSERT_EQUAL(count(), 0);
	CU_ASSERT_TRUE(mirror->route_doubt.pending);
	/* a dump names both, and then but one */
	route_sweep_begin(mirror, ROUTE_CONFIRM_ALL);
	mirror_put_route(mirror, say("2001:db8::/32", "", 2, 1024), FROM_DUMP);
	mirror_put_route(mirror, say("2001:db8::/32", "", 2, 1024), FROM_DUMP);
	complete();
	CU_ASSERT_EQUAL(count(), 1);
	CU_ASSERT_TRUE(mirror->route_twins);
	route_sweep_begin(mirror, ROUTE_CONFIRM_ALL);
	mirror_put_route(mirror, say("2001:db8::/32", "", 2, 1024), FROM_DUMP);
	complete();
	CU_ASSERT_EQUAL(count(), 1);
	CU_ASSERT_FALSE(mirror->route_twins);
	end();
}

static void
ipv6_loses_one_next_hop(void)
{
	struct route_info *info;

	begin();
	info = say("2001:db8::/32", "2001:db8::1", 1, 1024);
	say_hop(info, "2001:db8::2", 2);
	say_hop(info, "2001:db8::3", 2);
	mirror_put_route(mirror, info, FROM_EVENT);
	drop("2001:db8::/32", "2001:db8::2", 2, 1024);
	CU_ASSERT_EQUAL(count(), 2);
	CU_ASSERT_PTR_NULL(shown("2001:db8::/32", "2001:db8::2", 2, 1024));
	CU_ASSERT_EQUAL(
		shown("2001:db8::/32", "2001:db8::1", 1, 1024)->path->key.weight, 1);
	drop("2001:db8::/32", "2001:db8::3", 2, 1024);
	CU_ASSERT_EQUAL(
		shown("2001:db8::/32", "2001:db8::1", 1, 1024)->path->key.weight, 0);
	end();
}

static void
an_update_is_young(void)
{
	begin();
	put("10.0.0.0/8", "192.0.2.1", 1, 0);
	clock_freeze(1100 * NS_PER_S);
	put("11.0.0.0/8", "192.0.2.1", 1, 0);
	CU_ASSERT_EQUAL(shown("10.0.0.0/8", "192.0.2.1", 1, 0)->swept.since, 1000);
	CU_ASSERT_EQUAL(shown("11.0.0.0/8", "192.0.2.1", 1, 0)->swept.since, 1100);
	put("10.0.0.0/8", "192.0.2.1", 1, 0);
	CU_ASSERT_EQUAL(shown("10.0.0.0/8", "192.0.2.1", 1, 0)->swept.since, 1100);
	end();
}

/* Silence. */

static void
set_link(uint32_t ifindex, bool up, bool lower_up)
{
	struct link_info info = plain_link(ifindex, "x");

	info.up = up;
	info.lower_up = lower_up;
	mirror_put_link(mirror, &info, FROM_EVENT);
	work();
}

static void
a_link_goes_down(void)
{
	struct route_info *info;

	begin();
	put("10.0.0.0/8", "192.0.2.1", 1, 0);
	put("11.0.0.0/8", "192.0.2.1", 2, 0);
	info = say("12.0.0.0/8", "192.0.2.1", 1, 0);
	say_hop(info, "192.0.2.2", 2);
	mirror_put_route(mirror, info, FROM_EVENT);
	info = say("13.0.0.0/8", "", 1, 0);
	info->type = ROUTE_LOCAL;
	info->scope = ROUTE_SCOPE_HOST;
	mirror_put_route(mirror, info, FROM_EVENT);
	put("2001:db8::/32", "2001:db8::1", 1, 1024); /* will be announced */
	info = say("2001:db9::/32", "2001:db8::1", 1, 1024);
	say_hop(info, "2001:db8::2", 2);
	mirror_put_route(mirror, info, FROM_EVENT); /* half of it will not */
	CU_ASSERT_EQUAL(count(), 8);
	set_link(1, false, false);
	CU_ASSERT_PTR_NULL(shown("10.0.0.0/8", "192.0.2.1", 1, 0));
	CU_ASSERT_PTR_NOT_NULL(shown("11.0.0.0/8", "192.0.2.1", 2, 0));
	CU_ASSERT_PTR_NULL(shown("12.0.0.0/8", "192.0.2.1", 1, 0));
	CU_ASSERT_PTR_NOT_NULL(shown("12.0.0.0/8", "192.0.2.2", 2, 0));
	CU_ASSERT_PTR_NOT_NULL(shown("13.0.0.0/8", "", 1, 0));
	CU_ASSERT_PTR_NOT_NULL(shown("2001:db8::/32", "2001:db8::1", 1, 1024));
	CU_ASSERT_PTR_NULL(shown("2001:db9::/32", "2001:db8::1", 1, 1024));
	CU_ASSERT_PTR_NOT_NULL(shown("2001:db9::/32", "2001:db8::2", 2, 1024));
	CU_ASSERT_EQUAL(set_count(&mirror->hidden_routes), 2);
	CU_ASSERT_TRUE(mirror->route_doubt.pending);
	CU_ASSERT_EQUAL(mirror->route_doubt.ifindex, 1);
	/* the link comes back, and half a route with it; a whole one is lost */
	set_link(1, true, true);
	CU_ASSERT_PTR_NOT_NULL(shown("12.0.0.0/8", "192.0.2.1", 1, 0));
	CU_ASSERT_PTR_NOT_NULL(shown("2001:db9::/32", "2001:db8::1", 1, 1024));
	CU_ASSERT_PTR_NULL(shown("10.0.0.0/8", "192.0.2.1", 1, 0));
	set_link(1, false, false);
	/* the other half goes, too: then the whole route does */
	set_link(2, false, false);
	CU_ASSERT_EQUAL(count(), 3);
	CU_ASSERT_EQUAL(mirror->route_doubt.ifindex, 0);
	CU_ASSERT_EQUAL(set_count(&mirror->hidden_routes), 1); /* IPv6 */
	end();
}

static void
a_link_is_deleted(void)
{
	struct route_info *info;

	begin();
	info = say("12.0.0.0/8", "192.0.2.1", 1, 0);
	say_hop(info, "192.0.2.2", 2);
	mirror_put_route(mirror, info, FROM_EVENT);
	info = say("13.0.0.0/8", "", 1, 0);
	info->type = ROUTE_LOCAL;
	info->scope = ROUTE_SCOPE_HOST;
	mirror_put_route(mirror, info, FROM_EVENT);
	put("11.0.0.0/8", "192.0.2.1", 2, 0);
	set_link(1, false,
		false); /* half of the first route is dead, then all of it gone */
	CU_ASSERT_EQUAL(count(), 3);
	mirror_drop_link(mirror, 1);
	work();
	CU_ASSERT_EQUAL(count(), 1);
	CU_ASSERT_EQUAL(set_count(&mirror->hidden_routes), 0);
	end();
}

static void
change_address(const char *address, uint32_t ifindex, bool there)
{
	struct addr_info info = { .ifindex = ifindex,
		.prefix_length = 24,
		.local = inet_of(address),
		.prefix = inet_of(address),
		.preferred_lifetime = ADDR_FOREVER,
		.valid_lifetime = ADDR_FOREVER };

	if (there)
		mirror_put_addr(mirror, &info, FROM_EVENT);
	else
		mirror_drop_addr(mirror, &info);
	work();
}

static void
the_last_address_goes(void)
{
	struct route_info *info;

	begin();
	change_address("192.0.2.7", 1, true);
	change_address("198.51.100.7", 1, true);
	change_address("198.51.100.7", 2, true);
	put("10.0.0.0/8", "192.0.2.1", 1, 0);
	info = say("13.0.0.0/8", "", 1, 0);
	info->type = ROUTE_LOCAL;
	info->scope = ROUTE_SCOPE_HOST;
	mirror_put_route(mirror, info, FROM_EVENT);
	info = say("14.0.0.0/8", "192.0.2.1", 2, 0);
	info->prefsrc = inet_of("192.0.2.7");
	mirror_put_route(mirror, info, FROM_EVENT);
	info = say("14.0.0.0/8", "192.0.2.1", 2, 0);
	info->prefsrc = inet_of("192.0.2.7");
	info->table = 100; /* fib_tb_id is another one: it stays (6.18) */
	mirror_put_route(mirror, info, FROM_EVENT);
	info = say("15.0.0.0/8", "192.0.2.1", 2, 0);
	info->prefsrc = inet_of("198.51.100.7");
	mirror_put_route(mirror, info, FROM_EVENT);
	CU_ASSERT_EQUAL(count(), 4);
	change_address("192.0.2.7", 1, false); /* the source of one of them */
	CU_ASSERT_EQUAL(count(), 3);
	CU_ASSERT_PTR_NULL(shown("14.0.0.0/8", "192.0.2.1", 2, 0));
	CU_ASSERT_EQUAL(set_count(&mirror->hidden_routes), 1);
	change_address("198.51.100.7", 1, false); /* link 2 has it, too */
	CU_ASSERT_EQUAL(count(), 1);
	CU_ASSERT_PTR_NOT_NULL(shown("15.0.0.0/8", "192.0.2.1", 2, 0));
	end();
}

/* What a link without an address has let die lives again with one. */
static void
an_address_comes_back(void)
{
	struct route_info *info;

	begin();
	change_address("192.0.2.7", 1, true);
	info = say("12.0.0.0/8", "192.0.2.1", 1, 0);
	say_hop(info, "192.0.2.2", 2);
	mirror_put_route(mirror, info, FROM_EVENT);
	change_address("192.0.2.7", 1, false);
	CU_ASSERT_EQUAL(count(), 1);
	change_address("192.0.2.7", 1, true);
	CU_ASSERT_EQUAL(count(), 2);
	end();
}

/* Nexthop objects. */

static void
put_object(uint32_t id, const char *gateway, uint32_t ifindex)
{
	struct nexthop_info *info = mirror->said_nexthop;

	memset(info, 0, offsetof(struct nexthop_info, members));
	info->id = id;
	info->ifindex = ifindex;
	info->gateway = inet_of(gateway);
	mirror_put_nexthop(mirror, info, FROM_EVENT);
	work();
}

static void
put_group(uint32_t id, uint32_t a, uint32_t b)
{
	struct nexthop_info *info = mirror->said_nexthop;

	memset(info, 0, offsetof(struct nexthop_info, members));
	info->id = id;
	info->members[info->n_members++] = (struct nexthop_member){ a, 2 };
	if (b)
		info->members[info->n_members++] = (struct nexthop_member){ b, 3 };
	mirror_put_nexthop(mirror, info, FROM_EVENT);
	work();
}

static void
put_by_object(const char *prefix, uint32_t nhid)
{
	struct route_info *info = say(prefix, "", 0, 0);

	info->nhid = nhid;
	info->id = nhid;
	info->n_hops = 0; /* as with nexthop_compat_mode 0 */
	mirror_put_route(mirror, info, FROM_EVENT);
}

static void
routes_follow_their_objects(void)
{
	begin();
	put_object(10, "192.0.2.1", 1);
	put_object(11, "192.0.2.2", 2);
	put_group(20, 10, 11);
	put_by_object("10.0.0.0/8", 10);
	put_by_object("11.0.0.0/8", 20);
	put_by_object("2001:db8::/32", 10);
	CU_ASSERT_EQUAL(count(), 4);
	CU_ASSERT_EQUAL(shown("11.0.0.0/8", "192.0.2.2", 2, 0)->path->key.weight, 3);
	CU_ASSERT_EQUAL(shown("10.0.0.0/8", "192.0.2.1", 1, 0)->path->key.weight, 0);
	/* to a destination on each link, two of them over one */
	put_object(12, "2001:db8::1", 4);
	put_object(13, "2001:db8::2", 4);
	put_group(21, 12, 13);
	put_by_object("fe80:5::/32", 21);
	CU_ASSERT_EQUAL(count(), 6);
	CU_ASSERT_PTR_NOT_NULL(shown("fe80:5::/32", "2001:db8::1", 4, 0));
	CU_ASSERT_PTR_NOT_NULL(shown("fe80:5::/32", "2001:db8::2", 4, 0));
	mirror_drop_nexthop(mirror, 12);
	mirror_drop_nexthop(mirror, 13);
	work();
	/* replaced: what leads over it, also by a group, leads elsewhere */
	put_object(10, "192.0.2.9", 3);
	CU_ASSERT_EQUAL(count(), 4);
	CU_ASSERT_PTR_NOT_NULL(shown("10.0.0.0/8", "192.0.2.9", 3, 0));
	CU_ASSERT_PTR_NOT_NULL(shown("11.0.0.0/8", "192.0.2.9", 3, 0));
	CU_ASSERT_PTR_NOT_NULL(shown("2001:db8::/32", "192.0.2.9", 3, 0));
	/* a member that goes leaves the group, and the weight says nothing any more */
	mirror_drop_nexthop(mirror, 10);
	work();
	CU_ASSERT_EQUAL(count(), 1);
	CU_ASSERT_EQUAL(shown("11.0.0.0/8", "192.0.2.2", 2, 0)->path->key.weight, 0);
	/* the last one takes the group with it */
	mirror_drop_nexthop(mirror, 11);
	work();
	CU_ASSERT_EQUAL(count(), 0);
	CU_ASSERT_EQUAL(set_count(&mirror->nexthops), 0);
	CU_ASSERT_EQUAL(set_count(&mirror->paths), 0);
	end();
}

static void
objects_go_with_the_carrier(void)
{
	begin();
	put_object(10, "192.0.2.1", 1);
	put_object(11, "192.0.2.2", 2);
	put_group(20, 10, 11);
	put_by_object("10.0.0.0/8", 10);
	put_by_object("11.0.0.0/8", 20);
	set_link(1, true, false);
	CU_ASSERT_EQUAL(count(), 1);
	CU_ASSERT_PTR_NOT_NULL(shown("11.0.0.0/8", "192.0.2.2", 2, 0));
	CU_ASSERT_TRUE(mirror->route_doubt.pending);
	end();
}

/* The kernel says of what leads over one that it is a blackhole, as long as it is. */
static void
objects_that_are_blackholes(void)
{
	struct nexthop_info *info;

	begin();
	put_object(10, "192.0.2.1", 1);
	put_by_object("10.0.0.0/8", 10);
	info = mirror->said_nexthop;
	memset(info, 0, offsetof(struct nexthop_info, members));
	info->id = 10;
	info->blackhole = true;
	mirror_put_nexthop(mirror, info, FROM_EVENT);
	work();
	CU_ASSERT_EQUAL(count(), 1);
	CU_ASSERT_EQUAL(shown("10.0.0.0/8", "", 0, 0)->path->key.type, ROUTE_BLACKHOLE);
	put_object(10, "192.0.2.1", 1);
	CU_ASSERT_EQUAL(count(), 1);
	CU_ASSERT_EQUAL(
		shown("10.0.0.0/8", "192.0.2.1", 1, 0)->path->key.type, ROUTE_UNICAST);
	end();
}

/* A route that is read before its object, and a group before its members. */
static void
objects_may_come_late(void)
{
	struct route_info *info;

	begin();
	info = say("10.0.0.0/8", "192.0.2.1", 1, 0); /* with nexthop_compat_mode 1 */
	info->nhid = info->id = 20;
	mirror_put_route(mirror, info, FROM_EVENT);
	CU_ASSERT_EQUAL(count(), 1);
	put_group(20, 10, 11);
	CU_ASSERT_EQUAL(count(), 1);
	put_object(10, "192.0.2.1", 1);
	put_object(11, "192.0.2.2", 2);
	CU_ASSERT_EQUAL(count(), 2);
	CU_ASSERT_EQUAL(shown("10.0.0.0/8", "192.0.2.1", 1, 0)->policy, POLICY_DEFAULT);
	end();
}

/* Work in slices: events wait, and the place is kept. */
static void
a_million_routes_die_in_slices(void)
{
	unsigned int slices = 0;
	struct link_info info = plain_link(1, "x");

	begin();
	for (uint32_t i = 0; i < 2000; i++) {
		char prefix[32];

		snprintf(prefix, sizeof(prefix), "10.%u.%u.0/24", i / 256, i % 256);
		put(prefix, i % 2 ? "192.0.2.1" : "192.0.2.2", 1 + i % 4 / 3, 0);
	}
	info.up = false;
	mirror_put_link(mirror, &info, FROM_EVENT);
	while (!route_work(mirror, 0))
		slices++;
	CU_ASSERT_TRUE(slices > 10);
	CU_ASSERT_EQUAL(count(), 500);
	end();
}

static void
a_sweep_ends_in_slices(void)
{
	unsigned int slices = 0;

	begin();
	for (uint32_t i = 0; i < 3000; i++) {
		char prefix[32];
		struct route_info *info;

		snprintf(prefix, sizeof(prefix), "10.%u.%u.0/24", i / 256, i % 256);
		info = say(prefix, "192.0.2.1", 1, 0);
		info->table = i % 3 ? ROUTE_TABLE_MAIN : 100 + i % 2;
		mirror_put_route(mirror, info, FROM_EVENT);
	}
	route_sweep_begin(mirror, 0);
	put("10.0.0.0/24", "192.0.2.9", 1, 0);
	mirror_put_route(mirror, say("10.0.1.0/24", "192.0.2.1", 1, 0), FROM_DUMP);
	while (!route_sweep_end(mirror, 0)) {
		if (slices++ == 3) /* an event in between */
			put("10.200.0.0/24", "192.0.2.1", 1, 0);
	}
	CU_ASSERT_TRUE(slices > 8);
	CU_ASSERT_EQUAL(count(), 3);
	CU_ASSERT_EQUAL(set_count(&mirror->hidden_routes), 0);
	end();
}

/* A look at the routes over one link says nothing of others. */
static void
a_confirmation_has_a_scope(void)
{
	struct route_info *info;

	begin();
	put("10.0.0.0/8", "192.0.2.1", 1, 0);
	put("11.0.0.0/8", "192.0.2.1", 1, 0);
	put("12.0.0.0/8", "192.0.2.1", 2, 0);
	route_sweep_begin(mirror, 1);
	mirror_put_route(mirror, say("11.0.0.0/8", "192.0.2.1", 1, 0), FROM_DUMP);
	complete();
	CU_ASSERT_EQUAL(count(), 2);
	CU_ASSERT_EQUAL(mirror->route_dump_changes, 1);
	/* of an IPv4 route all next hops go, also those over other links */
	info = say("13.0.0.0/8", "192.0.2.1", 1, 0);
	say_hop(info, "192.0.2.2", 2);
	mirror_put_route(mirror, info, FROM_EVENT);
	route_sweep_begin(mirror, 1);
	mirror_put_route(mirror, say("11.0.0.0/8", "192.0.2.1", 1, 0), FROM_DUMP);
	complete();
	CU_ASSERT_EQUAL(count(), 2);
	/* one that comes too early sees what is about to go */
	set_link(1, false, false);
	CU_ASSERT_EQUAL(count(), 1);
	route_sweep_begin(mirror, 1);
	mirror_put_route(mirror, say("11.0.0.0/8", "192.0.2.1", 1, 0), FROM_DUMP);
	complete();
	CU_ASSERT_EQUAL(count(), 1);
	CU_ASSERT_EQUAL(mirror->route_dump_changes, 0);
	end();
}

void
suite_route(void)
{
	CU_pSuite suite = CU_add_suite("route", NULL, NULL);

	CU_ADD_TEST(suite, the_first_has_the_default_policy);
	CU_ADD_TEST(suite, equal_routes_are_numbered);
	CU_ADD_TEST(suite, too_many_equal_routes);
	CU_ADD_TEST(suite, the_first_dump_seeds_the_policies);
	CU_ADD_TEST(suite, source_specific_ones_are_long);
	CU_ADD_TEST(suite, what_is_not_shown);
	CU_ADD_TEST(suite, link_local_destinations_have_zones);
	CU_ADD_TEST(suite, ipv4_replaces_a_whole_route);
	CU_ADD_TEST(suite, ipv6_replaces_siblings);
	CU_ADD_TEST(suite, ipv6_has_twins);
	CU_ADD_TEST(suite, a_dump_passes_over_what_stands_between);
	CU_ADD_TEST(suite, ipv6_loses_one_next_hop);
	CU_ADD_TEST(suite, an_update_is_young);
	CU_ADD_TEST(suite, a_link_goes_down);
	CU_ADD_TEST(suite, a_link_is_deleted);
	CU_ADD_TEST(suite, the_last_address_goes);
	CU_ADD_TEST(suite, an_address_comes_back);
	CU_ADD_TEST(suite, routes_follow_their_objects);
	CU_ADD_TEST(suite, objects_go_with_the_carrier);
	CU_ADD_TEST(suite, objects_that_are_blackholes);
	CU_ADD_TEST(suite, objects_may_come_late);
	CU_ADD_TEST(suite, a_million_routes_die_in_slices);
	CU_ADD_TEST(suite, a_sweep_ends_in_slices);
	CU_ADD_TEST(suite, a_confirmation_has_a_scope);
}
