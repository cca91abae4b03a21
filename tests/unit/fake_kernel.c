/*
 * A kernel at the other end of a pair of sockets: see fake_kernel.h.
 */
#include "fake_kernel.h"
#include "unit.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void
fake_open(struct fake_kernel *fake, struct channel *channel)
{
	int pair[2];

	fake->sequence = 0;
	memset(channel, 0, sizeof(*channel));
	CU_ASSERT_EQUAL_FATAL(channel_open(channel, NETLINK_ROUTE, true), 0);
	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	CU_ASSERT_EQUAL_FATAL(dup2(pair[0], channel->fd), channel->fd);
	close(pair[0]);
	fake->end = pair[1];
}

void
fake_close(struct fake_kernel *fake, struct channel *channel)
{
	channel_close(channel);
	close(fake->end);
}

static size_t
put(struct fake_kernel *fake, size_t at, const struct nlmsghdr *msg)
{
	struct nlmsghdr *head = (void *)(fake->buffer + at);

	CU_ASSERT_FATAL(at + NLMSG_ALIGN(msg->nlmsg_len) <= sizeof(fake->buffer));
	memcpy(head, msg, msg->nlmsg_len);
	head->nlmsg_seq = fake->sequence;
	return at + NLMSG_ALIGN(msg->nlmsg_len);
}

static void
answer(struct fake_kernel *fake, size_t len)
{
	CU_ASSERT_EQUAL_FATAL(
		send(fake->end, fake->buffer, len, MSG_DONTWAIT), (ssize_t)len);
}

void
fake_dump(struct fake_kernel *fake, struct nl_msg *const *messages)
{
	struct {
		struct nlmsghdr head;
		int error;
	} done = { { sizeof(done), NLMSG_DONE, NLM_F_MULTI, 0, 0 }, 0 };
	size_t len = 0;

	fake->sequence++;
	for (; *messages; messages++) {
		nlmsg_hdr(*messages)->nlmsg_flags = NLM_F_MULTI;
		len = put(fake, len, nlmsg_hdr(*messages));
		nlmsg_free(*messages);
	}
	answer(fake, put(fake, len, &done.head));
}

void
fake_nothing(struct fake_kernel *fake, size_t n)
{
	struct nl_msg *const none[] = { NULL };

	while (n--)
		fake_dump(fake, none);
}

void
fake_answer(struct fake_kernel *fake, size_t n, int error)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
	} msg = { { sizeof(msg), NLMSG_ERROR, 0, 0, 0 }, { .error = -error } };

	while (n--) {
		fake->sequence++;
		answer(fake, put(fake, 0, &msg.head));
	}
}

const struct nlmsghdr *
fake_change(struct fake_kernel *fake)
{
	const struct nlmsghdr *msg = (const void *)fake->buffer;

	while (recv(fake->end, fake->buffer, sizeof(fake->buffer), MSG_DONTWAIT) > 0) {
		CU_ASSERT_TRUE(msg->nlmsg_flags & NLM_F_REQUEST);
		if (msg->nlmsg_type % 4 != RTM_GETLINK % 4)
			return msg;
	}
	CU_ASSERT_EQUAL(errno, EAGAIN);
	return NULL;
}
