/*
 * The decoders of routes and nexthop objects with messages built by hand: what each field
 * becomes, what the hash of an IPv4 route is made of, and what becomes of messages that
 * lie. And the questions that are answered with them.
 */
#include "unit.h"

#include "../../agent/kernel/decode.h"
#include "../../agent/kernel/encode.h"

#include <arpa/inet.h>
#include <linux/lwtunnel.h>
#include <linux/mpls_iptunnel.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <linux/seg6_iptunnel.h>
#include <linux/seg6_local.h>
#include <netlink/attr.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static struct route_info info;
static struct nexthop_info object;

static const struct rtmsg v4 = { .rtm_family = AF_INET,
	.rtm_dst_len = 24,
	.rtm_table = RT_TABLE_MAIN,
	.rtm_protocol = RTPROT_STATIC,
	.rtm_type = RTN_UNICAST };
static const struct rtmsg v6 = { .rtm_family = AF_INET6,
	.rtm_dst_len = 48,
	.rtm_table = RT_TABLE_MAIN,
	.rtm_protocol = RTPROT_STATIC,
	.rtm_type = RTN_UNICAST };

static struct nl_msg *
message(int type, const void *head, size_t len)
{
	struct nl_msg *msg = nlmsg_alloc_size(72000);

	nlmsg_put(msg, 0, 0, type, 0, 0);
	nlmsg_append(msg, (void *)(size_t)head, len, NLMSG_ALIGNTO);
	return msg;
}

static struct nl_msg *
route(const struct rtmsg *head)
{
	return message(RTM_NEWROUTE, head, sizeof(*head));
}

/* An address as inet_pton(3) reads it; RTA_VIA is preceded by its family. */
static void
put_address(struct nl_msg *msg, int attr, const char *text)
{
	uint8_t octets[18];
	uint16_t family = strchr(text, ':') ? AF_INET6 : AF_INET;
	int len = family == AF_INET ? 4 : 16;

	memcpy(octets, &family, sizeof(family));
	CU_ASSERT_EQUAL(inet_pton(family, text, octets + 2), 1);
	if (attr == RTA_VIA)
		nla_put(msg, attr, len + 2, octets);
	else
		nla_put(msg, attr, len, octets + 2);
}

static bool
is_inet(const struct inet *inet, const char *text)
{
	uint8_t octets[16];
	bool six = strchr(text, ':') != NULL;
	struct inet want;

	inet_pton(six ? AF_INET6 : AF_INET, text, octets);
	want = inet_make(six ? INET_IPV6 : INET_IPV4, octets);
	return inet_compare(inet, &want) == 0;
}

/* Decodes @msg, which is freed, from a place that is exactly as long as it. */
static enum decoded
decode_exactly(struct nl_msg *msg, uint32_t len)
{
	struct nlmsghdr *copy = malloc(len < sizeof(*copy) ? sizeof(*copy) : len);
	enum decoded result;

	memcpy(copy, nlmsg_hdr(msg), len < sizeof(*copy) ? sizeof(*copy) : len);
	copy->nlmsg_len = len;
	if (copy->nlmsg_type == RTM_NEWNEXTHOP || copy->nlmsg_type == RTM_DELNEXTHOP)
		result = decode_nexthop(copy, &object);
	else
		result = decode_route(copy, &info);
	free(copy);
	return result;
}

static enum decoded
decode(struct nl_msg *msg)
{
	enum decoded result = decode_exactly(msg, nlmsg_hdr(msg)->nlmsg_len);

	nlmsg_free(msg);
	return result;
}

static void
an_ipv4_route(void)
{
	struct rtmsg head = v4;
	struct nl_msg *msg;

	head.rtm_tos = 0x10;
	head.rtm_scope = RT_SCOPE_LINK;
	head.rtm_flags = RTNH_F_LINKDOWN | RTNH_F_DEAD;
	msg = route(&head);
	put_address(msg, RTA_DST, "192.0.2.0");
	put_address(msg, RTA_PREFSRC, "198.51.100.9");
	put_address(msg, RTA_GATEWAY, "198.51.100.1");
	nla_put_u32(msg, RTA_OIF, 7);
	nla_put_u32(msg, RTA_TABLE, 1000);
	nla_put_u32(msg, RTA_PRIORITY, 4278198272);
	CU_ASSERT_EQUAL(decode(msg), DECODE_OK);
	CU_ASSERT_TRUE(is_inet(&info.dst, "192.0.2.0"));
	CU_ASSERT_EQUAL(info.plen, 24);
	CU_ASSERT_EQUAL(info.src.type, INET_UNKNOWN);
	CU_ASSERT_EQUAL(info.src_plen, 0);
	CU_ASSERT_TRUE(is_inet(&info.prefsrc, "198.51.100.9"));
	CU_ASSERT_EQUAL(info.table, 1000);
	CU_ASSERT_EQUAL(info.metric, 4278198272);
	CU_ASSERT_EQUAL(info.nhid, 0);
	CU_ASSERT_NOT_EQUAL(info.id, 0);
	CU_ASSERT_EQUAL(info.lifetime, ROUTER_FOREVER);
	CU_ASSERT_EQUAL(info.tos, 0x10);
	CU_ASSERT_EQUAL(info.type, ROUTE_UNICAST);
	CU_ASSERT_EQUAL(info.proto, ROUTE_PROTO_STATIC);
	CU_ASSERT_EQUAL(info.scope, RT_SCOPE_LINK);
	CU_ASSERT_EQUAL(info.preference, ROUTER_MEDIUM);
	CU_ASSERT_FALSE(info.replace);
	CU_ASSERT_EQUAL(info.n_hops, 1);
	CU_ASSERT_TRUE(is_inet(&info.hops[0].gateway, "198.51.100.1"));
	CU_ASSERT_EQUAL(info.hops[0].ifindex, 7);
	CU_ASSERT_EQUAL(info.hops[0].encap, 0);
	CU_ASSERT_EQUAL(info.hops[0].weight, 0);
	CU_ASSERT_TRUE(info.hops[0].dead);
}

