/*
 * IP interfaces of the fixture: see unit.h.
 */
#include "unit.h"

#include "../../agent/kernel/decode_ipif.h"
#include "../../agent/kernel/snmp6.h"

#include <linux/if_link.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <string.h>

static void
put_ipv6(struct nl_msg *msg, const struct built_ip *what)
{
	uint32_t config[DEVCONF_MAX] = { 0 };
	struct ifla_cacheinfo cache = { .max_reasm_len = 65535,
		.reachable_time = 21408, /* random */
		.retrans_time = what->retrans_time ? what->retrans_time : 1000 };
	uint64_t counters[38] = { 38, 1, 2, 3 };

	config[DEVCONF_FORWARDING] = what->forwarding;
	config[DEVCONF_DISABLE_IPV6] = what->disabled;
	nla_put_u32(msg, IFLA_INET6_FLAGS, 0x80000000);
	nla_put(msg, IFLA_INET6_CACHEINFO, sizeof(cache), &cache);
	nla_put(msg, IFLA_INET6_CONF, sizeof(config), config);
	nla_put(msg, IFLA_INET6_STATS, sizeof(counters), counters);
	nla_put(msg, IFLA_INET6_TOKEN, 16, what->token);
	nla_put_u8(msg, IFLA_INET6_ADDR_GEN_MODE,
		what->no_eui64 ? IN6_ADDR_GEN_MODE_NONE : IN6_ADDR_GEN_MODE_EUI64);
}

struct nl_msg *
build_ip_link(const struct built_ip *what, bool v6_only)
{
	struct ifinfomsg head = { .ifi_family = v6_only ? AF_INET6 : AF_UNSPEC,
		.ifi_index = (int)what->ifindex };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWLINK, 0);
	struct nlattr *nest, *family;

	nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO);
	nla_put_string(msg, IFLA_IFNAME, "x0");
	nla_put_u32(msg, IFLA_MTU, 1500);
	nest = nla_nest_start(msg, v6_only ? IFLA_PROTINFO : IFLA_AF_SPEC);
	if (v6_only) {
		put_ipv6(msg, what);
		nla_nest_end(msg, nest);
		return msg;
	}
	if (what->v4) {
		family = nla_nest_start(msg, AF_INET);
		nla_put(msg, IFLA_INET_CONF, 128, (uint32_t[32]){ what->forwarding4 });
		nla_nest_end(msg, family);
	}
	if (what->v6) {
		family = nla_nest_start(msg, AF_INET6);
		put_ipv6(msg, what);
		nla_nest_end(msg, family);
	}
	nla_nest_end_keep_empty(msg, nest); /* as the kernel does */
	return msg;
}

void
build_dev_snmp6(char *text, size_t size, uint32_t ifindex, unsigned int n)
{
	static const char *const names[] = { "InReceives", "InHdrErrors",
		"InTooBigErrors", "InNoRoutes", "InAddrErrors", "InUnknownProtos",
		"InTruncatedPkts", "InDiscards", "InDelivers", "OutForwDatagrams",
		"OutRequests", "OutDiscards", "OutNoRoutes", "ReasmTimeout", "ReasmReqds",
		"ReasmOKs", "ReasmFails", "FragOKs", "FragFails", "FragCreates",
		"InMcastPkts", "OutMcastPkts", "InOctets", "OutOctets", "InMcastOctets",
		"OutMcastOctets", "InBcastOctets", "OutBcastOctets", "InNoECTPkts",
		"OutTransmits" };
	size_t len =
		(size_t)snprintf(text, size, "ifIndex                  \t%u\n", ifindex);

	for (size_t i = 0; i < N_ELEMENTS(names); i++)
		len += (size_t)snprintf(text + len, size - len, "Ip6%-29s\t%llu\n",
			names[i], 5000000000ULL + 100 * n + i);
	snprintf(text + len, size - len, "Icmp6InMsgs                     \t3\n");
}

/* Those that are not listed have both, and addresses made of their own. */
static const struct built_ip special[] = {
	{ .ifindex = 3, .v4 = true, .v6 = true, .disabled = true },
	{ .ifindex = 10,
		.v4 = true,
		.v6 = true,
		.forwarding = true,
		.forwarding4 = true },
	{ .ifindex = 11, .v4 = true, .v6 = true, .no_eui64 = true, .retrans_time = 2500 },
	{ .ifindex = 12,
		.v4 = true,
		.v6 = true,
		.token = { 0, 0, 0, 0, 0, 0, 0, 0, 0xc0, 0xff, 0xee, 0, 0, 0, 0, 5 } },
	{ .ifindex = 15, .v4 = true }, /* MTU below 1280 */
	{ .ifindex = 25 },	       /* MTU below 68 */
};

static struct built_ip
ip_of(uint32_t ifindex)
{
	for (size_t i = 0; i < N_ELEMENTS(special); i++) {
		if (special[i].ifindex == ifindex)
			return special[i];
	}
	return (struct built_ip){ .ifindex = ifindex, .v4 = true, .v6 = true };
}

static void
set_demand(struct mirror *mirror, uint32_t ifindex, uint64_t now)
{
	struct ipif *v4 = ipif_find(mirror, IP_V4, ifindex);
	struct ipif *v6 = ipif_find(mirror, IP_V6, ifindex);
	struct ip_reading reading;
	char text[4096];

	if (v4)
		ipif_set_neigh(mirror, v4, 30000, 1000 + ifindex % 10, now);
	if (!v6)
		return;
	ipif_set_neigh(mirror, v6, 30000 + ifindex % 10, v6->retrans_time, now);
	memset(&reading, 0, sizeof(reading));
	build_dev_snmp6(text, sizeof(text), ifindex, ifindex % 100);
	CU_ASSERT_TRUE_FATAL(
		procstats_parse(PROC_DEV_SNMP6, text, strlen(text), &reading));
	if (ifindex == 10) /* a kernel before 6.7 */
		reading.ip.out_transmits.present = false;
	ipif_set_counters(v6, &reading.ip, now);
}

void
fixture_ipifs(struct mirror *mirror, uint64_t now)
{
	struct link *link, *after;

	set_for_each (link, after, &mirror->links) {
		uint32_t ifindex = link->info.ifindex;
		struct built_ip what = ip_of(ifindex);
		struct nl_msg *msg = build_ip_link(&what, false);
		struct ipif_said said;

		CU_ASSERT_EQUAL_FATAL(decode_ipif(nlmsg_hdr(msg), &said), DECODE_OK);
		mirror_put_ipif(mirror, &said, FROM_DUMP);
		nlmsg_free(msg);
		set_demand(mirror, ifindex, now);
	}
}
