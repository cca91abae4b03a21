/*
 * The part of a session that reads the kernel's state: dumps, their repetition, the order
 * of sweeps. See session.h.
 *
 * A dump of IPv6 routes can pass some over when others are deleted meanwhile
 * (fib6_dump_table() counts its way back in), so it is read again until a reading names
 * none that is new. Routes are also read again alone: see confirm.h.
 */
#ifndef NETMIBD_KERNEL_RESYNC_H
#define NETMIBD_KERNEL_RESYNC_H

#include "session.h"

/* Events were lost: all is to be read again. */
void resync_lose_events(struct session *session, const char *why);

/* Nexthop objects and routes are to be read again: those over link @confirming, or all
 * (ROUTE_CONFIRM_ALL). The session is SYNCED. */
void resync_routes(struct session *session, uint32_t confirming);

/* The event socket has been read empty: begins what is to be begun. */
void resync_go_on(struct session *session);

/* Stops everything. */
void resync_close(struct session *session);

#endif