static void
an_ipv6_route(void)
{
	struct rta_cacheinfo cache = { .rta_expires = 4299 };
	struct rtmsg head = v6;
	struct nl_msg *msg;

	head.rtm_src_len = 33;
	msg = route(&head);
	put_address(msg, RTA_DST, "2001:db8:1::");
	put_address(msg, RTA_SRC, "2001:db8:ffff::");
	put_address(msg, RTA_PREFSRC, "2001:db8::9");
	put_address(msg, RTA_GATEWAY, "fe80::1");
	nla_put_u32(msg, RTA_OIF, 7);
	nla_put_u32(msg, RTA_PRIORITY, 1024);
	nla_put(msg, RTA_CACHEINFO, sizeof(cache), &cache);
	nla_put_u8(msg, RTA_PREF, ROUTER_LOW);
	CU_ASSERT_EQUAL(decode(msg), DECODE_OK);
	CU_ASSERT_TRUE(is_inet(&info.dst, "2001:db8:1::"));
	CU_ASSERT_EQUAL(info.plen, 48);
	CU_ASSERT_TRUE(is_inet(&info.src, "2001:db8:8000::"));
	CU_ASSERT_EQUAL(info.src_plen, 33);
	CU_ASSERT_TRUE(is_inet(&info.prefsrc, "2001:db8::9"));
	CU_ASSERT_EQUAL(info.table, RT_TABLE_MAIN);
	CU_ASSERT_EQUAL(info.metric, 1024);
	CU_ASSERT_EQUAL(info.id, 0);
	CU_ASSERT_EQUAL(info.lifetime, 42);
	CU_ASSERT_EQUAL(info.preference, ROUTER_LOW);
	CU_ASSERT_EQUAL(info.n_hops, 1);
	CU_ASSERT_TRUE(is_inet(&info.hops[0].gateway, "fe80::1"));
	CU_ASSERT_EQUAL(info.hops[0].ifindex, 7);
	CU_ASSERT_FALSE(info.hops[0].dead);
}

/* What a message does not say is not left over from the one before. */
static void
a_default_route_after_another(void)
{
	struct rtmsg head = v4;
	struct nl_msg *msg;

	an_ipv6_route();
	head.rtm_dst_len = 0;
	msg = route(&head);
	nla_put_u32(msg, RTA_OIF, 3);
	CU_ASSERT_EQUAL(decode(msg), DECODE_OK);
	CU_ASSERT_TRUE(is_inet(&info.dst, "0.0.0.0"));
	CU_ASSERT_EQUAL(info.plen, 0);
	CU_ASSERT_EQUAL(info.src.type, INET_UNKNOWN);
	CU_ASSERT_EQUAL(info.src_plen, 0);
	CU_ASSERT_EQUAL(info.prefsrc.type, INET_UNKNOWN);
	CU_ASSERT_EQUAL(info.metric, 0);
	CU_ASSERT_EQUAL(info.lifetime, ROUTER_FOREVER);
	CU_ASSERT_EQUAL(info.preference, ROUTER_MEDIUM);
	CU_ASSERT_EQUAL(info.hops[0].gateway.type, INET_UNKNOWN);
	CU_ASSERT_EQUAL(info.hops[0].gateway.bytes[0], 0);
	head = v6;
	head.rtm_dst_len = 0;
	CU_ASSERT_EQUAL(decode(route(&head)), DECODE_OK);
	CU_ASSERT_TRUE(is_inet(&info.dst, "::"));
	CU_ASSERT_EQUAL(info.hops[0].ifindex, 0);
}

static void
a_route_that_ends(void)
{
	static const struct {
		int32_t ticks;
		uint32_t seconds;
	} cases[] = { { 0, ROUTER_FOREVER }, { 99, 0 }, { 100, 1 }, { -1, 0 },
		{ INT32_MIN, 0 }, { INT32_MAX, INT32_MAX / 100 } };

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct rta_cacheinfo cache = { .rta_expires = cases[i].ticks };
		struct nl_msg *msg = route(&v6);

		nla_put(msg, RTA_CACHEINFO, sizeof(cache), &cache);
		CU_ASSERT_EQUAL(decode(msg), DECODE_OK);
		CU_ASSERT_EQUAL(info.lifetime, cases[i].seconds);
	}
}

static void
a_route_that_replaces_another(void)
{
	struct nl_msg *msg = route(&v4);

	nlmsg_hdr(msg)->nlmsg_flags = NLM_F_MULTI | NLM_F_DUMP_FILTERED;
	CU_ASSERT_EQUAL(decode_route(nlmsg_hdr(msg), &info), DECODE_OK);
	CU_ASSERT_FALSE(info.replace);
	nlmsg_hdr(msg)->nlmsg_flags = NLM_F_REPLACE;
	CU_ASSERT_EQUAL(decode_route(nlmsg_hdr(msg), &info), DECODE_OK);
	CU_ASSERT_TRUE(info.replace);
	nlmsg_hdr(msg)->nlmsg_type = RTM_DELROUTE;
	CU_ASSERT_EQUAL(decode(msg), DECODE_OK);
	CU_ASSERT_FALSE(info.replace);
}

static void
what_is_not_a_route_is_ignored(void)
{
	struct rtmsg head = v4;
	struct nl_msg *msg;

	CU_ASSERT_EQUAL(
		decode(message(RTM_GETROUTE, &head, sizeof(head))), DECODE_IGNORED);
	CU_ASSERT_EQUAL(decode(message(RTM_DELROUTE, &head, sizeof(head))), DECODE_OK);
	head.rtm_flags = RTM_F_CLONED;
	CU_ASSERT_EQUAL(decode(route(&head)), DECODE_IGNORED);
	head = v4;
	head.rtm_family = RTNL_FAMILY_IPMR;
	CU_ASSERT_EQUAL(decode(route(&head)), DECODE_IGNORED);
	head.rtm_family = AF_MPLS;
	head.rtm_dst_len = 20;
	msg = route(&head);
	nla_put_u32(msg, RTA_DST, htonl(100 << 12 | 1 << 8));
	nla_put(msg, RTA_VIA, 8, "\x11\0\2\0\0\0\0\1"); /* AF_PACKET */
	CU_ASSERT_EQUAL(decode(msg), DECODE_IGNORED);
}

