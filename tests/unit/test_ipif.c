/*
 * IP interfaces: when their rows come and go, what is a change of them, and what is not.
 * The decoders are in test_decode_ipif.c.
 */
#include "unit.h"

#include "../../agent/base/clock.h"

#include <string.h>

static struct mirror *mirror;
static uint64_t now;

/* A synced mirror with links 1 to 3; of IPv4 and IPv6, what @said says of each. */
static void
make(uint8_t v4, uint8_t v6)
{
	mirror = mirror_new(&unit_options);
	now = 100 * NS_PER_S;
	clock_freeze(now);
	mirror_sweep_begin(mirror, KIND_LINK);
	for (uint32_t ifindex = 1; ifindex <= 3; ifindex++) {
		struct link_info info = plain_link(ifindex, "x");
		struct ipif_said said = { .ifindex = ifindex, .v4 = v4, .v6 = v6 };

		said.info.eui64 = true;
		mirror_put_link(mirror, &info, FROM_DUMP);
		mirror_put_ipif(mirror, &said, FROM_DUMP);
	}
	mirror_sweep_end(mirror, KIND_LINK);
	mirror_sweep_begin(mirror, KIND_ADDR);
	mirror_sweep_end(mirror, KIND_ADDR);
}

static void
finish(void)
{
	mirror_free(mirror);
	clock_freeze(0);
}

/* A second later, a message says so. */
static void
say(uint32_t ifindex, uint8_t v4, uint8_t v6)
{
	struct ipif_said said = { .ifindex = ifindex, .v4 = v4, .v6 = v6 };

	said.info.eui64 = true;
	clock_freeze(now += NS_PER_S);
	mirror_put_ipif(mirror, &said, FROM_EVENT);
}

/* Were the stamps moved, and to now? */
#define EXPECT(v4, v6, altered)                                                          \
	do {                                                                             \
		CU_ASSERT_EQUAL(mirror->ipv4ifs_changed, (v4) ? now : 0);                \
		CU_ASSERT_EQUAL(mirror->ipv6ifs_changed, (v6) ? now : 0);                \
		CU_ASSERT_EQUAL(mirror->ipv6ifs_altered, (altered) ? now : 0);           \
		mirror->ipv4ifs_changed = mirror->ipv6ifs_changed = 0;                   \
		mirror->ipv6ifs_altered = 0;                                             \
	} while (0)

static void
rows_follow_the_blocks(void)
{
	make(IPIF_PRESENT, IPIF_ABSENT);
	CU_ASSERT_EQUAL(set_count(&mirror->ipv4ifs), 3);
	CU_ASSERT_EQUAL(set_count(&mirror->ipv6ifs), 0);
	EXPECT(false, false, false); /* what was there before us is no change */
	say(2, IPIF_PRESENT, IPIF_PRESENT);
	CU_ASSERT_PTR_NOT_NULL(ipif_find(mirror, IP_V6, 2));
	EXPECT(false, true, false);
	say(2, IPIF_PRESENT, IPIF_PRESENT);
	EXPECT(false, false, false);
	say(2, IPIF_SILENT, IPIF_SILENT);
	EXPECT(false, false, false);
	say(2, IPIF_ABSENT, IPIF_PRESENT);
	CU_ASSERT_PTR_NULL(ipif_find(mirror, IP_V4, 2));
	EXPECT(true, false, false);
	say(2, IPIF_ABSENT, IPIF_ABSENT);
	CU_ASSERT_PTR_NULL(ipif_find(mirror, IP_V6, 2));
	EXPECT(false, true, false);
	say(9, IPIF_PRESENT, IPIF_PRESENT); /* a link that is not there */
	CU_ASSERT_PTR_NULL(ipif_find(mirror, IP_V4, 9));
	EXPECT(false, false, false);
	finish();
}

