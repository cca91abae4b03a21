/*
 * What is told, and when: damping, the bucket for all, the queue that coalesces, counts
 * and summary; and what a notice keeps. Time and the loop are turned by hand, and the
 * sink writes down what it is given.
 */
#include "timers.h"
#include "unit.h"

#include "../../agent/base/alloc.h"
#include "../../agent/base/clock.h"
#include "../../agent/engine/notify.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define N_SENT_MAX 50000
#define SUMMARY	   14
#define BEGIN	   (1000 * NS_PER_S)

static const struct notify_limits defaults = { .penalty = 1000,
	.half_life = 5000,
	.suppress = 2000,
	.reuse = 1000,
	.ceiling = 20000,
	.rate = 10,
	.burst = 50,
	.window = 5000 };

/* One that was sent: what it said of which thing, and when, in ms since the beginning. */
struct sent {
	uint32_t thing;
	uint64_t state, at;
};

static struct world {
	struct notify_limits limits;
	struct notifier *notifier;
	bool refuses;
	struct sent *sent;
	size_t n_sent, n_taken; /* those that is_sent() has seen */
	uint64_t n_told, n_summaries, in_summaries, summarized;
} world;

static const struct notification things[] = {
	{ "type 0", OID(1, 3, 1), 0 },
	{ "type 1", OID(1, 3, 2), 1 },
	{ "type 2", OID(1, 3, 3), 2 },
};
static const struct notification summary = { "summary", OID(1, 3, 9), SUMMARY };
static const struct oid object = OID(1, 3, 6);

/* The world. */

static void
pass(uint64_t ms)
{
	timers_pass(ms * NS_PER_MS);
}

static uint64_t
elapsed(void)
{
	return (clock_now() - BEGIN) / NS_PER_MS;
}

static bool
take(void *arg, struct notice *notice)
{
	const struct notice_varbind *varbind = STAILQ_FIRST(&notice->varbinds);

	CU_ASSERT_PTR_EQUAL(arg, &world);
	CU_ASSERT_PTR_NOT_NULL_FATAL(varbind);
	if (world.refuses)
		return false;
	if (notice->what == &summary) {
		world.n_summaries++;
		world.summarized += varbind->number;
	} else {
		CU_ASSERT_TRUE_FATAL(world.n_sent < N_SENT_MAX);
		world.sent[world.n_sent++] = (struct sent){ (uint32_t)varbind->number,
			STAILQ_NEXT(varbind, next)->number, elapsed() };
	}
	notice_free(notice);
	return true;
}

static uint64_t
total(const uint64_t *counts)
{
	uint64_t all = 0;

	for (unsigned int type = 0; type < N_ELEMENTS(things); type++)
		all += counts[type];
	return all;
}

static uint64_t
n_held(void)
{
	return total(notify_counts(world.notifier)->held);
}

static void
add_number(struct notice *notice, uint64_t number)
{
	struct value value = { .syntax = SYNTAX_GAUGE32, .number = number };

	notice_add_object(notice, &object, &value);
}

/* What was held back since the one before, whether that was sent or not. */
static struct notice *
summarize(void *arg)
{
	struct notice *notice = notice_new(&summary);

	CU_ASSERT_PTR_EQUAL(arg, &world);
	CU_ASSERT_TRUE(n_held() > world.in_summaries);
	add_number(notice, n_held() - world.in_summaries);
	world.in_summaries = n_held();
	return notice;
}

static const struct notify_sink sink = { take, NULL, summarize, &world };

static void
begin(const struct notify_limits *limits)
{
	struct sent *sent = world.sent;

	memset(&world, 0, sizeof(world));
	world.sent = sent ? sent : xcalloc(N_SENT_MAX, sizeof(*sent));
	timers_begin(BEGIN);
	world.limits = *limits;
	world.notifier = notifier_new(&timers_loop, &world.limits, &sink);
}

static void
end(void)
{
	const struct notify_counts *counts = notify_counts(world.notifier);

	CU_ASSERT_EQUAL(total(counts->sent), world.n_sent);
	CU_ASSERT_EQUAL(counts->sent[SUMMARY], world.n_summaries);
	notifier_free(world.notifier);
	CU_ASSERT_EQUAL(timers_set(), 0);
	timers_end();
	free(world.sent);
	world.sent = NULL;
}

