/*
 * Default routers: what the decoder makes of routes built by hand, and the set of
 * gateways.
 */
#include "unit.h"

#include "../../agent/base/clock.h"
#include "../../agent/kernel/decode.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <stdlib.h>
#include <string.h>

static struct router_info seen[8];
static size_t n_seen;

static void
note(const struct router_info *info, void *arg)
{
	(void)arg;
	if (n_seen < N_ELEMENTS(seen))
		seen[n_seen++] = *info;
}

static struct nl_msg *
build_route(uint8_t family, uint8_t dst_len, uint8_t type, uint32_t table)
{
	struct rtmsg head = { .rtm_family = family,
		.rtm_dst_len = dst_len,
		.rtm_type = type,
		.rtm_table = table < 256 ? (uint8_t)table : RT_TABLE_UNSPEC };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWROUTE, 0);

	nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO);
	nla_put_u32(msg, RTA_TABLE, table);
	return msg;
}

static void
put_gateway(struct nl_msg *msg, const char *text)
{
	uint8_t octets[16];
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;

	inet_pton(family, text, octets);
	nla_put(msg, RTA_GATEWAY, family == AF_INET ? 4 : 16, octets);
}

/* Decodes and frees @msg. */
static enum decoded
decode(struct nl_msg *msg)
{
	enum decoded result;

	n_seen = 0;
	result = decode_default_route(nlmsg_hdr(msg), note, NULL);
	nlmsg_free(msg);
	return result;
}

static void
one_gateway(void)
{
	struct rta_cacheinfo cache = { .rta_expires = 12345 };
	struct nl_msg *msg = build_route(AF_INET6, 0, RTN_UNICAST, 254);

	put_gateway(msg, "fe80::1");
	nla_put_u32(msg, RTA_OIF, 3);
	nla_put_u32(msg, RTA_PRIORITY, 1024);
	nla_put_u8(msg, RTA_PREF, ROUTER_HIGH);
	nla_put(msg, RTA_CACHEINFO, sizeof(cache), &cache);
	CU_ASSERT_EQUAL(decode(msg), DECODE_OK);
	CU_ASSERT_EQUAL_FATAL(n_seen, 1);
	CU_ASSERT_EQUAL(seen[0].ifindex, 3);
	CU_ASSERT_EQUAL(seen[0].metric, 1024);
	CU_ASSERT_EQUAL(seen[0].preference, ROUTER_HIGH);
	CU_ASSERT_EQUAL(seen[0].lifetime, 123);
	CU_ASSERT_EQUAL(seen[0].gateway.type, INET_IPV6);
}

/* An IPv4 route by an IPv6 gateway. */
static void
gateway_of_the_other_family(void)
{
	uint8_t via[2 + 16] = { AF_INET6, 0, 0xfe, 0x80, [17] = 9 };
	struct nl_msg *msg = build_route(AF_INET, 0, RTN_UNICAST, 254);

	nla_put_u32(msg, RTA_OIF, 3);
	nla_put(msg, RTA_VIA, sizeof(via), via);
	CU_ASSERT_EQUAL(decode(msg), DECODE_OK);
	CU_ASSERT_EQUAL_FATAL(n_seen, 1);
	CU_ASSERT_EQUAL(seen[0].gateway.type, INET_IPV6);
	CU_ASSERT_EQUAL(seen[0].gateway.bytes[15], 9);
	msg = build_route(AF_INET, 0, RTN_UNICAST, 254);
	nla_put_u32(msg, RTA_OIF, 3);
	nla_put(msg, RTA_VIA, 10, via); /* cut short */
	CU_ASSERT_EQUAL(decode(msg), DECODE_IGNORED);
	CU_ASSERT_EQUAL(n_seen, 0);
}

static void
put_hop(struct nl_msg *msg, int ifindex, uint8_t flags, const char *gateway)
{
	struct rtnexthop *hop = nlmsg_reserve(msg, sizeof(*hop), NLMSG_ALIGNTO);
	uint32_t begin = nlmsg_hdr(msg)->nlmsg_len - (uint32_t)sizeof(*hop);

	memset(hop, 0, sizeof(*hop));
	hop->rtnh_ifindex = ifindex;
	hop->rtnh_flags = flags;
	if (gateway)
		put_gateway(msg, gateway);
	hop->rtnh_len = (uint16_t)(nlmsg_hdr(msg)->nlmsg_len - begin);
}

static struct nl_msg *
build_multipath(void)
{
	struct nl_msg *msg = build_route(AF_INET, 0, RTN_UNICAST, 254);
	struct nlattr *nest = nla_nest_start(msg, RTA_MULTIPATH);

	put_hop(msg, 2, 0, "192.0.2.1");
	put_hop(msg, 3, RTNH_F_DEAD, "192.0.2.2");
	put_hop(msg, 4, 0, NULL);
	put_hop(msg, 5, RTNH_F_LINKDOWN, "192.0.2.4");
	nla_nest_end(msg, nest);
	return msg;
}

static void
all_next_hops_that_live(void)
{
	CU_ASSERT_EQUAL(decode(build_multipath()), DECODE_OK);
	CU_ASSERT_EQUAL_FATAL(n_seen, 2);
	CU_ASSERT_EQUAL(seen[0].ifindex, 2);
	CU_ASSERT_EQUAL(seen[1].ifindex, 5);
	CU_ASSERT_EQUAL(seen[1].gateway.bytes[3], 4);
	CU_ASSERT_EQUAL(seen[1].lifetime, ROUTER_FOREVER);
}

