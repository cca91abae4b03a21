/*
 * Encoding: see encode.h.
 */
#include "encode.h"

#include "../base/log.h"

#include <linux/ethtool_netlink.h>
#include <linux/genetlink.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <stdlib.h>
#include <sys/socket.h>

_Noreturn void
must_fail(void)
{
	log_line(LOG_CRIT, "netlink message: out of memory");
	_Exit(EXIT_FAILURE);
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

struct nl_msg *
encode_get_ports(uint32_t master)
{
	struct nl_msg *msg = encode_get_links(0);

	must(nla_put_u32(msg, IFLA_MASTER, master));
	return msg;
}

struct nl_msg *
encode_get_port_vlans(void)
{
	struct ifinfomsg head = { .ifi_family = AF_BRIDGE };
	struct nl_msg *msg = message(RTM_GETLINK, NLM_F_DUMP, &head, sizeof(head));

	/* one by one, those of a port may be too many for a message */
	must(nla_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN_COMPRESSED));
	return msg;
}

struct nl_msg *
encode_get_port_fdb(uint32_t ifindex, uint32_t master)
{
	struct ndmsg head = { .ndm_family = AF_BRIDGE, .ndm_ifindex = (int)ifindex };
	struct nl_msg *msg = message(RTM_GETNEIGH, NLM_F_DUMP, &head, sizeof(head));

	must(nla_put_u32(msg, NDA_MASTER, master));
	return msg;
}

struct nl_msg *
encode_get_mdb(void)
{
	struct br_port_msg head = { .family = AF_BRIDGE };

	return message(RTM_GETMDB, NLM_F_DUMP, &head, sizeof(head));
}
