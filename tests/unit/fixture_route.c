/*
 * Routes of every kind, and random ones: see fixture_route.h.
 */
#include "fixture_route.h"

#include "../../agent/base/clock.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* The rows. What stands in for mirror/route.c here makes of a route's hops the rows that
 * route.h speaks of, from a store of its own that mirror_free() does not see. */

#define STORE 4096

static struct route rows[STORE];
static struct path paths[STORE];
static size_t n_rows;

/* inetCidrRoutePolicy as route.h has it; its length. */
static size_t
policy_of(const struct route *route, uint32_t policy[32])
{
	const struct path_key *key = &route->path->key;
	size_t n = 2;

	policy[0] = policy[1] = 0;
	if (route->policy == POLICY_DEFAULT)
		return n;
	policy[n++] = key->table;
	policy[n++] = key->tos;
	policy[n++] = key->metric;
	policy[n++] = key->ifindex;
	if (key->src.type != INET_UNKNOWN) {
		policy[n++] = key->src_plen;
		for (size_t i = 0; i < 16; i++)
			policy[n++] = key->src.bytes[i];
	}
	if (route->policy > POLICY_LONG)
		policy[n++] = (uint32_t)route->policy - POLICY_LONG;
	return n;
}

static int
compare(const void *a, const void *b)
{
	const struct route *x = a, *y = b;
	uint32_t of_x[32], of_y[32];
	size_t x_len = policy_of(x, of_x), y_len = policy_of(y, of_y);
	int cmp = inet_compare(&x->dst, &y->dst);

	if (cmp)
		return cmp;
	if (x->plen != y->plen)
		return set_order(x->plen, y->plen);
	if (x_len != y_len)
		return x_len < y_len ? -1 : 1;
	cmp = oid_compare(of_x, x_len, of_y, y_len);
	return cmp ? cmp : inet_compare(&x->path->key.nexthop, &y->path->key.nexthop);
}

static bool
is_cidr(const struct route *route)
{
	return route->dst.type == INET_IPV4 &&
	       route->path->key.table == ROUTE_TABLE_MAIN &&
	       !inet_is_v6(&route->path->key.nexthop);
}

/* Does ipCidrRouteTable have a row for it already? */
static bool
is_counted(const struct mirror *mirror, const struct route *route)
{
	const struct route *other, *after;

	set_for_each (other, after, &mirror->routes) {
		if (is_cidr(other) && inet_compare(&other->dst, &route->dst) == 0 &&
			other->plen == route->plen &&
			other->path->key.tos == route->path->key.tos &&
			memcmp(other->path->key.nexthop.bytes,
				route->path->key.nexthop.bytes, 4) == 0)
			return true;
	}
	return false;
}

static struct inet
zoned(const struct inet *inet, uint32_t ifindex)
{
	return inet_is_link_local(inet) ? inet_in_zone(inet, ifindex) : *inet;
}

static void
put_hop(struct mirror *mirror, const struct route_info *info, const struct hop_info *hop)
{
	struct route *route = &rows[n_rows];
	struct path *path = &paths[n_rows];
	bool fresh;

	memset(route, 0, sizeof(*route));
	memset(path, 0, sizeof(*path));
	path->key.ifindex = hop->ifindex;
	path->key.table = info->table;
	path->key.metric = info->metric;
	path->key.id = info->id;
	path->key.nexthop = zoned(&hop->gateway, hop->ifindex);
	path->key.src = info->src;
	path->key.src_plen = info->src_plen;
	path->key.prefsrc = info->prefsrc;
	path->key.v6 = inet_is_v6(&info->dst);
	path->key.tos = info->tos;
	path->key.type = info->type;
	path->key.proto = info->proto;
	path->key.weight = hop->weight;
	route->swept.since = (uint32_t)(clock_now() / NS_PER_S);
	route->path = path;
	route->dst = zoned(&info->dst, hop->ifindex);
	route->plen = info->plen;
	route->policy = info->src.type == INET_UNKNOWN ? POLICY_DEFAULT : POLICY_LONG;
	fresh = is_cidr(route) && !is_counted(mirror, route);
	while (set_insert(&mirror->routes, route)) {
		if (route->policy == POLICY_MAX)
			return;
		route->policy++;
	}
	mirror->cidr_routes += fresh;
	n_rows++;
}

static void
begin(struct mirror *mirror)
{
	n_rows = 0;
	set_init(&mirror->routes, offsetof(struct route, swept.node), compare);
	mirror->cidr_routes = 0;
}

static void
put(struct mirror *mirror, const struct route_info *info)
{
	bool shown =
		info->type != ROUTE_THROW && info->type != ROUTE_BROADCAST &&
		(info->table == ROUTE_TABLE_MAIN || info->table == ROUTE_TABLE_DEFAULT);

	for (size_t i = 0; shown && i < info->n_hops && n_rows < STORE; i++) {
		if (!info->hops[i].dead)
			put_hop(mirror, info, &info->hops[i]);
	}
}

