/*
 * The clock: see clock.h. The frozen value is the one piece of process-wide state here;
 * it exists so that golden walks have known TimeStamps.
 */
#include "clock.h"

#include <time.h>

static uint64_t frozen;

uint64_t
clock_now(void)
{
	struct timespec ts;

	if (frozen)
		return frozen;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t
clock_cpu(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

void
clock_freeze(uint64_t ns)
{
	frozen = ns;
}
