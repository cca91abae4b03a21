/*
 * A kernel for requests over a channel, at the other end of a pair of sockets: what it
 * will answer is put into the queue before it is asked, since a channel never waits; what
 * it was asked is looked at afterwards. Needs no root.
 */
#ifndef NETMIBD_TESTS_FAKE_KERNEL_H
#define NETMIBD_TESTS_FAKE_KERNEL_H

#include "../../agent/kernel/channel.h"

struct fake_kernel {
	int end;
	uint32_t sequence; /* of the last request that is answered */
	uint8_t buffer[CHANNEL_BUFFER];
};

/* Opens @channel with the fake at its other end. */
void fake_open(struct fake_kernel *fake, struct channel *channel);
void fake_close(struct fake_kernel *fake, struct channel *channel);

/* The next request will be answered by a dump of @messages (freed), which a NULL ends. */
void fake_dump(struct fake_kernel *fake, struct nl_msg *const *messages);

/* The next @n requests will be answered by dumps of nothing. */
void fake_nothing(struct fake_kernel *fake, size_t n);

/* The next @n requests will be answered by @error, 0 or a positive errno. */
void fake_answer(struct fake_kernel *fake, size_t n, int error);

/* The next request that has come and is no question (RTM_GET...), until it is called
 * again. NULL: there is none. */
const struct nlmsghdr *fake_change(struct fake_kernel *fake);

#endif
