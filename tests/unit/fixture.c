/*
 * Built messages and the mirror that is made of them: see unit.h.
 */
#include "unit.h"

#include "../../agent/base/clock.h"
#include "../../agent/kernel/decode.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <string.h>

struct options unit_options;

static void
put_string(struct nl_msg *msg, int type, const char *text)
{
	if (text)
		nla_put_string(msg, type, text);
}

static void
put_number(struct nl_msg *msg, int type, uint32_t number)
{
	if (number)
		nla_put_u32(msg, type, number);
}

struct nl_msg *
build_link(int type, const struct built *what)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC,
		.ifi_type = what->arphrd,
		.ifi_index = (int)what->ifindex,
		.ifi_flags = what->flags };
	struct nl_msg *msg = nlmsg_alloc_simple(type, 0);
	uint8_t broadcast[32];

	memset(broadcast, 0xff, sizeof(broadcast));
	nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO);
	nla_put_string(msg, IFLA_IFNAME, what->name);
	nla_put_u32(msg, IFLA_MTU, what->mtu ? what->mtu : 1500);
	nla_put_u8(msg, IFLA_OPERSTATE, what->operstate);
	nla_put_u32(msg, IFLA_PROMISCUITY, what->promiscuity);
	put_number(msg, IFLA_MASTER, what->master);
	put_number(msg, IFLA_LINK, what->link);
	if (what->other_netns)
		nla_put_u32(msg, IFLA_LINK_NETNSID, 0);
	if (what->address_len) {
		nla_put(msg, IFLA_ADDRESS, what->address_len, what->address);
		nla_put(msg, IFLA_BROADCAST, what->address_len, broadcast);
	}
	put_string(msg, IFLA_IFALIAS, what->alias);
	put_string(msg, IFLA_PARENT_DEV_NAME, what->parent);
	put_string(msg, IFLA_PARENT_DEV_BUS_NAME, what->bus);
	if (what->kind) {
		struct nlattr *info = nla_nest_start(msg, IFLA_LINKINFO);

		nla_put_string(msg, IFLA_INFO_KIND, what->kind);
		if (what->lower_attr) {
			struct nlattr *data = nla_nest_start(msg, IFLA_INFO_DATA);

			nla_put_u32(msg, what->lower_attr, what->lower);
			nla_nest_end(msg, data);
		}
		nla_nest_end(msg, info);
	}
	nla_put_u32(msg, 4000, 7); /* an attribute of a kernel to come */
	return msg;
}

#define UP	(IFF_UP | IFF_LOWER_UP | IFF_RUNNING)
#define MAC(n)	.address = { 2, 0, 0, 0, 0, (n) }, .address_len = 6
#define WORKING .flags = UP, .operstate = 6