/* Nothing is left to be told, and all of it is counted, once. */
static void
settles(void)
{
	world.refuses = false;
	notify_go_on(world.notifier);
	pass(600000);
	CU_ASSERT_EQUAL(notify_waiting(world.notifier), 0);
	CU_ASSERT_EQUAL(notify_remembered(world.notifier), 0);
	CU_ASSERT_EQUAL(timers_set(), 0);
	CU_ASSERT_EQUAL(world.n_sent + n_held(), world.n_told);
	CU_ASSERT_EQUAL(world.summarized, n_held());
}

/* Each thing has its own topic and key, so that neither alone tells them apart. */
static uint32_t
key_of(uint32_t thing, unsigned int *topic)
{
	*topic = thing & 1;
	return thing >> 1;
}

static void
tell_vital(uint32_t thing, uint64_t state, bool vital)
{
	struct notice *notice = notice_new(&things[thing % N_ELEMENTS(things)]);
	unsigned int topic;
	uint32_t key = key_of(thing, &topic);

	add_number(notice, thing);
	add_number(notice, state);
	world.n_told++;
	notify_tell(world.notifier, topic, vital, &key, sizeof(key), state, notice);
}

static void
tell(uint32_t thing, uint64_t state)
{
	tell_vital(thing, state, false);
}

static void
forget(uint32_t thing)
{
	unsigned int topic;
	uint32_t key = key_of(thing, &topic);

	notify_forget(world.notifier, topic, &key, sizeof(key));
}

/* What was sent since it was asked last, the first of it is this. */
static void
is_sent(size_t n, uint32_t thing, uint64_t state)
{
	CU_ASSERT_EQUAL(world.n_sent - world.n_taken, n);
	if (n && world.n_sent > world.n_taken) {
		CU_ASSERT_EQUAL(world.sent[world.n_taken].thing, thing);
		CU_ASSERT_EQUAL(world.sent[world.n_taken].state, state);
	}
	world.n_taken = world.n_sent;
}

static void
nothing_is_sent(void)
{
	is_sent(0, 0, 0);
}

/* Damping. */

static void
test_two_at_once(void)
{
	begin(&defaults);
	tell(7, 1);
	is_sent(1, 7, 1);
	tell(7, 0);
	is_sent(1, 7, 0);
	tell(7, 1);
	nothing_is_sent();
	tell(8, 1); /* which has nothing to do with it */
	is_sent(1, 8, 1);
	CU_ASSERT_EQUAL(n_held(), 0);
	/* 3000, 1500 after 5 s, and 1000 two thirds of a half-life later */
	pass(8300);
	nothing_is_sent();
	pass(200);
	is_sent(1, 7, 1);
	CU_ASSERT_EQUAL(n_held(), 0);
	settles();
	end();
}

static void
test_slow_enough(void)
{
	begin(&defaults);
	for (unsigned int i = 0; i < 100; i++) {
		tell(1, i); /* up to 2000: 1000 + half of it */
		is_sent(1, 1, i);
		pass(5000);
	}
	settles();
	CU_ASSERT_EQUAL(n_held(), 0);
	end();
}

static void
test_just_too_fast(void)
{
	begin(&defaults);
	/* 1000, 1600, 1960, 2176 */
	for (unsigned int i = 0; i < 4; i++) {
		tell(1, i);
		is_sent(i < 3, 1, i);
		pass(4000);
	}
	pass(1700); /* 1088 after 5 s, 1000 0.8 s later */
	nothing_is_sent();
	pass(250);
	is_sent(1, 1, 3);
	end();
}

static void
test_ceiling(void)
{
	begin(&defaults);
	for (unsigned int i = 0; i < 600; i++) {
		tell(1, i & 1);
		pass(100);
	}
	CU_ASSERT_TRUE(world.n_sent < 5);
	tell(1, 7);
	world.n_taken = world.n_sent;
	pass(19800);
	nothing_is_sent();
	pass(400);
	is_sent(1, 1, 7);
	settles();
	CU_ASSERT_EQUAL(n_held(), 601 - world.n_sent);
	end();
}

