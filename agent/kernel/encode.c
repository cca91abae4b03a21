/*
 * Encoding: see encode.h.
 */
#include "encode.h"

#include "../base/log.h"

#include <linux/ethtool_netlink.h>
#include <linux/genetlink.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <stdlib.h>
#include <sys/socket.h>

/* What libnl cannot allocate ends the process, like all memory (base/alloc.h); the
 * messages here are far smaller than the page that nlmsg_alloc() gives them. */
static void
must(int error)
{
	if (error < 0) {
		log_line(LOG_CRIT, "netlink message: out of memory");
		_Exit(EXIT_FAILURE);
	}
}

static struct nl_msg *
message(int type, int flags, const void *head, size_t len)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);

	must(msg ? 0 : -1);
	/* nlmsg_append() takes what it only reads without const. */
	must(nlmsg_append(msg, (void *)(size_t)head, len, NLMSG_ALIGNTO));
	return msg;
}

struct nl_msg *
encode_get_links(uint32_t ifindex)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = (int)ifindex };
	struct nl_msg *msg =
		message(RTM_GETLINK, ifindex ? 0 : NLM_F_DUMP, &head, sizeof(head));

	must(nla_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS));
	return msg;
}

struct nl_msg *
encode_get_all_links(void)
{
	return encode_get_links(0);
}

struct nl_msg *
encode_get_addrs(void)
{
	struct ifaddrmsg head = { .ifa_family = AF_UNSPEC };

	return message(RTM_GETADDR, NLM_F_DUMP, &head, sizeof(head));
}

struct nl_msg *
encode_get_anycasts(void)
{
	struct ifaddrmsg head = { .ifa_family = AF_INET6 };

	return message(RTM_GETANYCAST, NLM_F_DUMP, &head, sizeof(head));
}

struct nl_msg *
encode_get_neighs(void)
{
	struct ndmsg head = { .ndm_family = AF_UNSPEC };

	return message(RTM_GETNEIGH, NLM_F_DUMP, &head, sizeof(head));
}

struct nl_msg *
encode_get_fib(const struct route_filter *filter)
{
	/* rtm_table has 8 bits only */
	struct rtmsg head = { .rtm_family = filter->family,
		.rtm_protocol = filter->proto,
		.rtm_type = filter->type };
	struct nl_msg *msg = message(RTM_GETROUTE, NLM_F_DUMP, &head, sizeof(head));

	if (filter->table)
		must(nla_put_u32(msg, RTA_TABLE, filter->table));
	if (filter->oif)
		must(nla_put_u32(msg, RTA_OIF, filter->oif));
	return msg;
}

struct nl_msg *
encode_get_match(const struct inet *address)
{
	bool v4 = address->len == 4;
	/* IPv6 always says the table. */
	struct rtmsg head = { .rtm_family = v4 ? AF_INET : AF_INET6,
		.rtm_dst_len = (uint8_t)(8 * address->len),
		.rtm_flags = RTM_F_FIB_MATCH | (v4 ? RTM_F_LOOKUP_TABLE : 0) };
	struct nl_msg *msg = message(RTM_GETROUTE, 0, &head, sizeof(head));

	must(nla_put(msg, RTA_DST, address->len, address->bytes));
	return msg;
}

struct nl_msg *
encode_get_nexthops(void)
{
	struct nhmsg head = { .nh_family = AF_UNSPEC };

	return message(RTM_GETNEXTHOP, NLM_F_DUMP, &head, sizeof(head));
}

struct nl_msg *
encode_get_stats(uint32_t ifindex)
{
	struct if_stats_msg head = {
		.family = AF_UNSPEC,
		.ifindex = ifindex,
		.filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64),
	};

	return message(RTM_GETSTATS, ifindex ? 0 : NLM_F_DUMP, &head, sizeof(head));
}

struct nl_msg *
encode_get_qdisc(uint32_t ifindex)
{
	struct tcmsg head = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = (int)ifindex,
		.tcm_parent = ifindex ? TC_H_ROOT : 0,
	};

	return message(RTM_GETQDISC, ifindex ? 0 : NLM_F_DUMP, &head, sizeof(head));
}

struct nl_msg *
encode_get_fdb(void)
{
	struct ndmsg head = { .ndm_family = AF_BRIDGE };

	return message(RTM_GETNEIGH, NLM_F_DUMP, &head, sizeof(head));
}

