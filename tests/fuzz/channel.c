/*
 * Fuzz target: the kernel's answers to requests and changes, and to the dumps from which
 * is kept what goes with a link or an address. The first octet says what is asked; behind
 * it are datagrams, each after its length in 2 octets, which wait in a socket as the
 * kernel's do. Sequence numbers are cut to 3 bits, so that most fit.
 *
 * What must hold: no answer is taken that is not to the request, or not whole; an error
 * in words ends; what is kept are whole messages of that link, and what is put back of it
 * and refused is no more than there was.
 */
#include "../../agent/kernel/channel.h"
#include "../../agent/kernel/encode.h"
#include "../../agent/kernel/snapshot.h"
#include "quiet.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define IFINDEX 3

static struct channel channel;

static void
ensure(bool truth)
{
	if (!truth)
		abort();
}

/* Makes the sequence numbers small, of messages as far as they are whole. */
static void
fit_sequences(uint8_t *datagram, size_t len)
{
	struct nlmsghdr head;

	while (len >= sizeof(head)) {
		memcpy(&head, datagram, sizeof(head));
		head.nlmsg_seq &= 7;
		memcpy(datagram, &head, sizeof(head));
		if (head.nlmsg_len < sizeof(head) || head.nlmsg_len > len ||
			NLMSG_ALIGN(head.nlmsg_len) >= len)
			break;
		datagram += NLMSG_ALIGN(head.nlmsg_len);
		len -= NLMSG_ALIGN(head.nlmsg_len);
	}
}

static void
queue(int fd, const uint8_t *data, size_t size)
{
	while (size > 2) {
		size_t len = data[0] | (size_t)data[1] << 8;
		uint8_t *copy;

		data += 2;
		size -= 2;
		len = len < size ? len : size;
		copy = malloc(len + !len);
		memcpy(copy, data, len);
		fit_sequences(copy, len);
		if (len) /* one that finds no room is lost, as with the kernel */
			send(fd, copy, len, MSG_DONTWAIT);
		free(copy);
		data += len;
		size -= len;
	}
}

static void
see_reply(const struct nlmsghdr *msg, void *arg)
{
	const uint8_t *at = (const uint8_t *)msg;

	ensure(arg == &channel && msg->nlmsg_seq == channel.sequence);
	ensure(at >= channel.buffer && msg->nlmsg_len >= sizeof(*msg) &&
		at + msg->nlmsg_len <= channel.buffer + CHANNEL_BUFFER);
}

/* Whole messages, one after another. */
static void
check_kept(const struct snapshot *kept)
{
	for (size_t at = 0; at < kept->len;) {
		const struct nlmsghdr *msg = (const void *)(kept->messages + at);

		ensure(kept->len - at >= sizeof(*msg) && msg->nlmsg_len >= sizeof(*msg) &&
			NLMSG_ALIGN(msg->nlmsg_len) <= kept->len - at);
		at += NLMSG_ALIGN(msg->nlmsg_len);
	}
}

static void
put_back(struct snapshot *kept)
{
	struct snapshot refused = { 0 };

	check_kept(kept);
	snapshot_restore(kept, &channel, &refused);
	check_kept(&refused);
	ensure(refused.len <= kept->len);
	snapshot_complain(&refused, &channel);
	snapshot_forget(&refused);
	snapshot_forget(kept);
}

static void
ask(uint8_t how)
{
	static const uint8_t octets[16] = { 10, 0, 0, 1 };
	struct inet address = inet_make(how & 8 ? INET_IPV6 : INET_IPV4, octets);
	struct snapshot kept = { 0 };
	char why[40];

	switch (how % 6) {
	case 0:
		ensure(channel_request(&channel, encode_get_nexthops(), see_reply,
			       &channel) <= 0);
		break;
	case 1:
		memset(why, 'x', sizeof(why));
		ensure(channel_change(
			       &channel, encode_get_nexthops(), why, sizeof(why)) <= 0);
		ensure(memchr(why, '\0', sizeof(why)));
		break;
	case 2:
		snapshot_take(&kept, &channel, IFINDEX);
		put_back(&kept);
		break;
	case 3:
		snapshot_take_ipv6(&kept, &channel, IFINDEX);
		put_back(&kept);
		break;
	case 4:
		snapshot_take_address(
			&kept, &channel, IFINDEX, &address, 24, how & 16, how & 32);
		put_back(&kept);
		break;
	default:
		snapshot_take_one(&kept, &channel, IFINDEX, &address, 24);
		put_back(&kept);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fds[2];

	if (!size)
		return 0;
	log_to(&quiet);
	ensure(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds) == 0);
	channel.fd = fds[0];
	channel.sequence = 0;
	channel.buffer = malloc(CHANNEL_BUFFER);
	queue(fds[1], data + 1, size - 1);
	ask(data[0]);
	free(channel.buffer);
	close(fds[0]);
	close(fds[1]);
	return 0;
}