/* With a half-life that the ceiling is no multiple of, and with one above the ceiling. */
static void
test_other_ceilings(void)
{
	static const struct {
		unsigned int half_life, ceiling;
	} cases[] = { { 5000, 7000 }, { 5000, 3000 }, { 300, 2000 }, { 60000, 30000 },
		{ 1000, 3600000 }, { 3000, 3000 } };

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct notify_limits limits = defaults;
		uint64_t longest;

		limits.half_life = cases[i].half_life;
		limits.ceiling = cases[i].ceiling;
		/* that of 2^16 times reuse */
		longest = limits.half_life * 16 < limits.ceiling ? limits.half_life * 16
								 : limits.ceiling;
		begin(&limits);
		for (unsigned int n = 0; n < 100000; n++)
			tell(1, n);
		CU_ASSERT_EQUAL(world.n_sent, 2);
		pass(longest - 60);
		CU_ASSERT_EQUAL(world.n_sent, 2);
		pass(260);
		CU_ASSERT_EQUAL(world.n_sent, 3);
		CU_ASSERT_EQUAL(world.sent[2].state, 99999);
		end();
	}
}

/* Limits by which it is released long before LOOK_LATER. */
static void
test_released_in_time(void)
{
	struct notify_limits limits = defaults;

	limits.half_life = 200;
	limits.ceiling = 800;
	begin(&limits);
	for (unsigned int i = 0; i < 3; i++)
		tell(1, i);
	is_sent(2, 1, 0);
	pass(450);
	is_sent(1, 1, 2);
	end();
}

static void
test_as_it_was(void)
{
	begin(&defaults);
	tell(1, 1);
	tell(1, 0);
	is_sent(2, 1, 1);
	tell(1, 1);
	tell(1, 0); /* as was told */
	pass(60000);
	nothing_is_sent();
	CU_ASSERT_EQUAL(n_held(), 2);
	CU_ASSERT_EQUAL(world.n_summaries, 2);
	tell(1, 1);
	is_sent(1, 1, 1);
	settles();
	end();
}

/* The bucket, and the queue. */

static void
test_bucket(void)
{
	begin(&defaults);
	for (uint32_t i = 0; i < 200; i++)
		tell(i, 1);
	CU_ASSERT_EQUAL(world.n_sent, 50);
	CU_ASSERT_EQUAL(notify_waiting(world.notifier), 150);
	pass(1000);
	CU_ASSERT_TRUE(world.n_sent >= 59 && world.n_sent <= 60);
	pass(9000);
	CU_ASSERT_TRUE(world.n_sent >= 149 && world.n_sent <= 150);
	pass(5100);
	CU_ASSERT_EQUAL(world.n_sent, 200);
	for (uint32_t i = 0; i < 200; i++)
		CU_ASSERT_EQUAL(world.sent[i].thing, i);
	CU_ASSERT_EQUAL(n_held(), 0);
	CU_ASSERT_EQUAL(world.n_summaries, 0);
	/* after a rest it is full again, and no more than that */
	settles();
	for (uint32_t i = 0; i < 100; i++)
		tell(i, 2);
	CU_ASSERT_EQUAL(world.n_sent, 250);
	end();
}

/* The bucket fills as fast when it is looked at every few microseconds. */
static void
test_bucket_under_load(void)
{
	begin(&defaults);
	for (uint32_t i = 0; i < 200; i++)
		tell(i, 1);
	for (uint64_t us = 0; us < 2000000; us += 190) {
		clock_freeze(BEGIN + us * 1000);
		notify_go_on(world.notifier);
	}
	CU_ASSERT_TRUE(world.n_sent >= 69 && world.n_sent <= 70);
	end();
}

static void
test_high_rate(void)
{
	struct notify_limits limits = defaults;

	limits.rate = 200;
	limits.burst = 10;
	begin(&limits);
	for (uint32_t i = 0; i < 500; i++)
		tell(i, 1);
	CU_ASSERT_EQUAL(world.n_sent, 10);
	pass(1000);
	CU_ASSERT_TRUE(world.n_sent >= 205 && world.n_sent <= 210);
	end();
}

static void
test_coalescing(void)
{
	struct notify_limits limits = defaults;

	limits.burst = 1;
	begin(&limits);
	tell(0, 0);
	is_sent(1, 0, 0);
	tell(1, 1);
	tell(2, 1);
	tell(3, 1);
	tell(1, 2); /* keeps its place */
	tell(0, 1);
	tell(2, 2);
	CU_ASSERT_EQUAL(notify_waiting(world.notifier), 4);
	CU_ASSERT_EQUAL(n_held(), 2);
	pass(110);
	is_sent(1, 1, 2);
	pass(100);
	is_sent(1, 2, 2);
	/* as it was told: this costs no place, and nothing is sent */
	world.limits.penalty = 0;
	tell(0, 0);
	pass(100);
	is_sent(1, 3, 1);
	pass(200);
	nothing_is_sent();
	CU_ASSERT_EQUAL(n_held(), 4);
	settles();
	end();
}

