/*
 * Wishes about routes: see route_wish.h.
 */
#include "route_wish.h"

#include "encode.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define HEAD sizeof(struct rtmsg)

/* The ifIndex of lo. */
#define LO 1

static bool
is_v6(const struct route_wish *wish)
{
	return wish->dst.type == INET_IPV6;
}

/* Looking at messages. */

static const struct rtmsg *
head_of(const struct nlmsghdr *msg)
{
	return (const void *)((const char *)msg + NLMSG_HDRLEN);
}

static struct nlattr *
find(const struct nlmsghdr *msg, int attribute)
{
	return nlmsg_find_attr((void *)(uintptr_t)msg, HEAD, attribute);
}

static uint32_t
number(const struct nlmsghdr *msg, int attribute, uint32_t otherwise)
{
	const struct nlattr *attr = find(msg, attribute);

	return attr && nla_len(attr) == 4 ? nla_get_u32(attr) : otherwise;
}

/* Is that what @attr, which may be none, says? */
static bool
has_address(const struct nlattr *attr, const struct inet *address)
{
	if (!attr)
		return address->len == 0;
	return nla_len(attr) == address->len &&
	       memcmp(nla_data(attr), address->bytes, address->len) == 0;
}

static bool
is_destination(const struct nlmsghdr *msg, const struct route_wish *wish)
{
	const struct rtmsg *head = head_of(msg);
	const struct nlattr *dst = find(msg, RTA_DST);

	if (head->rtm_flags & RTM_F_CLONED || head->rtm_dst_len != wish->plen ||
		head->rtm_tos != wish->tos ||
		number(msg, RTA_TABLE, head->rtm_table) != wish->table ||
		number(msg, RTA_PRIORITY, 0) != wish->metric ||
		head->rtm_src_len != wish->src_plen ||
		!has_address(find(msg, RTA_SRC), &wish->src))
		return false;
	if (!dst)
		return wish->plen == 0;
	return nla_len(dst) == wish->dst.len &&
	       memcmp(nla_data(dst), wish->dst.bytes, wish->dst.len) == 0;
}

/* A next hop: what it says of its gateway, and its link. */
static bool
is_hop(const struct route_wish *wish, uint32_t ifindex, const struct nlattr *gateway,
	const struct nlattr *via)
{
	const struct rtvia *other = via ? nla_data(via) : NULL;
	size_t len = wish->gateway.len;

	if (ifindex != wish->ifindex)
		return false;
	if (!len)
		return !gateway && !via;
	if (via) /* the family, then the address */
		return nla_len(via) == (int)(sizeof(other->rtvia_family) + len) &&
		       memcmp(other->rtvia_addr, wish->gateway.bytes, len) == 0;
	return gateway && nla_len(gateway) == (int)len &&
	       memcmp(nla_data(gateway), wish->gateway.bytes, len) == 0;
}

/* Calls @fn with each next hop of RTA_MULTIPATH. */
static void
for_each_hop(const struct nlattr *multipath,
	void (*fn)(const struct rtnexthop *hop, void *arg), void *arg)
{
	size_t left = (size_t)nla_len(multipath);
	const char *at = nla_data(multipath);

	while (left >= sizeof(struct rtnexthop)) {
		const struct rtnexthop *hop = (const void *)at;
		size_t step = NLMSG_ALIGN(hop->rtnh_len);

		if (hop->rtnh_len < sizeof(*hop) || hop->rtnh_len > left)
			return;
		fn(hop, arg);
		if (step >= left)
			return;
		at += step;
		left -= step;
	}
}

static struct nlattr *
hop_attribute(const struct rtnexthop *hop, int attribute)
{
	return nla_find((void *)((uintptr_t)hop + sizeof(*hop)),
		(int)(hop->rtnh_len - sizeof(*hop)), attribute);
}

struct search {
	const struct route_wish *wish;
	bool found;
};

static void
look_at_hop(const struct rtnexthop *hop, void *arg)
{
	struct search *search = arg;

	search->found |= is_hop(search->wish, (uint32_t)hop->rtnh_ifindex,
		hop_attribute(hop, RTA_GATEWAY), hop_attribute(hop, RTA_VIA));
}

