/*
 * The order of IPv4 addresses: see primary.h.
 */
#include "primary.h"

#include "encode.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>
#include <sys/socket.h>

struct search {
	struct snapshot *behind;
	const struct inet *address;
	struct inet prefix;
	uint8_t plen;
	bool seen; /* the address */
};

static const struct ifaddrmsg *
head_of(const struct nlmsghdr *msg)
{
	return (const void *)((const char *)msg + NLMSG_HDRLEN);
}

static bool
take_local(const struct nlmsghdr *msg, struct inet *address)
{
	const struct nlattr *local = nlmsg_find_attr(
		(void *)(uintptr_t)msg, sizeof(struct ifaddrmsg), IFA_LOCAL);

	if (!local || nla_len(local) != 4)
		return false;
	*address = inet_make(INET_IPV4, nla_data(local));
	return true;
}

static void
take(const struct nlmsghdr *msg, void *arg)
{
	struct search *search = arg;
	struct inet address, prefix;

	if (msg->nlmsg_type != RTM_NEWADDR ||
		msg->nlmsg_len < NLMSG_LENGTH(sizeof(struct ifaddrmsg)) ||
		head_of(msg)->ifa_prefixlen != search->plen || !take_local(msg, &address))
		return;
	prefix = inet_prefix(&address, search->plen);
	if (inet_compare(&address, search->address) == 0)
		search->seen = true;
	else if (search->seen && inet_compare(&prefix, &search->prefix) == 0)
		snapshot_keep(search->behind, msg);
}

int
primary_remember(struct snapshot *behind, struct channel *channel, uint32_t ifindex,
	const struct inet *address, uint8_t plen)
{
	struct search search = { behind, address, inet_prefix(address, plen), plen,
		false };
	int error = channel_request(
		channel, encode_get_link_addrs(AF_INET, ifindex), take, &search);

	return error == -EINTR ? 0 : error;
}

static void
put_behind(const struct nlmsghdr *msg, struct channel *channel, uint32_t ifindex,
	bool sourced, struct snapshot *refused)
{
	uint8_t plen = head_of(msg)->ifa_prefixlen;
	struct snapshot lost = { .len = 0 };
	struct inet address;
	struct nl_msg *gone;
	char why[128];
	int error;

	if (!take_local(msg, &address))
		return;
	error = snapshot_take_address(
		&lost, channel, ifindex, &address, plen, false, sourced);
	/* Somebody may have taken it away meanwhile. */
	if (!error && lost.len) {
		gone = encode_again(msg);
		nlmsg_hdr(gone)->nlmsg_type = RTM_DELADDR;
		nlmsg_hdr(gone)->nlmsg_flags = NLM_F_REQUEST;
		if (channel_change(channel, gone, why, sizeof(why)) == 0)
			snapshot_restore(&lost, channel, refused);
	}
	snapshot_forget(&lost);
}

void
primary_restore(const struct snapshot *behind, struct channel *channel, uint32_t ifindex,
	bool sourced, struct snapshot *refused)
{
	for (size_t at = 0; at < behind->len;) {
		const struct nlmsghdr *msg = (const void *)(behind->messages + at);

		at += NLMSG_ALIGN(msg->nlmsg_len);
		put_behind(msg, channel, ifindex, sourced, refused);
	}
}
