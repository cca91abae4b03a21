/*
 * The decoders of addresses and neighbours with messages built by hand: what each field
 * becomes, and what becomes of messages that lie.
 */
#include "unit.h"

#include "../../agent/kernel/decode.h"

#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <stdlib.h>
#include <string.h>

#define NEWANYCAST 60

static enum decoded
decode_built(int type, const struct built_addr *what, struct addr_info *info)
{
	struct nl_msg *msg = build_addr(type, what);
	enum decoded result = what->anycast ? decode_anycast(nlmsg_hdr(msg), info)
					    : decode_addr(nlmsg_hdr(msg), info);

	nlmsg_free(msg);
	return result;
}

static void
an_address(void)
{
	struct built_addr what = { 7, "192.0.2.9", "192.0.2.1", "192.0.2.255",
		.length = 24, .flags = IFA_F_NOPREFIXROUTE | IFA_F_SECONDARY,
		.preferred = 5, .valid = 10, .created = 1, .changed = 2, .proto = 200 };
	struct addr_info info;

	CU_ASSERT_EQUAL(decode_built(RTM_NEWADDR, &what, &info), DECODE_OK);
	CU_ASSERT_EQUAL(info.ifindex, 7);
	CU_ASSERT_EQUAL(info.class, ADDR_UNICAST);
	CU_ASSERT_EQUAL(info.local.bytes[3], 1);
	CU_ASSERT_EQUAL(info.prefix.bytes[3], 9); /* the peer's */
	CU_ASSERT_EQUAL(info.prefix_length, 24);
	CU_ASSERT_TRUE(info.has_broadcast);
	CU_ASSERT_EQUAL(info.broadcast.bytes[3], 255);
	/* a secondary address is no temporary one */
	CU_ASSERT_EQUAL(info.flags, ADDR_NOPREFIXROUTE | ADDR_SECONDARY);
	CU_ASSERT_EQUAL(info.preferred_lifetime, 5);
	CU_ASSERT_EQUAL(info.valid_lifetime, 10);
	CU_ASSERT_EQUAL(info.created, 1);
	CU_ASSERT_EQUAL(info.changed, 2);
	CU_ASSERT_EQUAL(info.proto, 200);
	CU_ASSERT_EQUAL(decode_built(RTM_DELADDR, &what, &info), DECODE_OK);
	CU_ASSERT_EQUAL(decode_built(RTM_NEWROUTE, &what, &info), DECODE_IGNORED);
}

static void
an_ipv6_address(void)
{
	static const struct {
		uint32_t kernel;
		uint16_t flag;
	} flags[] = {
		{ IFA_F_TENTATIVE, ADDR_TENTATIVE },
		{ IFA_F_OPTIMISTIC, ADDR_OPTIMISTIC },
		{ IFA_F_DADFAILED, ADDR_DADFAILED },
		{ IFA_F_DEPRECATED, ADDR_DEPRECATED },
		{ IFA_F_TEMPORARY, ADDR_TEMPORARY },
		{ IFA_F_STABLE_PRIVACY, ADDR_STABLE_PRIVACY },
		{ IFA_F_PERMANENT, ADDR_PERMANENT },
		{ IFA_F_MANAGETEMPADDR, ADDR_MANAGES_TEMP },
	};
	struct built_addr what = { 7, "2001:db8::1", .length = 64 };
	struct addr_info info;

	for (size_t i = 0; i < N_ELEMENTS(flags); i++) {
		what.flags = flags[i].kernel;
		CU_ASSERT_EQUAL(decode_built(RTM_NEWADDR, &what, &info), DECODE_OK);
		CU_ASSERT_EQUAL(info.flags, flags[i].flag);
	}
	CU_ASSERT_EQUAL(info.local.type, INET_IPV6);
	CU_ASSERT_EQUAL(info.local.len, 16);
	CU_ASSERT_EQUAL(inet_compare(&info.local, &info.prefix), 0);
	CU_ASSERT_EQUAL(info.valid_lifetime, ADDR_FOREVER);
	what.local = "2001:db8::9"; /* there is a peer */
	CU_ASSERT_EQUAL(decode_built(RTM_NEWADDR, &what, &info), DECODE_OK);
	CU_ASSERT_EQUAL(info.local.bytes[15], 9);
	CU_ASSERT_EQUAL(info.prefix.bytes[15], 1);
}

static void
an_anycast_address(void)
{
	struct built_addr what = { 7, .anycast = "2001:db8::", .length = 128 };
	struct addr_info info;

	CU_ASSERT_EQUAL(decode_built(RTM_GETANYCAST, &what, &info), DECODE_OK);
	CU_ASSERT_EQUAL(info.class, ADDR_ANYCAST);
	CU_ASSERT_EQUAL(decode_built(NEWANYCAST, &what, &info), DECODE_OK);
	CU_ASSERT_EQUAL(decode_built(NEWANYCAST + 1, &what, &info), DECODE_OK);
	CU_ASSERT_EQUAL(decode_built(RTM_NEWADDR, &what, &info), DECODE_IGNORED);
	what.ifindex = 0;
	CU_ASSERT_EQUAL(decode_built(NEWANYCAST, &what, &info), DECODE_MALFORMED);
	what.ifindex = 7;
	what.anycast = "192.0.2.1";
	what.length = 32;
	CU_ASSERT_EQUAL(decode_built(NEWANYCAST, &what, &info), DECODE_IGNORED);
}