/* Does the route of @msg have the next hop? Those that lead nowhere have none. */
static bool
has_hop(const struct nlmsghdr *msg, const struct route_wish *wish)
{
	const struct nlattr *multipath = find(msg, RTA_MULTIPATH);
	struct search search = { wish, false };

	if (head_of(msg)->rtm_type != RTN_UNICAST)
		return head_of(msg)->rtm_type == wish->type;
	if (!multipath)
		return is_hop(wish, number(msg, RTA_OIF, 0), find(msg, RTA_GATEWAY),
			find(msg, RTA_VIA));
	for_each_hop(multipath, look_at_hop, &search);
	return search.found;
}

struct look {
	const struct route_wish *wish;
	bool gone;
	struct snapshot *snapshot;
};

static void
take(const struct nlmsghdr *msg, void *arg)
{
	const struct look *look = arg;

	if (msg->nlmsg_type == RTM_NEWROUTE && msg->nlmsg_len >= NLMSG_LENGTH(HEAD) &&
		!look->snapshot->len && is_destination(msg, look->wish) &&
		(!look->gone || has_hop(msg, look->wish)))
		snapshot_keep(look->snapshot, msg);
}

/* What a dump finds, at the cost of all routes, one question finds nearly always: the
 * route is that of its first address, unless that has a longer one, or one of a better
 * metric or of another table. The kernel says the TOS that it was asked for. */
static void
ask_for_match(struct channel *channel, struct look *look)
{
	const struct route_wish *wish = look->wish;

	if (wish->tos == 0 && wish->type == RTN_UNICAST)
		channel_request(channel, encode_get_match(&wish->dst), take, look);
	if (look->snapshot->len && look->gone &&
		head_of((const void *)look->snapshot->messages)->rtm_protocol !=
			wish->proto)
		snapshot_forget(look->snapshot); /* a rival with the same next hop */
}

int
route_wish_look(const struct route_wish *wish, bool gone, struct channel *channel,
	struct snapshot *snapshot)
{
	struct look look = { wish, gone, snapshot };
	struct route_filter filter = {
		.family = is_v6(wish) ? AF_INET6 : AF_INET,
		.type = gone ? wish->type : 0,
		.table = wish->table,
		.oif = gone ? wish->ifindex : wish->other_link,
	};
	int error;

	if (!gone && !wish->joins)
		return 0;
	ask_for_match(channel, &look);
	if (snapshot->len)
		return 0;
	error = channel_request(channel, encode_get_fib(&filter), take, &look);
	if (error == -ENOENT || error == -EINTR) /* what was found is what counts */
		error = 0;
	return error ? error : snapshot->len ? 0 : -ESRCH;
}

/* Making requests. */

static void
put_gateway(struct nl_msg *msg, const struct route_wish *wish)
{
	uint8_t via[2 + 16];
	uint16_t family = AF_INET6;

	if (!wish->gateway.len)
		return;
	if (is_v6(wish) == (wish->gateway.type == INET_IPV6)) {
		must_be(nla_put(msg, RTA_GATEWAY, wish->gateway.len,
				wish->gateway.bytes) == 0);
		return;
	}
	memcpy(via, &family, sizeof(family));
	memcpy(via + sizeof(family), wish->gateway.bytes, 16);
	must_be(nla_put(msg, RTA_VIA, sizeof(via), via) == 0);
}

static struct rtnexthop *
begin_hop(struct nl_msg *msg, uint32_t ifindex, uint8_t flags)
{
	struct rtnexthop *hop = nlmsg_reserve(msg, sizeof(*hop), NLMSG_ALIGNTO);

	must_be(hop != NULL);
	memset(hop, 0, sizeof(*hop));
	hop->rtnh_ifindex = (int)ifindex;
	hop->rtnh_flags = flags;
	return hop;
}

static void
end_hop(struct nl_msg *msg, struct rtnexthop *hop)
{
	hop->rtnh_len = (uint16_t)((char *)nlmsg_tail(nlmsg_hdr(msg)) - (char *)hop);
}

/* The next hop of @wish, as one of several. */
static void
put_hop(struct nl_msg *msg, const struct route_wish *wish)
{
	struct rtnexthop *hop = begin_hop(msg, wish->ifindex, 0);

	if (wish->weight > 1)
		hop->rtnh_hops = (uint8_t)(wish->weight - 1);
	put_gateway(msg, wish);
	end_hop(msg, hop);
}

