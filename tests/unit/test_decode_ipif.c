/*
 * The decoders of IP interfaces, with messages built here and with such that lie; and the
 * files of /proc/net/dev_snmp6.
 */
#include "unit.h"

#include "../../agent/kernel/decode_ipif.h"
#include "../../agent/kernel/snmp6.h"

#include <errno.h>
#include <limits.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct built_ip both = { .ifindex = 7,
	.v4 = true,
	.v6 = true,
	.forwarding = true,
	.retrans_time = 1500,
	.token = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 } };

static enum decoded
decode(struct nl_msg *msg, struct ipif_said *said)
{
	enum decoded result = decode_ipif(nlmsg_hdr(msg), said);

	nlmsg_free(msg);
	return result;
}

static void
blocks_of_a_link(void)
{
	struct built_ip what = both;
	struct ipif_said said;

	CU_ASSERT_EQUAL(decode(build_ip_link(&what, false), &said), DECODE_OK);
	CU_ASSERT_EQUAL(said.ifindex, 7);
	CU_ASSERT_EQUAL(said.v4, IPIF_PRESENT);
	CU_ASSERT_EQUAL(said.v6, IPIF_PRESENT);
	CU_ASSERT_EQUAL(said.info.reasm_max, 65535);
	CU_ASSERT_EQUAL(said.info.retrans_time, 1500);
	CU_ASSERT_TRUE(said.info.forwarding && said.info.eui64 && !said.info.disabled);
	CU_ASSERT_TRUE(said.has_forwarding4 && !said.forwarding4);
	CU_ASSERT_EQUAL(memcmp(said.info.token, what.token + 8, IDENTIFIER_LEN), 0);
	what.disabled = what.no_eui64 = true;
	what.forwarding = false;
	what.forwarding4 = true;
	CU_ASSERT_EQUAL(decode(build_ip_link(&what, false), &said), DECODE_OK);
	CU_ASSERT_TRUE(said.info.disabled && !said.info.eui64 && !said.info.forwarding);
	CU_ASSERT_TRUE(said.has_forwarding4 && said.forwarding4);
	what.v6 = false;
	CU_ASSERT_EQUAL(decode(build_ip_link(&what, false), &said), DECODE_OK);
	CU_ASSERT_EQUAL(said.v4, IPIF_PRESENT);
	CU_ASSERT_EQUAL(said.v6, IPIF_ABSENT);
	what.v4 = false;
	CU_ASSERT_EQUAL(decode(build_ip_link(&what, false), &said), DECODE_OK);
	CU_ASSERT_EQUAL(said.v4, IPIF_ABSENT);
	CU_ASSERT_FALSE(said.has_forwarding4);
	CU_ASSERT_EQUAL(decode(build_ip_link(&both, true), &said), DECODE_OK);
	CU_ASSERT_EQUAL(said.v4, IPIF_SILENT);
	CU_ASSERT_EQUAL(said.v6, IPIF_PRESENT);
	CU_ASSERT_EQUAL(said.info.retrans_time, 1500);
}

static void
ends_of_links(void)
{
	struct nl_msg *msg = build_ip_link(&both, false);
	struct ipif_said said;

	nlmsg_hdr(msg)->nlmsg_type = RTM_DELLINK; /* the link's: none of ours */
	CU_ASSERT_EQUAL(decode(msg, &said), DECODE_IGNORED);
	msg = build_ip_link(&both, true);
	nlmsg_hdr(msg)->nlmsg_type = RTM_DELLINK;
	CU_ASSERT_EQUAL(decode(msg, &said), DECODE_OK);
	CU_ASSERT_EQUAL(said.v4, IPIF_SILENT);
	CU_ASSERT_EQUAL(said.v6, IPIF_DOUBTED);
	msg = build_ip_link(&both, true);
	((struct ifinfomsg *)nlmsg_data(nlmsg_hdr(msg)))->ifi_family = AF_BRIDGE;
	CU_ASSERT_EQUAL(decode(msg, &said), DECODE_IGNORED);
}

