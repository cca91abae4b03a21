/*
 * The sweep of routes: as for every kind (mirror.h), but there may be a million rows, so
 * that it ends in slices; and it may be one of the routes over one link only, to confirm
 * what has been concluded (route_silent.h).
 */
#ifndef NETMIBD_MIRROR_ROUTE_SWEEP_H
#define NETMIBD_MIRROR_ROUTE_SWEEP_H

#include "../base/inet.h"

#include <stdbool.h>
#include <stdint.h>

struct mirror;

/* Of a sweep that confirms: the routes over all links. */
#define ROUTE_CONFIRM_ALL UINT32_MAX

/* How far the end of a sweep has come. */
struct route_place {
	bool begun, hidden;
	uint32_t table;
	struct inet dst;
	uint8_t plen;
};

/* Begins. @confirming: the link whose routes are read again, or ROUTE_CONFIRM_ALL; 0: it
 * is no confirmation, there may have been a loss. */
void route_sweep_begin(struct mirror *mirror, uint32_t confirming);

/* It has failed: nothing goes by it. */
void route_sweep_stop(struct mirror *mirror);

/* The dump is whole, and the events that were queued meanwhile have been read: drops what
 * was not seen, until clock_now() is @deadline. True: that was all, the sweep is over.
 * False: to be called again; events may be read before. */
bool route_sweep_end(struct mirror *mirror, uint64_t deadline);

#endif
