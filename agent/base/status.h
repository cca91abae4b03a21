/*
 * What the daemon knows of itself and nobody can read from the kernel: each layer counts
 * its part into the one struct that is in the mirror, for nmdStatus and `netmibd
 * --status`. What another struct counts already (told.h, writes.h, engine/notify.h) is
 * not counted here again.
 */
#ifndef NETMIBD_BASE_STATUS_H
#define NETMIBD_BASE_STATUS_H

#include <stdbool.h>
#include <stdint.h>

struct status {
	/* main.c, at the start */
	const char *version;
	bool standalone;  /* no subagent */
	uint64_t started; /* clock_now() */
	/* kernel: messages taken from the event socket */
	uint64_t events;
	/* agentx: PDUs about objects of ours; a SET is one, whatever its phases */
	uint64_t requests;
	/* agentx, of a subagent: sessions with a master that have begun, and whether
	 * there is one since when (clock_now()) */
	uint64_t sessions;
	bool connected;
	uint64_t connected_since;
};

#endif
