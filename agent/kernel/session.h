/*
 * The session with the kernel: events, dumps, and the state between them.
 *
 *	STALE ---- event socket read empty ---> SWEEPING ---- dump whole ---> SYNCED
 *	  ^                                        |                            |
 *	  +------- an event was lost, the dump was interrupted or failed <------+
 *
 * The first start and every resync are this one routine: a sweep of each kind of rows,
 *one after the other; a dump that was interrupted by a change is repeated, without those
 *that are done. Messages are decoded and put into the mirror in the order they are read,
 *of events and dump by turns; why that is right, and why a lost event makes it wrong, is
 *in mirror/mirror.h. A sweep begins only when the event socket has been read empty after
 *a loss: an event that was queued before it could be older than what was lost, and must
 *not have the last word on its row.
 *
 * A dump is received by a thread (reader.h) and judged here, a few datagrams later: an
 * event that is younger than a row of it may have been read before. It outranks it, as it
 * has come in the sweep, and if what it has done to other rows is silent, either the
 *sweep knows those, or a confirmation will.
 *
 * Nothing here blocks, and one turn of the loop reads for a few milliseconds at most, so
 * that SNMP is answered during any storm; an answer then is as true as what has been
 *read.
 */
#ifndef NETMIBD_KERNEL_SESSION_H
#define NETMIBD_KERNEL_SESSION_H

#include "../base/loop.h"
#include "../mirror/mirror.h"
#include "channel.h"
#include "node.h"
#include "reader.h"
#include "stats.h"
#include "wish.h"

#include <sched.h>
#include <stdint.h>

enum session_state {
	SESSION_STALE,
	SESSION_SWEEPING,
	SESSION_SYNCED,
};

struct session_counts {
	uint64_t malformed;   /* messages that were passed over */
	uint64_t lost;	      /* times that the kernel said it had lost events */
	uint64_t resyncs;     /* dumps begun after the first complete one */
	uint64_t interrupted; /* dumps that the kernel said had been interrupted */
	uint64_t failed;      /* dumps that ended in an error */
	uint64_t confirmed;   /* times that routes were read again, see resync.h */
};

/* How long one turn of the loop may read, in ns. */
#define SESSION_TURN (5 * NS_PER_MS)

struct session {
	struct mirror *mirror;
	const struct loop *loop;
	enum session_state state;
	struct channel events;
	struct reader *reader;	 /* of the sweep that is running, or NULL */
	size_t step;		 /* what is being read, or is to be read first */
	bool interrupted;	 /* the dump that is running is not consistent */
	bool has_anycasts;	 /* the kernel announces anycast addresses (6.16) */
	unsigned int tries;	 /* dumps since the last complete one */
	unsigned int timer;	 /* the next try; 0: none is planned */
	unsigned int work_timer; /* routes are to follow on; 0: they have */
	bool threadless;	 /* there was no thread to be had for the last one */
	cpu_set_t cpus;		 /* where it may run; none: anywhere */
	/* resync.c: of dumps of routes */
	unsigned int judge_timer; /* the end of their sweep is to go on */
	bool drained;		  /* the events that are older than its end are read */
	unsigned int passes;	  /* readings of the present dump */
	uint64_t ipv6_deletions;  /* events that an IPv6 route has gone, */
	uint64_t ipv6_deletions_before; /* and those before the present reading */
	/* confirm.c */
	uint32_t confirming;	    /* the one that runs, see route_sweep_begin() */
	unsigned int confirm_timer; /* the next one; 0: none is planned */
	uint64_t confirm_pause;	    /* before it, ms; 0: as before a first one */
	uint64_t confirm_begin;	    /* clock_cpu() */
	uint64_t confirm_due;	    /* clock_now() */
	uint64_t confirm_now_due;   /* of those at once: when all have had their share */
	uint64_t lost_before;	    /* counts.lost when all had been read last */
	struct session_counts counts;
	struct stats stats;
	struct node node;
	struct wishes wishes;
	struct source source;
	void (*ready)(void *arg);  /* called once, when the first dump is complete */
	void (*broken)(void *arg); /* the event socket cannot be read any more; or NULL */
	void *ready_arg;	   /* of both */
};

/* Opens the sockets in the caller's network namespace, makes the session the source of
 * @mirror and begins the first dump; @ready(@arg) is called from the loop when it is
 * complete. Returns NULL after logging why not. */
struct session *session_open(struct mirror *mirror, const struct loop *loop,
	void (*ready)(void *arg), void *arg);
void session_close(struct session *session);

/* Reads all again from the kernel, as after a loss. */
void session_resync(struct session *session);

/* Reads the events that are queued, and lets the routes follow; no dump begins. True:
 * that was all of it. False: it takes longer than a request waits. */
bool session_catch_up(struct session *session);

/* Reads the events that are queued, up to the budget of one turn, and lets the routes
 * follow them. True: that was all of it. */
bool session_drain(struct session *session);

/* take.c: takes one message as if it had come from the event socket (@origin FROM_EVENT)
 * or from a dump. For tests and fuzzing; the session needs only a mirror. */
void session_take(
	struct session *session, const struct nlmsghdr *msg, enum origin origin);

/* Logs row counts, state and counts: SIGUSR1. */
void session_log(const struct session *session);

#endif
