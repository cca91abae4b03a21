/*
 * The daemon's clock: CLOCK_MONOTONIC in nanoseconds, the clock Net-SNMP's sysUpTime runs
 * on. Times of events are kept in it and converted to TimeStamp when answering, so that a
 * restart of the master (which resets sysUpTime) needs no care. 0 stands for "never, or
 * before we began".
 */
#ifndef NETMIBD_BASE_CLOCK_H
#define NETMIBD_BASE_CLOCK_H

#include <stdint.h>

#define NS_PER_MS ((uint64_t)1000000)
#define NS_PER_CS ((uint64_t)10000000) /* TimeTicks are 1/100 s */
#define NS_PER_S  ((uint64_t)1000000000)

/* Now, in ns; never 0. */
uint64_t clock_now(void);

/* The CPU time that this process has taken, in ns. */
uint64_t clock_cpu(void);

/* For tests: makes clock_now() return @ns until called with 0. */
void clock_freeze(uint64_t ns);

#endif
