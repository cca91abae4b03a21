/*
 * A loop that is turned by hand, and the time with it: nothing runs but in timers_pass().
 */
#ifndef NETMIBD_TESTS_TIMERS_H
#define NETMIBD_TESTS_TIMERS_H

#include "../../agent/base/loop.h"

#include <stdint.h>

/* Has timers, no descriptors. */
extern const struct loop timers_loop;

/* The time is @ns, and stands still; no timer is set. */
void timers_begin(uint64_t ns);

/* It is the real time again. */
void timers_end(void);

/* How many are set. */
unsigned int timers_set(void);

/* @ns pass; each timer runs when it is due. */
void timers_pass(uint64_t ns);

#endif
