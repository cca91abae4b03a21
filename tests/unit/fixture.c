/*
 * Built messages and the mirror that is made of them: see unit.h.
 */
#include "fixture_route.h"
#include "unit.h"

#include "../../agent/base/clock.h"
#include "../../agent/kernel/decode.h"

#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <linux/neighbour.h>
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
	put_number(msg, IFLA_MIN_MTU, what->min_mtu);
	put_number(msg, IFLA_MAX_MTU, what->max_mtu);
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
	if (what->permanent[0])
		nla_put(msg, IFLA_PERM_ADDRESS, sizeof(what->permanent), what->permanent);
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

static void
put_inet(struct nl_msg *msg, int type, const char *text)
{
	uint8_t octets[16];

	if (!text)
		return;
	if (strchr(text, ':'))
		CU_ASSERT_EQUAL_FATAL(inet_pton(AF_INET6, text, octets), 1)
	else
		CU_ASSERT_EQUAL_FATAL(inet_pton(AF_INET, text, octets), 1);
	nla_put(msg, type, strchr(text, ':') ? 16 : 4, octets);
}

struct nl_msg *
build_addr(int type, const struct built_addr *what)
{
	const char *any = what->anycast ? what->anycast : what->address;
	struct ifaddrmsg head = { .ifa_family = strchr(any, ':') ? AF_INET6 : AF_INET,
		.ifa_prefixlen = what->length,
		.ifa_flags = (uint8_t)what->flags,
		.ifa_index = what->ifindex };
	struct ifa_cacheinfo cache = {
		.ifa_prefered = what->preferred ? what->preferred : UINT32_MAX,
		.ifa_valid = what->valid ? what->valid : UINT32_MAX,
		.cstamp = what->created,
		.tstamp = what->changed ? what->changed : what->created,
	};
	struct nl_msg *msg = nlmsg_alloc_simple(type, 0);

	nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO);
	put_inet(msg, IFA_ADDRESS, what->address);
	put_inet(msg, IFA_LOCAL, what->local);
	put_inet(msg, IFA_BROADCAST, what->broadcast);
	put_inet(msg, IFA_ANYCAST, what->anycast);
	nla_put(msg, IFA_CACHEINFO, sizeof(cache), &cache);
	nla_put_u32(msg, IFA_FLAGS, what->flags);
	if (what->proto)
		nla_put_u8(msg, IFA_PROTO, what->proto);
	return msg;
}

struct nl_msg *
build_neigh(int type, const struct built_neigh *what)
{
	struct ndmsg head = { .ndm_family =
				      strchr(what->address, ':') ? AF_INET6 : AF_INET,
		.ndm_ifindex = (int)what->ifindex,
		.ndm_state = what->state,
		.ndm_flags = what->flags };
	struct nda_cacheinfo cache = { .ndm_updated = what->age };
	struct nl_msg *msg = nlmsg_alloc_simple(type, 0);

	nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO);
	put_inet(msg, NDA_DST, what->address);
	if (what->lladdr_len)
		nla_put(msg, NDA_LLADDR, what->lladdr_len, what->lladdr);
	nla_put(msg, NDA_CACHEINFO, sizeof(cache), &cache);
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
		.min_mtu = 68,
		.max_mtu = 9216,
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

