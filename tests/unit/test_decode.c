/*
 * The decoders, with messages built here for what this kernel cannot make, and with
 * messages that lie.
 */
#include "unit.h"

#include "../../agent/kernel/decode.h"
#include "../../agent/kernel/procfs.h"

#include <limits.h>
#include <linux/ethtool_netlink.h>
#include <linux/genetlink.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <linux/neighbour.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum decoded
decode_built(const struct built *what, struct link_info *info)
{
	struct nl_msg *msg = build_link(RTM_NEWLINK, what);
	enum decoded result = decode_link(nlmsg_hdr(msg), info);

	nlmsg_free(msg);
	return result;
}

static void
every_field_of_a_link(void)
{
	struct link_info info;
	struct built eth = { .name = "eth0",
		.ifindex = 7,
		.arphrd = 1,
		.mtu = 9000,
		.min_mtu = 68,
		.max_mtu = 9216,
		.flags = IFF_UP | IFF_LOWER_UP,
		.operstate = 6,
		.master = 3,
		.link = 9,
		.alias = "uplink",
		.parent = "0000:01:00.0",
		.bus = "pci",
		.promiscuity = 2,
		.address = { 1, 2, 3, 4, 5, 6 },
		.address_len = 6,
		.permanent = { 6, 5, 4, 3, 2, 1 } };

	CU_ASSERT_EQUAL(decode_built(&eth, &info), DECODE_OK);
	CU_ASSERT_EQUAL(info.ifindex, 7);
	CU_ASSERT_STRING_EQUAL(info.name, "eth0");
	CU_ASSERT_STRING_EQUAL(info.alias, "uplink");
	CU_ASSERT_STRING_EQUAL(info.kind, "");
	CU_ASSERT_STRING_EQUAL(info.parent, "0000:01:00.0");
	CU_ASSERT_STRING_EQUAL(info.parent_bus, "pci");
	CU_ASSERT_EQUAL(info.mtu, 9000);
	CU_ASSERT_EQUAL(info.min_mtu, 68);
	CU_ASSERT_EQUAL(info.max_mtu, 9216);
	CU_ASSERT_EQUAL(info.master, 3);
	CU_ASSERT_EQUAL(info.lower, 0); /* no kind that runs on its iflink */
	CU_ASSERT_EQUAL(info.promiscuity, 2);
	CU_ASSERT_EQUAL(info.operstate, OPERSTATE_UP);
	CU_ASSERT_TRUE(info.up && info.lower_up);
	CU_ASSERT_EQUAL(info.address.len, 6);
	CU_ASSERT_EQUAL(info.address.bytes[5], 6);
	CU_ASSERT_EQUAL(info.permanent.len, 6);
	CU_ASSERT_EQUAL(info.permanent.bytes[5], 1);
	CU_ASSERT_EQUAL(info.broadcast.len, 6);
}