/* IPv6 says that a blackhole is on device lo. */
static void
nothing_goes_over_a_blackhole(void)
{
	static const uint8_t types[] = { RTN_BLACKHOLE, RTN_UNREACHABLE, RTN_PROHIBIT,
		RTN_THROW };

	for (size_t i = 0; i < N_ELEMENTS(types); i++) {
		struct rtmsg head = v6;
		struct nl_msg *msg;

		head.rtm_type = types[i];
		msg = route(&head);
		nla_put_u32(msg, RTA_OIF, 1);
		memset(info.hops, 0xff, sizeof(info.hops[0]));
		CU_ASSERT_EQUAL(decode(msg), DECODE_OK);
		CU_ASSERT_EQUAL(info.type, types[i]);
		CU_ASSERT_EQUAL(info.n_hops, 1);
		CU_ASSERT_EQUAL(info.hops[0].ifindex, 0);
		CU_ASSERT_EQUAL(info.hops[0].gateway.type, INET_UNKNOWN);
		CU_ASSERT_FALSE(info.hops[0].dead);
		head = v4;
		head.rtm_type = types[i];
		CU_ASSERT_EQUAL(decode(route(&head)), DECODE_OK);
		CU_ASSERT_EQUAL(info.n_hops, 1);
	}
}

static void
bits_behind_the_prefix(void)
{
	for (unsigned int plen = 0; plen <= 129; plen++) {
		uint8_t ones[16];
		struct rtmsg head = plen & 1 ? v6 : v4;
		unsigned int most = head.rtm_family == AF_INET ? 32 : 128;
		struct nl_msg *msg;

		memset(ones, 0xff, sizeof(ones));
		head.rtm_dst_len = (uint8_t)plen;
		msg = route(&head);
		nla_put(msg, RTA_DST, (int)most / 8, ones);
		if (plen > most) {
			CU_ASSERT_EQUAL(decode(msg), DECODE_MALFORMED);
			continue;
		}
		CU_ASSERT_EQUAL(decode(msg), DECODE_OK);
		for (unsigned int bit = 0; bit < most; bit++)
			CU_ASSERT_EQUAL(!(info.dst.bytes[bit / 8] & 0x80 >> bit % 8),
				bit >= plen);
	}
}

/* A next hop in the making: text addresses, both may be NULL. */
struct built_hop {
	const char *gateway, *via;
	int ifindex;
	uint8_t hops, flags;
	uint32_t realm;
	void (*encap)(struct nl_msg *msg);
};

static void
put_hop(struct nl_msg *msg, const struct built_hop *what)
{
	struct rtnexthop head = { .rtnh_ifindex = what->ifindex,
		.rtnh_hops = what->hops,
		.rtnh_flags = what->flags };
	uint32_t at = nlmsg_hdr(msg)->nlmsg_len;
	struct rtnexthop *put;

	nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO);
	if (what->gateway)
		put_address(msg, RTA_GATEWAY, what->gateway);
	if (what->via)
		put_address(msg, RTA_VIA, what->via);
	if (what->realm)
		nla_put_u32(msg, RTA_FLOW, what->realm);
	if (what->encap)
		what->encap(msg);
	put = (void *)((char *)nlmsg_hdr(msg) + at);
	put->rtnh_len = (uint16_t)(nlmsg_hdr(msg)->nlmsg_len - at);
}

static struct nl_msg *
multipath(const struct rtmsg *head, const struct built_hop *hops, size_t n)
{
	struct nl_msg *msg = route(head);
	struct nlattr *nest = nla_nest_start(msg, RTA_MULTIPATH);

	for (size_t i = 0; i < n; i++)
		put_hop(msg, &hops[i]);
	nla_nest_end(msg, nest);
	return msg;
}

static void
encap_mpls(struct nl_msg *msg)
{
	struct nlattr *nest = nla_nest_start(msg, RTA_ENCAP);

	nla_put_u32(msg, MPLS_IPTUNNEL_DST, htonl(100 << 12 | 1 << 8));
	nla_put_u8(msg, MPLS_IPTUNNEL_TTL, 64);
	nla_nest_end(msg, nest);
	nla_put_u16(msg, RTA_ENCAP_TYPE, LWTUNNEL_ENCAP_MPLS);
}

static void
encap_seg6(struct nl_msg *msg)
{
	struct nlattr *nest = nla_nest_start(msg, RTA_ENCAP);
	uint8_t octets[28] = { 1, 0, 0, 0, 41, 2, 4, 0, 0, 0, 0, 0, 0x20, 1, 0xd, 0xb8 };

	nla_put(msg, SEG6_IPTUNNEL_SRH, sizeof(octets), octets);
	nla_nest_end(msg, nest);
	nla_put_u16(msg, RTA_ENCAP_TYPE, LWTUNNEL_ENCAP_SEG6);
}

static uint64_t n_packets; /* that a seg6local route has seen */
static uint32_t seg6_action;

static void
encap_seg6_local(struct nl_msg *msg)
{
	struct nlattr *nest = nla_nest_start(msg, RTA_ENCAP), *counters;

	nla_put_u32(msg, SEG6_LOCAL_ACTION, seg6_action);
	counters = nla_nest_start(msg, SEG6_LOCAL_COUNTERS);
	nla_put_u64(msg, SEG6_LOCAL_CNT_PACKETS, n_packets);
	nla_nest_end(msg, counters);
	nla_nest_end(msg, nest);
	nla_put_u16(msg, RTA_ENCAP_TYPE, LWTUNNEL_ENCAP_SEG6_LOCAL);
}