/* One that waits in the queue and is suppressed then waits for its release. */
static void
test_suppressed_while_waiting(void)
{
	begin(&defaults);
	world.refuses = true;
	for (unsigned int i = 0; i < 5; i++)
		tell(1, i);
	CU_ASSERT_EQUAL(notify_waiting(world.notifier), 0);
	world.refuses = false;
	notify_go_on(world.notifier);
	nothing_is_sent();
	pass(20000);
	is_sent(1, 1, 4);
	settles();
	end();
}

/* Counts and the window. */

static void
test_window(void)
{
	begin(&defaults);
	for (unsigned int i = 0; i < 3; i++)
		tell(1, i);
	CU_ASSERT_EQUAL(n_held(), 0); /* it may be told yet */
	tell(1, 4);
	CU_ASSERT_EQUAL(n_held(), 1);
	CU_ASSERT_EQUAL(notify_counts(world.notifier)->held[1], 1);
	pass(2000);
	tell(1, 5);
	pass(2900);
	CU_ASSERT_EQUAL(world.n_summaries, 0);
	pass(200);
	CU_ASSERT_EQUAL(world.n_summaries, 1);
	CU_ASSERT_EQUAL(world.summarized, 2);
	pass(5000);
	CU_ASSERT_EQUAL(world.n_summaries, 1);
	world.refuses = true;
	tell(1, 6);
	pass(20000); /* its summary cannot be sent, nor can what it says */
	tell(1, 7);
	pass(20000);
	world.refuses = false;
	notify_go_on(world.notifier);
	CU_ASSERT_EQUAL(world.n_summaries, 2);
	pass(200);
	CU_ASSERT_EQUAL(world.n_summaries, 3);
	CU_ASSERT_EQUAL(world.summarized, n_held());
	settles();
	end();
}

/* A summary comes before what waits. */
static void
test_summary_through_an_empty_bucket(void)
{
	begin(&defaults);
	world.limits.window = 1000;
	for (uint32_t i = 0; i < 500; i++)
		tell(i, 1);
	tell(499, 2);
	CU_ASSERT_EQUAL(n_held(), 1);
	pass(1100);
	CU_ASSERT_EQUAL(world.n_summaries, 1);
	end();
}

/* Limits of memory. */

static void
test_too_many(void)
{
	begin(&defaults);
	world.refuses = true;
	for (uint32_t i = 0; i < 20000; i++)
		tell(i, 1);
	CU_ASSERT_EQUAL(notify_remembered(world.notifier), 20000);
	CU_ASSERT_EQUAL(n_held(), 0);
	tell(20000, 1);
	CU_ASSERT_EQUAL(n_held(), 1);
	CU_ASSERT_EQUAL(notify_remembered(world.notifier), 20000);
	tell_vital(20001, 1, true);
	tell(20001, 2); /* is known */
	tell(7, 2);
	CU_ASSERT_EQUAL(n_held(), 3);
	CU_ASSERT_EQUAL(notify_remembered(world.notifier), 20001);
	CU_ASSERT_EQUAL(notify_waiting(world.notifier), 20001);
	forget(8);
	forget(9);
	tell(20000, 3); /* there is room again */
	CU_ASSERT_EQUAL(notify_remembered(world.notifier), 20000);
	world.limits.rate = 1000;
	settles();
	CU_ASSERT_EQUAL(world.n_sent, 20000);
	end();
}

static void
test_far_too_many(void)
{
	begin(&defaults);
	world.refuses = true;
	for (uint32_t i = 0; i < 110000; i++)
		tell_vital(i, 1, true);
	CU_ASSERT_EQUAL(notify_remembered(world.notifier), 100000);
	CU_ASSERT_EQUAL(n_held(), 10000);
	tell_vital(99999, 2, true);
	CU_ASSERT_EQUAL(n_held(), 10001);
	end();
}

