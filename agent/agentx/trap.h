/*
 * Sends notifications: to the master (AgentX Notify), or, standalone, to the sinks in the
 * configuration.
 *
 * The library sends to the master with a call that blocks, and the master answers each
 * Notify with one that blocks, too: who sends many without reading the answers stops both
 * for ever (168 are enough, Net-SNMP 5.9). So few are under way at once. What has not
 * been answered when the master goes is sent again to the next one.
 */
#ifndef NETMIBD_AGENTX_TRAP_H
#define NETMIBD_AGENTX_TRAP_H

#include "../base/loop.h"
#include "../engine/notify.h"

/* How many Notify PDUs may wait for their answer. */
#define MAX_UNDER_WAY 32

/* @again(@arg) is called when what trap_send() has refused may be tried again. */
void trap_open(
	const struct loop *loop, bool standalone, void (*again)(void *arg), void *arg);
void trap_close(void);

/* struct notify_sink.send: sends @notice, which is taken then; false: not now. */
bool trap_send(void *arg, struct notice *notice);

/* The session with a master has begun (netsnmp_session), or ended (NULL). */
void trap_session(void *session);

#endif
