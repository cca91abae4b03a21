/*
 * A netlink socket with its receive buffer, and requests over one. libnl opens it and
 * builds what is sent; receiving is recvmsg(2) into one buffer, since a dump of a million
 * messages wants no allocation for each.
 */
#ifndef NETMIBD_KERNEL_CHANNEL_H
#define NETMIBD_KERNEL_CHANNEL_H

#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdbool.h>
#include <stdint.h>

/* The kernel fills a dump's datagrams up to 32 KiB if the reader has room for that much
 * (netlink_dump); a single message of ours stays far below. */
#define CHANNEL_BUFFER (64 << 10)

struct channel {
	struct nl_sock *sock; /* NULL: closed */
	int fd;
	uint32_t sequence; /* of the last request sent */
	uint8_t *buffer;
};

/* Opens a non-blocking socket of @protocol (NETLINK_ROUTE ...). @strict: ask the kernel
 * to honour filters in dumps (NETLINK_GET_STRICT_CHK, 4.20; older ones send more).
 * 0/-errno. */
int channel_open(struct channel *channel, int protocol, bool strict);

/* Closes it, if it is open: a dump that runs on it ends. */
void channel_close(struct channel *channel);

/* Reads one datagram, never waits. Returns its length, or -EAGAIN (nothing there),
 * -ENOBUFS (messages were lost, reading goes on), -EMSGSIZE (this one was cut: lost) or
 * another -errno. What did not come from the kernel is passed over. */
ssize_t channel_receive(struct channel *channel);

/* The same, into @buffer, which has CHANNEL_BUFFER octets: another thread may do that. */
ssize_t channel_receive_into(const struct channel *channel, uint8_t *buffer);

/* Makes @msg the next request, for whoever sends it; channel_send() does. */
void channel_address(struct channel *channel, struct nl_msg *msg);

/* Sends @msg, which is freed. 0/-errno. */
int channel_send(struct channel *channel, struct nl_msg *msg);

/* Called with each message of an answer. */
typedef void reply_fn(const struct nlmsghdr *msg, void *arg);

/* Sends @msg (freed) and hands every message of the answer to @fn, to the end of the dump
 * if it is one. Never waits for longer than the kernel works: both rtnetlink and generic
 * netlink have queued their answer when send returns. Returns 0, the kernel's -errno,
 * -EINTR if the dump was interrupted by a change (NLM_F_DUMP_INTR), -ENODATA if there is
 * no answer at all (RTM_GETQDISC of a link without a queue, 6.18), or -EPROTO if it
 * breaks off: then the rest may still come, and the channel should be opened anew. */
int channel_request(struct channel *channel, struct nl_msg *msg, reply_fn *fn, void *arg);

/* Sends @msg (freed), which changes something, and waits for the kernel's word on it: 0
 * or its -errno, and what it says of an error in words (NLMSGERR_ATTR_MSG), cut to @size
 * - 1 octets, in @why; empty: nothing. */
int channel_change(struct channel *channel, struct nl_msg *msg, char *why, size_t size);

#endif
