/*
 * What managers are told, as far as it is the agent's own state and shown by a table: see
 * tables/notices.h, which tells them.
 */
#ifndef NETMIBD_MIRROR_TOLD_H
#define NETMIBD_MIRROR_TOLD_H

#include "../base/set.h"

#include <stdbool.h>
#include <stdint.h>

/* enum notice_type of tables/notices.h has so many. */
#define TOLD_TYPES 15

/* A row for each type, from 1. */
struct told_type {
	struct set_node node;
	uint32_t number;
};

struct notices;

struct told {
	struct set types; /* struct told_type, by number */
	struct told_type type[TOLD_TYPES];
	uint32_t enabled; /* a bit for each type */
	/* Who tells, and counts it: tables/ knows what that is. NULL: nobody. */
	const struct notices *notices;
	/* Times that events were lost, and that all was read again after that. */
	uint64_t losses, resyncs;
	uint64_t resynced_at; /* clock_now() of the last one; 0: never */
	bool resyncing;	      /* what changes now may have changed before */
	bool setting;	      /* what changes now has been wished for */
	/* A resync that was due to a loss is over; NULL: nobody wants to know. */
	void (*resynced)(void *arg);
	void *resynced_arg;
};

void told_init(struct told *told);

/* Events were lost; and all has been read again. */
void told_loss(struct told *told);
void told_resync(struct told *told);

#endif