/* kind, ARPHRD, DEVTYPE, how its lower link is said; and what is to come of it. */
static void
links_of_all_kinds(void)
{
	static const struct {
		const char *kind, *devtype;
		uint16_t arphrd;
		int lower_attr; /* -1: IFLA_LINK */
		bool other_netns;
		uint32_t want_lower;
		int32_t want_type;
	} cases[] = {
		{ "bond", "", 1, 0, false, 0, 161 },
		{ "team", "", 1, 0, false, 0, 161 },
		{ "bridge", "", 1, 0, false, 0, 209 },
		{ "vlan", "", 1, -1, false, 5, 135 },
		{ "vlan", "", 1, -1, true, 0, 135 },
		{ "macvlan", "", 1, -1, false, 5, 53 },
		{ "macvtap", "", 1, -1, false, 5, 53 },
		{ "ipvlan", "", 1, -1, false, 5, 53 },
		{ "macsec", "", 1, -1, false, 5, 231 },
		{ "veth", "", 1, -1, false, 0, 53 },
		{ "netkit", "", 1, -1, false, 0, 53 },
		{ "vxcan", "", 280, -1, false, 0, 1 },
		{ "dsa", "", 1, -1, false, 0, 6 },
		{ "vrf", "", 1, 0, false, 0, 53 },
		{ "dummy", "", 1, 0, false, 0, 53 },
		{ "vxlan", "", 1, IFLA_VXLAN_LINK, false, 5, 131 },
		{ "vxlan", "", 1, IFLA_VXLAN_LINK, true, 0, 131 },
		{ "gre", "", 778, IFLA_GRE_LINK, false, 5, 131 },
		{ "gretap", "", 1, IFLA_GRE_LINK, false, 5, 131 },
		{ "ip6gre", "", 823, IFLA_GRE_LINK, false, 5, 131 },
		{ "sit", "", 776, IFLA_IPTUN_LINK, false, 5, 131 },
		{ "ipip", "", 768, IFLA_IPTUN_LINK, false, 5, 131 },
		{ "ip6tnl", "", 769, IFLA_IPTUN_LINK, false, 5, 131 },
		{ "vti", "", 768, IFLA_VTI_LINK, false, 5, 131 },
		{ "xfrm", "", 65534, IFLA_XFRM_LINK, false, 5, 131 },
		{ "wireguard", "", 65534, 0, false, 0, 131 },
		{ "tun", "", 65534, 0, false, 0, 53 },
		{ "gtp", "", 65534, 0, false, 0, 216 },
		{ "hsr", "", 1, -1, false, 5, 54 },
		{ "ipoib", "", 32, -1, false, 5, 199 },
		{ "netdevsim", "", 1, 0, false, 0, 6 },
		{ "tomorrow", "", 1, -1, false, 0, 6 }, /* unknown kind: ARPHRD decides */
		{ "", "", 1, 0, false, 0, 6 },
		{ "", "wlan", 1, 0, false, 0, 71 },
		{ "", "wwan", 519, 0, false, 0, 243 },
		{ "", "wpan", 804, 0, false, 0, 259 },
		{ "", "bluetooth", 1, 0, false, 0, 6 },
		{ "", "", 772, 0, false, 0, 24 },
		{ "", "", 512, 0, false, 0, 23 },
		{ "", "", 32, 0, false, 0, 199 },
		{ "", "", 801, 0, false, 0, 71 },
		{ "", "", 774, 0, false, 0, 15 },
		{ "", "", 0, 0, false, 0, 1 }, /* NETROM, not "unknown" */
		{ "", "", 65534, 0, false, 0, 1 },
		{ "", "", 29999, 0, false, 0, 1 },
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct built what = { .name = "x",
			.ifindex = 3,
			.arphrd = cases[i].arphrd,
			.kind = cases[i].kind[0] ? cases[i].kind : NULL,
			.link = cases[i].lower_attr == -1 ? 5 : 0,
			.lower_attr = cases[i].lower_attr > 0 ? cases[i].lower_attr : 0,
			.lower = 5,
			.other_netns = cases[i].other_netns };
		struct link_info info;

		CU_ASSERT_EQUAL(decode_built(&what, &info), DECODE_OK);
		strcpy(info.devtype, cases[i].devtype);
		CU_ASSERT_EQUAL(info.lower, cases[i].want_lower);
		CU_ASSERT_EQUAL(ifType_of(&info, &unit_options), cases[i].want_type);
		if (info.lower != cases[i].want_lower ||
			ifType_of(&info, &unit_options) != cases[i].want_type)
			printf("\n\t%s/%s/%u: lower %u, ifType %d", cases[i].kind,
				cases[i].devtype, cases[i].arphrd, info.lower,
				ifType_of(&info, &unit_options));
	}
}

static void
overrides_of_ifType(void)
{
	struct options options = { .overrides = NULL };
	struct link_info info = plain_link(1, "wg0");

	options_init(&options);
	strcpy(info.kind, "wireguard");
	options_override_type(&options, false, "wg9", 24);
	options_override_type(&options, true, "wireguard", 53);
	options_override_type(&options, false, "wg0", 1);
	CU_ASSERT_EQUAL(ifType_of(&info, &options), 53); /* the first that fits */
	strcpy(info.name, "wg9");
	CU_ASSERT_EQUAL(ifType_of(&info, &options), 24);
	strcpy(info.kind, "gre");
	strcpy(info.name, "gre1");
	CU_ASSERT_EQUAL(ifType_of(&info, &options), 131);
	options_init(&options);
}

