/*
 * Staying on the master's CPU (netmibdFollowMaster).
 *
 * AgentX is a ping-pong: while one process works the other waits, so a second CPU gains
 * nothing, and waking it up costs more than the work itself (measured: 6,500 against
 * 24,000 varbinds/s on two virtual CPUs). While requests come in quick succession netmibd
 * moves to the CPU that the master runs on, and follows it; when they cease it lets go.
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

#endif