static void
next_hops_of_one_route(void)
{
	static const struct built_hop hops[] = {
		{ "198.51.100.1", NULL, 3, 0, RTNH_F_DEAD | RTNH_F_LINKDOWN, 0, NULL },
		{ NULL, "fe80::1", 4, 9, 0, 0, NULL },
		{ NULL, NULL, 5, 255, RTNH_F_LINKDOWN, 0, NULL },
		{ "198.51.100.1", NULL, 3, 0, 0, 7, NULL },
		{ "198.51.100.1", NULL, 3, 0, 0, 0, encap_mpls },
		{ "198.51.100.1", NULL, 3, 0, 0, 7, encap_mpls },
		{ "198.51.100.1", NULL, 3, 0, 0, 0, encap_seg6 },
	};

	memset(&info.hops[7], 0xa5, sizeof(info.hops[7]));
	CU_ASSERT_EQUAL(decode(multipath(&v4, hops, N_ELEMENTS(hops))), DECODE_OK);
	CU_ASSERT_EQUAL(info.n_hops, 7);
	CU_ASSERT_TRUE(is_inet(&info.hops[0].gateway, "198.51.100.1"));
	CU_ASSERT_EQUAL(info.hops[0].ifindex, 3);
	CU_ASSERT_EQUAL(info.hops[0].weight, 1);
	CU_ASSERT_TRUE(info.hops[0].dead);
	CU_ASSERT_TRUE(is_inet(&info.hops[1].gateway, "fe80::1"));
	CU_ASSERT_EQUAL(info.hops[1].weight, 10);
	CU_ASSERT_FALSE(info.hops[1].dead);
	CU_ASSERT_EQUAL(info.hops[2].gateway.type, INET_UNKNOWN);
	CU_ASSERT_EQUAL(info.hops[2].ifindex, 5);
	CU_ASSERT_EQUAL(info.hops[2].weight, 256);
	CU_ASSERT_FALSE(info.hops[2].dead);
	for (size_t i = 0; i < 7; i++) {
		CU_ASSERT_EQUAL(info.hops[i].encap != 0, i >= 3);
		for (size_t j = 3; j < i; j++)
			CU_ASSERT_NOT_EQUAL(info.hops[i].encap, info.hops[j].encap);
	}
	CU_ASSERT_EQUAL(info.hops[7].ifindex, 0xa5a5a5a5); /* is left alone */
}

static uint32_t
encap_of(void (*encap)(struct nl_msg *msg))
{
	struct nl_msg *msg = route(&v6);

	encap(msg);
	CU_ASSERT_EQUAL(decode(msg), DECODE_OK);
	return info.hops[0].encap;
}

static void
counters_in_an_encapsulation(void)
{
	uint32_t before;

	seg6_action = SEG6_LOCAL_ACTION_END;
	n_packets = 0;
	before = encap_of(encap_seg6_local);
	n_packets = 1 << 20;
	CU_ASSERT_EQUAL(encap_of(encap_seg6_local), before);
	seg6_action = SEG6_LOCAL_ACTION_END_X;
	CU_ASSERT_NOT_EQUAL(encap_of(encap_seg6_local), before);
	CU_ASSERT_NOT_EQUAL(encap_of(encap_mpls), encap_of(encap_seg6));
}

static void
routes_with_a_nexthop_object(void)
{
	static const struct built_hop hops[] = { { "198.51.100.1", .ifindex = 3 },
		{ "198.51.100.2", .ifindex = 4, .hops = 1 } };
	struct nl_msg *msg = multipath(&v4, hops, 2);
	uint32_t id;

	nla_put_u32(msg, RTA_NH_ID, 77);
	CU_ASSERT_EQUAL(decode(msg), DECODE_OK);
	CU_ASSERT_EQUAL(info.nhid, 77);
	CU_ASSERT_EQUAL(info.n_hops, 2);
	id = info.id;
	msg = route(&v4);
	nla_put_u32(msg, RTA_NH_ID, 77);
	CU_ASSERT_EQUAL(decode(msg), DECODE_OK);
	CU_ASSERT_EQUAL(info.nhid, 77);
	CU_ASSERT_EQUAL(info.n_hops, 0);
	CU_ASSERT_EQUAL(info.id, id); /* whatever the sysctl nexthop_compat_mode is */
	msg = route(&v6);
	nla_put_u32(msg, RTA_NH_ID, 77);
	nla_put_u32(msg, RTA_OIF, 3);
	CU_ASSERT_EQUAL(decode(msg), DECODE_OK);
	CU_ASSERT_EQUAL(info.n_hops, 1);
	CU_ASSERT_EQUAL(info.hops[0].ifindex, 3);
}

/* What an IPv4 route is made of. */
struct content {
	struct rtmsg head;
	const char *prefsrc;
	uint32_t nhid, mtu, realm, metric, table;
	bool single;
	struct built_hop hops[2];
};

static uint32_t
id_of(const struct content *what)
{
	struct nl_msg *msg =
		what->single ? route(&what->head) : multipath(&what->head, what->hops, 2);
	struct nlattr *nest;

	if (what->single) {
		put_address(msg, RTA_GATEWAY, what->hops[0].gateway);
		nla_put_u32(msg, RTA_OIF, (uint32_t)what->hops[0].ifindex);
	}
	if (what->prefsrc)
		put_address(msg, RTA_PREFSRC, what->prefsrc);
	if (what->nhid)
		nla_put_u32(msg, RTA_NH_ID, what->nhid);
	if (what->realm)
		nla_put_u32(msg, RTA_FLOW, what->realm);
	if (what->metric)
		nla_put_u32(msg, RTA_PRIORITY, what->metric);
	if (what->table)
		nla_put_u32(msg, RTA_TABLE, what->table);
	if (what->mtu) {
		nest = nla_nest_start(msg, RTA_METRICS);
		nla_put_u32(msg, RTAX_MTU, what->mtu);
		nla_nest_end(msg, nest);
	}
	CU_ASSERT_EQUAL(decode(msg), DECODE_OK);
	return info.id;
}

static const struct content plain = { .head = { .rtm_family = AF_INET,
					      .rtm_protocol = RTPROT_STATIC,
					      .rtm_type = RTN_UNICAST },
	.hops = { { "198.51.100.1", .ifindex = 3 }, { "198.51.100.2", .ifindex = 4 } } };