static void
infiniband_has_twenty_octets(void)
{
	struct built ib = { .name = "ib0",
		.ifindex = 3,
		.arphrd = 32,
		.kind = "ipoib",
		.address = { 0x80, 1, 2 },
		.address_len = 20 };
	struct link_info info;

	CU_ASSERT_EQUAL(decode_built(&ib, &info), DECODE_OK);
	CU_ASSERT_EQUAL(info.address.len, 20);
	CU_ASSERT_TRUE(link_has_lladdr(&info));
}

static void
what_is_not_a_link_is_ignored(void)
{
	struct built port = { .name = "p", .ifindex = 3, .arphrd = 1 };
	struct nl_msg *msg = build_link(RTM_DELLINK, &port);
	struct ifinfomsg *head = nlmsg_data(nlmsg_hdr(msg));
	struct link_info info;

	CU_ASSERT_EQUAL(decode_link(nlmsg_hdr(msg), &info), DECODE_OK);
	head->ifi_family = AF_BRIDGE; /* the port leaves its bridge, the link stays */
	CU_ASSERT_EQUAL(decode_link(nlmsg_hdr(msg), &info), DECODE_IGNORED);
	head->ifi_family = AF_INET6;
	CU_ASSERT_EQUAL(decode_link(nlmsg_hdr(msg), &info), DECODE_IGNORED);
	nlmsg_free(msg);

	msg = build_link(RTM_NEWLINK, &port);
	nla_put_u32(msg, IFLA_WIRELESS, 1);
	CU_ASSERT_EQUAL(decode_link(nlmsg_hdr(msg), &info), DECODE_IGNORED);
	nlmsg_free(msg);
	msg = build_link(RTM_NEWADDR, &port);
	CU_ASSERT_EQUAL(decode_link(nlmsg_hdr(msg), &info), DECODE_IGNORED);
	nlmsg_free(msg);
}

static void
indexes_that_are_none(void)
{
	static const uint32_t bad[] = { 0, 0x80000000, UINT32_MAX };
	struct link_info info;

	for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
		struct built what = { .name = "x", .ifindex = bad[i], .arphrd = 1 };

		CU_ASSERT_EQUAL(decode_built(&what, &info), DECODE_MALFORMED);
	}
}

static void
names_without_an_end(void)
{
	struct built what = { .name = "x", .ifindex = 3, .arphrd = 1 };
	struct nl_msg *msg = build_link(RTM_NEWLINK, &what);
	struct link_info info;
	char alias[300];

	nla_put(msg, IFLA_IFNAME, 4, "eth0"); /* no NUL */
	CU_ASSERT_EQUAL(decode_link(nlmsg_hdr(msg), &info), DECODE_MALFORMED);
	nlmsg_free(msg);
	msg = build_link(RTM_NEWLINK, &what);
	memset(alias, 'a', sizeof(alias));
	nla_put(msg, IFLA_IFALIAS, sizeof(alias), alias);
	CU_ASSERT_EQUAL(decode_link(nlmsg_hdr(msg), &info), DECODE_MALFORMED);
	nlmsg_free(msg);
	msg = build_link(RTM_NEWLINK, &what);
	nla_put(msg, IFLA_IFNAME, 0, NULL);
	CU_ASSERT_EQUAL(decode_link(nlmsg_hdr(msg), &info), DECODE_MALFORMED);
	nlmsg_free(msg);
	msg = build_link(RTM_NEWLINK, &what);
	nla_put_string(msg, IFLA_IFNAME, "longer-than-the-kernel-allows");
	CU_ASSERT_EQUAL(decode_link(nlmsg_hdr(msg), &info), DECODE_MALFORMED);
	nlmsg_free(msg);
}

/* A message cut at any octet is malformed: half a link is another link. */
/* Does a message cut to @len end with a whole attribute, its padding aside, and with the
 * name and the MTU, which come first, in it? */
static bool
looks_whole(struct nlmsghdr *head, uint32_t len)
{
	uint32_t at = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct ifinfomsg));

	for (int n = 0; at < head->nlmsg_len; n++) {
		const struct nlattr *attr = (const void *)((const char *)head + at);

		if (n > 0 && len >= at + attr->nla_len &&
			len <= at + NLA_ALIGN(attr->nla_len))
			return true;
		at += (uint32_t)NLA_ALIGN(attr->nla_len);
	}
	return false;
}

