/*
 * RTM_NEWADDR, RTM_NEWANYCAST and RTM_NEWNEIGH to plain structs: see decode.h.
 */
#include "attr.h"
#include "decode.h"

#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

static const struct nla_policy addr_policy[IFA_MAX + 1] = {
	[IFA_FLAGS] = { .type = NLA_U32 },
	[IFA_PROTO] = { .type = NLA_U8 },
	[IFA_CACHEINFO] = { .minlen = sizeof(struct ifa_cacheinfo) },
};

/* True if @attr holds an address of @family, which is copied to @inet. */
static bool
take_inet(struct inet *inet, int family, struct nlattr *attr)
{
	int len = family == AF_INET ? 4 : 16;

	if (!attr || nla_len(attr) != len)
		return false;
	*inet = inet_make(family == AF_INET ? INET_IPV4 : INET_IPV6, nla_data(attr));
	return true;
}

static void
take_cacheinfo(struct addr_info *info, struct nlattr *attr)
{
	struct ifa_cacheinfo cache;

	info->preferred_lifetime = info->valid_lifetime = ADDR_FOREVER;
	if (!attr)
		return;
	memcpy(&cache, nla_data(attr), sizeof(cache));
	info->preferred_lifetime = cache.ifa_prefered;
	info->valid_lifetime = cache.ifa_valid;
	info->created = cache.cstamp;
	info->changed = cache.tstamp;
	info->has_stamps = true;
}

static uint16_t
take_flags(uint32_t flags, int family)
{
	static const struct {
		uint32_t kernel;
		uint16_t flag;
	} map[] = {
		{ IFA_F_TENTATIVE, ADDR_TENTATIVE },
		{ IFA_F_OPTIMISTIC, ADDR_OPTIMISTIC },
		{ IFA_F_DADFAILED, ADDR_DADFAILED },
		{ IFA_F_DEPRECATED, ADDR_DEPRECATED },
		{ IFA_F_STABLE_PRIVACY, ADDR_STABLE_PRIVACY },
		{ IFA_F_NOPREFIXROUTE, ADDR_NOPREFIXROUTE },
		{ IFA_F_PERMANENT, ADDR_PERMANENT },
		{ IFA_F_MANAGETEMPADDR, ADDR_MANAGES_TEMP },
	};
	uint16_t taken = 0;

	for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++) {
		if (flags & map[i].kernel)
			taken |= map[i].flag;
	}
	/* One bit with two meanings. */
	if (family == AF_INET6 && flags & IFA_F_TEMPORARY)
		taken |= ADDR_TEMPORARY;
	if (family == AF_INET && flags & IFA_F_SECONDARY)
		taken |= ADDR_SECONDARY;
	return taken;
}

static const struct ifaddrmsg *
parse_addr(const struct nlmsghdr *msg, struct nlattr **tb, enum decoded *result)
{
	const struct ifaddrmsg *head =
		attr_parse(msg, sizeof(*head), tb, IFA_MAX, addr_policy);

	*result = DECODE_MALFORMED;
	if (!head)
		return NULL;
	if (head->ifa_family != AF_INET && head->ifa_family != AF_INET6) {
		*result = DECODE_IGNORED;
		return NULL;
	}
	/* ifIndex is 1..2147483647 */
	if (head->ifa_index == 0 || head->ifa_index > INT32_MAX ||
		head->ifa_prefixlen > (head->ifa_family == AF_INET ? 32 : 128))
		return NULL;
	*result = DECODE_OK;
	return head;
}

