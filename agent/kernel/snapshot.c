/*
 * Snapshots of links: see snapshot.h.
 */
#include "snapshot.h"

#include "../base/alloc.h"
#include "../base/log.h"
#include "../mirror/addr.h"
#include "encode.h"
#include "port.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* A route may lead over another one that comes later. */
#define ROUNDS 3

void
snapshot_keep(struct snapshot *snapshot, const struct nlmsghdr *msg)
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

/* Who asks for what is of one link; a channel that is not strict gets all. */
struct asker {
	struct snapshot *snapshot;
	uint32_t ifindex;
	const struct inet *address; /* of one address, */
	uint8_t plen;		    /* and its length: a link can have it with several */
};

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

/* What a router has advertised comes again; so do temporary and the kernel's own
 * link-local addresses. */
static void
take_addr(const struct nlmsghdr *msg, void *arg)
{
	const struct asker *asker = arg;
	const struct ifaddrmsg *head = (const void *)((const char *)msg + NLMSG_HDRLEN);
	const struct nlattr *proto;

	if (msg->nlmsg_type != RTM_NEWADDR ||
		msg->nlmsg_len < NLMSG_LENGTH(sizeof(*head)) ||
		head->ifa_index != asker->ifindex || head->ifa_flags & IFA_F_TEMPORARY)
		return;
	proto = find(msg, sizeof(*head), IFA_PROTO);
	if (!proto || nla_len(proto) != 1 ||
		(nla_get_u8(proto) != ADDR_PROTO_RA &&
			nla_get_u8(proto) != ADDR_PROTO_LL))
		snapshot_keep(asker->snapshot, msg);
}

/* What somebody has entered, or told (a routing daemon); all else is learned again. */
static void
take_neigh(const struct nlmsghdr *msg, void *arg)
{
	const struct asker *asker = arg;
	const struct ndmsg *head = (const void *)((const char *)msg + NLMSG_HDRLEN);

	if (msg->nlmsg_type == RTM_NEWNEIGH &&
		msg->nlmsg_len >= NLMSG_LENGTH(sizeof(*head)) &&
		head->ndm_ifindex == (int)asker->ifindex &&
		(head->ndm_family == AF_INET || head->ndm_family == AF_INET6) &&
		(head->ndm_state & NUD_PERMANENT ||
			head->ndm_flags & (NTF_PROXY | NTF_EXT_LEARNED)))
		snapshot_keep(asker->snapshot, msg);
}

/* Nexthop objects over the link go, and leave their groups. */

static void
take_object(const struct nlmsghdr *msg, void *arg)
{
	const struct asker *asker = arg;
	const struct nlattr *oif;

	if (msg->nlmsg_type != RTM_NEWNEXTHOP ||
		msg->nlmsg_len < NLMSG_LENGTH(sizeof(struct nhmsg)))
		return;
	oif = find(msg, sizeof(struct nhmsg), NHA_OIF);
	if (oif && nla_len(oif) == 4 && nla_get_u32(oif) == asker->ifindex)
		snapshot_keep(asker->snapshot, msg);
}

static bool
is_kept(const struct snapshot *snapshot, uint32_t id)
{
	for (size_t at = 0; at < snapshot->len;) {
		const struct nlmsghdr *msg = (const void *)(snapshot->messages + at);
		const struct nlattr *found;

		at += NLMSG_ALIGN(msg->nlmsg_len);
		if (msg->nlmsg_type != RTM_NEWNEXTHOP)
			continue;
		found = find(msg, sizeof(struct nhmsg), NHA_ID);
		if (found && nla_len(found) == 4 && nla_get_u32(found) == id)
			return true;
	}
	return false;
}

static void
take_group(const struct nlmsghdr *msg, void *arg)
{
	const struct asker *asker = arg;
	const struct nexthop_grp *members;
	const struct nlattr *group;

	if (msg->nlmsg_type != RTM_NEWNEXTHOP ||
		msg->nlmsg_len < NLMSG_LENGTH(sizeof(struct nhmsg)))
		return;
	group = find(msg, sizeof(struct nhmsg), NHA_GROUP);
	if (!group)
		return;
	members = nla_data(group);
	for (size_t i = 0; i < (size_t)nla_len(group) / sizeof(members[0]); i++) {
		if (is_kept(asker->snapshot, members[i].id)) {
			snapshot_keep(asker->snapshot, msg);
			return;
		}
	}
}

static void
take_one_addr(const struct nlmsghdr *msg, void *arg)
{
	const struct asker *asker = arg;
	const struct ifaddrmsg *head = (const void *)((const char *)msg + NLMSG_HDRLEN);
	size_t size = sizeof(*head);

	/* Without a peer IPv6 has no IFA_LOCAL. */
	if (msg->nlmsg_type == RTM_NEWADDR && msg->nlmsg_len >= NLMSG_LENGTH(size) &&
		head->ifa_index == asker->ifindex && head->ifa_prefixlen == asker->plen &&
		holds(find(msg, size, IFA_LOCAL) ?: find(msg, size, IFA_ADDRESS),
			asker->address))
		snapshot_keep(asker->snapshot, msg);
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
		!(head->rtm_flags & RTM_F_CLONED))
		snapshot_keep(asker->snapshot, msg);
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