static void
every_cut_is_noticed(void)
{
	struct built what = { .name = "v0",
		.kind = "vlan",
		.ifindex = 3,
		.arphrd = 1,
		.link = 5,
		.alias = "abc",
		.address = { 1 },
		.address_len = 6 };
	struct nl_msg *msg = build_link(RTM_NEWLINK, &what);
	struct nlmsghdr *head = nlmsg_hdr(msg);
	uint32_t whole = head->nlmsg_len;
	struct link_info info, full;

	CU_ASSERT_EQUAL(decode_link(head, &full), DECODE_OK);
	for (uint32_t len = NLMSG_HDRLEN; len < whole; len++) {
		/* exactly as long as it says, so that a sanitizer sees the octet after */
		struct nlmsghdr *cut = malloc(len);

		memcpy(cut, head, len);
		cut->nlmsg_len = len;
		CU_ASSERT_EQUAL(decode_link(cut, &info),
			looks_whole(head, len) ? DECODE_OK : DECODE_MALFORMED);
		free(cut);
	}
	nlmsg_free(msg);
}

static void
lengths_that_lie(void)
{
	uint8_t octets[64] __attribute__((aligned(4))) = { 0 };
	struct nlmsghdr *head = (void *)octets;
	const uint8_t *at = octets;
	size_t len = sizeof(octets);
	bool cut = false;

	head->nlmsg_len = 5; /* shorter than its own header */
	CU_ASSERT_PTR_NULL(decode_next(&at, &len, &cut));
	CU_ASSERT_TRUE(cut);
	cut = false;
	head->nlmsg_len = 65; /* longer than what is there */
	CU_ASSERT_PTR_NULL(decode_next(&at, &len, &cut));
	CU_ASSERT_TRUE(cut);
	cut = false;
	head->nlmsg_len = UINT32_MAX;
	CU_ASSERT_PTR_NULL(decode_next(&at, &len, &cut));
	CU_ASSERT_TRUE(cut);
	cut = false;
	head->nlmsg_len = 62; /* the last one need not be padded */
	len = 63;
	CU_ASSERT_PTR_EQUAL(decode_next(&at, &len, &cut), head);
	CU_ASSERT_EQUAL(len, 0);
	CU_ASSERT_PTR_NULL(decode_next(&at, &len, &cut));
	CU_ASSERT_FALSE(cut);
	len = 7; /* less than a header */
	at = octets;
	CU_ASSERT_PTR_NULL(decode_next(&at, &len, &cut));
	CU_ASSERT_TRUE(cut);
}

static struct nl_msg *
message(int type, const void *head, size_t len)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, 0);

	nlmsg_append(msg, (void *)(size_t)head, len, NLMSG_ALIGNTO);
	return msg;
}

static void
counters_of_a_link(void)
{
	struct if_stats_msg head = { .ifindex = 9 };
	struct rtnl_link_stats64 s = { .rx_packets = 1,
		.tx_packets = 2,
		.rx_bytes = 3,
		.tx_bytes = 4,
		.rx_errors = 5,
		.tx_errors = 6,
		.rx_dropped = 7,
		.tx_dropped = 8,
		.multicast = 9,
		.rx_missed_errors = 10 };
	struct raw_counters raw = { 0 };
	struct nl_msg *msg = message(RTM_NEWSTATS, &head, sizeof(head));
	uint32_t ifindex = 0;

	CU_ASSERT_EQUAL(decode_stats(nlmsg_hdr(msg), &ifindex, &raw), DECODE_IGNORED);
	nla_put(msg, IFLA_STATS_LINK_64, sizeof(s), &s);
	CU_ASSERT_EQUAL(decode_stats(nlmsg_hdr(msg), &ifindex, &raw), DECODE_OK);
	CU_ASSERT_EQUAL(ifindex, 9);
	CU_ASSERT_EQUAL(raw.rx_packets, 1);
	CU_ASSERT_EQUAL(raw.tx_packets, 2);
	CU_ASSERT_EQUAL(raw.rx_bytes, 3);
	CU_ASSERT_EQUAL(raw.tx_bytes, 4);
	CU_ASSERT_EQUAL(raw.rx_errors, 5);
	CU_ASSERT_EQUAL(raw.tx_errors, 6);
	CU_ASSERT_EQUAL(raw.rx_dropped, 7);
	CU_ASSERT_EQUAL(raw.tx_dropped, 8);
	CU_ASSERT_EQUAL(raw.multicast, 9);
	CU_ASSERT_EQUAL(raw.rx_missed, 10);
	nlmsg_free(msg);
	msg = message(RTM_NEWSTATS, &head, sizeof(head));
	nla_put(msg, IFLA_STATS_LINK_64, 16, &s); /* too short to be the struct */
	CU_ASSERT_EQUAL(decode_stats(nlmsg_hdr(msg), &ifindex, &raw), DECODE_MALFORMED);
	nlmsg_free(msg);
	msg = message(RTM_NEWSTATS, &head, sizeof(head));
	nla_reserve(msg, IFLA_STATS_LINK_64, 400); /* of a kernel to come */
	CU_ASSERT_EQUAL(decode_stats(nlmsg_hdr(msg), &ifindex, &raw), DECODE_OK);
	nlmsg_free(msg);
}

