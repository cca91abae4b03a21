/*
 * Dumps, received by a thread: see reader.h.
 *
 * The thread owns what it works with: it ends by itself when it sees that it has been
 * stopped, and frees all. The slot behind the last one in the ring is its own, without
 * the lock; the first one is the loop's while that has it in hand.
 */
#include "reader.h"

#include "../base/alloc.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* A request for a dump is some 40 octets. */
#define REQUEST_MAX 256

/* Room for a few small frames, and for what sanitizers add. */
#define STACK_SIZE (256 << 10)

struct request {
	size_t len; /* 0: none */
	uint8_t octets[REQUEST_MAX];
};

struct slot {
	ssize_t got; /* length, or -errno */
	uint8_t octets[CHANNEL_BUFFER];
};

struct reader {
	struct channel channel;
	cpu_set_t cpus;
	bool threaded;
	int ready; /* eventfd: readable while there is something in the ring */
	int wake;  /* eventfd: the thread is to look up */
	pthread_mutex_t lock;
	/* under the lock, if there is a thread: */
	struct request request;
	bool stopped;
	bool asked;   /* an answer is to be received */
	bool waiting; /* the thread waits for a request or for room */
	bool held;    /* the loop has the first one in hand */
	unsigned int first, count;
	struct slot ring[READER_RING];
};

/* An eventfd that counts to more than anyone will. */

static void
ring_bell(int fd)
{
	const uint64_t one = 1;

	while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void
silence_bell(int fd)
{
	uint64_t count;

	while (read(fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
}

static void
wait_for(struct reader *reader, bool socket)
{
	struct pollfd fds[] = { { reader->wake, POLLIN, 0 },
		{ reader->channel.fd, POLLIN, 0 } };

	if (poll(fds, socket ? 2 : 1, -1) > 0 && fds[0].revents)
		silence_bell(reader->wake);
}

static void
destroy(struct reader *reader)
{
	channel_close(&reader->channel);
	if (reader->ready >= 0)
		close(reader->ready);
	if (reader->wake >= 0)
		close(reader->wake);
	pthread_mutex_destroy(&reader->lock);
	free(reader);
}

/* The thread. */

/* Waits until there is something to do and room for what comes of it: returns where to
 * put it, and fills in *@request. NULL: it has been stopped. */
static struct slot *
next_slot(struct reader *reader, struct request *request)
{
	struct slot *slot = NULL;

	pthread_mutex_lock(&reader->lock);
	while (!reader->stopped && (reader->count == READER_RING ||
					   !(reader->asked || reader->request.len))) {
		reader->waiting = true;
		pthread_mutex_unlock(&reader->lock);
		wait_for(reader, false);
		pthread_mutex_lock(&reader->lock);
	}
	reader->waiting = false;
	if (!reader->stopped) {
		*request = reader->request;
		reader->request.len = 0;
		reader->asked = true;
		slot = &reader->ring[(reader->first + reader->count) % READER_RING];
	}
	pthread_mutex_unlock(&reader->lock);
	return slot;
}

static void
hand_over(struct reader *reader, struct slot *slot, ssize_t got)
{
	pthread_mutex_lock(&reader->lock);
	slot->got = got;
	if (got < 0)
		reader->asked = false;
	if (reader->count++ == 0)
		ring_bell(reader->ready);
	pthread_mutex_unlock(&reader->lock);
}

static void *
run(void *arg)
{
	struct reader *reader = arg;
	struct request request;
	struct slot *slot;

	if (CPU_COUNT(&reader->cpus) > 0)
		sched_setaffinity(0, sizeof(reader->cpus), &reader->cpus);
	while ((slot = next_slot(reader, &request))) {
		ssize_t got = 0;

		if (request.len &&
			send(reader->channel.fd, request.octets, request.len, 0) < 0)
			got = -errno;
		if (!got)
			got = channel_receive_into(&reader->channel, slot->octets);
		if (got == -EAGAIN)
			wait_for(reader, true);
		else
			hand_over(reader, slot, got);
	}
	destroy(reader);
	return NULL;
}

/* The loop. */

static int
start_thread(struct reader *reader)
{
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;
	int error;

	reader->ready = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	reader->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (reader->ready < 0 || reader->wake < 0)
		return -errno;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	reader->threaded = true; /* before there is one to see it */
	error = pthread_create(&thread, &attr, run, reader);
	if (error)
		reader->threaded = false;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return -error;
}

struct reader *
reader_open(struct channel *channel, const cpu_set_t *cpus, int *error)
{
	struct reader *reader = xcalloc(1, sizeof(*reader));

	reader->channel = *channel;
	reader->cpus = *cpus;
	reader->ready = reader->wake = -1;
	pthread_mutex_init(&reader->lock, NULL);
	*channel = (struct channel){ .fd = -1 };
	*error = start_thread(reader);
	return reader;
}

int
reader_fd(const struct reader *reader)
{
	return reader->threaded ? reader->ready : reader->channel.fd;
}

int
reader_request(struct reader *reader, struct nl_msg *msg)
{
	const struct nlmsghdr *head = nlmsg_hdr(msg);
	size_t len = head->nlmsg_len;
	int error = 0;

	if (!reader->threaded)
		return channel_send(&reader->channel, msg);
	channel_address(&reader->channel, msg);
	pthread_mutex_lock(&reader->lock);
	if (len > sizeof(reader->request.octets)) {
		error = -EMSGSIZE;
	} else if (reader->request.len) {
		error = -EBUSY;
	} else {
		memcpy(reader->request.octets, head, len);
		reader->request.len = len;
		ring_bell(reader->wake);
	}
	pthread_mutex_unlock(&reader->lock);
	nlmsg_free(msg);
	return error;
}

/* The thread goes on when half of the ring is free: less often, and for longer. */
static void
give_back(struct reader *reader)
{
	if (!reader->held)
		return;
	reader->held = false;
	reader->first = (reader->first + 1) % READER_RING;
	reader->count--;
	if (reader->waiting && reader->count <= READER_RING / 2) {
		reader->waiting = false;
		ring_bell(reader->wake);
	}
}

ssize_t
reader_take(struct reader *reader, const uint8_t **data)
{
	struct slot *slot = &reader->ring[0];
	ssize_t got = -EAGAIN;

	if (!reader->threaded) {
		*data = slot->octets;
		return channel_receive_into(&reader->channel, slot->octets);
	}
	pthread_mutex_lock(&reader->lock);
	give_back(reader);
	if (reader->count) {
		slot = &reader->ring[reader->first];
		reader->held = true;
		got = slot->got;
		*data = slot->octets;
	} else {
		silence_bell(reader->ready);
	}
	pthread_mutex_unlock(&reader->lock);
	return got;
}

void
reader_stop(struct reader *reader)
{
	if (!reader->threaded) {
		destroy(reader);
		return;
	}
	/* With the lock: it is gone as soon as the thread has seen this. */
	pthread_mutex_lock(&reader->lock);
	reader->stopped = true;
	ring_bell(reader->wake);
	pthread_mutex_unlock(&reader->lock);
}
