/*
 * Netlink sockets: see channel.h.
 */
#include "channel.h"

#include "../base/alloc.h"
#include "decode.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <sys/socket.h>

int
channel_open(struct channel *channel, int protocol, bool strict)
{
	const int yes = 1;
	int error;

	channel->sock = nl_socket_alloc();
	if (!channel->sock)
		return -ENOMEM;
	error = nl_connect(channel->sock, protocol);
	if (error < 0) {
		int saved = errno;

		nl_socket_free(channel->sock);
		channel->sock = NULL;
		return saved ? -saved : -EPROTO;
	}
	nl_socket_set_nonblocking(channel->sock);
	channel->fd = nl_socket_get_fd(channel->sock);
	/* errors in words, and without a copy of the request (4.12) */
	setsockopt(channel->fd, SOL_NETLINK, NETLINK_EXT_ACK, &yes, sizeof(yes));
	setsockopt(channel->fd, SOL_NETLINK, NETLINK_CAP_ACK, &yes, sizeof(yes));
	if (strict) /* without it dumps carry more than was asked for: only slower */
		setsockopt(channel->fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &yes,
			sizeof(yes));
	if (!channel->buffer)
		channel->buffer = xcalloc(1, CHANNEL_BUFFER);
	return 0;
}

void
channel_close(struct channel *channel)
{
	if (channel->sock)
		nl_socket_free(channel->sock);
	channel->sock = NULL;
	channel->fd = -1;
	free(channel->buffer);
	channel->buffer = NULL;
}

ssize_t
channel_receive_into(const struct channel *channel, uint8_t *buffer)
{
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { buffer, CHANNEL_BUFFER };
	struct msghdr head = { 0 };
	ssize_t len;

	head.msg_iov = &iov;
	head.msg_iovlen = 1;
	do {
		head.msg_name = &from;
		head.msg_namelen = sizeof(from);
		len = recvmsg(channel->fd, &head, MSG_DONTWAIT);
		if (len < 0 && errno != EINTR)
			return -errno;
	} while (len < 0 || from.nl_pid != 0);
	if (head.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	return len;
}

ssize_t
channel_receive(struct channel *channel)
{
	return channel_receive_into(channel, channel->buffer);
}

void
channel_address(struct channel *channel, struct nl_msg *msg)
{
	struct nlmsghdr *head = nlmsg_hdr(msg);

	head->nlmsg_seq = ++channel->sequence;
	head->nlmsg_pid = channel->sock ? nl_socket_get_local_port(channel->sock) : 0;
}

int
channel_send(struct channel *channel, struct nl_msg *msg)
{
	const struct nlmsghdr *head = nlmsg_hdr(msg);
	int error = 0;

	channel_address(channel, msg);
	if (send(channel->fd, head, head->nlmsg_len, 0) < 0)
		error = -errno;
	nlmsg_free(msg);
	return error;
}

/* What one message of an answer says about its end. */
enum progress {
	MORE,
	DONE,
};

static enum progress
take_reply(struct channel *channel, const struct nlmsghdr *msg, reply_fn *fn, void *arg,
	int *error)
{
	if (msg->nlmsg_seq != channel->sequence)
		return MORE; /* of an earlier request that was given up */
	if (msg->nlmsg_flags & NLM_F_DUMP_INTR)
		*error = -EINTR;
	if (msg->nlmsg_type == NLMSG_ERROR || msg->nlmsg_type == NLMSG_DONE) {
		/* DONE carries an error, too: that of a dump cut short */
		*error = decode_error(msg) ?: *error;
		return DONE;
	}
	fn(msg, arg);
	return msg->nlmsg_flags & NLM_F_MULTI ? MORE : DONE;
}

static int
read_answer(struct channel *channel, reply_fn *fn, void *arg)
{
	int error = 0;
	bool first = true;

	for (;; first = false) {
		ssize_t got = channel_receive(channel);
		const uint8_t *at = channel->buffer;
		size_t len = (size_t)got;
		const struct nlmsghdr *msg;
		bool cut = false;

		if (got < 0)
			return got != -EAGAIN ? (int)got : first ? -ENODATA : -EPROTO;
		while ((msg = decode_next(&at, &len, &cut))) {
			if (take_reply(channel, msg, fn, arg, &error) == DONE)
				return error;
		}
		if (cut)
			return -EPROTO;
	}
}

int
channel_request(struct channel *channel, struct nl_msg *msg, reply_fn *fn, void *arg)
{
	int error = channel_send(channel, msg);

	return error ? error : read_answer(channel, fn, arg);
}

/* The answer to a change is one message, NLMSG_ERROR. */
int
channel_change(struct channel *channel, struct nl_msg *msg, char *why, size_t size)
{
	int error;

	why[0] = '\0';
	nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_ACK;
	error = channel_send(channel, msg);
	while (!error) {
		ssize_t got = channel_receive(channel);
		const uint8_t *at = channel->buffer;
		size_t len = (size_t)got;
		const struct nlmsghdr *reply;
		bool cut = false;

		if (got < 0)
			return got == -EAGAIN ? -EPROTO : (int)got;
		while ((reply = decode_next(&at, &len, &cut))) {
			if (reply->nlmsg_seq != channel->sequence ||
				reply->nlmsg_type != NLMSG_ERROR)
				continue; /* of an earlier request, or an echo */
			decode_error_text(reply, why, size);
			return decode_error(reply);
		}
	}
	return error;
}