static void
queue_of_the_root_qdisc_only(void)
{
	struct tcmsg head = { .tcm_ifindex = 9, .tcm_parent = TC_H_ROOT };
	struct tc_stats stats = { .qlen = 23 };
	struct nl_msg *msg = message(RTM_NEWQDISC, &head, sizeof(head));
	uint32_t ifindex = 0, queue = 0;

	nla_put(msg, TCA_STATS, sizeof(stats), &stats);
	CU_ASSERT_EQUAL(decode_qdisc(nlmsg_hdr(msg), &ifindex, &queue), DECODE_OK);
	CU_ASSERT_EQUAL(ifindex, 9);
	CU_ASSERT_EQUAL(queue, 23);
	((struct tcmsg *)nlmsg_data(nlmsg_hdr(msg)))->tcm_parent = 0x10001;
	CU_ASSERT_EQUAL(decode_qdisc(nlmsg_hdr(msg), &ifindex, &queue), DECODE_IGNORED);
	nlmsg_free(msg);
}

static enum decoded
fdb(uint8_t flags, uint16_t state, bool with_dst, struct lladdr *address)
{
	struct ndmsg head = { .ndm_family = AF_BRIDGE,
		.ndm_ifindex = 9,
		.ndm_flags = flags,
		.ndm_state = state };
	struct nl_msg *msg = message(RTM_NEWNEIGH, &head, sizeof(head));
	uint32_t ifindex = 0;
	enum decoded result;

	nla_put(msg, NDA_LLADDR, 6, "\x33\x33\0\0\0\1");
	if (with_dst)
		nla_put_u32(msg, NDA_DST, 1);
	result = decode_fdb(nlmsg_hdr(msg), &ifindex, address);
	CU_ASSERT_EQUAL(ifindex, result == DECODE_OK ? 9 : 0);
	nlmsg_free(msg);
	return result;
}

static void
filter_entries_of_the_device_only(void)
{
	struct lladdr address = { 0 };

	CU_ASSERT_EQUAL(fdb(NTF_SELF, NUD_PERMANENT, false, &address), DECODE_OK);
	CU_ASSERT_EQUAL(address.len, 6);
	CU_ASSERT_EQUAL(address.bytes[0], 0x33);
	CU_ASSERT_EQUAL(fdb(NTF_MASTER, NUD_PERMANENT, false, &address), DECODE_IGNORED);
	CU_ASSERT_EQUAL(fdb(NTF_SELF, NUD_REACHABLE, false, &address), DECODE_IGNORED);
	CU_ASSERT_EQUAL(fdb(NTF_SELF, NUD_PERMANENT, true, &address), DECODE_IGNORED);
}

static struct nl_msg *
ethtool(uint8_t cmd, int header, uint32_t ifindex)
{
	struct genlmsghdr head = { .cmd = cmd, .version = 1 };
	struct nl_msg *msg = message(20, &head, sizeof(head));
	struct nlattr *nest = nla_nest_start(msg, header);

	if (ifindex)
		nla_put_u32(msg, ETHTOOL_A_HEADER_DEV_INDEX, ifindex);
	nla_nest_end(msg, nest);
	return msg;
}