static void
rows_go_with_the_link(void)
{
	make(IPIF_PRESENT, IPIF_PRESENT);
	say(2, IPIF_DOUBTED, IPIF_DOUBTED);
	mirror_drop_link(mirror, 2);
	CU_ASSERT_EQUAL(set_count(&mirror->ipv4ifs), 2);
	CU_ASSERT_EQUAL(set_count(&mirror->ipv6ifs), 2);
	CU_ASSERT_EQUAL(set_count(&mirror->ipif_doubts), 0);
	EXPECT(true, true, false);
	finish();
}

/* MTU below 1280: RTM_DELNETCONF, whose truth shows when somebody asks. */
static void
doubts_are_kept_until_somebody_asks(void)
{
	uint64_t when;

	make(IPIF_PRESENT, IPIF_PRESENT);
	say(2, IPIF_SILENT, IPIF_DOUBTED);
	when = now;
	CU_ASSERT_PTR_EQUAL(set_first(&mirror->ipif_doubts), ipif_find(mirror, IP_V6, 2));
	say(2, IPIF_SILENT, IPIF_DOUBTED); /* the first time counts */
	EXPECT(false, false, false);
	say(2, IPIF_PRESENT, IPIF_ABSENT); /* the answer */
	CU_ASSERT_PTR_NULL(ipif_find(mirror, IP_V6, 2));
	CU_ASSERT_EQUAL(set_count(&mirror->ipif_doubts), 0);
	now = when;
	EXPECT(false, true, false);
	finish();
}

/* A renamed link: RTM_DELNETCONF and RTM_NEWNETCONF, and nothing has changed. */
static void
renaming_is_no_change(void)
{
	make(IPIF_PRESENT, IPIF_PRESENT);
	say(2, IPIF_DOUBTED, IPIF_SILENT);
	say(2, IPIF_NAMED, IPIF_SILENT);
	say(2, IPIF_SILENT, IPIF_DOUBTED);
	say(2, IPIF_SILENT, IPIF_NAMED);
	CU_ASSERT_EQUAL(set_count(&mirror->ipif_doubts), 0);
	say(3, IPIF_DOUBTED, IPIF_DOUBTED);
	CU_ASSERT_EQUAL(set_count(&mirror->ipif_doubts), 2);
	say(3, IPIF_PRESENT, IPIF_PRESENT);
	CU_ASSERT_EQUAL(set_count(&mirror->ipif_doubts), 0);
	EXPECT(false, false, false);
	finish();
}

/* MTU back on a link that is down: RTM_NEWNETCONF, and no description. */
static void
named_rows_are_asked_about(void)
{
	uint64_t came;

	make(IPIF_PRESENT, IPIF_ABSENT);
	say(2, IPIF_SILENT, IPIF_NAMED);
	came = now;
	CU_ASSERT_EQUAL(set_count(&mirror->ipif_doubts), 1);
	say(2, IPIF_SILENT, IPIF_DOUBTED); /* and renamed before somebody asks */
	say(2, IPIF_SILENT, IPIF_NAMED);
	CU_ASSERT_EQUAL(set_count(&mirror->ipif_doubts), 1);
	say(2, IPIF_PRESENT, IPIF_PRESENT);
	CU_ASSERT_EQUAL(set_count(&mirror->ipif_doubts), 0);
	now = came; /* the description is part of its coming */
	EXPECT(false, true, false);
	CU_ASSERT_EQUAL(ipif_find(mirror, IP_V6, 2)->identifier_len, IDENTIFIER_LEN);
	finish();
}