static const struct built_addr addrs[] = {
	{ 1, "127.0.0.1", "127.0.0.1", .length = 8, .flags = IFA_F_PERMANENT },
	{ 1, "::1", .length = 128, .flags = IFA_F_PERMANENT, .proto = 1 },
	{ 2, "192.0.2.1", "192.0.2.1", "192.0.2.255", .length = 24, .created = 1234 },
	{ 2, "192.0.2.2", "192.0.2.2", "192.0.2.255", .length = 24,
		.flags = IFA_F_SECONDARY, .created = 5000, .changed = 6000 },
	/* twice on one interface, and again on others */
	{ 2, "192.0.2.1", "192.0.2.1", .length = 16 },
	{ 3, "192.0.2.1", "192.0.2.1", .length = 24 },
	{ 10, "192.0.2.1", "192.0.2.1", .length = 32 },
	/* on a link that is down */
	{ 15, "203.0.113.15", "203.0.113.15", .length = 24, .flags = IFA_F_DEPRECATED },
	/* a peer's prefix */
	{ 25, "198.51.100.9", "198.51.100.1", .length = 32 },
	{ 2, "198.51.100.130", "198.51.100.130", "198.51.100.191", .length = 26,
		.preferred = 1800, .valid = 3600 },
	{ 3, "169.254.7.7", "169.254.7.7", "169.254.255.255", .length = 16 },
	{ 2, "fe80::202:ff:fe00:2", .length = 64, .flags = IFA_F_PERMANENT, .proto = 3 },
	{ 3, "fe80::202:ff:fe00:2", .length = 64, .flags = IFA_F_PERMANENT },
	{ 10, "fe80::1", .length = 64, .flags = IFA_F_PERMANENT },
	{ 10, "2001:db8::202:ff:fe00:2", .length = 64, .preferred = 3600, .valid = 7200,
		.proto = 2 },
	{ 10, "2001:db8::fa57", .length = 64, .preferred = 600, .valid = 1200, .proto = 2,
		.flags = IFA_F_TEMPORARY | IFA_F_DEPRECATED },
	{ 10, "2001:db8:1::5", .length = 128, .preferred = 100, .valid = 200 },
	{ 10, "2001:db8:2::1", .length = 64, .flags = IFA_F_TENTATIVE },
	{ 10, "2001:db8:2::2", .length = 64,
		.flags = IFA_F_TENTATIVE | IFA_F_OPTIMISTIC },
	{ 10, "2001:db8:2::3", .length = 64, .flags = IFA_F_TENTATIVE | IFA_F_DADFAILED },
	{ 10, "2001:db8:2::4", .length = 64,
		.flags = IFA_F_NOPREFIXROUTE | IFA_F_STABLE_PRIVACY },
	{ 25, "2001:db8:3::2", "2001:db8:3::1", .length = 128 },
	{ 10, .anycast = "2001:db8:2::", .length = 128 },
	{ 2, .anycast = "2001:db8:99::", .length = 128 }, /* in no prefix */
};

static const struct built_neigh neighs[] = {
	{ 2, "192.0.2.9", { 2, 0, 0, 0, 1, 9 }, 6, NUD_REACHABLE, 0, 100 },
	{ 2, "192.0.2.10", { 2, 0, 0, 0, 1, 10 }, 6, NUD_STALE, 0, 5000 },
	{ 2, "192.0.2.11", { 2, 0, 0, 0, 1, 11 }, 6, NUD_DELAY, 0, 1 },
	{ 2, "192.0.2.12", { 2, 0, 0, 0, 1, 12 }, 6, NUD_PROBE, 0, 1 },
	{ 2, "192.0.2.13", { 0 }, 0, NUD_INCOMPLETE, 0, 1 },
	{ 2, "192.0.2.14", { 0 }, 0, NUD_FAILED, 0, 1 },
	{ 2, "192.0.2.15", { 2, 0, 0, 0, 1, 15 }, 6, NUD_PERMANENT, 0, 1 },
	{ 2, "224.0.0.1", { 1, 0, 0x5e, 0, 0, 1 }, 6, NUD_NOARP, 0, 1 },
	{ 2, "192.0.2.16", { 0 }, 0, NUD_NONE, 0, 1 },
	{ 2, "fe80::9", { 2, 0, 0, 0, 1, 9 }, 6, NUD_REACHABLE, NTF_ROUTER, 1 },
	{ 2, "2001:db8::9", { 2, 0, 0, 0, 1, 9 }, 6, NUD_STALE, 0, 1 },
	{ 2, "ff02::1", { 0x33, 0x33, 0, 0, 0, 1 }, 6, NUD_NOARP, 0, 1 },
	{ 10, "fe80::9", { 2, 0, 0, 0, 1, 9 }, 6, NUD_REACHABLE, 0, 1 },
	{ 22, "198.51.100.7", { 203, 0, 113, 7 }, 4, NUD_PERMANENT, 0, 1 },
	{ 26, "203.0.113.1", { 0x80, 0, 0, 1, 0xfe, 0x80 }, 20, NUD_STALE, 0, 1 },
	{ 2147483647, "203.0.113.2", { 2, 0, 0, 0, 1, 2 }, 6, NUD_REACHABLE, 0, 1 },
};