static struct nl_msg *
ethtool_message(int family, uint8_t cmd, int header_attr, uint32_t ifindex)
{
	struct genlmsghdr head = { .cmd = cmd, .version = ETHTOOL_GENL_VERSION };
	struct nl_msg *msg =
		message(family, ifindex ? 0 : NLM_F_DUMP, &head, sizeof(head));
	struct nlattr *nest = nla_nest_start(msg, header_attr | NLA_F_NESTED);

	must(nest ? 0 : -1);
	if (ifindex)
		must(nla_put_u32(msg, ETHTOOL_A_HEADER_DEV_INDEX, ifindex));
	must(nla_put_u32(msg, ETHTOOL_A_HEADER_FLAGS, ETHTOOL_FLAG_COMPACT_BITSETS));
	nla_nest_end(msg, nest);
	return msg;
}

struct nl_msg *
encode_get_linkmodes(int family, uint32_t ifindex)
{
	return ethtool_message(
		family, ETHTOOL_MSG_LINKMODES_GET, ETHTOOL_A_LINKMODES_HEADER, ifindex);
}

struct nl_msg *
encode_get_eth_mac(int family, uint32_t ifindex)
{
	struct nl_msg *msg = ethtool_message(
		family, ETHTOOL_MSG_STATS_GET, ETHTOOL_A_STATS_HEADER, ifindex);
	struct nlattr *groups, *bits, *bit;

	groups = nla_nest_start(msg, ETHTOOL_A_STATS_GROUPS | NLA_F_NESTED);
	bits = nla_nest_start(msg, ETHTOOL_A_BITSET_BITS | NLA_F_NESTED);
	bit = nla_nest_start(msg, ETHTOOL_A_BITSET_BITS_BIT | NLA_F_NESTED);
	must(groups && bits && bit ? 0 : -1);
	must(nla_put_u32(msg, ETHTOOL_A_BITSET_BIT_INDEX, ETHTOOL_STATS_ETH_MAC));
	must(nla_put_flag(msg, ETHTOOL_A_BITSET_BIT_VALUE));
	nla_nest_end(msg, bit);
	nla_nest_end(msg, bits);
	nla_nest_end(msg, groups);
	return msg;
}

struct nl_msg *
encode_get_ipv6_links(void)
{
	struct ifinfomsg head = { .ifi_family = AF_INET6 };

	return message(RTM_GETLINK, NLM_F_DUMP, &head, sizeof(head));
}

struct nl_msg *
encode_get_neigh_parms(void)
{
	struct ndtmsg head = { .ndtm_family = AF_UNSPEC };

	return message(RTM_GETNEIGHTBL, NLM_F_DUMP, &head, sizeof(head));
}

struct nl_msg *
encode_set_link_flags(uint32_t ifindex, uint32_t mask, uint32_t flags)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC,
		.ifi_index = (int)ifindex,
		.ifi_change = mask,
		.ifi_flags = flags };

	return message(RTM_NEWLINK, 0, &head, sizeof(head));
}

struct nl_msg *
encode_set_link_mtu(uint32_t ifindex, uint32_t mtu)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = (int)ifindex };
	struct nl_msg *msg = message(RTM_NEWLINK, 0, &head, sizeof(head));

	must(nla_put_u32(msg, IFLA_MTU, mtu));
	return msg;
}

struct nl_msg *
encode_set_link_master(uint32_t ifindex, uint32_t master)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = (int)ifindex };
	struct nl_msg *msg = message(RTM_NEWLINK, 0, &head, sizeof(head));

	must(nla_put_u32(msg, IFLA_MASTER, master));
	return msg;
}

static struct nl_msg *
rcvaddr_message(int type, int flags, uint32_t ifindex, const struct lladdr *lladdr)
{
	struct ndmsg head = { .ndm_family = AF_BRIDGE,
		.ndm_ifindex = (int)ifindex,
		.ndm_state = NUD_PERMANENT,
		.ndm_flags = NTF_SELF };
	struct nl_msg *msg = message(type, flags, &head, sizeof(head));

	must(nla_put(msg, NDA_LLADDR, lladdr->len, lladdr->bytes));
	return msg;
}

struct nl_msg *
encode_set_rcvaddr(uint32_t ifindex, const struct lladdr *lladdr)
{
	return rcvaddr_message(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_EXCL, ifindex, lladdr);
}

struct nl_msg *
encode_drop_rcvaddr(uint32_t ifindex, const struct lladdr *lladdr)
{
	return rcvaddr_message(RTM_DELNEIGH, 0, ifindex, lladdr);
}

struct nl_msg *
encode_set_link_alias(uint32_t ifindex, const char *alias)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = (int)ifindex };
	struct nl_msg *msg = message(RTM_NEWLINK, 0, &head, sizeof(head));

	must(nla_put(msg, IFLA_IFALIAS, (int)strlen(alias), alias));
	return msg;
}

static struct nl_msg *
neigh_message(int type, int flags, struct ndmsg *head, const struct inet *address)
{
	struct nl_msg *msg;

	head->ndm_family = inet_is_v4(address) ? AF_INET : AF_INET6;
	msg = message(type, flags, head, sizeof(*head));
	must(nla_put(msg, NDA_DST, address->len, address->bytes));
	return msg;
}