static void
speed_of_a_link(void)
{
	static const struct {
		uint32_t said, want;
	} cases[] = { { 1000, 1000 }, { 400000, 400000 }, { 0, 0 }, { UINT32_MAX, 0 } };
	uint32_t ifindex, speed;
	struct nl_msg *msg;

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		msg = ethtool(
			ETHTOOL_MSG_LINKMODES_GET_REPLY, ETHTOOL_A_LINKMODES_HEADER, 4);
		nla_put_u32(msg, ETHTOOL_A_LINKMODES_SPEED, cases[i].said);
		CU_ASSERT_EQUAL(
			decode_linkmodes(nlmsg_hdr(msg), &ifindex, &speed), DECODE_OK);
		CU_ASSERT_EQUAL(ifindex, 4);
		CU_ASSERT_EQUAL(speed, cases[i].want);
		nlmsg_free(msg);
	}
	msg = ethtool(ETHTOOL_MSG_LINKMODES_GET_REPLY, ETHTOOL_A_LINKMODES_HEADER, 0);
	CU_ASSERT_EQUAL(
		decode_linkmodes(nlmsg_hdr(msg), &ifindex, &speed), DECODE_MALFORMED);
	nlmsg_free(msg);
	msg = ethtool(ETHTOOL_MSG_LINKINFO_GET_REPLY, ETHTOOL_A_LINKMODES_HEADER, 4);
	CU_ASSERT_EQUAL(
		decode_linkmodes(nlmsg_hdr(msg), &ifindex, &speed), DECODE_IGNORED);
	nlmsg_free(msg);
}

static void
put_mac_counter(struct nl_msg *msg, int which, uint64_t value)
{
	struct nlattr *nest = nla_nest_start(msg, ETHTOOL_A_STATS_GRP_STAT);

	nla_put_u64(msg, which, value);
	nla_nest_end(msg, nest);
}

static void
mac_counters_of_a_link(void)
{
	struct nl_msg *msg =
		ethtool(ETHTOOL_MSG_STATS_GET_REPLY, ETHTOOL_A_STATS_HEADER, 4);
	struct nlattr *group = nla_nest_start(msg, ETHTOOL_A_STATS_GRP);
	struct raw_counters raw = { 0 };
	uint32_t ifindex;
	bool present;

	nla_put_u32(msg, ETHTOOL_A_STATS_GRP_ID, ETHTOOL_STATS_ETH_MAC);
	put_mac_counter(msg, ETHTOOL_A_STATS_ETH_MAC_2_TX_PKT, 1);
	put_mac_counter(msg, ETHTOOL_A_STATS_ETH_MAC_18_TX_MCAST, 18);
	put_mac_counter(msg, ETHTOOL_A_STATS_ETH_MAC_19_TX_BCAST, 1ULL << 40);
	put_mac_counter(msg, ETHTOOL_A_STATS_ETH_MAC_21_RX_MCAST, 21);
	put_mac_counter(msg, ETHTOOL_A_STATS_ETH_MAC_22_RX_BCAST, 22);
	nla_nest_end(msg, group);
	CU_ASSERT_EQUAL(
		decode_eth_mac(nlmsg_hdr(msg), &ifindex, &raw, &present), DECODE_OK);
	CU_ASSERT_TRUE(present);
	CU_ASSERT_EQUAL(ifindex, 4);
	CU_ASSERT_EQUAL(raw.mac_tx_multicast, 18);
	CU_ASSERT_EQUAL(raw.mac_tx_broadcast, 1ULL << 40);
	CU_ASSERT_EQUAL(raw.mac_rx_multicast, 21);
	CU_ASSERT_EQUAL(raw.mac_rx_broadcast, 22);
	nlmsg_free(msg);
	/* a driver without them answers with an empty group, or with none */
	msg = ethtool(ETHTOOL_MSG_STATS_GET_REPLY, ETHTOOL_A_STATS_HEADER, 4);
	CU_ASSERT_EQUAL(
		decode_eth_mac(nlmsg_hdr(msg), &ifindex, &raw, &present), DECODE_OK);
	CU_ASSERT_FALSE(present);
	nlmsg_free(msg);
}