static void
what_alters_a_row(void)
{
	struct ipif_said said = { .ifindex = 1, .v6 = IPIF_PRESENT };
	struct ipif *row;

	make(IPIF_PRESENT, IPIF_PRESENT);
	row = ipif_find(mirror, IP_V6, 1);
	said.info = row->info;
#define ALTER(member, value)                                                             \
	do {                                                                             \
		said.info.member = value;                                                \
		clock_freeze(now += NS_PER_S);                                           \
		mirror_put_ipif(mirror, &said, FROM_EVENT);                              \
		EXPECT(false, false, true);                                              \
		mirror_put_ipif(mirror, &said, FROM_EVENT);                              \
		EXPECT(false, false, false);                                             \
	} while (0)
	ALTER(disabled, true);
	ALTER(forwarding, true);
	ALTER(reasm_max, 65535);
	ALTER(retrans_time, 500);
	ALTER(token[7], 1); /* it has no link-local address: the identifier */
	said.v6 = IPIF_NAMED;
	said.has_forwarding = true;
	ALTER(forwarding, false);
	said.has_forwarding = false;
	said.info.forwarding = true;
	mirror_put_ipif(mirror, &said, FROM_EVENT);
	CU_ASSERT_FALSE(row->info.forwarding);
	/* the first reading of the neighbour cache's parameters is none, then each is */
	ipif_set_neigh(mirror, row, 30000, 500, now);
	EXPECT(false, false, false);
	ipif_set_neigh(mirror, row, 30000, 500, now);
	EXPECT(false, false, false);
	ipif_set_neigh(mirror, row, 20000, 500, now);
	EXPECT(false, false, true);
	ipif_set_neigh(mirror, row, 20000, 600, now);
	EXPECT(false, false, true);
	/* of IPv4 they are not in the list of RFC 4293 */
	row = ipif_find(mirror, IP_V4, 1);
	ipif_set_neigh(mirror, row, 20000, 1000, now);
	ipif_set_neigh(mirror, row, 20000, 2000, now);
	EXPECT(false, false, false);
	finish();
}

static void
expect_identifier(uint32_t ifindex, const char *want)
{
	const struct ipif *row = ipif_find(mirror, IP_V6, ifindex);

	CU_ASSERT_EQUAL(row->identifier_len, want ? IDENTIFIER_LEN : 0);
	if (want)
		CU_ASSERT_EQUAL(memcmp(row->identifier, want, IDENTIFIER_LEN), 0);
}

#define EUI64 "\0\0\0\xff\xfe\0\0\2" /* of plain_link(2) */
#define LOW   "\0\0\0\0\0\0\0\1"
#define HIGH  "\xff\0\0\0\0\0\0\1"
#define TOKEN "\0\0\0\0\0\0\0\7"

static struct addr_info
local_info(uint32_t ifindex, const char *identifier, bool made)
{
	uint8_t address[16] = { 0xfe, 0x80 };
	struct addr_info info = { .ifindex = ifindex,
		.prefix_length = 64,
		.proto = made ? ADDR_PROTO_LL : ADDR_PROTO_UNSPEC };

	memcpy(address + 8, identifier, IDENTIFIER_LEN);
	info.local = info.prefix = inet_make(INET_IPV6, address);
	return info;
}

static void
put_local(uint32_t ifindex, const char *identifier, bool made, enum origin origin)
{
	struct addr_info info = local_info(ifindex, identifier, made);

	mirror_put_addr(mirror, &info, origin);
}

static void
drop_local(uint32_t ifindex, const char *identifier)
{
	struct addr_info info = local_info(ifindex, identifier, false);

	mirror_drop_addr(mirror, &info);
}

static void
identifiers(void)
{
	struct ipif_said said = { .ifindex = 2, .v6 = IPIF_PRESENT };
	struct link_info info = plain_link(2, "x");

	make(IPIF_PRESENT, IPIF_PRESENT);
	said.info = ipif_find(mirror, IP_V6, 2)->info;
	expect_identifier(2, EUI64);
	put_local(2, HIGH, false, FROM_EVENT);
	expect_identifier(2, HIGH);
	EXPECT(false, false, true);
	put_local(2, LOW, false, FROM_EVENT);
	expect_identifier(2, LOW);
	put_local(2, HIGH, true, FROM_EVENT); /* rather the kernel's own */
	expect_identifier(2, HIGH);
	EXPECT(false, false, true);
	put_local(2, HIGH, true, FROM_EVENT);
	info.address.bytes[5] = 9;
	mirror_put_link(mirror, &info, FROM_EVENT);
	EXPECT(false, false, false);
	drop_local(2, LOW);
	drop_local(2, LOW);
	EXPECT(false, false, false);
	drop_local(2, HIGH);
	expect_identifier(2, "\0\0\0\xff\xfe\0\0\x9");
	EXPECT(false, false, true);
	memcpy(said.info.token, TOKEN, IDENTIFIER_LEN);
	mirror_put_ipif(mirror, &said, FROM_EVENT);
	expect_identifier(2, TOKEN);
	memset(said.info.token, 0, IDENTIFIER_LEN);
	said.info.eui64 = false;
	mirror_put_ipif(mirror, &said, FROM_EVENT);
	expect_identifier(2, NULL);
	EXPECT(false, false, true);
	put_local(9, LOW, true, FROM_EVENT); /* no such link */
	EXPECT(false, false, false);
	finish();
}