/* A block of IPv6 of which one attribute has @len octets, and @without is missing. */
static enum decoded
odd_block(int type, int len, int without)
{
	static const int attributes[][2] = { { IFLA_INET6_CACHEINFO, 16 },
		{ IFLA_INET6_CONF, 200 }, { IFLA_INET6_TOKEN, 16 },
		{ IFLA_INET6_ADDR_GEN_MODE, 1 } };
	struct ifinfomsg head = { .ifi_family = AF_INET6, .ifi_index = 7 };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWLINK, 0);
	struct nlattr *nest;
	struct ipif_said said;

	nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO);
	nest = nla_nest_start(msg, IFLA_PROTINFO);
	for (size_t i = 0; i < N_ELEMENTS(attributes); i++) {
		if (attributes[i][0] != without)
			nla_reserve(msg, attributes[i][0],
				attributes[i][0] == type ? len : attributes[i][1]);
	}
	nla_nest_end(msg, nest);
	return decode(msg, &said);
}

static void
odd_blocks(void)
{
	static const struct {
		int type, len, without;
		enum decoded want;
	} cases[] = {
		{ 0, 0, 0, DECODE_OK },
		{ 0, 0, IFLA_INET6_TOKEN, DECODE_OK },	       /* before 3.8 */
		{ 0, 0, IFLA_INET6_ADDR_GEN_MODE, DECODE_OK }, /* before 3.17 */
		{ 0, 0, IFLA_INET6_CONF, DECODE_MALFORMED },
		{ 0, 0, IFLA_INET6_CACHEINFO, DECODE_MALFORMED },
		{ IFLA_INET6_CONF, 4 * 27, 0, DECODE_OK }, /* ends with disable_ipv6 */
		{ IFLA_INET6_CONF, 4 * 27 - 1, 0, DECODE_MALFORMED },
		{ IFLA_INET6_CONF, 0, 0, DECODE_MALFORMED },
		{ IFLA_INET6_CONF, 2000, 0, DECODE_OK }, /* of a kernel to come */
		{ IFLA_INET6_CACHEINFO, 15, 0, DECODE_MALFORMED },
		{ IFLA_INET6_CACHEINFO, 20, 0, DECODE_OK },
		{ IFLA_INET6_TOKEN, 15, 0, DECODE_MALFORMED },
		{ IFLA_INET6_ADDR_GEN_MODE, 0, 0, DECODE_MALFORMED },
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		enum decoded got =
			odd_block(cases[i].type, cases[i].len, cases[i].without);

		CU_ASSERT_EQUAL(got, cases[i].want);
		if (got != cases[i].want)
			printf("\n\tcase %zu: %d", i, (int)got);
	}
}

static void
links_that_lie(void)
{
	struct built_ip what = both;
	struct ipif_said said;
	struct nl_msg *msg;
	struct nlattr *nest;

	what.ifindex = 0;
	CU_ASSERT_EQUAL(decode(build_ip_link(&what, false), &said), DECODE_MALFORMED);
	what.ifindex = 0x80000000;
	CU_ASSERT_EQUAL(decode(build_ip_link(&what, true), &said), DECODE_MALFORMED);
	msg = build_ip_link(&both, false);
	nest = nlmsg_find_attr(nlmsg_hdr(msg), sizeof(struct ifinfomsg), IFLA_AF_SPEC);
	((struct nlattr *)nla_data(nest))->nla_len = 2000; /* the block runs over it */
	CU_ASSERT_EQUAL(decode(msg, &said), DECODE_MALFORMED);
	msg = build_ip_link(&both, true);
	nest = nlmsg_find_attr(nlmsg_hdr(msg), sizeof(struct ifinfomsg), IFLA_PROTINFO);
	((struct nlattr *)nla_data(nest))->nla_len = 3; /* shorter than its head */
	CU_ASSERT_EQUAL(decode(msg, &said), DECODE_MALFORMED);
	msg = build_ip_link(&both, true);
	nest = nlmsg_find_attr(nlmsg_hdr(msg), sizeof(struct ifinfomsg), IFLA_PROTINFO);
	nest->nla_type = 4000; /* no PROTINFO at all */
	CU_ASSERT_EQUAL(decode(msg, &said), DECODE_MALFORMED);
}

