/*
 * Links in the mirror: changes, states, stamps, counters, receive addresses.
 */
#include "unit.h"

#include "../../agent/base/clock.h"

#include <net/if_arp.h>
#include <string.h>

#define T0 (1000 * NS_PER_S)

static struct {
	unsigned int count;
	bool had_old, had_new;
	uint32_t fields;
} seen;

static void
note(const struct change *change, void *arg)
{
	(void)arg;
	seen.count++;
	seen.had_old = change->old;
	seen.had_new = change->new;
	seen.fields = change->fields;
}

static struct mirror *
begin(void)
{
	struct mirror *mirror = mirror_new(&unit_options);

	clock_freeze(T0);
	mirror_watch(mirror, note, NULL);
	mirror_sweep_begin(mirror, KIND_LINK);
	mirror_sweep_end(mirror, KIND_LINK);
	memset(&seen, 0, sizeof(seen));
	return mirror;
}

static void
end(struct mirror *mirror)
{
	mirror_free(mirror);
	clock_freeze(0);
}

static void
a_change_says_what_differs(void)
{
	struct mirror *mirror = begin();
	struct link_info info = plain_link(5, "a");

	mirror_put_link(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(seen.count, 1);
	CU_ASSERT_TRUE(!seen.had_old && seen.had_new);
	mirror_put_link(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(seen.count, 1); /* nothing differs: nothing is said */
	strcpy(info.name, "b");
	mirror_put_link(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(seen.fields, LINK_NAME);
	strcpy(info.alias, "x");
	info.mtu = 9000;
	mirror_put_link(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(seen.fields, LINK_ALIAS | LINK_MTU);
	info.up = false;
	info.operstate = OPERSTATE_DOWN;
	mirror_put_link(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(seen.fields, LINK_ADMIN | LINK_OPER | LINK_OTHER);
	info.promiscuity = 2;
	info.address.bytes[0] = 6;
	mirror_put_link(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(seen.fields, LINK_PROMISC | LINK_ADDRESS);
	mirror_drop_link(mirror, 5);
	CU_ASSERT_TRUE(seen.had_old && !seen.had_new);
	CU_ASSERT_EQUAL(seen.count, 6);
	mirror_drop_link(mirror, 5);
	mirror_drop_link(mirror, 0);
	CU_ASSERT_EQUAL(seen.count, 6);
	end(mirror);
}

static void
operational_state_of_every_kind(void)
{
	static const struct {
		uint8_t operstate;
		bool up, lower_up, has_lower;
		enum link_oper want;
	} cases[] = {
		{ OPERSTATE_UP, true, true, false, LINK_OPER_UP },
		{ OPERSTATE_UP, false, true, false, LINK_OPER_DOWN },
		{ OPERSTATE_UNKNOWN, true, true, false, LINK_OPER_UP },
		{ OPERSTATE_UNKNOWN, true, false, false, LINK_OPER_DOWN },
		{ OPERSTATE_UNKNOWN, false, true, false, LINK_OPER_DOWN },
		{ OPERSTATE_DOWN, true, false, false, LINK_OPER_DOWN },
		{ OPERSTATE_DORMANT, true, true, false, LINK_OPER_DORMANT },
		{ OPERSTATE_DORMANT, false, true, false, LINK_OPER_DOWN },
		{ OPERSTATE_TESTING, true, true, false, LINK_OPER_TESTING },
		{ OPERSTATE_LOWERLAYERDOWN, true, false, true, LINK_OPER_LOWERDOWN },
		{ OPERSTATE_LOWERLAYERDOWN, true, false, false, LINK_OPER_DOWN },
		{ OPERSTATE_LOWERLAYERDOWN, false, false, true, LINK_OPER_DOWN },
		{ OPERSTATE_NOTPRESENT, false, false, false, LINK_OPER_NOTPRESENT },
		{ OPERSTATE_NOTPRESENT, true, false, false, LINK_OPER_NOTPRESENT },
		{ 7, true, true, false, LINK_OPER_UNKNOWN },
		{ 255, true, true, false, LINK_OPER_UNKNOWN },
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct link_info info = { .operstate = cases[i].operstate,
			.up = cases[i].up,
			.lower_up = cases[i].lower_up };

		CU_ASSERT_EQUAL(link_conclude(&info, cases[i].has_lower), cases[i].want);
	}
}

static void
last_change_is_of_the_state_alone(void)
{
	struct mirror *mirror = mirror_new(&unit_options);
	struct link_info info = plain_link(5, "a");
	struct link *link;

	clock_freeze(T0);
	mirror_sweep_begin(mirror, KIND_LINK);
	mirror_put_link(mirror, &info, FROM_DUMP);
	mirror_sweep_end(mirror, KIND_LINK);
	link = mirror_link(mirror, 5);
	/* What was there before us has no time, and the dump is no change. */
	CU_ASSERT_EQUAL(link->oper_since, 0);
	CU_ASSERT_EQUAL(mirror->links_changed, 0);
	CU_ASSERT_EQUAL(mirror->stack_changed, 0);
	clock_freeze(T0 + 1);
	strcpy(info.alias, "not a state");
	mirror_put_link(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(link->oper_since, 0);
	info.operstate = OPERSTATE_DOWN;
	mirror_put_link(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(link->oper_since, T0 + 1);
	clock_freeze(T0 + 2);
	info.up = false; /* down in another way is still down */
	mirror_put_link(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(link->oper_since, T0 + 1);
	CU_ASSERT_EQUAL(mirror->links_changed, 0);
	clock_freeze(T0 + 3);
	info = plain_link(6, "b");
	mirror_put_link(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(mirror->links_changed, T0 + 3);
	CU_ASSERT_EQUAL(mirror_link(mirror, 6)->oper_since, T0 + 3);
	clock_freeze(T0 + 4);
	mirror_drop_link(mirror, 5);
	CU_ASSERT_EQUAL(mirror->links_changed, T0 + 4);
	end(mirror);
}

static void
discontinuity_when_an_index_comes_again(void)
{
	struct mirror *mirror = begin();
	struct link_info nine = plain_link(9, "nine"), ten = plain_link(10, "ten");

	mirror_put_link(mirror, &nine, FROM_EVENT);
	CU_ASSERT_EQUAL(mirror_link(mirror, 9)->discontinuity, 0);
	mirror_drop_link(mirror, 9);
	mirror_put_link(mirror, &ten, FROM_EVENT);
	CU_ASSERT_EQUAL(mirror_link(mirror, 10)->discontinuity, 0);
	clock_freeze(T0 + 5);
	mirror_put_link(mirror, &nine, FROM_EVENT);
	CU_ASSERT_EQUAL(mirror_link(mirror, 9)->discontinuity, T0 + 5);
	end(mirror);
}

static void
counters_never_go_back_unsaid(void)
{
	struct mirror *mirror = begin();
	struct link_info info = plain_link(5, "a");
	struct raw_counters raw = { .rx_packets = 100,
		.multicast = 40,
		.tx_packets = 7,
		.rx_dropped = 1,
		.rx_missed = 2,
		.tx_dropped = 3 };
	struct link *link;

	mirror_put_link(mirror, &info, FROM_EVENT);
	link = mirror_link(mirror, 5);
	mirror_set_counters(link, &raw, false, T0 + 1);
	CU_ASSERT_EQUAL(link->counters.in_unicast, 60);
	CU_ASSERT_EQUAL(link->counters.in_discards, 3);
	CU_ASSERT_EQUAL(link->counters.out_unicast, 10);
	CU_ASSERT_EQUAL(link->counters.out_nonunicast, 0);
	/* counted in hardware: more multicast than reached the host */
	raw.rx_packets = 110;
	raw.multicast = 105;
	mirror_set_counters(link, &raw, false, T0 + 2);
	CU_ASSERT_EQUAL(link->counters.in_unicast, 60);
	raw.multicast = 1000;
	mirror_set_counters(link, &raw, false, T0 + 3);
	CU_ASSERT_EQUAL(link->counters.in_unicast, 60);
	CU_ASSERT_EQUAL(link->discontinuity, 0);
	/* a driver cleared them */
	raw.multicast = 0;
	raw.rx_packets = 4;
	mirror_set_counters(link, &raw, false, T0 + 4);
	CU_ASSERT_EQUAL(link->counters.in_unicast, 4);
	CU_ASSERT_EQUAL(link->discontinuity, T0 + 4);
	raw.mac_tx_broadcast = 5;
	raw.mac_rx_broadcast = 1;
	raw.mac_tx_multicast = 2;
	mirror_set_counters(link, &raw, true, T0 + 5);
	CU_ASSERT_EQUAL(link->counters.out_broadcast, 5);
	CU_ASSERT_EQUAL(link->counters.out_nonunicast, 7);
	CU_ASSERT_EQUAL(link->counters.in_broadcast, 1);
	CU_ASSERT_EQUAL(link->discontinuity, T0 + 5); /* classes have changed */
	mirror_set_counters(link, &raw, true, T0 + 6);
	CU_ASSERT_EQUAL(link->discontinuity, T0 + 5);
	end(mirror);
}

/* Each raw counter alone that goes back is a discontinuity. */
static void
every_counter_is_watched(void)
{
	struct raw_counters high, low;
	uint64_t *field = (uint64_t *)&low;

	memset(&high, 0x11, sizeof(high));
	CU_ASSERT_FALSE(counters_went_back(&high, &high));
	for (size_t i = 0; i < sizeof(low) / sizeof(*field); i++) {
		low = high;
		field[i]--;
		CU_ASSERT_TRUE(counters_went_back(&high, &low));
		CU_ASSERT_FALSE(counters_went_back(&low, &high));
	}
}

static size_t
addresses_of(const struct mirror *mirror, uint32_t ifindex)
{
	const struct rcvaddr *row = set_first(&mirror->rcvaddrs);
	size_t n = 0;

	for (; row; row = set_next(&mirror->rcvaddrs, row))
		n += row->ifindex == ifindex;
	return n;
}

static void
receive_addresses_follow_link_and_reading(void)
{
	struct mirror *mirror = begin();
	struct link_info info = plain_link(5, "a"), lo = plain_link(1, "lo");
	struct lladdr group = { 6, { 0x33, 0x33, 0, 0, 0, 1 } };

	lo.arphrd = ARPHRD_LOOPBACK;
	mirror_put_link(mirror, &lo, FROM_EVENT);
	mirror_put_link(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(addresses_of(mirror, 1), 0);
	CU_ASSERT_EQUAL(addresses_of(mirror, 5), 2); /* own, broadcast */
	rcvaddr_sweep_begin(mirror);
	rcvaddr_put(mirror, 5, &group);
	rcvaddr_put(mirror, 5, &info.address); /* listed, too: the same row */
	rcvaddr_put(mirror, 1, &group);	       /* has no link-layer addresses */
	rcvaddr_put(mirror, 77, &group);       /* no such link */
	rcvaddr_sweep_end(mirror);
	CU_ASSERT_EQUAL(set_count(&mirror->rcvaddrs), 3);
	info.address.bytes[5] = 99;
	mirror_put_link(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(addresses_of(mirror, 5), 4); /* the old one is still listed */
	rcvaddr_sweep_begin(mirror);
	rcvaddr_put(mirror, 5, &info.address);
	rcvaddr_sweep_end(mirror);
	CU_ASSERT_EQUAL(addresses_of(mirror, 5), 2); /* new own, broadcast */
	rcvaddr_sweep_begin(mirror);
	rcvaddr_put(mirror, 5, &group); /* a reading that breaks off deletes nothing */
	CU_ASSERT_EQUAL(addresses_of(mirror, 5), 3);
	mirror_drop_link(mirror, 5);
	CU_ASSERT_EQUAL(set_count(&mirror->rcvaddrs), 0);
	end(mirror);
}

static void
a_word_on_the_link_makes_its_speed_stale(void)
{
	struct mirror *mirror = begin();
	struct link_info info = plain_link(5, "a");
	struct link *link;

	mirror_put_link(mirror, &info, FROM_EVENT);
	link = mirror_link(mirror, 5);
	CU_ASSERT_EQUAL(link->speed_known, KNOWN_STALE);
	link->speed_known = KNOWN_FRESH;
	mirror_put_link(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(link->speed_known, KNOWN_STALE);
	link->speed_known = KNOWN_NEVER;
	mirror_put_link(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(link->speed_known, KNOWN_NEVER);
	end(mirror);
}

/* After a loss of events a dump can name another device at the same index. */
static void
another_device_at_the_index(void)
{
	struct mirror *mirror = begin();
	struct link_info info = plain_link(5, "a");
	struct raw_counters raw = { .rx_packets = 100 };

	mirror_put_link(mirror, &info, FROM_EVENT);
	mirror_set_counters(mirror_link(mirror, 5), &raw, false, T0 + 1);
	mirror_link(mirror, 5)->speed_known = KNOWN_NEVER;
	clock_freeze(T0 + 9);
	mirror_put_link(mirror, &info, FROM_DUMP); /* the same: asked for again at most */
	CU_ASSERT_EQUAL(mirror_link(mirror, 5)->speed_known, KNOWN_STALE);
	CU_ASSERT_EQUAL(mirror_link(mirror, 5)->discontinuity, 0);
	strcpy(info.name, "b"); /* a rename, and no more */
	mirror_put_link(mirror, &info, FROM_DUMP);
	CU_ASSERT_EQUAL(mirror_link(mirror, 5)->discontinuity, 0);
	strcpy(info.kind, "bridge");
	mirror_put_link(mirror, &info, FROM_DUMP);
	CU_ASSERT_EQUAL(mirror_link(mirror, 5)->discontinuity, T0 + 9);
	CU_ASSERT_EQUAL(mirror_link(mirror, 5)->counters_at, 0);
	CU_ASSERT_EQUAL(mirror->links_changed, T0 + 9);
	clock_freeze(T0 + 10);
	strcpy(info.name, "c");
	info.address.bytes[5] ^= 1;
	mirror_put_link(mirror, &info, FROM_DUMP);
	CU_ASSERT_EQUAL(mirror_link(mirror, 5)->discontinuity, T0 + 10);
	end(mirror);
}

/* A port's new speed may be its bridge's. */
static void
a_word_on_a_link_reaches_those_on_top(void)
{
	struct mirror *mirror = begin();
	struct link_info bridge = plain_link(5, "br"), port = plain_link(6, "p"),
			 vlan = plain_link(7, "v"), other = plain_link(8, "o");

	port.master = 5;
	vlan.lower = 5;
	mirror_put_link(mirror, &bridge, FROM_EVENT);
	mirror_put_link(mirror, &port, FROM_EVENT);
	mirror_put_link(mirror, &vlan, FROM_EVENT);
	mirror_put_link(mirror, &other, FROM_EVENT);
	for (uint32_t i = 5; i <= 8; i++)
		mirror_link(mirror, i)->speed_known = KNOWN_FRESH;
	mirror_put_link(mirror, &port, FROM_EVENT);
	for (uint32_t i = 5; i <= 7; i++)
		CU_ASSERT_EQUAL(mirror_link(mirror, i)->speed_known, KNOWN_STALE);
	CU_ASSERT_EQUAL(mirror_link(mirror, 8)->speed_known, KNOWN_FRESH);
	end(mirror);
}

static void
first_words_are_of_the_next_that_ends(void)
{
	struct mirror *mirror = begin();
	struct writes *writes = &mirror->writes;
	char text[400];

	writes_note_failure(writes, 1, 10, 2, "ours");
	CU_ASSERT_STRING_EQUAL(writes->failure.text, "ours");
	writes_say(writes, "first");
	writes_say(writes, "second");
	writes_note_failure(writes, 2, 14, 3, "ours");
	CU_ASSERT_STRING_EQUAL(writes->failure.text, "first");
	writes_note_failure(writes, 3, 14, 3, "ours again");
	CU_ASSERT_STRING_EQUAL(writes->failure.text, "ours again");
	writes_say(writes, "of one that is undone");
	writes_note_undone(writes, 4);
	writes_say(writes, "of one that is done all the same");
	writes_note_done(writes, 5);
	CU_ASSERT_EQUAL(writes->last, 5);
	CU_ASSERT_EQUAL(writes->failure.number, 3);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	writes_say(writes, text);
	writes_note_failure(writes, 6, 14, 3, "no");
	CU_ASSERT_EQUAL(strlen(writes->failure.text), 255);
	writes_note_failure(writes, 7, 14, 3, text);
	CU_ASSERT_EQUAL(strlen(writes->failure.text), 255);
	CU_ASSERT_EQUAL(writes->failure.when, T0);
	CU_ASSERT_EQUAL(writes->done, 1);
	CU_ASSERT_EQUAL(writes->undone, 1);
	CU_ASSERT_EQUAL(writes->failed, 5);
	end(mirror);
}

void
suite_mirror(void)
{
	CU_pSuite suite = CU_add_suite("mirror", NULL, NULL);

	CU_ADD_TEST(suite, a_change_says_what_differs);
	CU_ADD_TEST(suite, operational_state_of_every_kind);
	CU_ADD_TEST(suite, last_change_is_of_the_state_alone);
	CU_ADD_TEST(suite, discontinuity_when_an_index_comes_again);
	CU_ADD_TEST(suite, counters_never_go_back_unsaid);
	CU_ADD_TEST(suite, every_counter_is_watched);
	CU_ADD_TEST(suite, receive_addresses_follow_link_and_reading);
	CU_ADD_TEST(suite, a_word_on_the_link_makes_its_speed_stale);
	CU_ADD_TEST(suite, another_device_at_the_index);
	CU_ADD_TEST(suite, a_word_on_a_link_reaches_those_on_top);
	CU_ADD_TEST(suite, first_words_are_of_the_next_that_ends);
}
