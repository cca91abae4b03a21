/*
 * Default routers: see router.h.
 */
#include "router.h"

#include "../base/alloc.h"
#include "../base/clock.h"
#include "mirror.h"

#include <stdlib.h>

static int
compare(const void *a, const void *b)
{
	const struct router *x = a, *y = b;
	int cmp = inet_compare(&x->gateway, &y->gateway);

	return cmp ? cmp : (x->ifindex > y->ifindex) - (x->ifindex < y->ifindex);
}

void
router_init(struct mirror *mirror)
{
	set_init(&mirror->routers, offsetof(struct router, node), compare);
	mirror->routers_stale = true;
}

void
router_free(struct mirror *mirror)
{
	struct router *router, *after;

	set_for_each (router, after, &mirror->routers) {
		set_remove(&mirror->routers, router);
		free(router);
	}
}

void
router_sweep_begin(struct mirror *mirror)
{
	mirror->router_sweep++;
	mirror->routers_expire = false;
	/* First, so that what happens meanwhile counts. */
	mirror->routers_stale = false;
}

static struct router
key_of(const struct router_info *info)
{
	struct router key = { .gateway = info->gateway, .ifindex = info->ifindex };

	if (inet_is_link_local(&info->gateway))
		key.gateway = inet_in_zone(&info->gateway, info->ifindex);
	return key;
}

void
router_put(struct mirror *mirror, const struct router_info *info)
{
	struct router key = key_of(info), *router = set_find(&mirror->routers, &key);
	bool seen = router && router->mark == mirror->router_sweep;

	if (info->lifetime != ROUTER_FOREVER)
		mirror->routers_expire = true;
	if (seen && router->metric <= info->metric)
		return;
	if (!router) {
		router = xcalloc(1, sizeof(*router));
		*router = key;
		set_insert(&mirror->routers, router);
	}
	router->mark = mirror->router_sweep;
	router->metric = info->metric;
	router->preference = info->preference;
	router->until = ROUTER_FOREVER;
	if (info->lifetime != ROUTER_FOREVER)
		router->until = (uint32_t)(clock_now() / NS_PER_S) + info->lifetime;
}

void
router_sweep_end(struct mirror *mirror)
{
	struct router *router, *after;

	set_for_each (router, after, &mirror->routers) {
		if (router->mark == mirror->router_sweep)
			continue;
		set_remove(&mirror->routers, router);
		free(router);
	}
}
