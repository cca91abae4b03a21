/*
 * Fuzz target: what is told, and when. The first octets are the limits, as the
 * configuration allows them; each that follows tells, forgets or releases one of a few
 * things, lets time pass, or has the sink refuse for a while. Time and the loop are
 * turned by hand.
 *
 * What must hold: in the end, when time has passed and the sink takes what it is given,
 * the last that was told of each thing is its state, whatever was left out in between.
 * Nothing is told that was not so when it is told, nor twice in a row of a thing that is
 * remembered; never more at once than the bucket has; and what was told, held back and
 * waits is all that there was.
 */
#include "../../agent/engine/notify.h"
#include "../../agent/base/clock.h"
#include "../../agent/base/loop.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define N_THINGS 6
#define SUMMARY	 9
#define BEGIN	 (1000 * NS_PER_S)

/* Longer than any of the limits below. */
#define LONG (600 * NS_PER_S)

/* What managers could know. */
struct thing {
	bool known;	/* it has a state, which is to be told in the end */
	bool told;	/* since it was known */
	bool forgotten; /* by the notifier, since it was told: it may be told again */
	uint64_t state, told_state;
};

static struct world {
	struct notify_limits limits;
	struct notifier *notifier;
	bool refuses;
	struct thing things[N_THINGS];
	const struct thing *telling; /* what is being told, */
	size_t remembered;	     /* when so many were remembered */
	uint64_t n_told, n_sent, n_summaries;
	loop_timer_fn *fn; /* the one timer; NULL: it is not set */
	void *arg;
	uint64_t due;
} world;

static const struct notification notification = { "thing", OID(1, 3, 1), 1 };
static const struct notification summary = { "summary", OID(1, 3, 9), SUMMARY };
static const struct oid object = OID(1, 3, 6);

static void
must(bool truth)
{
	if (!truth)
		abort();
}

/* The loop. */

static unsigned int
after(unsigned int ms, loop_timer_fn *fn, void *arg)
{
	must(!world.fn);
	world.fn = fn;
	world.arg = arg;
	world.due = clock_now() + ms * NS_PER_MS;
	return 1;
}

static void
cancel(unsigned int handle)
{
	must(handle == 1 && world.fn);
	world.fn = NULL;
}

static const struct loop loop = { NULL, NULL, after, cancel };

static void
pass(uint64_t ns)
{
	uint64_t until = clock_now() + ns;

	while (world.fn && world.due <= until) {
		loop_timer_fn *fn = world.fn;

		clock_freeze(world.due);
		world.fn = NULL;
		fn(world.arg);
	}
	clock_freeze(until);
}

/* The sink. */

static void
add_number(struct notice *notice, uint64_t number)
{
	struct value value = { .syntax = SYNTAX_GAUGE32, .number = number };

	notice_add_object(notice, &object, &value);
}

/* So many can have been sent by now: what the bucket was full of, and what came since. */
static void
check_rate(void)
{
	uint64_t elapsed = (clock_now() - BEGIN) / NS_PER_MS;

	must(world.n_sent * 1000 <=
		world.limits.burst * (uint64_t)1000 + elapsed * world.limits.rate);
}

/* Does the notifier hear of it for the first time, or again? */
static bool
is_new(const struct thing *thing)
{
	return thing == world.telling &&
	       notify_remembered(world.notifier) > world.remembered;
}

static bool
take(void *arg, struct notice *notice)
{
	const struct notice_varbind *varbind = STAILQ_FIRST(&notice->varbinds);
	struct thing *thing;

	must(arg == &world);
	if (world.refuses)
		return false;
	if (notice->what == &summary) {
		world.n_summaries++;
		notice_free(notice);
		return true;
	}
	thing = &world.things[varbind->number];
	must(thing->known && STAILQ_NEXT(varbind, next)->number == thing->state);
	must(!thing->told || thing->told_state != thing->state || thing->forgotten ||
		is_new(thing));
	thing->told = true;
	thing->forgotten = false;
	thing->told_state = thing->state;
	world.n_sent++;
	check_rate();
	notice_free(notice);
	return true;
}

