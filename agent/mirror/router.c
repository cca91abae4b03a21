/*
 * Default routers: see router.h.
 */
#include "router.h"

#include "../base/alloc.h"
#include "mirror.h"
#include "route_rows.h"

#include <stdlib.h>

static int
compare(const void *a, const void *b)
{
	const struct router *x = a, *y = b;
	int order = inet_compare(&x->gateway, &y->gateway);

	return order ? order : set_order(x->ifindex, y->ifindex);
}

void
router_init(struct mirror *mirror)
{
	set_init(&mirror->routers, offsetof(struct router, node), compare);
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

/* The gateway of @path is a default router. */
static void
gather(struct mirror *mirror, const struct path *path)
{
	const struct path_key *from = &path->key;
	struct router key = { .gateway = from->nexthop, .ifindex = from->ifindex };
	struct router *router = set_find(&mirror->routers, &key);

	if (path->until != ROUTER_FOREVER)
		mirror->routers_expire = true;
	if (router && router->metric <= from->metric)
		return;
	if (!router) {
		router = xcalloc(1, sizeof(*router));
		*router = key;
		set_insert(&mirror->routers, router);
	}
	router->metric = from->metric;
	router->preference = from->preference;
	router->until = path->until;
}

static void
gather_group(struct mirror *mirror, enum inet_type type)
{
	static const uint8_t any[16];
	struct inet dst = inet_make(type, any);
	struct route_group group;
	const struct route *route;

	route_group_begin(mirror, &group, &dst, 0, ROUTE_TABLE_MAIN);
	while ((route = route_group_next(mirror, &group))) {
		const struct path_key *key = &route->path->key;

		if (route_is_shown(key) && key->type == ROUTE_UNICAST &&
			key->nexthop.len && key->ifindex && !key->src_plen)
			gather(mirror, route->path);
	}
}

void
router_refresh(struct mirror *mirror)
{
	if (!mirror->routers_stale)
		return;
	mirror->routers_stale = mirror->routers_expire = false;
	router_free(mirror);
	gather_group(mirror, INET_IPV4);
	gather_group(mirror, INET_IPV6);
}