static enum decoded
any_decoder(const struct nlmsghdr *msg)
{
	struct neigh_parms parms;
	struct ipif_said said;

	switch (msg->nlmsg_type) {
	case RTM_NEWNEIGHTBL:
		return decode_neigh_parms(msg, &parms);
	default:
		return decode_ipif(msg, &said);
	}
}

/* Cut at any octet: no read behind the end (a sanitizer sees it), and what looks whole
 * has been cut between two attributes. Frees @msg. */
static void
cut_everywhere(struct nl_msg *msg, unsigned int borders)
{
	struct nlmsghdr *head = nlmsg_hdr(msg);
	uint32_t whole = head->nlmsg_len;
	uint8_t *copy = malloc(whole);
	unsigned int good = 0;

	CU_ASSERT_EQUAL(any_decoder(head), DECODE_OK);
	for (uint32_t len = NLMSG_HDRLEN; len < whole; len++) {
		struct nlmsghdr *cut = (void *)(copy + whole - len);

		if ((uintptr_t)cut % 4)
			continue;
		memcpy(cut, head, len);
		cut->nlmsg_len = len;
		good += any_decoder(cut) == DECODE_OK;
	}
	CU_ASSERT_TRUE(good <= borders);
	free(copy);
	nlmsg_free(msg);
}

static struct nl_msg *
build_netconf(int type, uint8_t family, int32_t ifindex, bool forwarding)
{
	struct netconfmsg head = { .ncm_family = family };
	struct nl_msg *msg = nlmsg_alloc_simple(type, 0);

	nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO);
	nla_put_u32(msg, NETCONFA_IFINDEX, (uint32_t)ifindex);
	if (type == RTM_NEWNETCONF) {
		nla_put_u32(msg, NETCONFA_FORWARDING, forwarding);
		nla_put_u32(msg, 77, 1);
	}
	return msg;
}

static void
netconf(void)
{
	struct ipif_said said;
	struct nl_msg *msg;

	CU_ASSERT_EQUAL(decode(build_netconf(RTM_NEWNETCONF, AF_INET6, 7, true), &said),
		DECODE_OK);
	CU_ASSERT_EQUAL(said.ifindex, 7);
	CU_ASSERT_EQUAL(said.v6, IPIF_NAMED);
	CU_ASSERT_EQUAL(said.v4, IPIF_SILENT);
	CU_ASSERT_TRUE(said.has_forwarding && said.info.forwarding);
	CU_ASSERT_FALSE(said.has_forwarding4);
	CU_ASSERT_EQUAL(decode(build_netconf(RTM_NEWNETCONF, AF_INET, 7, true), &said),
		DECODE_OK);
	CU_ASSERT_EQUAL(said.v4, IPIF_NAMED);
	CU_ASSERT_EQUAL(said.v6, IPIF_SILENT);
	CU_ASSERT_FALSE(said.has_forwarding);
	CU_ASSERT_TRUE(said.has_forwarding4 && said.forwarding4);
	CU_ASSERT_EQUAL(decode(build_netconf(RTM_DELNETCONF, AF_INET6, 7, false), &said),
		DECODE_OK);
	CU_ASSERT_EQUAL(said.v6, IPIF_DOUBTED);
	/* all links, links to come, no link; MPLS */
	for (int32_t ifindex = NETCONFA_IFINDEX_DEFAULT; ifindex <= 0; ifindex++)
		CU_ASSERT_EQUAL(
			decode(build_netconf(RTM_NEWNETCONF, AF_INET6, ifindex, true),
				&said),
			DECODE_IGNORED);
	CU_ASSERT_EQUAL(decode(build_netconf(RTM_NEWNETCONF, AF_MPLS, 7, true), &said),
		DECODE_IGNORED);
	msg = build_netconf(RTM_DELNETCONF, AF_INET6, 7, false);
	nlmsg_hdr(msg)->nlmsg_len -= 8;
	CU_ASSERT_EQUAL(decode(msg, &said), DECODE_MALFORMED);
	msg = build_netconf(RTM_DELNETCONF, AF_INET6, 7, false);
	nla_put(msg, NETCONFA_IFINDEX, 2, "\7\0");
	CU_ASSERT_EQUAL(decode(msg, &said), DECODE_MALFORMED);
	cut_everywhere(build_netconf(RTM_NEWNETCONF, AF_INET6, 7, true), 2);
}