static void
test_forgotten_in_time(void)
{
	begin(&defaults);
	world.limits.burst = 2000;
	notify_go_on(world.notifier);
	pass(200000);
	world.limits.rate = 1000;
	for (unsigned int n = 0; n < 20; n++) {
		for (uint32_t i = 0; i < 1000; i++)
			tell(i, n);
		pass(100);
	}
	CU_ASSERT_EQUAL(notify_remembered(world.notifier), 1000);
	pass(20000);
	CU_ASSERT_EQUAL(notify_waiting(world.notifier), 0);
	CU_ASSERT_EQUAL(notify_remembered(world.notifier), 1000); /* the penalty */
	pass(60000);
	CU_ASSERT_EQUAL(notify_remembered(world.notifier), 0);
	CU_ASSERT_EQUAL(timers_set(), 0);
	settles();
	end();
}

/* The sink. */

static void
test_refusal(void)
{
	begin(&defaults);
	world.refuses = true;
	for (uint32_t i = 0; i < 60; i++)
		tell(i, 1);
	for (unsigned int i = 0; i < 100; i++)
		notify_go_on(world.notifier);
	pass(600000);
	CU_ASSERT_EQUAL(world.n_sent, 0);
	CU_ASSERT_EQUAL(n_held(), 0);
	CU_ASSERT_EQUAL(notify_waiting(world.notifier), 60);
	tell(3, 2);
	world.refuses = false;
	notify_go_on(world.notifier);
	CU_ASSERT_EQUAL(world.n_sent, 50); /* refusals have cost no token */
	CU_ASSERT_EQUAL(world.sent[3].thing, 3);
	CU_ASSERT_EQUAL(world.sent[3].state, 2);
	settles();
	CU_ASSERT_EQUAL(world.n_sent, 60);
	end();
}

static void
test_forget(void)
{
	begin(&defaults);
	forget(1); /* is not known */
	tell(1, 1);
	is_sent(1, 1, 1);
	forget(1);
	CU_ASSERT_EQUAL(n_held(), 0);
	CU_ASSERT_EQUAL(notify_remembered(world.notifier), 0);
	tell(1, 1); /* another one of that name */
	is_sent(1, 1, 1);
	for (unsigned int i = 2; i < 5; i++)
		tell(1, i);
	is_sent(1, 1, 2);
	forget(1); /* is suppressed */
	CU_ASSERT_EQUAL(n_held(), 2);
	world.refuses = true;
	tell(1, 5);
	tell(2, 5);
	forget(1); /* waits */
	CU_ASSERT_EQUAL(n_held(), 3);
	CU_ASSERT_EQUAL(notify_waiting(world.notifier), 1);
	world.refuses = false;
	notify_go_on(world.notifier);
	is_sent(1, 2, 5);
	settles();
	end();
}

static void
test_keys(void)
{
	uint8_t key[NOTIFY_KEY_MAX + 2] = { 0 };
	struct notice *notice;

	begin(&defaults);
	for (size_t len = 0; len <= sizeof(key); len++) {
		notice = notice_new(&things[0]);
		add_number(notice, len);
		add_number(notice, 1);
		world.n_told++;
		notify_tell(world.notifier, 1, false, key, len, len, notice);
	}
	/* those that are too long are cut */
	CU_ASSERT_EQUAL(notify_remembered(world.notifier), NOTIFY_KEY_MAX + 1);
	for (size_t len = 0; len <= sizeof(key); len++)
		notify_forget(world.notifier, 1, key, len);
	CU_ASSERT_EQUAL(notify_remembered(world.notifier), 0);
	settles();
	end();
}

/* Limits. */

static void
test_off(void)
{
	begin(&defaults);
	for (unsigned int i = 0; i < 4; i++)
		tell(1, i);
	is_sent(2, 1, 0);
	world.limits.penalty = 0;
	world.limits.rate = 1000;
	pass(200);
	is_sent(1, 1, 3);
	for (unsigned int i = 4; i < 1000; i++) {
		tell(1, i);
		is_sent(1, 1, i);
		pass(1);
	}
	world.limits.penalty = 1000; /* on again */
	for (unsigned int i = 1000; i < 1010; i++)
		tell(1, i);
	CU_ASSERT_TRUE(world.n_sent - world.n_taken <= 2);
	settles();
	end();
}