struct nl_msg *
encode_set_neigh(uint32_t ifindex, const struct inet *address,
	const struct lladdr *lladdr, uint16_t state, uint8_t flags)
{
	struct ndmsg head = {
		.ndm_ifindex = (int)ifindex, .ndm_state = state, .ndm_flags = flags
	};
	struct nl_msg *msg =
		neigh_message(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &head, address);

	must(nla_put(msg, NDA_LLADDR, lladdr->len, lladdr->bytes));
	return msg;
}

struct nl_msg *
encode_drop_neigh(uint32_t ifindex, const struct inet *address)
{
	struct ndmsg head = { .ndm_ifindex = (int)ifindex };

	return neigh_message(RTM_DELNEIGH, 0, &head, address);
}

static struct nl_msg *
addr_message(int type, int flags, uint32_t ifindex, const struct inet *address,
	const struct inet *peer, uint8_t length)
{
	struct ifaddrmsg head = { .ifa_family = inet_is_v4(address) ? AF_INET : AF_INET6,
		.ifa_index = ifindex,
		.ifa_prefixlen = length };
	struct nl_msg *msg;

	/* as those of their kind are given; all of a prefix must have one scope */
	if (inet_is_v4(address) && address->bytes[0] == 127)
		head.ifa_scope = RT_SCOPE_HOST;
	else if (inet_is_v4(address) && address->bytes[0] == 169 &&
		 address->bytes[1] == 254)
		head.ifa_scope = RT_SCOPE_LINK;
	msg = message(type, flags, &head, sizeof(head));
	must(nla_put(msg, IFA_LOCAL, address->len, address->bytes));
	must(nla_put(msg, IFA_ADDRESS, peer->len, peer->bytes));
	return msg;
}

struct nl_msg *
encode_set_addr(uint32_t ifindex, const struct inet *address, const struct inet *peer,
	uint8_t length, uint32_t preferred, uint32_t valid)
{
	struct ifa_cacheinfo cache = { .ifa_prefered = preferred, .ifa_valid = valid };
	struct nl_msg *msg = addr_message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE,
		ifindex, address, peer, length);

	must(nla_put(msg, IFA_CACHEINFO, sizeof(cache), &cache));
	if (inet_is_v4(address) && length <= 30 && inet_compare(address, peer) == 0) {
		uint8_t broadcast[4];

		for (unsigned int i = 0; i < 4; i++) {
			unsigned int kept = length > 8 * i ? length - 8 * i : 0;

			broadcast[i] = address->bytes[i] |
				       (uint8_t)(kept < 8 ? 0xff >> kept : 0);
		}
		must(nla_put(msg, IFA_BROADCAST, sizeof(broadcast), broadcast));
	}
	return msg;
}

struct nl_msg *
encode_drop_addr(uint32_t ifindex, const struct inet *address, const struct inet *peer,
	uint8_t length)
{
	return addr_message(RTM_DELADDR, 0, ifindex, address, peer, length);
}

struct nl_msg *
encode_get_link_neighs(uint32_t ifindex, bool proxies)
{
	struct ndmsg head = { .ndm_family = AF_UNSPEC,
		.ndm_flags = proxies ? NTF_PROXY : 0 };
	struct nl_msg *msg = message(RTM_GETNEIGH, NLM_F_DUMP, &head, sizeof(head));

	must(nla_put_u32(msg, NDA_IFINDEX, ifindex));
	return msg;
}

struct nl_msg *
encode_get_link_addrs(uint8_t family, uint32_t ifindex)
{
	struct ifaddrmsg head = { .ifa_family = family, .ifa_index = ifindex };

	return message(RTM_GETADDR, NLM_F_DUMP, &head, sizeof(head));
}

/* The kernel refuses in a request what it says of a next hop's state. */
static void
forget_states(struct rtmsg *head, size_t len)
{
	struct nlattr *hops;

	head->rtm_flags &= RTNH_F_ONLINK | RTNH_F_PERVASIVE;
	hops = nla_find(
		(struct nlattr *)(void *)((char *)head + NLMSG_ALIGN(sizeof(*head))),
		(int)(len - NLMSG_ALIGN(sizeof(*head))), RTA_MULTIPATH);
	if (!hops)
		return;
	for (size_t at = 0, left = (size_t)nla_len(hops);
		left - at >= sizeof(struct rtnexthop) && at < left;) {
		struct rtnexthop *hop = (void *)((char *)nla_data(hops) + at);

		if (hop->rtnh_len < sizeof(*hop))
			break;
		hop->rtnh_flags &= RTNH_F_ONLINK | RTNH_F_PERVASIVE;
		at += NLMSG_ALIGN(hop->rtnh_len);
	}
}