static struct nl_msg *
build_parms(uint8_t family, uint32_t ifindex, uint64_t base, uint64_t retrans)
{
	struct ndtmsg head = { .ndtm_family = family };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWNEIGHTBL, 0);
	struct nlattr *nest;

	nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO);
	nla_put_string(msg, NDTA_NAME, "some_cache");
	nest = nla_nest_start(msg, NDTA_PARMS);
	if (ifindex)
		nla_put_u32(msg, NDTPA_IFINDEX, ifindex);
	nla_put(msg, NDTPA_REACHABLE_TIME, 8, &(uint64_t){ 12345 });
	nla_put(msg, NDTPA_BASE_REACHABLE_TIME, 8, &base);
	if (retrans)
		nla_put(msg, NDTPA_RETRANS_TIME, 8, &retrans);
	nla_nest_end(msg, nest);
	return msg;
}

static enum decoded
decode_parms(struct nl_msg *msg, struct neigh_parms *parms)
{
	enum decoded result = decode_neigh_parms(nlmsg_hdr(msg), parms);

	nlmsg_free(msg);
	return result;
}

static void
neighbour_parameters(void)
{
	struct neigh_parms parms;
	struct nl_msg *msg;

	CU_ASSERT_EQUAL(
		decode_parms(build_parms(AF_INET, 7, 30000, 1000), &parms), DECODE_OK);
	CU_ASSERT_EQUAL(parms.version, IP_V4);
	CU_ASSERT_EQUAL(parms.ifindex, 7);
	CU_ASSERT_EQUAL(parms.base_reachable_time, 30000);
	CU_ASSERT_EQUAL(parms.retrans_time, 1000);
	CU_ASSERT_EQUAL(
		decode_parms(build_parms(AF_INET6, 7, 1ULL << 40, 1), &parms), DECODE_OK);
	CU_ASSERT_EQUAL(parms.version, IP_V6);
	CU_ASSERT_EQUAL(parms.base_reachable_time, UINT32_MAX);
	CU_ASSERT_EQUAL(
		decode_parms(build_parms(AF_INET6, 0, 30000, 1), &parms), DECODE_IGNORED);
	CU_ASSERT_EQUAL(decode_parms(build_parms(AF_DECnet, 7, 30000, 1), &parms),
		DECODE_IGNORED);
	CU_ASSERT_EQUAL(decode_parms(build_parms(AF_INET6, 7, 30000, 0), &parms),
		DECODE_MALFORMED);
	CU_ASSERT_EQUAL(decode_parms(build_parms(AF_INET6, 1U << 31, 30000, 1), &parms),
		DECODE_MALFORMED);
	msg = build_parms(AF_INET6, 7, 30000, 1);
	((struct nlattr *)nla_data(
		 nlmsg_find_attr(nlmsg_hdr(msg), sizeof(struct ndtmsg), NDTA_PARMS)))
		->nla_len = 999;
	CU_ASSERT_EQUAL(decode_parms(msg, &parms), DECODE_MALFORMED);
	cut_everywhere(build_parms(AF_INET6, 7, 30000, 1000), 0);
}

static void
every_cut_of_a_link(void)
{
	cut_everywhere(build_ip_link(&both, false), 0);
	cut_everywhere(build_ip_link(&both, true), 0);
}

static void
first_line_of_dev_snmp6(void)
{
	static const struct {
		const char *text;
		bool want;
	} cases[] = {
		{ "ifIndex                         \t7\nIp6InReceives \t1\n", true },
		{ "ifIndex 7\n", true },
		{ "ifIndex 7", false },
		{ "ifIndex 77\n", false },
		{ "ifIndex7\n", false },
		{ "ifIndexes 7\n", false },
		{ "ifInde", false },
		{ "ifIndex ", false },
		{ "", false },
		{ "Ip6InReceives 7\nifIndex 7\n", false },
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++)
		CU_ASSERT_EQUAL(snmp6_is_of(cases[i].text, strlen(cases[i].text), 7),
			cases[i].want);
}