static void
hash_of_what_a_route_is(void)
{
	struct content various[19];
	uint32_t ids[19];

	for (size_t i = 0; i < N_ELEMENTS(various); i++)
		various[i] = plain;
	various[1].head.rtm_type = RTN_LOCAL;
	various[2].head.rtm_protocol = RTPROT_BGP;
	various[3].head.rtm_scope = RT_SCOPE_LINK;
	various[4].prefsrc = "198.51.100.9";
	various[5].prefsrc = "198.51.100.8";
	various[6].mtu = 1400;
	various[7].mtu = 1300;
	various[8].nhid = 5;
	various[9].nhid = 6;
	various[10].single = true;
	various[10].realm = 5;
	various[11].single = true;
	various[18].single = true;
	various[18].realm = 6;
	various[12].hops[1].gateway = "198.51.100.3";
	various[13].hops[1].ifindex = 5;
	various[14].hops[1].hops = 1;
	various[15].hops[0].flags = RTNH_F_ONLINK;
	various[16].hops[1].encap = encap_mpls;
	various[17].hops[0] = plain.hops[1];
	various[17].hops[1] = plain.hops[0];
	for (size_t i = 0; i < N_ELEMENTS(various); i++) {
		ids[i] = id_of(&various[i]);
		CU_ASSERT_NOT_EQUAL(ids[i], 0);
		for (size_t j = 0; j < i; j++)
			CU_ASSERT_NOT_EQUAL(ids[i], ids[j]);
	}
}

/* Blackhole is 6, and so is object 7 but for a bit. */
static void
hash_of_an_object_is_none_of_a_type(void)
{
	for (uint8_t type = RTN_UNICAST; type <= RTN_THROW; type++) {
		struct rtmsg head = v4;
		uint32_t id;

		head.rtm_type = type;
		CU_ASSERT_EQUAL(decode(route(&head)), DECODE_OK);
		id = info.id;
		for (uint32_t nhid = 1; nhid < 32; nhid++) {
			struct nl_msg *msg = route(&v4);

			nla_put_u32(msg, RTA_NH_ID, nhid);
			CU_ASSERT_EQUAL(decode(msg), DECODE_OK);
			CU_ASSERT_NOT_EQUAL(info.id, id);
		}
	}
}

/* Its state, its key, and what its object is at present are not in it. */
static void
hash_without_what_changes(void)
{
	struct content what = plain, single = plain;
	uint32_t id = id_of(&plain);

	for (int bit = 0; bit < 8; bit++) {
		what.hops[1].flags = (uint8_t)(1 << bit);
		CU_ASSERT_EQUAL(id_of(&what) == id, 1 << bit != RTNH_F_ONLINK);
	}
	what = plain;
	what.metric = 7;
	what.table = 1000;
	what.head.rtm_tos = 0x10;
	what.head.rtm_dst_len = 8;
	what.head.rtm_flags = RTM_F_OFFLOAD | RTM_F_TRAP | RTNH_F_LINKDOWN;
	CU_ASSERT_EQUAL(id_of(&what), id);
	single.single = true;
	id = id_of(&single);
	single.head.rtm_flags = RTM_F_OFFLOAD | RTNH_F_DEAD | RTNH_F_LINKDOWN |
				RTNH_F_OFFLOAD | RTNH_F_TRAP;
	CU_ASSERT_EQUAL(id_of(&single), id);
	single.head.rtm_flags = RTNH_F_ONLINK;
	CU_ASSERT_NOT_EQUAL(id_of(&single), id);
	what = plain;
	what.nhid = 5;
	id = id_of(&what);
	what.head.rtm_type = RTN_BLACKHOLE; /* so is the object, now */
	CU_ASSERT_EQUAL(id_of(&what), id);
}

static enum decoded
decode_with(const struct rtmsg *head, int attr, int len)
{
	static const uint8_t zero[64];
	struct nl_msg *msg = route(head);

	nla_put(msg, attr, len, zero);
	return decode(msg);
}

/* The one length that each attribute may have. */
static void
attributes_of_all_lengths(void)
{
	static const struct {
		int attr, v4, v6;
	} cases[] = { { RTA_DST, 4, 16 }, { RTA_GATEWAY, 4, 16 }, { RTA_PREFSRC, 4, 16 },
		{ RTA_OIF, 4, 4 }, { RTA_TABLE, 4, 4 }, { RTA_PRIORITY, 4, 4 },
		{ RTA_NH_ID, 4, 4 }, { RTA_PREF, 1, 1 }, { RTA_SRC, -1, 16 } };

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		for (int len = 0; len <= 20; len++) {
			struct rtmsg six = v6;
			bool good = len == cases[i].v4 || cases[i].v4 < 0;

			six.rtm_src_len = 32;
			CU_ASSERT_EQUAL(decode_with(&v4, cases[i].attr, len),
				good ? DECODE_OK : DECODE_MALFORMED);
			CU_ASSERT_EQUAL(decode_with(&six, cases[i].attr, len),
				len == cases[i].v6 ? DECODE_OK : DECODE_MALFORMED);
		}
	}
	for (int len = 0; len <= 40; len++)
		CU_ASSERT_EQUAL(decode_with(&v6, RTA_CACHEINFO, len),
			len < (int)sizeof(struct rta_cacheinfo) ? DECODE_MALFORMED
								: DECODE_OK);
}

static void
gateways_of_the_other_family(void)
{
	for (uint16_t family = 0; family < 40; family++) {
		for (int len = 0; len <= 20; len++) {
			uint8_t octets[20] = { 0 };
			struct nl_msg *msg = route(&v4);
			bool good = (family == AF_INET && len == 6) ||
				    (family == AF_INET6 && len == 18);

			memcpy(octets, &family, sizeof(family));
			nla_put(msg, RTA_VIA, len, octets);
			CU_ASSERT_EQUAL(decode(msg), good ? DECODE_OK : DECODE_MALFORMED);
			msg = route(&v6); /* which have no IPv4 gateways */
			nla_put(msg, RTA_VIA, len, octets);
			CU_ASSERT_EQUAL(decode(msg), good && family == AF_INET6
							     ? DECODE_OK
							     : DECODE_MALFORMED);
		}
	}
}

