/*
 * Routes of every kind, and random ones: see fixture_route.h.
 */
#include "fixture_route.h"

#include "../../agent/base/clock.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

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
	struct route_info *info = mirror->said;

	memset(info, 0, offsetof(struct route_info, hops));
	info->dst = prefix_of(what->dst, &info->plen);
	info->src = prefix_of(what->src, &info->src_plen);
	info->prefsrc = inet_of(what->prefsrc);
	info->table = what->table ? what->table : ROUTE_TABLE_MAIN;
	info->metric = what->metric;
	info->id = what->id;
	info->lifetime = ROUTER_FOREVER;
	info->type = what->type ? what->type : ROUTE_UNICAST;
	info->proto = what->proto;
	info->tos = what->tos;
	info->n_hops = what->n_hops ? what->n_hops : 1;
	for (size_t i = 0; i < info->n_hops; i++) {
		info->hops[i] = (struct hop_info){ .ifindex = what->hops[i].ifindex,
			.gateway = inet_of(what->hops[i].gateway),
			.weight = what->hops[i].weight,
			.dead = what->hops[i].dead };
	}
	mirror_put_route(mirror, info, FROM_EVENT);
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
	struct route_info *info = mirror->said;
	bool v6 = pick(2);

	memset(info, 0, offsetof(struct route_info, hops));
	info->dst = random_inet(v6);
	info->plen = (uint8_t)(pick(3) ? (v6 ? 64 : 16) : pick(v6 ? 129 : 33));
	info->dst = inet_prefix(&info->dst, info->plen);
	if (v6 && pick(4) == 0) {
		info->src = random_inet(true);
		info->src_plen = (uint8_t)(1 + pick(128));
	}
	if (pick(3) == 0)
		info->prefsrc = random_inet(v6);
	info->table = pick(6) ? ROUTE_TABLE_MAIN : 252 + pick(4);
	info->metric = metrics[pick(N_ELEMENTS(metrics))];
	info->id = v6 ? 0 : 1 + pick(100000);
	info->lifetime = ROUTER_FOREVER;
	info->type = (uint8_t)(pick(2) ? ROUTE_UNICAST : 1 + pick(9));
	info->proto = (uint8_t)pick(256);
	info->tos = (uint8_t)(v6 ? 0 : 4 * pick(8));
	info->n_hops = pick(4) ? 1 : 1 + pick(5);
	for (size_t i = 0; i < info->n_hops; i++)
		random_hop(&info->hops[i], info);
	mirror_put_route(mirror, info, FROM_EVENT);
}

void
random_routes(struct mirror *mirror, size_t n)
{
	while (n--)
		put_random(mirror);
}