static void
test_off_from_the_start(void)
{
	begin(&defaults);
	world.limits.penalty = 0;
	world.limits.half_life = world.limits.ceiling = 0;
	world.limits.suppress = world.limits.reuse = 0;
	for (unsigned int i = 0; i < 50; i++) {
		tell(1, i);
		is_sent(1, 1, i);
	}
	settles();
	CU_ASSERT_EQUAL(n_held(), 0);
	end();
}

static void
test_limits_change(void)
{
	begin(&defaults);
	for (unsigned int i = 0; i < 100; i++)
		tell(1, i);
	world.limits.ceiling = 5000; /* for what is suppressed, too */
	world.n_taken = world.n_sent;
	pass(4900);
	nothing_is_sent();
	pass(250);
	is_sent(1, 1, 99);
	world.limits.burst = 5; /* less than there are */
	pass(100000);
	for (uint32_t i = 10; i < 30; i++)
		tell(i, 1);
	is_sent(5, 10, 1);
	world.limits.burst = 1;
	world.limits.rate = 100;
	pass(500);
	is_sent(15, 15, 1);
	settles();
	end();
}

static void
test_zero_limits(void)
{
	static const struct notify_limits zero;
	struct notify_limits limits = defaults;

	limits.rate = 0; /* only so many */
	begin(&limits);
	for (uint32_t i = 0; i < 60; i++)
		tell(i, 1);
	pass(1000000);
	CU_ASSERT_EQUAL(world.n_sent, 50);
	CU_ASSERT_EQUAL(notify_waiting(world.notifier), 10);
	world.limits.rate = 10;
	settles();
	CU_ASSERT_EQUAL(world.n_sent, 60);
	end();

	begin(&zero); /* none */
	for (uint32_t i = 0; i < 10; i++)
		tell(1, i);
	pass(100000);
	CU_ASSERT_EQUAL(world.n_sent, 0);
	CU_ASSERT_EQUAL(notify_waiting(world.notifier), 1);
	world.limits = defaults;
	settles();
	CU_ASSERT_EQUAL(world.n_sent, 1);
	CU_ASSERT_EQUAL(world.sent[0].state, 9);
	end();

	limits = defaults;
	limits.half_life = 0; /* each penalty is gone at once */
	begin(&limits);
	for (uint32_t i = 0; i < 50; i++)
		tell(1, i);
	CU_ASSERT_EQUAL(world.n_sent, 50);
	end();
}

static void
test_extreme_limits(void)
{
	static const struct notify_limits highest = { UINT_MAX, UINT_MAX, UINT_MAX,
		UINT_MAX, UINT_MAX, UINT_MAX, UINT_MAX, UINT_MAX };
	struct notify_limits limits = defaults;

	begin(&highest);
	for (uint32_t i = 0; i < 10; i++) {
		tell(1, i);
		pass(1000);
	}
	CU_ASSERT_EQUAL(world.n_sent, 10); /* nothing is above that */
	end();

	limits.penalty = UINT_MAX;
	begin(&limits);
	for (uint32_t i = 0; i < 10; i++)
		tell(1, i);
	nothing_is_sent(); /* each one is too much */
	pass(19800);
	nothing_is_sent();
	pass(400);
	is_sent(1, 1, 9);
	end();

	limits = defaults;
	limits.rate = limits.burst = UINT_MAX;
	limits.ceiling = UINT_MAX;
	begin(&limits);
	for (uint32_t i = 0; i < 10000; i++)
		tell(i, 1);
	CU_ASSERT_EQUAL(world.n_sent, 10000);
	settles();
	end();
}

/* Anything, in any order: all is either sent or counted, each thing's are sent in their
 * order, and the last one sent is the last one told. */

#define N_THINGS 40

struct model {
	uint64_t serial, last[N_THINGS]; /* told; 0: nothing, or it was forgotten */
	uint64_t told_at[N_THINGS];
};

static void
change_limits(void)
{
	world.limits = defaults;
	world.limits.penalty = pick(3) ? pick(3000) : 0;
	world.limits.half_life = pick(4) ? 1 + pick(8000) : pick(2);
	world.limits.suppress = pick(5000);
	world.limits.reuse = pick(world.limits.suppress + 1);
	world.limits.ceiling = pick(40000);
	world.limits.rate = 1 + pick(30);
	world.limits.burst = 1 + pick(80);
	world.limits.window = pick(10000);
}