/* The only one of a request, which has a weight. */
static void
put_hops(struct nl_msg *msg, const struct route_wish *wish)
{
	struct nlattr *nest = nla_nest_start(msg, RTA_MULTIPATH);

	must_be(nest != NULL);
	put_hop(msg, wish);
	nla_nest_end(msg, nest);
}

static struct nl_msg *
single(const struct route_wish *wish, int type, int flags)
{
	struct rtmsg head = { .rtm_family = is_v6(wish) ? AF_INET6 : AF_INET,
		.rtm_dst_len = wish->plen,
		.rtm_src_len = wish->src_plen,
		.rtm_tos = wish->tos,
		.rtm_table = wish->table < 256 ? (uint8_t)wish->table : RT_TABLE_UNSPEC,
		.rtm_protocol = wish->proto,
		.rtm_scope = wish->scope,
		.rtm_type = wish->type };
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);

	must_be(msg && nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO) == 0);
	must_be(nla_put_u32(msg, RTA_TABLE, wish->table) == 0);
	if (wish->plen)
		must_be(nla_put(msg, RTA_DST, wish->dst.len, wish->dst.bytes) == 0);
	if (wish->src_plen)
		must_be(nla_put(msg, RTA_SRC, wish->src.len, wish->src.bytes) == 0);
	if (wish->metric)
		must_be(nla_put_u32(msg, RTA_PRIORITY, wish->metric) == 0);
	if (wish->weight > 1 && wish->ifindex && type == RTM_NEWROUTE) {
		put_hops(msg, wish);
		return msg;
	}
	if (wish->ifindex)
		must_be(nla_put_u32(msg, RTA_OIF, wish->ifindex) == 0);
	/* IPv6 looks at the device of a route that leads nowhere, but not at its type. */
	else if (type == RTM_DELROUTE && is_v6(wish) && wish->type != RTN_UNICAST)
		must_be(nla_put_u32(msg, RTA_OIF, LO) == 0);
	put_gateway(msg, wish);
	return msg;
}

/* Next hops of a route that is to be told anew. */
struct hops {
	struct nl_msg *to;
	const struct route_wish *without; /* this one is left out; NULL: none is */
	const struct route_wish *only;	  /* only this one is taken; NULL: all are */
	unsigned int n;
};

static void
copy_hop(const struct rtnexthop *hop, void *arg)
{
	struct hops *hops = arg;
	const struct route_wish *named = hops->only ? hops->only : hops->without;
	struct rtnexthop *copy;

	if (named && is_hop(named, (uint32_t)hop->rtnh_ifindex,
			     hop_attribute(hop, RTA_GATEWAY),
			     hop_attribute(hop, RTA_VIA)) != (hops->only != NULL))
		return;
	copy = nlmsg_reserve(hops->to, hop->rtnh_len, NLMSG_ALIGNTO);
	must_be(copy != NULL);
	memcpy(copy, hop, hop->rtnh_len);
	copy->rtnh_flags &= RTNH_F_ONLINK | RTNH_F_PERVASIVE;
	hops->n++;
}

static bool
is_way(int attribute)
{
	return attribute == RTA_MULTIPATH || attribute == RTA_GATEWAY ||
	       attribute == RTA_VIA || attribute == RTA_OIF || attribute == RTA_ENCAP ||
	       attribute == RTA_ENCAP_TYPE || attribute == RTA_FLOW;
}

/* The beginning of a request that replaces the route of @old: all of it but where it
 * leads. */
static struct nl_msg *
replace(const struct nlmsghdr *old)
{
	/* there is room for another next hop, and it is the largest there can be */
	struct nl_msg *msg = nlmsg_alloc_size(old->nlmsg_len + 256);
	struct rtmsg head = *head_of(old);
	struct nlattr *attr;
	int left;

	head.rtm_flags = 0;
	must_be(msg && nlmsg_put(msg, 0, 0, RTM_NEWROUTE, 0,
			       NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE));
	must_be(nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO) == 0);
	nlmsg_for_each_attr(attr, (struct nlmsghdr *)(uintptr_t)old, HEAD, left)
	{
		if (!is_way(nla_type(attr)))
			must_be(nla_put(msg, nla_type(attr), nla_len(attr),
					nla_data(attr)) == 0);
	}
	return msg;
}