/* From here on nothing knows how the rows are kept. */

static struct inet
inet_of(const char *text)
{
	uint8_t octets[16];
	bool v6 = text && strchr(text, ':');

	if (!text)
		return (struct inet){ .type = INET_UNKNOWN };
	CU_ASSERT_EQUAL_FATAL(inet_pton(v6 ? AF_INET6 : AF_INET, text, octets), 1);
	return inet_make(v6 ? INET_IPV6 : INET_IPV4, octets);
}

static struct inet
prefix_of(const char *text, uint8_t *length)
{
	char address[64] = "";
	const char *slash = text ? strchr(text, '/') : NULL;

	if (!slash)
		return inet_of(text);
	memcpy(address, text, (size_t)(slash - text));
	*length = (uint8_t)atoi(slash + 1);
	return inet_of(address);
}

void
fixture_put(struct mirror *mirror, const struct fixture_route *what)
{
	static struct route_info info;

	memset(&info, 0, offsetof(struct route_info, hops));
	info.dst = prefix_of(what->dst, &info.plen);
	info.src = prefix_of(what->src, &info.src_plen);
	info.prefsrc = inet_of(what->prefsrc);
	info.table = what->table ? what->table : ROUTE_TABLE_MAIN;
	info.metric = what->metric;
	info.id = what->id;
	info.lifetime = ROUTER_FOREVER;
	info.type = what->type ? what->type : ROUTE_UNICAST;
	info.proto = what->proto;
	info.tos = what->tos;
	info.n_hops = what->n_hops ? what->n_hops : 1;
	for (size_t i = 0; i < info.n_hops; i++) {
		info.hops[i] = (struct hop_info){ .ifindex = what->hops[i].ifindex,
			.gateway = inet_of(what->hops[i].gateway),
			.weight = what->hops[i].weight,
			.dead = what->hops[i].dead };
	}
	put(mirror, &info);
}

#define VIA(address, index) .hops = { { .gateway = (address), .ifindex = (index) } }
#define DEV(index)	    VIA(NULL, index)

static const struct fixture_route some[] = {
	/* two that differ in the metric only */
	{ "0.0.0.0/0", .proto = ROUTE_PROTO_DHCP, .metric = 100, VIA("192.0.2.254", 2) },
	{ "0.0.0.0/0", .proto = ROUTE_PROTO_STATIC, .metric = 200,
		VIA("192.0.2.254", 2) },
	/* the kernel's own, on two links; the metric is that of a default in a VRF */
	{ "192.0.2.0/24", .proto = ROUTE_PROTO_KERNEL, .prefsrc = "192.0.2.2", DEV(2) },
	{ "192.0.2.0/24", .proto = ROUTE_PROTO_KERNEL, .metric = 4278198272, DEV(10) },
	{ "198.51.100.0/24", .proto = ROUTE_PROTO_STATIC, .n_hops = 2,
		.hops = { { "192.0.2.9", 2, 1, false },
			{ "192.0.2.10", 10, 5, false } } },
	{ "198.51.101.0/24", .proto = ROUTE_PROTO_STATIC, .n_hops = 2,
		.hops = { { "192.0.2.9", 2, 1, false }, { "192.0.2.10", 10, 5, true } } },
	{ "10.0.0.0/8", .type = ROUTE_BLACKHOLE, .proto = ROUTE_PROTO_STATIC },
	{ "10.0.0.0/16", .proto = ROUTE_PROTO_REDIRECT, VIA("192.0.2.9", 2) },
	{ "10.0.0.0/24", .proto = ROUTE_PROTO_BOOT, VIA("192.0.2.10", 2) },
	{ "10.1.0.0/16", .type = ROUTE_UNREACHABLE, .proto = ROUTE_PROTO_BOOT,
		.metric = 4278198272 },
	{ "10.1.0.0/24", .proto = ROUTE_PROTO_BGP, .metric = 20, VIA("fe80::1", 10) },
	{ "10.2.0.0/16", .type = ROUTE_PROHIBIT, .proto = 11 },
	{ "10.3.0.0/16", .proto = ROUTE_PROTO_OSPF, .tos = 16, VIA("192.0.2.9", 2) },
	{ "10.3.0.0/16", .proto = ROUTE_PROTO_OSPF, VIA("192.0.2.9", 2) },
	{ "10.4.0.1/32", .type = ROUTE_LOCAL, .proto = ROUTE_PROTO_STATIC, DEV(2) },
	{ "10.4.0.2/32", .proto = ROUTE_PROTO_STATIC, DEV(22) }, /* has no address */
	{ "10.5.0.0/16", .table = ROUTE_TABLE_DEFAULT, .proto = ROUTE_PROTO_STATIC,
		DEV(2) },
	{ "10.6.0.0/16", .type = ROUTE_THROW },
	{ "10.6.0.0/16", .table = 100, DEV(2) },
	/* three that differ in nothing that the index knows */
	{ "10.7.0.0/16", .proto = ROUTE_PROTO_RIP, .id = 1, VIA("192.0.2.9", 2) },
	{ "10.7.0.0/16", .proto = ROUTE_PROTO_ISIS, .id = 2, VIA("192.0.2.9", 2) },
	{ "10.7.0.0/16", .proto = ROUTE_PROTO_STATIC, .id = 3, VIA("192.0.2.9", 2) },
	{ "10.8.0.0/16", .proto = ROUTE_PROTO_EIGRP, VIA("192.0.2.9", 2) },
	{ "203.0.113.7/32", .proto = ROUTE_PROTO_STATIC, DEV(25) },

	{ "::/0", .proto = ROUTE_PROTO_RA, .metric = 1024, VIA("fe80::fe", 10) },
	{ "2001:db8::/64", .proto = ROUTE_PROTO_KERNEL, .metric = 256, DEV(10) },
	{ "2001:db8:5::/48", .src = "2001:db8:7::/48", .proto = ROUTE_PROTO_STATIC,
		.metric = 1024, VIA("2001:db8::1", 10) },
	{ "2001:db8:5::/48", .proto = ROUTE_PROTO_STATIC, .metric = 1024,
		VIA("2001:db8::1", 10) },
	{ "2001:db8:6::/48", .type = ROUTE_BLACKHOLE, .proto = ROUTE_PROTO_STATIC,
		.metric = 1024 },
	{ "fe80::/64", .proto = ROUTE_PROTO_KERNEL, .metric = 256, DEV(2) },
	{ "fe80::/64", .proto = ROUTE_PROTO_KERNEL, .metric = 256, DEV(10) },
};

