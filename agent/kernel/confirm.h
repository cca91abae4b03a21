/*
 * Confirmations: what the mirror has concluded of routes without an event of theirs, or
 * could not conclude (mirror/route_silent.h), is read again from the kernel. That is a
 * sweep of the routes over one link, or of all; it is repeated, later and later, until
 * one changes nothing. What is doubtful is said by mirror->route_doubt, which is
 * confirmed a moment later, and route_doubt_now.
 */
#ifndef NETMIBD_KERNEL_CONFIRM_H
#define NETMIBD_KERNEL_CONFIRM_H

#include "session.h"

/* What the kernel has done already is made true for the next request, if a look at it
 * costs no more than some ms; else it is confirmed a moment later. The event socket has
 * been read empty. */
void confirm_now(struct session *session);

/* Plans a confirmation if there is a doubt and none is planned. */
void confirm_plan(struct session *session);

/* The sweep of the one that was running has ended. */
void confirm_end(struct session *session);

/* None is planned any more. */
void confirm_close(struct session *session);

#endif