static void
other_routes(void)
{
	struct nl_msg *msg = build_route(AF_INET, 8, RTN_UNICAST, 254);

	CU_ASSERT_FALSE(decode_is_default_route(nlmsg_hdr(msg)));
	CU_ASSERT_EQUAL(decode(msg), DECODE_IGNORED);
	CU_ASSERT_EQUAL(
		decode(build_route(AF_INET, 0, RTN_BLACKHOLE, 254)), DECODE_IGNORED);
	msg = build_route(AF_INET, 0, RTN_UNICAST, 1000);
	put_gateway(msg, "192.0.2.1");
	nla_put_u32(msg, RTA_OIF, 3);
	CU_ASSERT_EQUAL(decode(msg), DECODE_IGNORED);
	msg = build_route(AF_INET, 0, RTN_UNICAST, 254);
	nla_put_u32(msg, RTA_OIF, 3); /* a device, no gateway */
	CU_ASSERT_EQUAL(decode(msg), DECODE_IGNORED);
	msg = build_route(AF_INET, 0, RTN_UNICAST, 254);
	put_gateway(msg, "2001:db8::1"); /* of another length than the family's */
	nla_put_u32(msg, RTA_OIF, 3);
	CU_ASSERT_EQUAL(decode(msg), DECODE_IGNORED);
}

/* Cut at any octet, also within a next hop: no read behind the end (a sanitizer sees it).
 */
static void
routes_cut_short(void)
{
	struct nl_msg *msg = build_multipath();
	struct nlmsghdr *head = nlmsg_hdr(msg);

	for (uint32_t len = NLMSG_HDRLEN; len < head->nlmsg_len; len++) {
		struct nlmsghdr *cut = malloc(len);

		memcpy(cut, head, len);
		cut->nlmsg_len = len;
		n_seen = 0;
		CU_ASSERT_NOT_EQUAL(decode_default_route(cut, note, NULL), DECODE_OK);
		free(cut);
	}
	nlmsg_free(msg);
	/* next hops that lie about their length */
	for (uint16_t lie = 0; lie < 300; lie++) {
		struct nlmsghdr *copy;
		struct rtnexthop *hop;
		enum decoded result;
		size_t rest;

		msg = build_multipath();
		copy = malloc(nlmsg_hdr(msg)->nlmsg_len);
		memcpy(copy, nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len);
		nlmsg_free(msg);
		hop = (void *)((char *)nlmsg_data(copy) + sizeof(struct rtmsg) + 8 + 4);
		CU_ASSERT_EQUAL_FATAL(hop->rtnh_ifindex, 2);
		rest = copy->nlmsg_len - (size_t)((char *)hop - (char *)copy);
		hop->rtnh_len = lie;
		result = decode_default_route(copy, note, NULL);
		if (lie < sizeof(*hop) || lie > rest)
			CU_ASSERT_EQUAL(result, DECODE_MALFORMED);
		free(copy);
	}
}

static void
put(struct mirror *mirror, uint8_t last, uint32_t ifindex, uint32_t metric,
	uint32_t lifetime)
{
	struct router_info info = { .gateway = inet_make(INET_IPV6,
					    (uint8_t[16]){ 0xfe, 0x80, [15] = last }),
		.ifindex = ifindex,
		.metric = metric,
		.lifetime = lifetime,
		.preference = (uint8_t)metric };

	router_put(mirror, &info);
}

static void
a_row_for_each_gateway(void)
{
	struct mirror *mirror = mirror_new(&unit_options);
	const struct router *router;

	clock_freeze(1000 * NS_PER_S);
	CU_ASSERT_TRUE(mirror->routers_stale);
	router_sweep_begin(mirror);
	put(mirror, 1, 2, 3, ROUTER_FOREVER);
	put(mirror, 1, 2, 1, 60); /* the same router by a better route */
	put(mirror, 1, 2, 2, ROUTER_FOREVER);
	put(mirror, 1, 3, 1, ROUTER_FOREVER); /* another, on another link */
	router_sweep_end(mirror);
	CU_ASSERT_EQUAL(set_count(&mirror->routers), 2);
	CU_ASSERT_TRUE(mirror->routers_expire);
	router = set_first(&mirror->routers);
	CU_ASSERT_EQUAL(router->gateway.type, INET_IPV6Z);
	CU_ASSERT_EQUAL(router->ifindex, 2);
	CU_ASSERT_EQUAL(router->metric, 1);
	CU_ASSERT_EQUAL(router->until, 1060);
	router_sweep_begin(mirror);
	put(mirror, 1, 2, 7,
		ROUTER_FOREVER); /* worse than before, and all that is left */
	router_sweep_end(mirror);
	CU_ASSERT_EQUAL(set_count(&mirror->routers), 1);
	router = set_first(&mirror->routers);
	CU_ASSERT_EQUAL(router->metric, 7);
	CU_ASSERT_FALSE(mirror->routers_expire);
	CU_ASSERT_FALSE(mirror->routers_stale);
	mirror_free(mirror);
	clock_freeze(0);
}

void
suite_router(void)
{
	CU_pSuite suite = CU_add_suite("router", NULL, NULL);

	CU_ADD_TEST(suite, one_gateway);
	CU_ADD_TEST(suite, gateway_of_the_other_family);
	CU_ADD_TEST(suite, all_next_hops_that_live);
	CU_ADD_TEST(suite, other_routes);
	CU_ADD_TEST(suite, routes_cut_short);
	CU_ADD_TEST(suite, a_row_for_each_gateway);
}