static void
numbers_that_cannot_be(void)
{
	static const struct {
		uint32_t ifindex;
		enum decoded want;
	} cases[] = { { 1, DECODE_OK }, { INT32_MAX, DECODE_OK },
		{ 0x80000000, DECODE_MALFORMED }, { UINT32_MAX, DECODE_MALFORMED } };
	struct rtmsg head = v6;

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct built_hop hop = { .ifindex = (int)cases[i].ifindex };
		struct nl_msg *msg = route(&v4);

		nla_put_u32(msg, RTA_OIF, cases[i].ifindex);
		CU_ASSERT_EQUAL(decode(msg), cases[i].want);
		CU_ASSERT_EQUAL(decode(multipath(&v4, &hop, 1)), cases[i].want);
	}
	for (int preference = 0; preference < 256; preference++) {
		struct nl_msg *msg = route(&v6);

		nla_put_u8(msg, RTA_PREF, (uint8_t)preference);
		CU_ASSERT_EQUAL(decode(msg),
			preference <= ROUTER_LOW ? DECODE_OK : DECODE_MALFORMED);
	}
	head.rtm_src_len = 129;
	CU_ASSERT_EQUAL(decode(route(&head)), DECODE_MALFORMED);
	CU_ASSERT_EQUAL(decode_with(&v4, RTA_MULTIPATH, 0), DECODE_MALFORMED);
}

/* Is @len behind the header of @head octets or behind an attribute, its padding aside? */
static bool
is_border(const struct nl_msg *msg, uint32_t head, uint32_t len)
{
	const struct nlmsghdr *whole = nlmsg_hdr((struct nl_msg *)(size_t)msg);
	uint32_t at = NLMSG_HDRLEN + head;

	if (len == at)
		return true;
	while (at < whole->nlmsg_len) {
		const struct nlattr *attr = (const void *)((const char *)whole + at);

		if (len >= at + attr->nla_len &&
			len <= at + (uint32_t)NLA_ALIGN(attr->nla_len))
			return true;
		at += (uint32_t)NLA_ALIGN(attr->nla_len);
	}
	return false;
}

static void
routes_cut_at_every_octet(void)
{
	static const struct built_hop hops[] = {
		{ "2001:db8::1", NULL, 3, 0, 0, 7, NULL },
		{ NULL, "2001:db8::2", 4, 0, 0, 0, encap_seg6 },
	};
	struct nl_msg *msg = multipath(&v6, hops, 2);

	nla_put_u8(msg, RTA_PREF, 1);
	put_address(msg, RTA_DST, "2001:db8::");
	nla_put_u32(msg, RTA_NH_ID, 5);
	for (uint32_t len = 0; len < nlmsg_hdr(msg)->nlmsg_len; len++)
		CU_ASSERT_EQUAL(decode_exactly(msg, len),
			is_border(msg, sizeof(struct rtmsg), len) ? DECODE_OK
								  : DECODE_MALFORMED);
	nlmsg_free(msg);
}

/* RTA_MULTIPATH cut at every octet, and its next hops with every length: what is good is
 * counted by hand. The first hop ends at 20 (8, RTA_VIA 10, padding 2), the second at 34,
 * without a padding. */
static void
multipath_of_all_lengths(void)
{
	static const uint8_t octets[] = { 18, 0, 0, 0, 3, 0, 0, 0, 10, 0, RTA_VIA, 0, 2,
		0, 192, 0, 2, 1, 0, 0, 14, 0, 0, 0, 4, 0, 0, 0, 5, 0, RTA_PREF, 0, 1, 0 };
	uint8_t copy[sizeof(octets)];

	for (int len = 0; len <= (int)sizeof(octets); len++) {
		struct nl_msg *msg = route(&v4);
		bool good = (len >= 18 && len <= 20) || len == 34;

		nla_put(msg, RTA_MULTIPATH, len, octets);
		nlmsg_hdr(msg)->nlmsg_len = NLMSG_HDRLEN + 12 + 4 + (uint32_t)len;
		CU_ASSERT_EQUAL(decode(msg), good ? DECODE_OK : DECODE_MALFORMED);
		CU_ASSERT_EQUAL(info.n_hops, len == 34 ? 2 : len >= 18);
	}
	for (uint32_t said = 0; said <= UINT16_MAX; said += said < 64 ? 1 : 771) {
		uint16_t length = (uint16_t)said;
		struct nl_msg *msg = route(&v4);
		/* with and without the padding, or the second one is an attribute of it
		 */
		bool good = (said >= 18 && said <= 20) || said == 34;

		memcpy(copy, octets, sizeof(copy));
		memcpy(copy, &length, sizeof(length));
		nla_put(msg, RTA_MULTIPATH, sizeof(copy), copy);
		CU_ASSERT_EQUAL(decode(msg), good ? DECODE_OK : DECODE_MALFORMED);
	}
}

static void
thousands_of_next_hops(void)
{
	static const size_t numbers[] = { 4000, 8191 };

	for (size_t i = 0; i < N_ELEMENTS(numbers); i++) {
		struct nl_msg *msg = route(&v4);
		struct nlattr *nest = nla_nest_start(msg, RTA_MULTIPATH);

		for (size_t n = 0; n < numbers[i]; n++)
			put_hop(msg,
				&(struct built_hop){ .gateway = i ? NULL : "192.0.2.1",
					.ifindex = (int)n + 1 });
		nest->nla_len = (uint16_t)((char *)nlmsg_hdr(msg) +
					   nlmsg_hdr(msg)->nlmsg_len - (char *)nest);
		CU_ASSERT_EQUAL(decode(msg), DECODE_OK);
		CU_ASSERT_EQUAL(info.n_hops, numbers[i]);
		for (size_t n = 0; n < numbers[i]; n++)
			CU_ASSERT_EQUAL(info.hops[n].ifindex, n + 1);
	}
}

static struct nl_msg *
nexthop(uint8_t family, uint32_t flags, uint32_t id)
{
	struct nhmsg head = { .nh_family = family, .nh_flags = flags };
	struct nl_msg *msg = message(RTM_NEWNEXTHOP, &head, sizeof(head));

	nla_put_u32(msg, NHA_ID, id);
	return msg;
}

