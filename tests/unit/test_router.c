/*
 * Default routers: what is gathered of the routes.
 */
#include "unit.h"

#include "../../agent/base/clock.h"

#include <string.h>

static void
put(struct mirror *mirror, uint8_t last, uint32_t ifindex, uint32_t metric,
	uint32_t lifetime)
{
	static const uint8_t any[16];
	struct route_info *info = mirror->said;

	memset(info, 0, offsetof(struct route_info, hops) + sizeof(info->hops[0]));
	info->dst = inet_make(INET_IPV6, any);
	info->table = ROUTE_TABLE_MAIN;
	info->type = ROUTE_UNICAST;
	info->metric = metric;
	info->lifetime = lifetime;
	info->preference = (uint8_t)metric;
	info->n_hops = 1;
	info->hops[0].ifindex = ifindex;
	info->hops[0].gateway =
		inet_make(INET_IPV6, (uint8_t[16]){ 0xfe, 0x80, [15] = last });
	if (!last)
		info->hops[0].gateway = (struct inet){ 0 };
}

static void
a_row_for_each_gateway(void)
{
	struct mirror *mirror = mirror_new(&unit_options);
	const struct router *router;

	clock_freeze(1000 * NS_PER_S);
	put(mirror, 1, 2, 3, ROUTER_FOREVER);
	mirror_put_route(mirror, mirror->said, FROM_EVENT);
	put(mirror, 1, 2, 1, 60); /* the same router by a better route */
	mirror_put_route(mirror, mirror->said, FROM_EVENT);
	put(mirror, 1, 2, 2, ROUTER_FOREVER);
	mirror_put_route(mirror, mirror->said, FROM_EVENT);
	put(mirror, 1, 3, 1, ROUTER_FOREVER); /* another, on another link */
	mirror_put_route(mirror, mirror->said, FROM_EVENT);
	put(mirror, 0, 3, 1, ROUTER_FOREVER); /* a link, no router */
	mirror_put_route(mirror, mirror->said, FROM_EVENT);
	put(mirror, 9, 3, 1, ROUTER_FOREVER);
	mirror->said->table = 100;
	mirror_put_route(mirror, mirror->said, FROM_EVENT);
	put(mirror, 9, 3, 1, ROUTER_FOREVER); /* for some sources only */
	mirror->said->src = mirror->said->hops[0].gateway;
	mirror->said->src_plen = 64;
	mirror_put_route(mirror, mirror->said, FROM_EVENT);
	put(mirror, 9, 3, 1, ROUTER_FOREVER);
	mirror->said->plen = 1;
	mirror_put_route(mirror, mirror->said, FROM_EVENT);
	router_refresh(mirror);
	CU_ASSERT_EQUAL(set_count(&mirror->routers), 2);
	CU_ASSERT_TRUE(mirror->routers_expire);
	router = set_first(&mirror->routers);
	CU_ASSERT_EQUAL(router->gateway.type, INET_IPV6Z);
	CU_ASSERT_EQUAL(router->ifindex, 2);
	CU_ASSERT_EQUAL(router->metric, 1);
	CU_ASSERT_EQUAL(router->preference, 1);
	CU_ASSERT_EQUAL(router->until, 1060);
	/* renewed without an event: a reading of its own tells */
	put(mirror, 1, 2, 1, 90);
	route_renew(mirror, mirror->said);
	put(mirror, 7, 2, 1, 90); /* one that the mirror has not: an event will tell */
	route_renew(mirror, mirror->said);
	CU_ASSERT_TRUE(mirror->routers_stale);
	router_refresh(mirror);
	router = set_first(&mirror->routers);
	CU_ASSERT_EQUAL(router->until, 1090);
	CU_ASSERT_EQUAL(set_count(&mirror->routers), 2);
	put(mirror, 1, 2, 1, 90);
	mirror_drop_route(mirror, mirror->said);
	put(mirror, 1, 3, 1, 0);
	mirror_drop_route(mirror, mirror->said);
	router_refresh(mirror);
	CU_ASSERT_EQUAL(set_count(&mirror->routers), 1);
	CU_ASSERT_FALSE(mirror->routers_expire);
	router = set_first(&mirror->routers);
	CU_ASSERT_EQUAL(router->metric, 2);
	mirror_free(mirror);
	clock_freeze(0);
}

void
suite_router(void)
{
	CU_pSuite suite = CU_add_suite("router", NULL, NULL);

	CU_ADD_TEST(suite, a_row_for_each_gateway);
}