static void
only_ethernet_has_eui64(void)
{
	struct link_info info = plain_link(3, "x");

	make(IPIF_PRESENT, IPIF_PRESENT);
	info.arphrd = 772;
	mirror_put_link(mirror, &info, FROM_EVENT);
	expect_identifier(3, NULL);
	info.arphrd = 1;
	info.address.len = 8;
	mirror_put_link(mirror, &info, FROM_EVENT);
	expect_identifier(3, NULL);
	finish();
}

static void
reading_the_addresses(void)
{
	make(IPIF_PRESENT, IPIF_PRESENT);
	mirror->sweeps[KIND_ADDR].complete = false;
	mirror_sweep_begin(mirror, KIND_ADDR);
	put_local(1, HIGH, true, FROM_DUMP);
	put_local(2, LOW, true, FROM_DUMP);
	mirror_sweep_end(mirror, KIND_ADDR);
	EXPECT(false, false, false); /* the first time nobody knew before */
	mirror_sweep_begin(mirror, KIND_ADDR);
	put_local(2, LOW, true, FROM_DUMP);
	EXPECT(false, false, false);
	mirror_sweep_end(mirror, KIND_ADDR);
	expect_identifier(2, LOW);
	EXPECT(false, false, true);
	finish();
}

static void
discontinuities(void)
{
	struct ip_counters counters = { .in_receives = optional_of(5),
		.out_requests = optional_of(7),
		.out_forw_datagrams = optional_of(4),
		.in_no_routes = optional_of(1) };
	struct link_info info = plain_link(2, "x");
	struct ipif *row;

	make(IPIF_PRESENT, IPIF_PRESENT);
	row = ipif_find(mirror, IP_V6, 1);
	ipif_set_counters(row, &counters, now);
	ipif_set_counters(row, &counters, now);
	CU_ASSERT_EQUAL(row->discontinuity, 0);
	CU_ASSERT_EQUAL(row->counters.out_transmits.number, 11); /* before 6.7 */
	CU_ASSERT_EQUAL(row->counters.in_forw_datagrams.number, 5);
	counters.in_receives.number = 4;
	ipif_set_counters(row, &counters, now + 1);
	CU_ASSERT_EQUAL(row->discontinuity, now + 1);
	/* IPv6 that comes back counts from 0 */
	say(1, IPIF_PRESENT, IPIF_ABSENT);
	say(1, IPIF_PRESENT, IPIF_PRESENT);
	CU_ASSERT_EQUAL(ipif_find(mirror, IP_V6, 1)->discontinuity, now);
	/* and so does another link of the same index */
	mirror_drop_link(mirror, 2);
	mirror_put_link(mirror, &info, FROM_EVENT);
	say(2, IPIF_PRESENT, IPIF_PRESENT);
	CU_ASSERT_EQUAL(ipif_find(mirror, IP_V6, 2)->discontinuity, now);
	/* but not one that never was */
	info = plain_link(4, "y");
	mirror_put_link(mirror, &info, FROM_EVENT);
	say(4, IPIF_PRESENT, IPIF_PRESENT);
	CU_ASSERT_EQUAL(ipif_find(mirror, IP_V6, 4)->discontinuity, 0);
	finish();
}