int
snapshot_ask(struct channel *channel, struct nl_msg *msg, reply_fn *fn, void *arg)
{
	int error = channel_request(channel, msg, fn, arg);

	return error == -EOPNOTSUPP || error == -ENOENT || error == -EINTR ? 0 : error;
}

/* @ipv4: what is of IPv4, too. */
static int
take_all(struct snapshot *snapshot, struct channel *channel, uint32_t ifindex, bool ipv4)
{
	struct route_filter over4 = { .family = AF_INET, .oif = ifindex };
	struct route_filter over6 = { .family = AF_INET6, .oif = ifindex };
	struct asker asker = { snapshot, ifindex, NULL, 0 };
	/* in the order in which they are put back */
	const struct {
		struct nl_msg *question;
		reply_fn *take;
		bool ipv4;
	} steps[] = {
		{ encode_get_link_addrs(AF_INET6, ifindex), take_addr, false },
		{ encode_get_nexthops(), take_object, false },
		{ encode_get_nexthops(), take_group, false },
		{ encode_get_fib(&over4), take_route, true },
		{ encode_get_fib(&over6), take_route, false },
		{ encode_get_link_neighs(ifindex, false), take_neigh, false },
		{ encode_get_link_neighs(ifindex, true), take_neigh, false },
	};
	int error = 0;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (error || (steps[i].ipv4 && !ipv4))
			nlmsg_free(steps[i].question);
		else
			error = snapshot_ask(
				channel, steps[i].question, steps[i].take, &asker);
	}
	return error;
}

int
snapshot_take(struct snapshot *snapshot, struct channel *channel, uint32_t ifindex)
{
	return take_all(snapshot, channel, ifindex, true);
}

/* What is there already stays there, so it does no harm to have kept more. */
int
snapshot_take_ipv6(struct snapshot *snapshot, struct channel *channel, uint32_t ifindex)
{
	return take_all(snapshot, channel, ifindex, false);
}

int
snapshot_take_one(struct snapshot *snapshot, struct channel *channel, uint32_t ifindex,
	const struct inet *address, uint8_t plen)
{
	uint8_t family = inet_is_v4(address) ? AF_INET : AF_INET6;
	struct asker asker = { snapshot, ifindex, address, plen };

	memset(snapshot, 0, sizeof(*snapshot));
	return snapshot_ask(
		channel, encode_get_link_addrs(family, ifindex), take_one_addr, &asker);
}

int
snapshot_take_address(struct snapshot *snapshot, struct channel *channel,
	uint32_t ifindex, const struct inet *address, uint8_t plen, bool last,
	bool sourced)
{
	uint8_t family = inet_is_v4(address) ? AF_INET : AF_INET6;
	struct route_filter over = { .family = family, .oif = ifindex };
	/* IPv6 routes lose their source in all tables (fib6_remove_prefsrc()) */
	struct route_filter any = { .family = family,
		.table = family == AF_INET ? RT_TABLE_MAIN : 0 };
	struct asker asker = { snapshot, ifindex, address, plen };
	int error;

	memset(snapshot, 0, sizeof(*snapshot));
	error = snapshot_ask(
		channel, encode_get_link_addrs(family, ifindex), take_one_addr, &asker);
	if (!error && last)
		error = snapshot_ask(channel, encode_get_fib(&over), take_route, &asker);
	if (!error && sourced)
		error = snapshot_ask(channel, encode_get_fib(&any), take_sourced, &asker);
	if (!error && last)
		error = snapshot_ask(channel, encode_get_link_neighs(ifindex, false),
			take_neigh, &asker);
	if (!error && last)
		error = snapshot_ask(channel, encode_get_link_neighs(ifindex, true),
			take_neigh, &asker);
	return error;
}

static const char *
what_is(const struct nlmsghdr *msg)
{
	const struct rtgenmsg *head = (const void *)((const char *)msg + NLMSG_HDRLEN);

	switch (msg->nlmsg_type) {
	case RTM_NEWADDR:
		return "an address";
	case RTM_NEWROUTE:
		return "a route";
	case RTM_NEWNEIGH:
		return head->rtgen_family == AF_BRIDGE ? "a port's forwarding entry"
						       : "a neighbour";
	case RTM_NEWLINK:
		return "what was set of a port or VLAN";
	case RTM_SETLINK:
	case RTM_DELLINK:
		return "a port's VLANs";
	case RTM_NEWMDB:
		return "a port's multicast entry";
	default:
		return "a nexthop object";
	}
}

static bool
same_number(const struct nlmsghdr *a, const struct nlmsghdr *b, int attribute)
{
	const struct nlattr *x = find(a, sizeof(struct rtmsg), attribute);
	const struct nlattr *y = find(b, sizeof(struct rtmsg), attribute);

	return x && y ? nla_get_u32(x) == nla_get_u32(y) : x == y;
}

struct comparison {
	const struct nlmsghdr *with;
	bool equal;
};