/* Is @attribute of a route over a nexthop object one that says again what the object
 * says? A request may not say both. */
static bool
is_of_object(int attribute)
{
	switch (attribute) {
	case RTA_OIF:
	case RTA_GATEWAY:
	case RTA_VIA:
	case RTA_MULTIPATH:
	case RTA_ENCAP:
	case RTA_ENCAP_TYPE:
	case RTA_NEWDST:
		return true;
	default:
		return false;
	}
}

/* Does a request not take what a message of the kernel has? */
static bool
is_left_out(const struct nlmsghdr *msg, int attribute, bool by_object)
{
	if (msg->nlmsg_type == RTM_NEWNEXTHOP)
		return attribute > NHA_RES_GROUP; /* what it counts */
	return by_object && is_of_object(attribute);
}

static void
copy_attributes(struct nl_msg *to, const struct nlmsghdr *from, size_t head)
{
	struct nlmsghdr *msg = (void *)(uintptr_t)from;
	bool by_object = from->nlmsg_type == RTM_NEWROUTE &&
			 nlmsg_find_attr(msg, (int)head, RTA_NH_ID);
	struct nlattr *attr;
	int left;

	nlmsg_for_each_attr(attr, msg, (int)head, left)
	{
		if (!is_left_out(from, nla_type(attr), by_object))
			must(nla_put(to, nla_type(attr), nla_len(attr), nla_data(attr)));
	}
}

static size_t
head_size(int type)
{
	switch (type) {
	case RTM_NEWADDR:
		return sizeof(struct ifaddrmsg);
	case RTM_NEWROUTE:
		return sizeof(struct rtmsg);
	case RTM_NEWNEIGH:
		return sizeof(struct ndmsg);
	default:
		return sizeof(struct nhmsg);
	}
}

/* An IPv4 address that is deprecated and has no end says that it is preferred for ever,
 * and would be. */
static void
stay_deprecated(struct nl_msg *msg)
{
	const struct ifaddrmsg *head = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *attr =
		nlmsg_find_attr(nlmsg_hdr(msg), sizeof(*head), IFA_CACHEINFO);
	struct ifa_cacheinfo *cache;

	if (!(head->ifa_flags & IFA_F_DEPRECATED) || !attr ||
		nla_len(attr) < (int)sizeof(*cache))
		return;
	cache = nla_data(attr);
	cache->ifa_prefered = 0;
}

struct nl_msg *
encode_again(const struct nlmsghdr *msg)
{
	size_t size = head_size(msg->nlmsg_type);
	struct nl_msg *again = nlmsg_alloc_size(msg->nlmsg_len + NLMSG_HDRLEN);
	int flags = NLM_F_REQUEST | NLM_F_CREATE;
	void *head;

	if (msg->nlmsg_type == RTM_NEWROUTE)
		flags |= NLM_F_APPEND;
	else if (msg->nlmsg_type != RTM_NEWADDR)
		flags |= NLM_F_REPLACE;
	must(again && nlmsg_put(again, 0, 0, msg->nlmsg_type, 0, flags) ? 0 : -1);
	must(nlmsg_append(
		again, (void *)((uintptr_t)msg + NLMSG_HDRLEN), size, NLMSG_ALIGNTO));
	copy_attributes(again, msg, size);
	head = nlmsg_data(nlmsg_hdr(again));
	if (msg->nlmsg_type == RTM_NEWADDR) {
		stay_deprecated(again);
	} else if (msg->nlmsg_type == RTM_NEWROUTE) {
		forget_states(head, nlmsg_hdr(again)->nlmsg_len - NLMSG_HDRLEN);
	} else if (msg->nlmsg_type == RTM_NEWNEXTHOP) {
		((struct nhmsg *)head)->nh_flags &= RTNH_F_ONLINK;
		((struct nhmsg *)head)->nh_scope = 0; /* is concluded */
	}
	return again;
}

struct nl_msg *
encode_renewed(const struct nlmsghdr *msg, uint32_t preferred, uint32_t valid)
{
	struct nl_msg *again = encode_again(msg);
	struct nlattr *attr = nlmsg_find_attr(
		nlmsg_hdr(again), sizeof(struct ifaddrmsg), IFA_CACHEINFO);
	struct ifa_cacheinfo cache = { .ifa_prefered = preferred, .ifa_valid = valid };

	nlmsg_hdr(again)->nlmsg_flags |= NLM_F_REPLACE;
	if (attr && nla_len(attr) >= (int)sizeof(cache))
		memcpy(nla_data(attr), &cache, sizeof(cache));
	else
		must(nla_put(again, IFA_CACHEINFO, sizeof(cache), &cache));
	return again;
}
