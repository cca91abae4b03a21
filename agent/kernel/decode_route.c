/*
 * RTM_NEWROUTE: the gateways of a default route. See decode.h.
 */
#include "attr.h"
#include "decode.h"

#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#ifndef USER_HZ /* the unit of rta_expires */
#define USER_HZ 100
#endif

static const struct nla_policy policy[RTA_MAX + 1] = {
	[RTA_OIF] = { .type = NLA_U32 },
	[RTA_PRIORITY] = { .type = NLA_U32 },
	[RTA_TABLE] = { .type = NLA_U32 },
	[RTA_PREF] = { .type = NLA_U8 },
	[RTA_CACHEINFO] = { .minlen = sizeof(struct rta_cacheinfo) },
	[RTA_VIA] = { .minlen = sizeof(struct rtvia) },
};

bool
decode_is_default_route(const struct nlmsghdr *msg)
{
	const struct rtmsg *head = (const void *)((const char *)msg + NLMSG_HDRLEN);

	return msg->nlmsg_len >= NLMSG_LENGTH(sizeof(*head)) && head->rtm_dst_len == 0 &&
	       head->rtm_src_len == 0 && !(head->rtm_flags & RTM_F_CLONED);
}

static bool
take_octets(struct inet *inet, int family, const void *octets, size_t len)
{
	if ((family != AF_INET && family != AF_INET6) ||
		len != (family == AF_INET ? 4u : 16u))
		return false;
	*inet = inet_make(family == AF_INET ? INET_IPV4 : INET_IPV6, octets);
	return true;
}

/* The gateway that the attributes name: true if there is one. RTA_VIA is one of the other
 * family (RFC 5549). */
static bool
take_gateway(struct inet *gateway, int family, struct nlattr **tb)
{
	struct nlattr *via = tb[RTA_VIA];
	const struct rtvia *head;

	if (tb[RTA_GATEWAY])
		return take_octets(gateway, family, nla_data(tb[RTA_GATEWAY]),
			(size_t)nla_len(tb[RTA_GATEWAY]));
	if (!via)
		return false;
	head = nla_data(via);
	return take_octets(gateway, head->rtvia_family, head->rtvia_addr,
		(size_t)nla_len(via) - sizeof(head->rtvia_family));
}

static enum decoded
take_hops(const struct router_info *route, int family, struct nlattr *multipath,
	router_fn *fn, void *arg)
{
	const uint8_t *at = nla_data(multipath);
	size_t len = (size_t)nla_len(multipath);

	while (len > 0) {
		const struct rtnexthop *hop = (const void *)at;
		struct nlattr *tb[RTA_MAX + 1];
		struct router_info info = *route;
		size_t step;

		if (len < sizeof(*hop) || hop->rtnh_len < sizeof(*hop) ||
			hop->rtnh_len > len ||
			!attr_list(at + sizeof(*hop), hop->rtnh_len - sizeof(*hop), tb,
				RTA_MAX, policy))
			return DECODE_MALFORMED;
		info.ifindex = (uint32_t)hop->rtnh_ifindex;
		if (!(hop->rtnh_flags & RTNH_F_DEAD) && hop->rtnh_ifindex > 0 &&
			take_gateway(&info.gateway, family, tb))
			fn(&info, arg);
		step = NLMSG_ALIGN(hop->rtnh_len);
		if (step > len)
			step = len;
		at += step;
		len -= step;
	}
	return DECODE_OK;
}

static uint32_t
lifetime_of(struct nlattr *attr)
{
	struct rta_cacheinfo cache;

	if (!attr)
		return ROUTER_FOREVER;
	memcpy(&cache, nla_data(attr), sizeof(cache));
	if (cache.rta_expires == 0)
		return ROUTER_FOREVER;
	return cache.rta_expires > 0 ? (uint32_t)cache.rta_expires / USER_HZ : 0;
}

enum decoded
decode_default_route(const struct nlmsghdr *msg, router_fn *fn, void *arg)
{
	struct nlattr *tb[RTA_MAX + 1];
	const struct rtmsg *head = attr_parse(msg, sizeof(*head), tb, RTA_MAX, policy);
	struct router_info info = { 0 };
	uint32_t table;

	if (!head)
		return DECODE_MALFORMED;
	table = tb[RTA_TABLE] ? nla_get_u32(tb[RTA_TABLE]) : head->rtm_table;
	if (msg->nlmsg_type != RTM_NEWROUTE || !decode_is_default_route(msg) ||
		(head->rtm_family != AF_INET && head->rtm_family != AF_INET6) ||
		head->rtm_type != RTN_UNICAST || table != RT_TABLE_MAIN ||
		head->rtm_flags & RTNH_F_DEAD)
		return DECODE_IGNORED;
	info.metric = tb[RTA_PRIORITY] ? nla_get_u32(tb[RTA_PRIORITY]) : 0;
	info.lifetime = lifetime_of(tb[RTA_CACHEINFO]);
	info.preference = tb[RTA_PREF] ? nla_get_u8(tb[RTA_PREF]) : ROUTER_MEDIUM;
	if (tb[RTA_MULTIPATH])
		return take_hops(&info, head->rtm_family, tb[RTA_MULTIPATH], fn, arg);
	info.ifindex = tb[RTA_OIF] ? nla_get_u32(tb[RTA_OIF]) : 0;
	if (!info.ifindex || info.ifindex > INT32_MAX ||
		!take_gateway(&info.gateway, head->rtm_family, tb))
		return DECODE_IGNORED; /* there is no router on this way */
	fn(&info, arg);
	return DECODE_OK;
}
