/*
 * Being near the master (netmibdFollowMaster).
 *
 * AgentX is a ping-pong: while one process works the other waits, and most of the time
 * goes into waking the other CPU up (measured on two virtual CPUs: 13,000 varbinds/s).
 * Two things help while requests come in quick succession, and cost nothing when they
 * cease:
 *
 * - to run on the master's CPU, so that no CPU sleeps between two messages (30,000). The
 *   master must stay there for that, as it does when it is bound to it (CPUAffinity=) or
 *   the other CPUs are busy; an idle CPU lures it away at each wake-up.
 * - or else to stay awake: to look for the next request for 200 us after each one before
 *   going to sleep (24,000).
 *
 * netmibd goes to the master's CPU first, and stays awake instead when the master has
 * moved away three times.
 */
#ifndef NETMIBD_AGENTX_FOLLOW_H
#define NETMIBD_AGENTX_FOLLOW_H

#include "../base/loop.h"

#include <stdbool.h>

/* From now on follow the peer of the connected socket @fd; does nothing if that is not a
 * process of this machine. @fd -1: the master is gone, let go. */
void follow_master(const struct loop *loop, int fd);

/* Turns it on or off (off at the start). */
void follow_enable(bool enabled);

/* A request is being answered. */
void follow_note(void);

/* Is it time to look for the next request without going to sleep? */
bool follow_awake(void);

#endif
