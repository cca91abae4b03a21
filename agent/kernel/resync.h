/*
 * The part of a session that reads the kernel's state: dumps, their repetition, the order
 * of sweeps. See session.h.
 *
 * Of routes there are two oddities. A dump of IPv6 routes can pass some over when others
 * are deleted meanwhile (fib6_dump_table() counts its way back in), so it is read again
 * until a reading names none that is new. And a part of the routes is read again when the
 * mirror has concluded that they have gone without an event: a confirmation, which is a
 * sweep of them alone, and which is repeated, later and later, until one changes nothing.
 */
#ifndef NETMIBD_KERNEL_RESYNC_H
#define NETMIBD_KERNEL_RESYNC_H

#include "session.h"

/* Before anything else. */
void resync_init(struct session *session);

/* Events were lost: all is to be read again. */
void resync_lose_events(struct session *session, const char *why);

/* The event socket has been read empty: begins what is to be begun. */
void resync_go_on(struct session *session);

/* Stops everything. */
void resync_close(struct session *session);

#endif