static void
errors_of_the_kernel(void)
{
	struct nlmsgerr error = { .error = -19 };
	struct nl_msg *msg = message(NLMSG_ERROR, &error, sizeof(error));
	struct nlmsgerr *said = nlmsg_data(nlmsg_hdr(msg));

	CU_ASSERT_EQUAL(decode_error(nlmsg_hdr(msg)), -19);
	said->error = -4095;
	CU_ASSERT_EQUAL(decode_error(nlmsg_hdr(msg)), -4095);
	said->error = 1;
	CU_ASSERT_EQUAL(decode_error(nlmsg_hdr(msg)), -EBADMSG);
	said->error = INT_MIN; /* which has no negative */
	CU_ASSERT_EQUAL(decode_error(nlmsg_hdr(msg)), -EBADMSG);
	nlmsg_hdr(msg)->nlmsg_len = NLMSG_HDRLEN + 2;
	CU_ASSERT_EQUAL(decode_error(nlmsg_hdr(msg)), -EBADMSG);
	nlmsg_free(msg);
}

static void
lines_of_dev_mcast(void)
{
	struct lladdr address;
	uint32_t ifindex;

	CU_ASSERT_TRUE(procfs_parse_multicast(
		"2    eth0            1     0     333300000001\n", &ifindex, &address));
	CU_ASSERT_EQUAL(ifindex, 2);
	CU_ASSERT_EQUAL(address.len, 6);
	CU_ASSERT_EQUAL(address.bytes[0], 0x33);
	CU_ASSERT_EQUAL(address.bytes[5], 1);
	CU_ASSERT_TRUE(procfs_parse_multicast(
		"7 ib0 1 0 00ffffffff12401bffff000000000000ffffffFF\n", &ifindex,
		&address));
	CU_ASSERT_EQUAL(address.len, 20);
	CU_ASSERT_EQUAL(address.bytes[19], 0xff);
	CU_ASSERT_FALSE(procfs_parse_multicast("", &ifindex, &address));
	CU_ASSERT_FALSE(procfs_parse_multicast("2 eth0 1 0", &ifindex, &address));
	CU_ASSERT_FALSE(procfs_parse_multicast("2 eth0 1 0 333", &ifindex, &address));
	CU_ASSERT_FALSE(procfs_parse_multicast("2 eth0 1 0 33zz", &ifindex, &address));
	CU_ASSERT_FALSE(procfs_parse_multicast("0 eth0 1 0 3333", &ifindex, &address));
	CU_ASSERT_FALSE(
		procfs_parse_multicast("99999999999 eth0 1 0 3333", &ifindex, &address));
	CU_ASSERT_FALSE(procfs_parse_multicast("2 x 1 0 000102030405060708090a0b0c0d0e0f"
					       "101112131415161718191a1b1c1d1e1f20",
		&ifindex, &address));
}

void
suite_decode(void)
{
	CU_pSuite suite = CU_add_suite("decode", NULL, NULL);

	CU_ADD_TEST(suite, every_field_of_a_link);
	CU_ADD_TEST(suite, links_of_all_kinds);
	CU_ADD_TEST(suite, overrides_of_ifType);
	CU_ADD_TEST(suite, infiniband_has_twenty_octets);
	CU_ADD_TEST(suite, what_is_not_a_link_is_ignored);
	CU_ADD_TEST(suite, indexes_that_are_none);
	CU_ADD_TEST(suite, names_without_an_end);
	CU_ADD_TEST(suite, every_cut_is_noticed);
	CU_ADD_TEST(suite, lengths_that_lie);
	CU_ADD_TEST(suite, counters_of_a_link);
	CU_ADD_TEST(suite, queue_of_the_root_qdisc_only);
	CU_ADD_TEST(suite, filter_entries_of_the_device_only);
	CU_ADD_TEST(suite, speed_of_a_link);
	CU_ADD_TEST(suite, mac_counters_of_a_link);
	CU_ADD_TEST(suite, errors_of_the_kernel);
	CU_ADD_TEST(suite, lines_of_dev_mcast);
}