static void
do_anything(struct model *model)
{
	uint32_t thing = pick(N_THINGS) % (1 + pick(N_THINGS));

	switch (pick(40)) {
	case 0:
		world.refuses = !world.refuses;
		if (!world.refuses)
			notify_go_on(world.notifier);
		break;
	case 1:
		forget(thing);
		model->last[thing] = 0;
		break;
	case 2:
		if (!pick(20))
			change_limits();
		break;
	case 3:
		pass(pick(20) ? pick(1000) : pick(100000));
		break;
	default:
		/* it comes back to states that it had */
		model->serial++;
		model->last[thing] = 1 + pick(3);
		model->told_at[thing] = model->serial;
		tell_vital(thing, model->last[thing], pick(2));
		if (pick(2))
			pass(pick(200));
	}
}

static void
test_anything(void)
{
	for (unsigned int round = 0; round < 30; round++) {
		struct model model = { 0 };

		begin(&defaults);
		for (unsigned int n = 0; n < 2000; n++) {
			do_anything(&model);
			CU_ASSERT_TRUE(world.n_sent + n_held() <= world.n_told);
			CU_ASSERT_TRUE(world.n_sent + n_held() +
					       notify_remembered(world.notifier) >=
				       world.n_told);
		}
		world.limits = defaults;
		settles();
		for (size_t i = 0; i < world.n_sent; i++) {
			const struct sent *sent = &world.sent[i];

			if (i)
				CU_ASSERT_TRUE(sent->at >= world.sent[i - 1].at);
			model.told_at[sent->thing] = sent->state;
		}
		for (uint32_t i = 0; i < N_THINGS; i++) {
			if (model.last[i])
				CU_ASSERT_EQUAL(model.told_at[i], model.last[i]);
		}
		end();
	}
}

/* Notices. */

static const struct notice_varbind *
only(const struct notice *notice, enum syntax syntax)
{
	const struct notice_varbind *varbind = STAILQ_FIRST(&notice->varbinds);

	CU_ASSERT_PTR_NOT_NULL_FATAL(varbind);
	CU_ASSERT_PTR_NULL(STAILQ_NEXT(varbind, next));
	CU_ASSERT_EQUAL(varbind->syntax, syntax);
	return varbind;
}

static void
keeps_number(enum syntax syntax, uint64_t number)
{
	struct notice *notice = notice_new(&things[0]);
	struct value value = { .syntax = syntax, .number = number };
	const struct notice_varbind *varbind;

	notice_add_object(notice, &object, &value);
	value.number = ~number;
	varbind = only(notice, syntax);
	CU_ASSERT_EQUAL(varbind->number, number);
	CU_ASSERT_PTR_NULL(varbind->octets);
	CU_ASSERT_EQUAL(varbind->name_len, 4);
	CU_ASSERT_EQUAL(memcmp(varbind->oid, (const uint32_t[]){ 1, 3, 6, 0 }, 16), 0);
	notice_free(notice);
}

static void
test_numbers(void)
{
	keeps_number(SYNTAX_INTEGER, 7);
	keeps_number(SYNTAX_INTEGER, (uint64_t)INT32_MIN);
	keeps_number(SYNTAX_GAUGE32, UINT32_MAX);
	keeps_number(SYNTAX_COUNTER32, 0);
	keeps_number(SYNTAX_COUNTER64, UINT64_MAX);
	keeps_number(SYNTAX_TIMETICKS, UINT32_MAX);
	notice_free(NULL);
}

static void
test_octets(void)
{
	for (size_t len = 0; len < 300; len += len == 4 ? 251 : 1) {
		struct notice *notice = notice_new(&things[0]);
		struct value value = { .syntax = len == 4 ? SYNTAX_IPADDRESS
							  : SYNTAX_OCTETS };
		const struct notice_varbind *varbind;
		uint8_t octets[300];

		memset(octets, 0xa5, sizeof(octets));
		value_set_octets(&value, len ? octets : NULL, len);
		notice_add_object(notice, &object, &value);
		memset(octets, 0, sizeof(octets)); /* it has its own */
		varbind = only(notice, value.syntax);
		CU_ASSERT_EQUAL(varbind->len, len);
		CU_ASSERT_PTR_NOT_NULL_FATAL(varbind->octets);
		for (size_t i = 0; i < len; i++)
			CU_ASSERT_EQUAL(varbind->octets[i], 0xa5);
		notice_free(notice);
	}
}