/* The one next hop of @old, which is a route with one, as one of several. */
static void
copy_only_hop(struct nl_msg *msg, const struct nlmsghdr *old)
{
	static const int attributes[] = { RTA_GATEWAY, RTA_VIA, RTA_ENCAP_TYPE, RTA_ENCAP,
		RTA_FLOW };
	struct rtnexthop *hop = begin_hop(
		msg, number(old, RTA_OIF, 0), head_of(old)->rtm_flags & RTNH_F_ONLINK);

	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		const struct nlattr *attr = find(old, attributes[i]);

		if (attr)
			must_be(nla_put(msg,
					attributes[i] | (attr->nla_type & NLA_F_NESTED),
					nla_len(attr), nla_data(attr)) == 0);
	}
	end_hop(msg, hop);
}

static struct nl_msg *
join(const struct route_wish *wish, const struct nlmsghdr *old)
{
	struct nl_msg *msg = replace(old);
	struct nlattr *multipath = find(old, RTA_MULTIPATH), *nest;
	struct hops hops = { msg, NULL, NULL, 0 };

	nest = nla_nest_start(msg, RTA_MULTIPATH);
	must_be(nest != NULL);
	if (multipath)
		for_each_hop(multipath, copy_hop, &hops);
	else
		copy_only_hop(msg, old);
	put_hop(msg, wish);
	nla_nest_end(msg, nest);
	return msg;
}

static struct nl_msg *
leave(const struct route_wish *wish, const struct nlmsghdr *old)
{
	struct nl_msg *msg = replace(old);
	struct hops hops = { msg, wish, NULL, 0 };
	struct nlattr *nest = nla_nest_start(msg, RTA_MULTIPATH);

	must_be(nest != NULL);
	for_each_hop(find(old, RTA_MULTIPATH), copy_hop, &hops);
	nla_nest_end(msg, nest);
	return msg; /* a multipath route with one next hop is a route with one */
}

/* The next hop as it was of @old, an IPv6 route of several: the others are there. */
static struct nl_msg *
come_back(const struct route_wish *wish, const struct nlmsghdr *old)
{
	struct nl_msg *msg = replace(old);
	struct hops hops = { msg, NULL, wish, 0 };
	struct nlattr *nest = nla_nest_start(msg, RTA_MULTIPATH);

	must_be(nest != NULL);
	for_each_hop(find(old, RTA_MULTIPATH), copy_hop, &hops);
	nla_nest_end(msg, nest);
	nlmsg_hdr(msg)->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_APPEND;
	return msg;
}

/* @old, exactly: the kernel looks at all that it says (fib_table_delete()). */
static struct nl_msg *
drop(const struct nlmsghdr *old)
{
	struct nl_msg *msg = encode_again(old);

	nlmsg_hdr(msg)->nlmsg_type = RTM_DELROUTE;
	nlmsg_hdr(msg)->nlmsg_flags = NLM_F_REQUEST;
	return msg;
}

static const struct nlmsghdr *
kept(const struct snapshot *snapshot)
{
	return snapshot->len ? (const void *)snapshot->messages : NULL;
}

struct nl_msg *
route_wish_encode(
	const struct route_wish *wish, bool gone, const struct snapshot *snapshot)
{
	const struct nlmsghdr *old = kept(snapshot);

	if (is_v6(wish))
		return gone ? single(wish, RTM_DELROUTE, 0)
			    : single(wish, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND);
	if (!old)
		return single(wish, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
	if (!gone)
		return join(wish, old);
	return find(old, RTA_MULTIPATH) ? leave(wish, old) : drop(old);
}

struct nl_msg *
route_wish_back(const struct route_wish *wish, bool gone, const struct snapshot *snapshot)
{
	const struct nlmsghdr *old = kept(snapshot);
	struct nl_msg *msg;

	if (!old)
		return single(wish, RTM_DELROUTE, 0);
	if (is_v6(wish) && find(old, RTA_MULTIPATH))
		return come_back(wish, old);
	msg = encode_again(old);
	if (!gone || find(old, RTA_MULTIPATH))
		nlmsg_hdr(msg)->nlmsg_flags =
			NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE;
	return msg;
}
