/*
 * Snapshots of links: see snapshot.h.
 */
#include "snapshot.h"

#include "../base/alloc.h"
#include "../base/log.h"
#include "encode.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* A route may lead over another one that comes later. */
#define ROUNDS 3

static void
keep(struct snapshot *snapshot, const struct nlmsghdr *msg)
{
	size_t len = NLMSG_ALIGN(msg->nlmsg_len);

	if (snapshot->size - snapshot->len < len) {
		snapshot->size = 2 * snapshot->size + len + 4096;
		snapshot->messages = xrealloc(snapshot->messages, snapshot->size);
	}
	memset(snapshot->messages + snapshot->len, 0, len);
	memcpy(snapshot->messages + snapshot->len, msg, msg->nlmsg_len);
	snapshot->len += len;
}

/* Who asks for the addresses of one link; a channel that is not strict gets all. */
struct asker {
	struct snapshot *snapshot;
	uint32_t ifindex;
	const struct inet *address; /* of one address */
};

static void
take_addr(const struct nlmsghdr *msg, void *arg)
{
	const struct asker *asker = arg;
	const struct ifaddrmsg *head = (const void *)((const char *)msg + NLMSG_HDRLEN);

	if (msg->nlmsg_type == RTM_NEWADDR &&
		msg->nlmsg_len >= NLMSG_LENGTH(sizeof(*head)) &&
		head->ifa_index == asker->ifindex && head->ifa_scope != RT_SCOPE_LINK &&
		head->ifa_flags & IFA_F_PERMANENT)
		keep(asker->snapshot, msg);
}

static struct nlattr *
find(const struct nlmsghdr *msg, size_t head, int attribute)
{
	return nlmsg_find_attr((struct nlmsghdr *)(uintptr_t)msg, (int)head, attribute);
}

static bool
holds(const struct nlattr *attr, const struct inet *inet)
{
	return attr && nla_len(attr) == inet->len &&
	       memcmp(nla_data(attr), inet->bytes, inet->len) == 0;
}

static void
take_one_addr(const struct nlmsghdr *msg, void *arg)
{
	const struct asker *asker = arg;
	const struct ifaddrmsg *head = (const void *)((const char *)msg + NLMSG_HDRLEN);
	size_t size = sizeof(*head);

	/* Without a peer IPv6 has no IFA_LOCAL. */
	if (msg->nlmsg_type == RTM_NEWADDR && msg->nlmsg_len >= NLMSG_LENGTH(size) &&
		head->ifa_index == asker->ifindex &&
		holds(find(msg, size, IFA_LOCAL) ?: find(msg, size, IFA_ADDRESS),
			asker->address))
		keep(asker->snapshot, msg);
}

static void
take_route(const struct nlmsghdr *msg, void *arg)
{
	const struct asker *asker = arg;
	const struct rtmsg *head = (const void *)((const char *)msg + NLMSG_HDRLEN);

	if (msg->nlmsg_type == RTM_NEWROUTE &&
		msg->nlmsg_len >= NLMSG_LENGTH(sizeof(*head)) &&
		head->rtm_table != RT_TABLE_LOCAL &&
		head->rtm_protocol != RTPROT_KERNEL && head->rtm_protocol != RTPROT_RA &&
		!(head->rtm_flags & RTM_F_CLONED) && !find(msg, sizeof(*head), RTA_NH_ID))
		keep(asker->snapshot, msg);
}

static void
take_sourced(const struct nlmsghdr *msg, void *arg)
{
	const struct asker *asker = arg;

	if (msg->nlmsg_type == RTM_NEWROUTE &&
		msg->nlmsg_len >= NLMSG_LENGTH(sizeof(struct rtmsg)) &&
		holds(find(msg, sizeof(struct rtmsg), RTA_PREFSRC), asker->address))
		take_route(msg, arg);
}

static int
ask(struct channel *channel, struct nl_msg *msg, reply_fn *fn, struct asker *asker)
{
	int error = channel_request(channel, msg, fn, asker);

	/* without that family, or without a route */
	return error == -EOPNOTSUPP || error == -ENOENT ? 0 : error;
}

int
snapshot_take(struct snapshot *snapshot, struct channel *channel, uint32_t ifindex)
{
	struct route_filter ipv4 = { .family = AF_INET, .oif = ifindex };
	struct route_filter ipv6 = { .family = AF_INET6, .oif = ifindex };
	struct asker asker = { snapshot, ifindex, NULL };
	int error;

	memset(snapshot, 0, sizeof(*snapshot));
	error = ask(channel, encode_get_link_addrs(AF_INET6, ifindex), take_addr, &asker);
	if (!error)
		error = ask(channel, encode_get_fib(&ipv4), take_route, &asker);
	if (!error)
		error = ask(channel, encode_get_fib(&ipv6), take_route, &asker);
	return error;
}

int
snapshot_take_address(struct snapshot *snapshot, struct channel *channel,
	uint32_t ifindex, const struct inet *address, bool sourced)
{
	uint8_t family = inet_is_v4(address) ? AF_INET : AF_INET6;
	struct route_filter over = { .family = family, .oif = ifindex };
	struct route_filter main = { .family = family, .table = RT_TABLE_MAIN };
	struct asker asker = { snapshot, ifindex, address };
	int error;

	memset(snapshot, 0, sizeof(*snapshot));
	error = ask(
		channel, encode_get_link_addrs(family, ifindex), take_one_addr, &asker);
	if (!error)
		error = ask(channel, encode_get_fib(&over), take_route, &asker);
	if (!error && sourced)
		error = ask(channel, encode_get_fib(&main), take_sourced, &asker);
	return error;
}

static const char *
what_is(const struct nlmsghdr *msg)
{
	return msg->nlmsg_type == RTM_NEWADDR ? "an address" : "a route";
}

size_t
snapshot_restore(const struct snapshot *snapshot, struct channel *channel)
{
	size_t n = 0, left = SIZE_MAX;
	bool *done = xcalloc(snapshot->len / NLMSG_HDRLEN + 1, sizeof(*done));

	for (int round = 1; round <= ROUNDS && left; round++) {
		n = left = 0;
		for (size_t at = 0; at < snapshot->len; n++) {
			const struct nlmsghdr *msg =
				(const void *)(snapshot->messages + at);
			char why[128];
			int error = 0;

			at += NLMSG_ALIGN(msg->nlmsg_len);
			if (!done[n])
				error = channel_change(
					channel, encode_again(msg), why, sizeof(why));
			done[n] = !error || error == -EEXIST;
			left += !done[n];
			if (!done[n] && round == ROUNDS)
				log_line(LOG_ERR, "undo: %s is not back: %s%s%s",
					what_is(msg), strerror(-error),
					why[0] ? ": " : "", why);
		}
	}
	free(done);
	return left;
}

void
snapshot_forget(struct snapshot *snapshot)
{
	free(snapshot->messages);
	memset(snapshot, 0, sizeof(*snapshot));
}
