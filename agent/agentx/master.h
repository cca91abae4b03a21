/*
 * Is the master there? It is asked with a ping, as the library does, but nobody waits for
 * the answer: the library's own ping and its attempt to open a session stop everything
 * for 6 s each when a master is stopped or hangs, and the kernel's events with it.
 *
 * One that has not answered for as long is left; and it is tried again only when it, or
 * the next one, has answered a ping on a connection of its own.
 */
#ifndef NETMIBD_AGENTX_MASTER_H
#define NETMIBD_AGENTX_MASTER_H

#include "../base/loop.h"

/* Begins to look for a master every @interval seconds (0: never, the library does). */
void master_open(const struct loop *loop, unsigned int interval);
void master_close(void);

/* Where the master is looked for, as configured; NULL: at the library's default. */
const char *master_address(void);

/* The session with a master has begun (netsnmp_session), or ended (NULL). */
void master_session(void *session);

#endif