/* Of equal identity and as many next hops: what state these are in, and which of an IPv6
 * route is named first, is not said alike each time. */
static void
compare(const struct nlmsghdr *msg, void *arg)
{
	struct comparison *comparison = arg;
	const struct nlmsghdr *with = comparison->with;
	struct rtmsg a, b;

	if (msg->nlmsg_type != with->nlmsg_type || msg->nlmsg_len != with->nlmsg_len)
		return;
	memcpy(&a, (const char *)msg + NLMSG_HDRLEN, sizeof(a));
	memcpy(&b, (const char *)with + NLMSG_HDRLEN, sizeof(b));
	a.rtm_flags = b.rtm_flags = 0;
	comparison->equal |= memcmp(&a, &b, sizeof(a)) == 0 &&
			     same_number(msg, with, RTA_PRIORITY) &&
			     same_number(msg, with, RTA_TABLE);
}

/* Is that a route, which is there? The kernel looks at next hops first, and
 * refuses one with another hop over a link that is down, before it sees that. */
static bool
is_there(struct channel *channel, const struct nlmsghdr *msg)
{
	const struct rtmsg *head = (const void *)((const char *)msg + NLMSG_HDRLEN);
	struct comparison comparison = { msg, false };
	const uint8_t zeros[16] = { 0 };
	const struct nlattr *dst;
	struct inet first;

	if (msg->nlmsg_type != RTM_NEWROUTE)
		return false;
	dst = find(msg, sizeof(*head), RTA_DST);
	first = inet_make(head->rtm_family == AF_INET ? INET_IPV4 : INET_IPV6,
		dst ? nla_data(dst) : zeros);
	channel_request(channel, encode_get_match(&first), compare, &comparison);
	return comparison.equal;
}

/* Has an IPv6 route with one next hop a source? When the address went it stayed, without
 * one, and what is there with the same next hop cannot be told anew. */
static bool
has_lost_source(const struct nlmsghdr *msg)
{
	const struct rtmsg *head = (const void *)((const char *)msg + NLMSG_HDRLEN);
	size_t size = sizeof(*head);

	return msg->nlmsg_type == RTM_NEWROUTE && head->rtm_family == AF_INET6 &&
	       find(msg, size, RTA_PREFSRC) && !find(msg, size, RTA_MULTIPATH);
}

static int
put_back(struct channel *channel, const struct nlmsghdr *msg, char *why, size_t size)
{
	int error;

	if (port_is_settings(msg))
		return port_set_again(channel, msg, why, size);
	error = channel_change(channel, encode_again(msg), why, size);
	if (error == -EEXIST && has_lost_source(msg)) {
		struct nl_msg *gone = encode_again(msg);

		nlmsg_hdr(gone)->nlmsg_type = RTM_DELROUTE;
		nlmsg_hdr(gone)->nlmsg_flags = NLM_F_REQUEST;
		error = channel_change(channel, gone, why, size)
				?: channel_change(channel, encode_again(msg), why, size);
	}
	return error;
}

/* Calls @fn with each message that is refused. */
static void
for_each(const struct snapshot *snapshot, struct channel *channel,
	void (*fn)(const struct nlmsghdr *msg, int error, const char *why, void *arg),
	void *arg)
{
	for (size_t at = 0; at < snapshot->len;) {
		const struct nlmsghdr *msg = (const void *)(snapshot->messages + at);
		char why[128] = "";
		int error = put_back(channel, msg, why, sizeof(why));

		at += NLMSG_ALIGN(msg->nlmsg_len);
		if (error && error != -EEXIST && !is_there(channel, msg))
			fn(msg, error, why, arg);
	}
}

static void
keep_refused(const struct nlmsghdr *msg, int error, const char *why, void *arg)
{
	(void)error, (void)why;
	snapshot_keep(arg, msg);
}

static void
complain(const struct nlmsghdr *msg, int error, const char *why, void *arg)
{
	(void)arg;
	log_line(LOG_ERR, "undo: %s is not back: %s%s%s", what_is(msg), strerror(-error),
		why[0] ? ": " : "", why);
}

void
snapshot_restore(const struct snapshot *snapshot, struct channel *channel,
	struct snapshot *refused)
{
	struct snapshot left = { .len = 0 }, again;

	for_each(snapshot, channel, keep_refused, &left);
	for (int round = 1; round < ROUNDS && left.len; round++) {
		again = left;
		memset(&left, 0, sizeof(left));
		for_each(&again, channel, keep_refused, &left);
		snapshot_forget(&again);
	}
	for (size_t at = 0; at < left.len;) {
		const struct nlmsghdr *msg = (const void *)(left.messages + at);

		at += NLMSG_ALIGN(msg->nlmsg_len);
		snapshot_keep(refused, msg);
	}
	snapshot_forget(&left);
}

void
snapshot_complain(const struct snapshot *snapshot, struct channel *channel)
{
	for_each(snapshot, channel, complain, NULL);
}

void
snapshot_forget(struct snapshot *snapshot)
{
	free(snapshot->messages);
	memset(snapshot, 0, sizeof(*snapshot));
}