static void
events_outrank_the_dump(void)
{
	struct ipif_said dumped = { .ifindex = 2, .v4 = IPIF_ABSENT, .v6 = IPIF_PRESENT };

	make(IPIF_PRESENT, IPIF_PRESENT);
	mirror_sweep_begin(mirror, KIND_LINK);
	say(2, IPIF_SILENT, IPIF_ABSENT);
	mirror_put_ipif(mirror, &dumped, FROM_DUMP); /* older, of IPv6 */
	CU_ASSERT_PTR_NULL(ipif_find(mirror, IP_V6, 2));
	CU_ASSERT_PTR_NULL(ipif_find(mirror, IP_V4, 2));
	mirror_sweep_begin(mirror, KIND_LINK); /* the next one knows better */
	mirror_put_ipif(mirror, &dumped, FROM_DUMP);
	CU_ASSERT_PTR_NOT_NULL(ipif_find(mirror, IP_V6, 2));
	finish();
}

/* An anycast address of link 2, an IPv6 address of link 1, an IPv4 address of link 2. */
static void
put_addresses(enum origin origin)
{
	struct addr_info anycast = local_info(2, HIGH, false);
	struct addr_info v4 = { .ifindex = 2, .prefix_length = 24 };

	anycast.class = ADDR_ANYCAST;
	v4.local = v4.prefix = inet_make(INET_IPV4, (uint8_t[]){ 192, 0, 2, 1 });
	mirror_put_addr(mirror, &anycast, origin);
	mirror_put_addr(mirror, &v4, origin);
	put_local(2, LOW, true, origin);
	put_local(1, LOW, true, origin);
}

/* No event says that anycast addresses go: they do with the row, however that goes. */
static void
addresses_go_with_ipv6(void)
{
	struct ipif_said dumped = { .ifindex = 2, .v4 = IPIF_PRESENT, .v6 = IPIF_ABSENT };

	make(IPIF_PRESENT, IPIF_PRESENT);
	put_addresses(FROM_EVENT);
	mirror->ipv6ifs_altered = 0;
	say(2, IPIF_SILENT, IPIF_DOUBTED);
	CU_ASSERT_EQUAL(set_count(&mirror->addrs), 4);
	now = ipif_find(mirror, IP_V6, 2)->since;
	mirror_put_ipif(mirror, &dumped, FROM_EVENT); /* the answer */
	CU_ASSERT_EQUAL(set_count(&mirror->addrs), 2);
	EXPECT(false, true, false);
	/* by a sweep of the links */
	say(2, IPIF_SILENT, IPIF_PRESENT);
	put_addresses(FROM_EVENT);
	mirror_sweep_begin(mirror, KIND_LINK);
	mirror_put_ipif(mirror, &dumped, FROM_DUMP);
	CU_ASSERT_EQUAL(set_count(&mirror->addrs), 2);
	/* IPv4 goes without them; disable_ipv6 announces what goes */
	say(2, IPIF_ABSENT, IPIF_PRESENT);
	put_addresses(FROM_EVENT);
	dumped.v4 = IPIF_ABSENT;
	dumped.v6 = IPIF_PRESENT;
	dumped.info.disabled = true;
	mirror_put_ipif(mirror, &dumped, FROM_EVENT);
	CU_ASSERT_EQUAL(set_count(&mirror->addrs), 4);
	finish();
}