/* One of everything, most of which no kernel has all at once. */
static const struct built links[] = {
	{ .ifindex = 1,
		.name = "lo",
		.arphrd = 772,
		.mtu = 65536,
		.flags = UP,
		.address = { 0 },
		.address_len = 6 },
	{ .ifindex = 2,
		.name = "eth0",
		.arphrd = 1,
		MAC(2),
		WORKING,
		.master = 10,
		.parent = "0000:01:00.0",
		.bus = "pci",
		.alias = "uplink to r1" },
	{ .ifindex = 3,
		.name = "eth1",
		.arphrd = 1,
		MAC(3),
		.flags = IFF_UP,
		.operstate = 2,
		.master = 10,
		.parent = "0000:01:00.1",
		.bus = "pci" },
	{ .ifindex = 10, .name = "bond0", .kind = "bond", .arphrd = 1, MAC(2), WORKING },
	{ .ifindex = 11,
		.name = "bond0.5",
		.kind = "vlan",
		.arphrd = 1,
		MAC(2),
		WORKING,
		.link = 10 },
	{ .ifindex = 12,
		.name = "team0",
		.kind = "team",
		.arphrd = 1,
		MAC(12),
		.flags = IFF_UP,
		.operstate = 5 },
	{ .ifindex = 13, .name = "br0", .kind = "bridge", .arphrd = 1, MAC(13), WORKING },
	{ .ifindex = 14,
		.name = "v0",
		.kind = "veth",
		.arphrd = 1,
		MAC(14),
		.flags = IFF_UP,
		.operstate = 3,
		.link = 15,
		.master = 13,
		.promiscuity = 1 },
	{ .ifindex = 15,
		.name = "v1",
		.kind = "veth",
		.arphrd = 1,
		MAC(15),
		.link = 14,
		.operstate = 2 },
	{ .ifindex = 16,
		.name = "v2",
		.kind = "veth",
		.arphrd = 1,
		MAC(16),
		WORKING,
		.link = 2,
		.other_netns = true },
	{ .ifindex = 20, .name = "red", .kind = "vrf", .arphrd = 1, MAC(20), WORKING },
	{ .ifindex = 21,
		.name = "wg0",
		.kind = "wireguard",
		.arphrd = 65534,
		.flags = UP,
		.mtu = 1420,
		.master = 20 },
	{ .ifindex = 22,
		.name = "gre1",
		.kind = "gre",
		.arphrd = 778,
		.flags = UP,
		.mtu = 1476,
		.address = { 192, 0, 2, 1 },
		.address_len = 4,
		.lower_attr = IFLA_GRE_LINK,
		.lower = 2 },
	{ .ifindex = 23,
		.name = "sit1",
		.kind = "sit",
		.arphrd = 776,
		.flags = UP,
		.mtu = 1480,
		.address = { 192, 0, 2, 1 },
		.address_len = 4,
		.lower_attr = IFLA_IPTUN_LINK,
		.lower = 2 },
	{ .ifindex = 24,
		.name = "vx10",
		.kind = "vxlan",
		.arphrd = 1,
		MAC(24),
		.flags = UP,
		.mtu = 1450,
		.lower_attr = IFLA_VXLAN_LINK,
		.lower = 99 },
	{ .ifindex = 25, .name = "ppp0", .arphrd = 512, .flags = UP, .mtu = 1492 },
	{ .ifindex = 26,
		.name = "ib0",
		.kind = "ipoib",
		.arphrd = 32,
		WORKING,
		.mtu = 2044,
		.address = { 0x80, 0, 2, 8, 0xfe, 0x80, 7 },
		.address_len = 20,
		.parent = "0000:02:00.0",
		.bus = "pci" },
	{ .ifindex = 27,
		.name = "wlan0",
		.arphrd = 1,
		MAC(27),
		.flags = IFF_UP,
		.operstate = 4,
		.parent = "0000:03:00.0",
		.bus = "pci",
		.alias = "caf\xc3\xa9 \x01\xff" },
	{ .ifindex = 28,
		.name = "mv0",
		.kind = "macvlan",
		.arphrd = 1,
		MAC(28),
		.flags = IFF_UP,
		.operstate = 3,
		.link = 3 },
	{ .ifindex = 29,
		.name = "gone0",
		.arphrd = 1,
		MAC(29),
		.operstate = 1,
		.parent = "1-1",
		.bus = "usb" },
	{ .ifindex = 30,
		.name = "odd0",
		.arphrd = 1,
		MAC(30),
		.flags = IFF_UP,
		.operstate = 77 },
	{ .ifindex = 2147483647,
		.name = "last",
		.kind = "dummy",
		.arphrd = 1,
		MAC(31),
		.flags = UP },
};

static void
set_demand(struct link *link)
{
	uint64_t n = link->info.ifindex;
	struct raw_counters raw = { .rx_packets = 1000 * n,
		.tx_packets = 2000 * n,
		.rx_bytes = 5000000000 + n,
		.tx_bytes = 6000000000 + n,
		.rx_errors = 3 + n,
		.tx_errors = 4 + n,
		.rx_dropped = 5 + n,
		.tx_dropped = 6 + n,
		.multicast = 7 * n,
		.rx_missed = 8,
		.mac_rx_multicast = 9,
		.mac_rx_broadcast = 10 * n,
		.mac_tx_multicast = 11 * n,
		.mac_tx_broadcast = 12 * n };

	mirror_set_counters(link, &raw, n == 2, clock_now());
	link->speed = n == 2 ? 1000 : n == 10 ? 40000 : n == 3 ? 10 : 0;
	link->queue = n == 2 ? 17 : 0;
}

struct mirror *
fixture_mirror(uint64_t now)
{
	struct mirror *mirror = mirror_new(&unit_options);
	struct link *link, *after;

	clock_freeze(now);
	mirror_sweep_begin(mirror, KIND_LINK);
	for (size_t i = 0; i < N_ELEMENTS(links); i++) {
		struct nl_msg *msg = build_link(RTM_NEWLINK, &links[i]);
		struct link_info info;

		CU_ASSERT_EQUAL_FATAL(decode_link(nlmsg_hdr(msg), &info), DECODE_OK);
		if (strcmp(info.name, "wlan0") == 0)
			strcpy(info.devtype, "wlan"); /* what sysfs would have added */
		mirror_put_link(mirror, &info, FROM_DUMP);
		nlmsg_free(msg);
	}
	fixture_ipifs(mirror, now);
	mirror_sweep_end(mirror, KIND_LINK);
	set_for_each (link, after, &mirror->links)
		set_demand(link);
	fixture_ip(&mirror->ip, now);
	return mirror;
}

struct link_info
plain_link(uint32_t ifindex, const char *name)
{
	struct link_info info = { .ifindex = ifindex,
		.mtu = 1500,
		.arphrd = 1,
		.operstate = OPERSTATE_UP,
		.up = true,
		.lower_up = true,
		.address = { 6, { 2, 0, 0, 0, 0, (uint8_t)ifindex } },
		.broadcast = { 6, { 255, 255, 255, 255, 255, 255 } } };

	strcpy(info.name, name);
	return info;
}