static void
put_addrs(struct mirror *mirror)
{
	mirror_sweep_begin(mirror, KIND_ADDR);
	for (size_t i = 0; i < N_ELEMENTS(addrs); i++) {
		bool anycast = addrs[i].anycast;
		struct nl_msg *msg =
			build_addr(anycast ? RTM_GETANYCAST : RTM_NEWADDR, &addrs[i]);
		struct addr_info info;

		CU_ASSERT_EQUAL_FATAL(anycast ? decode_anycast(nlmsg_hdr(msg), &info)
					      : decode_addr(nlmsg_hdr(msg), &info),
			DECODE_OK);
		mirror_put_addr(mirror, &info, FROM_DUMP);
		nlmsg_free(msg);
	}
	mirror_sweep_end(mirror, KIND_ADDR);
}

static void
put_neighs(struct mirror *mirror)
{
	mirror_sweep_begin(mirror, KIND_NEIGH);
	for (size_t i = 0; i < N_ELEMENTS(neighs); i++) {
		struct nl_msg *msg = build_neigh(RTM_NEWNEIGH, &neighs[i]);
		struct neigh_info info;

		CU_ASSERT_EQUAL_FATAL(decode_neigh(nlmsg_hdr(msg), &info), DECODE_OK);
		mirror_put_neigh(mirror, &info, FROM_DUMP);
		nlmsg_free(msg);
	}
	mirror_sweep_end(mirror, KIND_NEIGH);
}

/* Default routes: their gateways are the default routers. */
static void
put_routers(struct mirror *mirror)
{
	static const struct {
		const char *gateway;
		uint32_t ifindex, lifetime;
		uint8_t preference;
	} routers[] = {
		{ "192.0.2.254", 2, ROUTER_FOREVER, ROUTER_MEDIUM },
		{ "192.0.2.254", 3, ROUTER_FOREVER, ROUTER_MEDIUM },
		{ "fe80::fe", 10, 1800, ROUTER_LOW },
		{ "fe80::ff", 10, 9, ROUTER_HIGH },
		{ "2001:db8::1", 10, 70000, ROUTER_INVALID },
	};

	for (size_t i = 0; i < N_ELEMENTS(routers); i++) {
		struct route_info *info = mirror->said;
		bool v6 = strchr(routers[i].gateway, ':');
		uint8_t octets[16] = { 0 };

		memset(info, 0,
			offsetof(struct route_info, hops) + sizeof(info->hops[0]));
		info->dst = inet_make(v6 ? INET_IPV6 : INET_IPV4, octets);
		info->table = ROUTE_TABLE_MAIN;
		info->type = ROUTE_UNICAST;
		info->proto = v6 ? ROUTE_PROTO_RA : ROUTE_PROTO_STATIC;
		info->metric = v6 ? 1024 : (uint32_t)i;
		info->id = v6 ? 0 : (uint32_t)i + 1;
		info->lifetime = routers[i].lifetime;
		info->preference = routers[i].preference;
		info->n_hops = 1;
		info->hops[0].ifindex = routers[i].ifindex;
		inet_pton(v6 ? AF_INET6 : AF_INET, routers[i].gateway, octets);
		info->hops[0].gateway = inet_make(info->dst.type, octets);
		mirror_put_route(mirror, info, FROM_EVENT);
	}
	router_refresh(mirror);
}

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
	put_addrs(mirror);
	put_neighs(mirror);
	put_routers(mirror);
	fixture_routes(mirror);
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