static void
a_nexthop_object(void)
{
	struct nl_msg *msg = nexthop(AF_INET6, RTNH_F_DEAD | RTNH_F_LINKDOWN, 5);

	put_address(msg, NHA_GATEWAY, "fe80::1");
	nla_put_u32(msg, NHA_OIF, 3);
	CU_ASSERT_EQUAL(decode(msg), DECODE_OK);
	CU_ASSERT_EQUAL(object.id, 5);
	CU_ASSERT_EQUAL(object.ifindex, 3);
	CU_ASSERT_TRUE(is_inet(&object.gateway, "fe80::1"));
	CU_ASSERT_TRUE(object.dead);
	CU_ASSERT_FALSE(object.blackhole);
	CU_ASSERT_EQUAL(object.n_members, 0);
	msg = nexthop(AF_INET, RTNH_F_LINKDOWN, 6);
	nla_put_flag(msg, NHA_BLACKHOLE);
	nlmsg_hdr(msg)->nlmsg_type = RTM_DELNEXTHOP;
	CU_ASSERT_EQUAL(decode(msg), DECODE_OK);
	CU_ASSERT_EQUAL(object.id, 6);
	CU_ASSERT_EQUAL(object.ifindex, 0);
	CU_ASSERT_EQUAL(object.gateway.type, INET_UNKNOWN);
	CU_ASSERT_FALSE(object.dead);
	CU_ASSERT_TRUE(object.blackhole);
}

static void
nexthop_objects_that_are_none(void)
{
	struct nl_msg *msg = nexthop(AF_INET, 0, 5);

	nla_put_flag(msg, NHA_FDB);
	CU_ASSERT_EQUAL(decode(msg), DECODE_IGNORED);
	msg = nexthop(AF_INET, 0, 5);
	nlmsg_hdr(msg)->nlmsg_type = RTM_GETNEXTHOP;
	CU_ASSERT_EQUAL(decode_nexthop(nlmsg_hdr(msg), &object), DECODE_IGNORED);
	nlmsg_free(msg);
	CU_ASSERT_EQUAL(decode(nexthop(AF_INET, 0, 0)), DECODE_MALFORMED);
	msg = nexthop(AF_INET, 0, 5);
	nla_put_u32(msg, NHA_OIF, 0x80000000);
	CU_ASSERT_EQUAL(decode(msg), DECODE_MALFORMED);
	for (int family = 0; family < 40; family++) {
		for (int len = 0; len <= 20; len++) {
			static const uint8_t octets[20] = { 192, 0, 2, 1 };
			bool good = (family == AF_INET && len == 4) ||
				    (family == AF_INET6 && len == 16);

			msg = nexthop((uint8_t)family, 0, 5);
			nla_put(msg, NHA_GATEWAY, len, octets);
			CU_ASSERT_EQUAL(decode(msg), good ? DECODE_OK : DECODE_MALFORMED);
		}
	}
}

static void
numbers_of_a_nexthop_object(void)
{
	static const uint8_t octets[8] = { 5 };

	for (int len = 0; len <= (int)sizeof(octets); len++) {
		enum decoded want = len < 4 ? DECODE_MALFORMED : DECODE_OK;
		struct nhmsg head = { .nh_family = AF_INET };
		struct nl_msg *msg = message(RTM_NEWNEXTHOP, &head, sizeof(head));

		nla_put(msg, NHA_ID, len, octets);
		CU_ASSERT_EQUAL(decode(msg), want);
		msg = nexthop(AF_INET, 0, 5);
		nla_put(msg, NHA_OIF, len, octets);
		CU_ASSERT_EQUAL(decode(msg), want);
	}
}

static void
groups_of_all_sizes(void)
{
	static const size_t sizes[] = { 1, 2, 255, 256, 257, 4000 };
	static struct nexthop_grp said[4000];

	for (uint32_t i = 0; i < N_ELEMENTS(said); i++)
		said[i] = (struct nexthop_grp){ .id = i + 1, .weight = (uint8_t)i };
	for (size_t i = 0; i < N_ELEMENTS(sizes); i++) {
		struct nl_msg *msg = nexthop(AF_UNSPEC, 0, 9);
		size_t n = sizes[i];

		nla_put(msg, NHA_GROUP, (int)(n * sizeof(said[0])), said);
		CU_ASSERT_EQUAL(decode(msg), DECODE_OK);
		CU_ASSERT_EQUAL(object.n_members, n);
		CU_ASSERT_EQUAL(object.members[n - 1].id, n);
		CU_ASSERT_EQUAL(object.members[n - 1].weight, (n - 1) % 256 + 1);
	}
}

static enum decoded
group_of(struct nexthop_grp said, int len)
{
	struct nl_msg *msg = nexthop(AF_UNSPEC, 0, 9);
	struct nexthop_grp two[2] = { said, said };

	nla_put(msg, NHA_GROUP, len, two);
	return decode(msg);
}

static void
members_of_a_group(void)
{
	struct nexthop_grp heavy = { .id = 7, .weight = 0xff, .resvd1 = 1 };

	CU_ASSERT_EQUAL(group_of(heavy, 8), DECODE_OK);
	CU_ASSERT_EQUAL(object.members[0].weight, 512);
	for (int len = 0; len <= 16; len++)
		CU_ASSERT_EQUAL(group_of(heavy, len),
			len == 8 || len == 16 ? DECODE_OK : DECODE_MALFORMED);
	heavy.resvd1 = 0xff; /* 65536 */
	CU_ASSERT_EQUAL(group_of(heavy, 8), DECODE_MALFORMED);
	heavy = (struct nexthop_grp){ .id = 0 };
	CU_ASSERT_EQUAL(group_of(heavy, 8), DECODE_MALFORMED);
}