static struct notice *
summarize(void *arg)
{
	must(arg == &world);
	return notice_new(&summary);
}

static const struct notify_sink sink = { take, NULL, summarize, &world };

/* What happens. */

static void
tell(uint32_t which, uint64_t state)
{
	struct notice *notice = notice_new(&notification);
	struct thing *thing = &world.things[which];

	add_number(notice, which);
	add_number(notice, state);
	thing->known = true;
	thing->state = state;
	world.n_told++;
	world.telling = thing;
	world.remembered = notify_remembered(world.notifier);
	/* those of an even number are vital */
	notify_tell(world.notifier, which % 2, which % 2 == 0, &which, sizeof(which),
		state, notice);
	if (is_new(thing) &&
		notify_held(world.notifier, which % 2, &which, sizeof(which)))
		thing->forgotten = true;
	world.telling = NULL;
}

static void
forget(uint32_t which)
{
	notify_forget(world.notifier, which % 2, &which, sizeof(which));
	must(!notify_held(world.notifier, which % 2, &which, sizeof(which)));
	memset(&world.things[which], 0, sizeof(world.things[which]));
}

static void
release(uint32_t which)
{
	notify_release(world.notifier, which % 2, &which, sizeof(which));
}

/* All notices are somewhere. */
static void
check_counts(void)
{
	const struct notify_counts *counts = notify_counts(world.notifier);
	uint64_t held_now = 0;

	for (uint32_t which = 0; which < N_THINGS; which++)
		held_now += notify_held(world.notifier, which % 2, &which,
				    sizeof(which)) != NULL;
	must(counts->sent[1] == world.n_sent);
	must(counts->sent[SUMMARY] == world.n_summaries);
	must(counts->sent[1] + counts->held[1] + held_now == world.n_told);
	must(notify_waiting(world.notifier) <= held_now);
}

static void
check_end(void)
{
	world.refuses = false;
	notify_go_on(world.notifier);
	pass(LONG);
	for (uint32_t which = 0; which < N_THINGS; which++) {
		const struct thing *thing = &world.things[which];

		must(thing->told == thing->known && thing->told_state == thing->state);
	}
	check_counts();
	must(notify_waiting(world.notifier) == 0);
	must(notify_remembered(world.notifier) == 0 && !world.fn);
}

/* Within what netmibdNotify... allow, and so that LONG is long enough. */
static void
take_limits(const uint8_t *octets)
{
	struct notify_limits *limits = &world.limits;

	limits->penalty = octets[0] * 10u;
	limits->half_life = (1 + octets[1] % 20) * 1000u;
	limits->suppress = 1 + octets[2] * 10u;
	limits->reuse = 1 + octets[3] * 10u % limits->suppress;
	limits->ceiling = (1 + octets[4] % 60) * 1000u;
	limits->rate = 1 + octets[5] % 20;
	limits->burst = 1 + octets[5] / 20;
	limits->window = (1 + octets[6] % 10) * 1000u;
}

#define N_LIMITS 7

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < N_LIMITS)
		return 0;
	memset(&world, 0, sizeof(world));
	clock_freeze(BEGIN);
	take_limits(data);
	world.notifier = notifier_new(&loop, &world.limits, &sink);
	for (size_t i = N_LIMITS; i < size; i++) {
		uint8_t what = data[i] >> 5, low = data[i] & 31;

		if (what <= 2)
			tell(low % N_THINGS, what);
		else if (what == 3)
			(low < 16 ? release : forget)(low % N_THINGS);
		else if (what <= 5)
			pass((what == 4 ? 10 : 700) * low * NS_PER_MS);
		else
			world.refuses = what == 7;
		if (what == 6)
			notify_go_on(world.notifier);
		check_counts();
	}
	check_end();
	notifier_free(world.notifier);
	must(!world.fn);
	clock_freeze(0);
	return 0;
}
