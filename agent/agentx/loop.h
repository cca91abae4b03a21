/*
 * Net-SNMP's event loop behind base/loop.h.
 */
#ifndef NETMIBD_AGENTX_LOOP_H
#define NETMIBD_AGENTX_LOOP_H

#include "../base/loop.h"

/* The loop that agentx_run() turns. */
extern const struct loop agentx_loop;

/* Serves requests, descriptors and timers until agentx_stop(). */
void agentx_run(void);

/* Makes agentx_run() return after the present turn. */
void agentx_stop(void);

#endif