static void
nexthops_cut_at_every_octet(void)
{
	struct nexthop_grp said[2] = { { .id = 1 }, { .id = 2 } };
	struct nl_msg *msg = nexthop(AF_INET, 0, 9);

	put_address(msg, NHA_GATEWAY, "192.0.2.1");
	nla_put_u32(msg, NHA_OIF, 3);
	nla_put_u16(msg, NHA_GROUP_TYPE, 0);
	nla_put(msg, NHA_GROUP, sizeof(said), said);
	for (uint32_t len = 0; len < nlmsg_hdr(msg)->nlmsg_len; len++)
		CU_ASSERT_EQUAL(decode_exactly(msg, len),
			/* without NHA_ID it is none */
			len > NLMSG_HDRLEN + sizeof(struct nhmsg) &&
					is_border(msg, sizeof(struct nhmsg), len)
				? DECODE_OK
				: DECODE_MALFORMED);
	nlmsg_free(msg);
}

/* A strict channel takes nothing else. */
static void
question_for_a_match(const char *octets, int len, unsigned int flags)
{
	struct inet address = inet_make(len == 4 ? INET_IPV4 : INET_IPV6, octets);
	struct nl_msg *msg = encode_get_match(&address);
	const struct rtmsg *head = nlmsg_data(nlmsg_hdr(msg));
	struct rtmsg wanted = { .rtm_family = len == 4 ? AF_INET : AF_INET6,
		.rtm_dst_len = (uint8_t)(8 * len),
		.rtm_flags = flags };
	const struct nlattr *dst =
		nlmsg_find_attr(nlmsg_hdr(msg), sizeof(*head), RTA_DST);

	CU_ASSERT_EQUAL(nlmsg_hdr(msg)->nlmsg_type, RTM_GETROUTE);
	CU_ASSERT_EQUAL(nlmsg_hdr(msg)->nlmsg_flags, NLM_F_REQUEST);
	CU_ASSERT_EQUAL(memcmp(head, &wanted, sizeof(wanted)), 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(dst);
	CU_ASSERT_EQUAL(nla_len(dst), len);
	CU_ASSERT_EQUAL(memcmp(nla_data(dst), octets, (size_t)len), 0);
	nlmsg_free(msg);
}

static void
questions_for_them(void)
{
	struct route_filter filter = { .family = AF_INET6 };
	struct nl_msg *msg = encode_get_fib(&filter);
	const struct rtmsg *head = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *tb[RTA_MAX + 1];

	CU_ASSERT_EQUAL(nlmsg_hdr(msg)->nlmsg_type, RTM_GETROUTE);
	CU_ASSERT_EQUAL(nlmsg_hdr(msg)->nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
	CU_ASSERT_EQUAL(nlmsg_hdr(msg)->nlmsg_len, NLMSG_LENGTH(sizeof(*head)));
	CU_ASSERT_EQUAL(head->rtm_family, AF_INET6);
	CU_ASSERT_EQUAL(head->rtm_table, 0);
	CU_ASSERT_EQUAL(head->rtm_protocol, 0);
	nlmsg_free(msg);
	filter = (struct route_filter){ AF_INET, RTPROT_BGP, 1000, 7, 0 };
	msg = encode_get_fib(&filter);
	head = nlmsg_data(nlmsg_hdr(msg));
	CU_ASSERT_EQUAL(head->rtm_family, AF_INET);
	CU_ASSERT_EQUAL(head->rtm_protocol, RTPROT_BGP);
	CU_ASSERT_EQUAL(nlmsg_parse(nlmsg_hdr(msg), sizeof(*head), tb, RTA_MAX, NULL), 0);
	CU_ASSERT_EQUAL(nla_get_u32(tb[RTA_TABLE]), 1000);
	CU_ASSERT_EQUAL(nla_get_u32(tb[RTA_OIF]), 7);
	nlmsg_free(msg);
	question_for_a_match("\x0a\0\0\1", 4, RTM_F_FIB_MATCH | RTM_F_LOOKUP_TABLE);
	question_for_a_match("0123456789abcdef", 16, RTM_F_FIB_MATCH);
	msg = encode_get_nexthops();
	CU_ASSERT_EQUAL(nlmsg_hdr(msg)->nlmsg_type, RTM_GETNEXTHOP);
	CU_ASSERT_EQUAL(nlmsg_hdr(msg)->nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
	CU_ASSERT_EQUAL(nlmsg_hdr(msg)->nlmsg_len, NLMSG_LENGTH(sizeof(struct nhmsg)));
	nlmsg_free(msg);
}

void
suite_decode_route(void)
{
	CU_pSuite suite = CU_add_suite("decode_route", NULL, NULL);

	CU_ADD_TEST(suite, an_ipv4_route);
	CU_ADD_TEST(suite, an_ipv6_route);
	CU_ADD_TEST(suite, a_default_route_after_another);
	CU_ADD_TEST(suite, a_route_that_ends);
	CU_ADD_TEST(suite, a_route_that_replaces_another);
	CU_ADD_TEST(suite, what_is_not_a_route_is_ignored);
	CU_ADD_TEST(suite, nothing_goes_over_a_blackhole);
	CU_ADD_TEST(suite, bits_behind_the_prefix);
	CU_ADD_TEST(suite, next_hops_of_one_route);
	CU_ADD_TEST(suite, counters_in_an_encapsulation);
	CU_ADD_TEST(suite, routes_with_a_nexthop_object);
	CU_ADD_TEST(suite, hash_of_what_a_route_is);
	CU_ADD_TEST(suite, hash_of_an_object_is_none_of_a_type);
	CU_ADD_TEST(suite, hash_without_what_changes);
	CU_ADD_TEST(suite, attributes_of_all_lengths);
	CU_ADD_TEST(suite, gateways_of_the_other_family);
	CU_ADD_TEST(suite, numbers_that_cannot_be);
	CU_ADD_TEST(suite, routes_cut_at_every_octet);
	CU_ADD_TEST(suite, multipath_of_all_lengths);
	CU_ADD_TEST(suite, thousands_of_next_hops);
	CU_ADD_TEST(suite, a_nexthop_object);
	CU_ADD_TEST(suite, nexthop_objects_that_are_none);
	CU_ADD_TEST(suite, numbers_of_a_nexthop_object);
	CU_ADD_TEST(suite, groups_of_all_sizes);
	CU_ADD_TEST(suite, members_of_a_group);
	CU_ADD_TEST(suite, nexthops_cut_at_every_octet);
	CU_ADD_TEST(suite, questions_for_them);
}