/* The dump of the addresses was made before IPv6 went, and is read after. */
static void
addresses_stay_away_from_a_link_without_ipv6(void)
{
	make(IPIF_PRESENT, IPIF_PRESENT);
	put_addresses(FROM_EVENT);
	mirror_sweep_begin(mirror, KIND_ADDR);
	say(2, IPIF_SILENT, IPIF_ABSENT);
	put_addresses(FROM_DUMP);
	CU_ASSERT_EQUAL(set_count(&mirror->addrs), 2);
	mirror_sweep_end(mirror, KIND_ADDR);
	CU_ASSERT_EQUAL(set_count(&mirror->addrs), 2);
	say(2, IPIF_SILENT, IPIF_PRESENT);
	/* what the mirror has not known by then is not there either */
	addr_forget_link(mirror, 1);
	addr_forget_link(mirror, 2);
	CU_ASSERT_EQUAL(set_count(&mirror->addrs), 0);
	mirror_sweep_begin(mirror, KIND_ADDR);
	say(2, IPIF_SILENT, IPIF_ABSENT);
	put_addresses(FROM_DUMP);
	CU_ASSERT_EQUAL(set_count(&mirror->addrs), 2);
	/* but what comes then is */
	say(2, IPIF_SILENT, IPIF_PRESENT);
	put_local(2, LOW, true, FROM_EVENT);
	put_addresses(FROM_DUMP);
	CU_ASSERT_EQUAL(set_count(&mirror->addrs), 3);
	mirror_sweep_end(mirror, KIND_ADDR);
	CU_ASSERT_EQUAL(set_count(&mirror->addrs), 3);
	mirror_sweep_begin(mirror, KIND_ADDR); /* and the next dump is younger */
	put_addresses(FROM_DUMP);
	CU_ASSERT_EQUAL(set_count(&mirror->addrs), 4);
	finish();
}

/* Messages about both versions, about IPv4, and about IPv6 only. */
static void
forwarding_of_ipv4(void)
{
	static const struct {
		uint8_t v4, v6;
		bool has, on, now;
	} steps[] = {
		{ IPIF_PRESENT, IPIF_PRESENT, true, true, true },
		{ IPIF_NAMED, IPIF_SILENT, true, false, false },
		{ IPIF_NAMED, IPIF_SILENT, true, true, true },
		{ IPIF_NAMED, IPIF_SILENT, false, false, true }, /* of something else */
		{ IPIF_SILENT, IPIF_PRESENT, false, false, true },
		{ IPIF_DOUBTED, IPIF_SILENT, false, false, true },
	};

	make(IPIF_PRESENT, IPIF_PRESENT);
	CU_ASSERT_FALSE(ipif_find(mirror, IP_V4, 2)->info.forwarding);
	for (size_t i = 0; i < N_ELEMENTS(steps); i++) {
		struct ipif_said said = { .ifindex = 2,
			.v4 = steps[i].v4,
			.v6 = steps[i].v6,
			.has_forwarding4 = steps[i].has,
			.forwarding4 = steps[i].on };

		said.info.eui64 = true;
		mirror_put_ipif(mirror, &said, FROM_EVENT);
		CU_ASSERT_EQUAL(
			ipif_find(mirror, IP_V4, 2)->info.forwarding, steps[i].now);
		CU_ASSERT_FALSE(ipif_find(mirror, IP_V6, 2)->info.forwarding);
		CU_ASSERT_FALSE(ipif_find(mirror, IP_V4, 3)->info.forwarding);
	}
	EXPECT(false, false, false);
	finish();
}

void
suite_ipif(void)
{
	CU_pSuite suite = CU_add_suite("ipif", NULL, NULL);

	CU_ADD_TEST(suite, rows_follow_the_blocks);
	CU_ADD_TEST(suite, rows_go_with_the_link);
	CU_ADD_TEST(suite, doubts_are_kept_until_somebody_asks);
	CU_ADD_TEST(suite, renaming_is_no_change);
	CU_ADD_TEST(suite, named_rows_are_asked_about);
	CU_ADD_TEST(suite, what_alters_a_row);
	CU_ADD_TEST(suite, forwarding_of_ipv4);
	CU_ADD_TEST(suite, identifiers);
	CU_ADD_TEST(suite, only_ethernet_has_eui64);
	CU_ADD_TEST(suite, reading_the_addresses);
	CU_ADD_TEST(suite, discontinuities);
	CU_ADD_TEST(suite, events_outrank_the_dump);
	CU_ADD_TEST(suite, addresses_go_with_ipv6);
	CU_ADD_TEST(suite, addresses_stay_away_from_a_link_without_ipv6);
}