static void
addresses_that_lie(void)
{
	struct built_addr good = { 7, "192.0.2.1", "192.0.2.1", .length = 24 }, bad;
	struct addr_info info;

	bad = good;
	bad.ifindex = 0;
	CU_ASSERT_EQUAL(decode_built(RTM_NEWADDR, &bad, &info), DECODE_MALFORMED);
	bad.ifindex = 0x80000000;
	CU_ASSERT_EQUAL(decode_built(RTM_NEWADDR, &bad, &info), DECODE_MALFORMED);
	bad = good;
	bad.length = 33;
	CU_ASSERT_EQUAL(decode_built(RTM_NEWADDR, &bad, &info), DECODE_MALFORMED);
	bad = good;
	bad.local = "2001:db8::1"; /* of the other family */
	CU_ASSERT_EQUAL(decode_built(RTM_NEWADDR, &bad, &info), DECODE_MALFORMED);
	bad = good;
	bad.broadcast = "2001:db8::1";
	CU_ASSERT_EQUAL(decode_built(RTM_NEWADDR, &bad, &info), DECODE_MALFORMED);
	bad = (struct built_addr){ 7, "2001:db8::1", .length = 129 };
	CU_ASSERT_EQUAL(decode_built(RTM_NEWADDR, &bad, &info), DECODE_MALFORMED);
}

static enum decoded
decode_built_neigh(const struct built_neigh *what, struct neigh_info *info)
{
	struct nl_msg *msg = build_neigh(RTM_NEWNEIGH, what);
	enum decoded result = decode_neigh(nlmsg_hdr(msg), info);

	nlmsg_free(msg);
	return result;
}

static void
a_neighbour(void)
{
	struct built_neigh what = { 7, "fe80::1", { 2, 0, 0, 0, 0, 1 }, 6, NUD_STALE,
		NTF_ROUTER, 77 };
	struct neigh_info info;

	CU_ASSERT_EQUAL(decode_built_neigh(&what, &info), DECODE_OK);
	CU_ASSERT_EQUAL(info.ifindex, 7);
	CU_ASSERT_EQUAL(info.state, NEIGH_STALE);
	CU_ASSERT_EQUAL(info.flags, NTF_ROUTER);
	CU_ASSERT_EQUAL(info.age, 77);
	CU_ASSERT_EQUAL(info.address.type, INET_IPV6);
	CU_ASSERT_EQUAL(info.lladdr.len, 6);
	what.lladdr_len = 0;
	CU_ASSERT_EQUAL(decode_built_neigh(&what, &info), DECODE_OK);
	CU_ASSERT_EQUAL(info.lladdr.len, 0);
	what.flags = NTF_PROXY;
	CU_ASSERT_EQUAL(decode_built_neigh(&what, &info), DECODE_IGNORED);
	what.flags = 0;
	what.ifindex = 0;
	CU_ASSERT_EQUAL(decode_built_neigh(&what, &info), DECODE_MALFORMED);
}

/* A bridge's forwarding entry, an address of the wrong length, none at all. */
static void
neighbours_that_are_none(void)
{
	static const uint8_t octets[16] = { 2 };

	for (int family = 0; family < 256; family++) {
		for (int len = 0; len <= 16; len++) {
			struct ndmsg head = { .ndm_family = (uint8_t)family,
				.ndm_ifindex = 7,
				.ndm_state = NUD_STALE };
			struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWNEIGH, 0);
			struct neigh_info info;
			enum decoded want = DECODE_IGNORED;

			nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO);
			if (len)
				nla_put(msg, NDA_DST, len, octets);
			if (family == AF_INET)
				want = len == 4 ? DECODE_OK : DECODE_MALFORMED;
			else if (family == AF_INET6)
				want = len == 16 ? DECODE_OK : DECODE_MALFORMED;
			CU_ASSERT_EQUAL(decode_neigh(nlmsg_hdr(msg), &info), want);
			nlmsg_free(msg);
		}
	}
}

/* Cut at any octet, the length of the message saying so: whole attributes at the end may
 * be missing, and those that must be there are missed; anything else is malformed. */
static void
cut_short(void)
{
	struct built_addr what = { 7, "192.0.2.1", "192.0.2.1", "192.0.2.255",
		.length = 24 };
	struct nl_msg *msg = build_addr(RTM_NEWADDR, &what);
	uint32_t whole = nlmsg_hdr(msg)->nlmsg_len;

	for (uint32_t len = 0; len < whole; len++) {
		struct nlmsghdr *cut = malloc(len > NLMSG_HDRLEN ? len : NLMSG_HDRLEN);
		/* behind header, IFA_ADDRESS, IFA_LOCAL, IFA_BROADCAST, IFA_CACHEINFO,
		 * IFA_FLAGS */
		bool border = len == 32 || len == 40 || len == 48 || len == 68;
		struct addr_info info;
		enum decoded want = border ? DECODE_OK : DECODE_MALFORMED;

		memcpy(cut, nlmsg_hdr(msg), len > NLMSG_HDRLEN ? len : NLMSG_HDRLEN);
		cut->nlmsg_len = len;
		CU_ASSERT_EQUAL(decode_addr(cut, &info), want);
		free(cut);
	}
	nlmsg_free(msg);
}

void
suite_decode_addr(void)
{
	CU_pSuite suite = CU_add_suite("decode_addr", NULL, NULL);

	CU_ADD_TEST(suite, an_address);
	CU_ADD_TEST(suite, an_ipv6_address);
	CU_ADD_TEST(suite, an_anycast_address);
	CU_ADD_TEST(suite, addresses_that_lie);
	CU_ADD_TEST(suite, a_neighbour);
	CU_ADD_TEST(suite, neighbours_that_are_none);
	CU_ADD_TEST(suite, cut_short);
}
