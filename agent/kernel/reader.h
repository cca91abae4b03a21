/*
 * Dumps, received by a thread. The kernel fills a dump's datagrams while they are
 * received, and may take long for one of them: where tables local and main share a trie
 * the last ones of a million routes take it 50 ms, in one system call. Requests of SNMP
 * do not wait for that: a thread makes those calls and hands over what it has received,
 * in a ring of a few buffers, and the loop takes it from there when it wants.
 *
 * The thread sends the request (the kernel fills the first datagram then) and receives,
 * nothing else: it knows no mirror and no log, allocates nothing, and no signal reaches
 * it. It is there for one sweep, and never waited for: what it has in hand when it is
 * stopped is its own to close. A full ring stops it, so that a dump is behind by no more
 * than that when its rows are judged.
 *
 * Where no thread is to be had the loop sends and receives, through the same functions.
 */
#ifndef NETMIBD_KERNEL_READER_H
#define NETMIBD_KERNEL_READER_H

#include "channel.h"

#include <sched.h>
#include <stdint.h>
#include <sys/types.h>

/* Datagrams in the ring, with the one that the loop has in hand. */
#define READER_RING 8

struct reader;

/* Takes over @channel, which is open, and leaves it closed. The thread may run on @cpus
 * (none: where the caller may), not on the one that the loop may be bound to at present.
 * If there is no thread, *@error is -errno, else 0; the reader works all the same. */
struct reader *reader_open(struct channel *channel, const cpu_set_t *cpus, int *error);

/* What is readable when there is something to take: for the loop to watch. */
int reader_fd(const struct reader *reader);

/* Has @msg (freed) sent and its answer received. The one before has been answered, to its
 * end. 0/-errno; -errno of sending may come from reader_take(), too. */
int reader_request(struct reader *reader, struct nl_msg *msg);

/* The next datagram, in the order they came in: its length, and *@data, which is valid
 * until the next call; or what channel_receive() says else, -EAGAIN: none yet. After
 * another error nothing is received before the next request. */
ssize_t reader_take(struct reader *reader, const uint8_t **data);

/* Ends it, and what is going on in the thread as soon as the kernel comes back. What it
 * watched is closed then, and must not be watched any more. */
void reader_stop(struct reader *reader);

#endif
