/*
 * A loop that is turned by hand: see timers.h.
 */
#include "timers.h"

#include "unit.h"

#include "../../agent/base/clock.h"

#include <string.h>

#define N_TIMERS 8

static struct timer {
	loop_timer_fn *fn;
	void *arg;
	uint64_t due;
} timers[N_TIMERS];

static unsigned int
after(unsigned int ms, loop_timer_fn *fn, void *arg)
{
	for (unsigned int i = 0; i < N_TIMERS; i++) {
		if (!timers[i].fn) {
			timers[i].fn = fn;
			timers[i].arg = arg;
			timers[i].due = clock_now() + ms * NS_PER_MS;
			return i + 1;
		}
	}
	CU_FAIL_FATAL("too many timers");
	return 0;
}

static void
cancel(unsigned int handle)
{
	CU_ASSERT_PTR_NOT_NULL_FATAL(timers[handle - 1].fn);
	timers[handle - 1].fn = NULL;
}

const struct loop timers_loop = { NULL, NULL, after, cancel };

void
timers_begin(uint64_t ns)
{
	memset(timers, 0, sizeof(timers));
	clock_freeze(ns);
}

void
timers_end(void)
{
	clock_freeze(0);
}

unsigned int
timers_set(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < N_TIMERS; i++)
		n += timers[i].fn != NULL;
	return n;
}

static struct timer *
next(uint64_t until)
{
	struct timer *next = NULL;

	for (unsigned int i = 0; i < N_TIMERS; i++) {
		if (timers[i].fn && timers[i].due <= until &&
			(!next || timers[i].due < next->due))
			next = &timers[i];
	}
	return next;
}

void
timers_pass(uint64_t ns)
{
	uint64_t until = clock_now() + ns;

	for (struct timer *timer; (timer = next(until));) {
		loop_timer_fn *fn = timer->fn;

		clock_freeze(timer->due);
		timer->fn = NULL;
		fn(timer->arg);
	}
	clock_freeze(until);
}