static void
test_oids(void)
{
	for (size_t len = 0; len <= OID_MAX; len++) {
		struct notice *notice = notice_new(&things[0]);
		uint32_t sub[OID_MAX] = { 1 };
		struct value value = { .syntax = SYNTAX_OBJECT_ID, .oid = { sub, len } };
		const struct notice_varbind *varbind;

		sub[OID_MAX - 1] = UINT32_MAX;
		notice_add_object(notice, &object, &value);
		varbind = only(notice, SYNTAX_OBJECT_ID);
		CU_ASSERT_EQUAL(varbind->name_len, 4);
		CU_ASSERT_EQUAL(varbind->len, len);
		CU_ASSERT_EQUAL(memcmp(varbind->oid + 4, sub, len * 4), 0);
		notice_free(notice);
	}
}

static void
test_long_names(void)
{
	uint32_t sub[OID_MAX + 10];

	for (size_t i = 0; i < N_ELEMENTS(sub); i++)
		sub[i] = (uint32_t)i + 1;
	for (size_t len = OID_MAX - 2; len <= N_ELEMENTS(sub); len++) {
		const struct oid name = { sub, len };
		struct notice *notice = notice_new(&things[0]);
		struct value value = { .syntax = SYNTAX_OBJECT_ID, .oid = name };
		const struct notice_varbind *varbind;
		size_t kept = len < OID_MAX ? len + 1 : OID_MAX; /* no name is longer */

		value.oid.len = 2;
		notice_add_object(notice, &name, &value);
		varbind = only(notice, SYNTAX_OBJECT_ID);
		CU_ASSERT_EQUAL(varbind->name_len, kept);
		CU_ASSERT_EQUAL(varbind->oid[kept - 1], len < OID_MAX ? 0 : OID_MAX);
		CU_ASSERT_EQUAL(memcmp(varbind->oid + kept, sub, 8), 0);
		notice_free(notice);
	}
}

void
suite_notify(void)
{
	CU_pSuite suite = CU_add_suite("notify", NULL, NULL);

	CU_add_test(suite, "two are told at once, the third is not", test_two_at_once);
	CU_add_test(suite, "what is slow enough is not damped", test_slow_enough);
	CU_add_test(suite, "what is just too fast is", test_just_too_fast);
	CU_add_test(suite, "20 s after the last one it is told", test_ceiling);
	CU_add_test(suite, "other ceilings are kept", test_other_ceilings);
	CU_add_test(suite, "a short damping ends in time", test_released_in_time);
	CU_add_test(suite, "nothing is told if it is as it was", test_as_it_was);
	CU_add_test(suite, "the bucket", test_bucket);
	CU_add_test(suite, "the bucket under load", test_bucket_under_load);
	CU_add_test(suite, "a high rate is reached", test_high_rate);
	CU_add_test(suite, "the latest of a thing waits", test_coalescing);
	CU_add_test(suite, "suppressed while it waits", test_suppressed_while_waiting);
	CU_add_test(suite, "the window and its summary", test_window);
	CU_add_test(
		suite, "a summary does not wait", test_summary_through_an_empty_bucket);
	CU_add_test(suite, "too many things, and vital ones", test_too_many);
	CU_add_test(suite, "far too many", test_far_too_many);
	CU_add_test(suite, "all is forgotten in time", test_forgotten_in_time);
	CU_add_test(suite, "a sink that refuses and comes back", test_refusal);
	CU_add_test(suite, "a thing is forgotten", test_forget);
	CU_add_test(suite, "keys of all lengths", test_keys);
	CU_add_test(suite, "damping is switched off and on", test_off);
	CU_add_test(suite, "damping is off", test_off_from_the_start);
	CU_add_test(suite, "limits change", test_limits_change);
	CU_add_test(suite, "limits of zero", test_zero_limits);
	CU_add_test(suite, "extreme limits", test_extreme_limits);
	CU_add_test(suite, "anything in any order (random)", test_anything);
	CU_add_test(suite, "a notice keeps numbers", test_numbers);
	CU_add_test(suite, "a notice keeps octets", test_octets);
	CU_add_test(suite, "a notice keeps OIDs", test_oids);
	CU_add_test(suite, "a notice cuts names that are too long", test_long_names);
}