static char proc[PATH_MAX];

static void
write_proc(const char *text)
{
	char path[PATH_MAX + 64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/thread-self", proc);
	mkdir(path, 0700);
	strcat(path, "/net");
	mkdir(path, 0700);
	strcat(path, "/dev_snmp6");
	mkdir(path, 0700);
	strcat(path, "/v0");
	unlink(path);
	if (!text) {
		for (int up = 0; up < 4; up++) {
			*strrchr(path, '/') = '\0';
			rmdir(path);
		}
		return;
	}
	file = fopen(path, "we");
	fputs(text, file);
	fclose(file);
}

static void
files_of_dev_snmp6(void)
{
	struct ip_reading reading;
	char text[4096], *line;

	make_folder(proc);
	build_dev_snmp6(text, sizeof(text), 7, 1);
	write_proc(text);
	CU_ASSERT_EQUAL(snmp6_read(proc, "v0", 7, &reading), 0);
	CU_ASSERT_EQUAL(reading.ip.in_receives.number, 5000000100);
	CU_ASSERT_EQUAL(reading.ip.out_transmits.number, 5000000129);
	CU_ASSERT_FALSE(reading.ip.in_bcast_pkts.present);
	CU_ASSERT_EQUAL(snmp6_read(proc, "v0", 8, &reading), -ESTALE);
	CU_ASSERT_EQUAL(snmp6_read(proc, "v1", 7, &reading), -ENOENT);
	CU_ASSERT_EQUAL(snmp6_read(proc, "../dev_snmp6/v0", 7, &reading), -ENOENT);
	CU_ASSERT_EQUAL(snmp6_read(proc, "..", 7, &reading), -ENOENT);
	/* cut short within a line: what was whole counts, the rest is absent */
	line = strstr(text, "Ip6InOctets");
	line[35] = '\0';
	write_proc(text);
	CU_ASSERT_EQUAL(snmp6_read(proc, "v0", 7, &reading), -EBADMSG);
	CU_ASSERT_TRUE(reading.ip.in_mcast_pkts.present);
	CU_ASSERT_FALSE(reading.ip.in_octets.present);
	CU_ASSERT_FALSE(reading.ip.out_octets.present);
	/* lines of more than a name and a number, names twice, no number */
	write_proc("ifIndex 7\nIp6InReceives 1 2\nIp6InOctets 5\nIp6InOctets 6\n"
		   "Ip6InDelivers -3\nIp6InDiscards\nIp6New 7\nIcmp6InMsgs 1\n");
	CU_ASSERT_EQUAL(snmp6_read(proc, "v0", 7, &reading), -EBADMSG);
	CU_ASSERT_FALSE(reading.ip.in_receives.present);
	CU_ASSERT_EQUAL(reading.ip.in_octets.number, 5);
	CU_ASSERT_FALSE(reading.ip.in_delivers.present);
	CU_ASSERT_FALSE(reading.ip.in_discards.present);
	write_proc("");
	CU_ASSERT_EQUAL(snmp6_read(proc, "v0", 7, &reading), -ESTALE);
	write_proc(NULL);
}

void
suite_decode_ipif(void)
{
	CU_pSuite suite = CU_add_suite("decode_ipif", NULL, NULL);

	CU_ADD_TEST(suite, blocks_of_a_link);
	CU_ADD_TEST(suite, ends_of_links);
	CU_ADD_TEST(suite, odd_blocks);
	CU_ADD_TEST(suite, links_that_lie);
	CU_ADD_TEST(suite, every_cut_of_a_link);
	CU_ADD_TEST(suite, netconf);
	CU_ADD_TEST(suite, neighbour_parameters);
	CU_ADD_TEST(suite, first_line_of_dev_snmp6);
	CU_ADD_TEST(suite, files_of_dev_snmp6);
}