void
fixture_routes(struct mirror *mirror)
{
	begin(mirror);
	for (size_t i = 0; i < N_ELEMENTS(some); i++)
		fixture_put(mirror, &some[i]);
}

/* IPv4, IPv6 or none; few of them, so that they meet again. */
static struct inet
random_inet(bool v6)
{
	uint8_t octets[16] = { 10, 0 };

	if (v6) {
		octets[0] = pick(3) ? 0x20 : 0xfe;
		octets[1] = 0x80;
		octets[15] = (uint8_t)pick(3);
	}
	octets[2] = (uint8_t)(pick(2) * 255);
	octets[3] = (uint8_t)pick(3);
	return inet_make(v6 ? INET_IPV6 : INET_IPV4, octets);
}

static void
random_hop(struct hop_info *hop, const struct route_info *info)
{
	bool v6 = inet_is_v6(&info->dst);

	memset(hop, 0, sizeof(*hop));
	hop->ifindex = 1 + pick(pick(2) ? 3 : 0x7fffffff);
	hop->weight = (uint8_t)(info->n_hops > 1 ? 1 + pick(255) : 0);
	hop->dead = pick(10) == 0;
	if (info->type == ROUTE_UNICAST && pick(3))
		hop->gateway = random_inet(v6 || pick(4) == 0);
	else if (info->type != ROUTE_UNICAST && info->type != ROUTE_LOCAL)
		hop->ifindex = 0;
}

static void
put_random(struct mirror *mirror)
{
	static const uint32_t metrics[] = { 0, 0, 1, 100, INT32_MAX, UINT32_MAX };
	static struct route_info info;
	bool v6 = pick(2);

	memset(&info, 0, offsetof(struct route_info, hops));
	info.dst = random_inet(v6);
	info.plen = (uint8_t)(pick(3) ? (v6 ? 64 : 16) : pick(v6 ? 129 : 33));
	info.dst = inet_prefix(&info.dst, info.plen);
	if (v6 && pick(4) == 0) {
		info.src = random_inet(true);
		info.src_plen = (uint8_t)pick(129);
	}
	if (pick(3) == 0)
		info.prefsrc = random_inet(v6);
	info.table = pick(6) ? ROUTE_TABLE_MAIN : 252 + pick(4);
	info.metric = metrics[pick(N_ELEMENTS(metrics))];
	info.id = pick(3);
	info.type = (uint8_t)(pick(2) ? ROUTE_UNICAST : 1 + pick(9));
	info.proto = (uint8_t)pick(256);
	info.tos = (uint8_t)(v6 ? 0 : 4 * pick(8));
	info.n_hops = pick(4) ? 1 : 1 + pick(5);
	for (size_t i = 0; i < info.n_hops; i++)
		random_hop(&info.hops[i], &info);
	put(mirror, &info);
}

void
random_routes(struct mirror *mirror, size_t n)
{
	begin(mirror);
	while (n--)
		put_random(mirror);
}