enum decoded
decode_addr(const struct nlmsghdr *msg, struct addr_info *info)
{
	struct nlattr *tb[IFA_MAX + 1];
	const struct ifaddrmsg *head;
	enum decoded result;
	int family;

	if (msg->nlmsg_type != RTM_NEWADDR && msg->nlmsg_type != RTM_DELADDR)
		return DECODE_IGNORED;
	head = parse_addr(msg, tb, &result);
	if (!head)
		return result;
	memset(info, 0, sizeof(*info));
	family = head->ifa_family;
	info->ifindex = head->ifa_index;
	info->class = ADDR_UNICAST;
	info->prefix_length = head->ifa_prefixlen;
	info->flags = take_flags(
		tb[IFA_FLAGS] ? nla_get_u32(tb[IFA_FLAGS]) : head->ifa_flags, family);
	info->proto = tb[IFA_PROTO] ? nla_get_u8(tb[IFA_PROTO]) : ADDR_PROTO_UNSPEC;
	take_cacheinfo(info, tb[IFA_CACHEINFO]);
	/* IFA_ADDRESS is the peer's, if there is an IFA_LOCAL that differs. */
	if (!take_inet(&info->local, family, tb[IFA_LOCAL] ?: tb[IFA_ADDRESS]) ||
		!take_inet(&info->prefix, family, tb[IFA_ADDRESS] ?: tb[IFA_LOCAL]))
		return DECODE_MALFORMED;
	if (family == AF_INET && tb[IFA_BROADCAST]) {
		info->has_broadcast = true;
		if (!take_inet(&info->broadcast, family, tb[IFA_BROADCAST]))
			return DECODE_MALFORMED;
	}
	return DECODE_OK;
}

enum decoded
decode_anycast(const struct nlmsghdr *msg, struct addr_info *info)
{
	struct nlattr *tb[IFA_MAX + 1];
	const struct ifaddrmsg *head;
	enum decoded result;

	/* An answer to RTM_GETANYCAST is of the type that was asked for on older kernels.
	 */
	if (msg->nlmsg_type < RTM_NEWANYCAST || msg->nlmsg_type > RTM_GETANYCAST)
		return DECODE_IGNORED;
	head = parse_addr(msg, tb, &result);
	if (!head)
		return result;
	if (head->ifa_family != AF_INET6)
		return DECODE_IGNORED;
	memset(info, 0, sizeof(*info));
	info->ifindex = head->ifa_index;
	info->class = ADDR_ANYCAST;
	info->prefix_length = head->ifa_prefixlen;
	info->flags = ADDR_PERMANENT;
	take_cacheinfo(info, tb[IFA_CACHEINFO]);
	if (!take_inet(&info->local, AF_INET6, tb[IFA_ANYCAST]))
		return DECODE_MALFORMED;
	info->prefix = info->local;
	return DECODE_OK;
}

enum decoded
decode_neigh(const struct nlmsghdr *msg, struct neigh_info *info)
{
	static const struct nla_policy policy[NDA_MAX + 1] = {
		[NDA_CACHEINFO] = { .minlen = sizeof(struct nda_cacheinfo) },
	};
	struct nlattr *tb[NDA_MAX + 1];
	const struct ndmsg *head = attr_parse(msg, sizeof(*head), tb, NDA_MAX, policy);
	struct nda_cacheinfo cache = { 0 };

	if (!head)
		return DECODE_MALFORMED;
	/* A bridge's forwarding entries come in the same group, and what this machine
	 * answers for others is no neighbour. */
	if ((msg->nlmsg_type != RTM_NEWNEIGH && msg->nlmsg_type != RTM_DELNEIGH) ||
		(head->ndm_family != AF_INET && head->ndm_family != AF_INET6) ||
		head->ndm_flags & NTF_PROXY)
		return DECODE_IGNORED;
	memset(info, 0, sizeof(*info));
	if (head->ndm_ifindex <= 0 ||
		!take_inet(&info->address, head->ndm_family, tb[NDA_DST]))
		return DECODE_MALFORMED;
	info->ifindex = (uint32_t)head->ndm_ifindex;
	info->state = (uint8_t)head->ndm_state;
	info->flags = head->ndm_flags;
	attr_lladdr(&info->lladdr, tb[NDA_LLADDR]);
	if (tb[NDA_CACHEINFO])
		memcpy(&cache, nla_data(tb[NDA_CACHEINFO]), sizeof(cache));
	info->age = cache.ndm_updated;
	return DECODE_OK;
}
