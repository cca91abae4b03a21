/*
 * The kernel's own messages, to be sent back to it: see encode.h.
 */
#include "encode.h"

#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

/* The kernel refuses in a request what it says of a next hop's state. */
static void
forget_states(struct rtmsg *head, size_t len)
{
	struct nlattr *hops;

	head->rtm_flags &= RTNH_F_ONLINK | RTNH_F_PERVASIVE;
	hops = nla_find(
		(struct nlattr *)(void *)((char *)head + NLMSG_ALIGN(sizeof(*head))),
		(int)(len - NLMSG_ALIGN(sizeof(*head))), RTA_MULTIPATH);
	if (!hops)
		return;
	for (size_t at = 0, left = (size_t)nla_len(hops);
		left - at >= sizeof(struct rtnexthop) && at < left;) {
		struct rtnexthop *hop = (void *)((char *)nla_data(hops) + at);

		if (hop->rtnh_len < sizeof(*hop))
			break;
		hop->rtnh_flags &= RTNH_F_ONLINK | RTNH_F_PERVASIVE;
		at += NLMSG_ALIGN(hop->rtnh_len);
	}
}

/* Is @attribute of a route over a nexthop object one that says again what the object
 * says? A request may not say both. */
static bool
is_of_object(int attribute)
{
	switch (attribute) {
	case RTA_OIF:
	case RTA_GATEWAY:
	case RTA_VIA:
	case RTA_MULTIPATH:
	case RTA_ENCAP:
	case RTA_ENCAP_TYPE:
	case RTA_NEWDST:
		return true;
	default:
		return false;
	}
}

/* Does a request not take what a message of the kernel has? */
static bool
is_left_out(const struct nlmsghdr *msg, int attribute, bool by_object)
{
	if (msg->nlmsg_type == RTM_NEWNEXTHOP)
		return attribute > NHA_RES_GROUP; /* what it counts */
	return by_object && is_of_object(attribute);
}

static void
copy_attributes(struct nl_msg *to, const struct nlmsghdr *from, size_t head)
{
	struct nlmsghdr *msg = (void *)(uintptr_t)from;
	bool by_object = from->nlmsg_type == RTM_NEWROUTE &&
			 nlmsg_find_attr(msg, (int)head, RTA_NH_ID);
	struct nlattr *attr;
	int left;

	nlmsg_for_each_attr(attr, msg, (int)head, left)
	{
		if (!is_left_out(from, nla_type(attr), by_object))
			must(nla_put(to, nla_type(attr), nla_len(attr), nla_data(attr)));
	}
}

static size_t
head_size(int type)
{
	switch (type) {
	case RTM_NEWADDR:
		return sizeof(struct ifaddrmsg);
	case RTM_NEWROUTE:
		return sizeof(struct rtmsg);
	case RTM_NEWNEIGH:
		return sizeof(struct ndmsg);
	default:
		return sizeof(struct nhmsg);
	}
}

/* An IPv4 address that is deprecated and has no end says that it is preferred for ever,
 * and would be. */
static void
stay_deprecated(struct nl_msg *msg)
{
	const struct ifaddrmsg *head = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *attr =
		nlmsg_find_attr(nlmsg_hdr(msg), sizeof(*head), IFA_CACHEINFO);
	struct ifa_cacheinfo *cache;

	if (!(head->ifa_flags & IFA_F_DEPRECATED) || !attr ||
		nla_len(attr) < (int)sizeof(*cache))
		return;
	cache = nla_data(attr);
	cache->ifa_prefered = 0;
}

struct nl_msg *
encode_again(const struct nlmsghdr *msg)
{
	size_t size = head_size(msg->nlmsg_type);
	int flags = NLM_F_REQUEST | NLM_F_CREATE;
	struct nl_msg *again;
	void *head;

	if (msg->nlmsg_flags & NLM_F_REQUEST) {
		again = nlmsg_convert((void *)(uintptr_t)msg);
		must(again ? 0 : -1);
		return again;
	}
	again = nlmsg_alloc_size(msg->nlmsg_len + NLMSG_HDRLEN);
	if (msg->nlmsg_type == RTM_NEWROUTE)
		flags |= NLM_F_APPEND;
	else if (msg->nlmsg_type != RTM_NEWADDR)
		flags |= NLM_F_REPLACE;
	must(again && nlmsg_put(again, 0, 0, msg->nlmsg_type, 0, flags) ? 0 : -1);
	must(nlmsg_append(
		again, (void *)((uintptr_t)msg + NLMSG_HDRLEN), size, NLMSG_ALIGNTO));
	copy_attributes(again, msg, size);
	head = nlmsg_data(nlmsg_hdr(again));
	if (msg->nlmsg_type == RTM_NEWADDR) {
		stay_deprecated(again);
	} else if (msg->nlmsg_type == RTM_NEWROUTE) {
		forget_states(head, nlmsg_hdr(again)->nlmsg_len - NLMSG_HDRLEN);
	} else if (msg->nlmsg_type == RTM_NEWNEXTHOP) {
		((struct nhmsg *)head)->nh_flags &= RTNH_F_ONLINK;
		((struct nhmsg *)head)->nh_scope = 0; /* is concluded */
	}
	return again;
}

struct nl_msg *
encode_renewed(const struct nlmsghdr *msg, uint32_t preferred, uint32_t valid)
{
	struct nl_msg *again = encode_again(msg);
	struct nlattr *attr = nlmsg_find_attr(
		nlmsg_hdr(again), sizeof(struct ifaddrmsg), IFA_CACHEINFO);
	struct ifa_cacheinfo cache = { .ifa_prefered = preferred, .ifa_valid = valid };
	struct ifa_cacheinfo *old = attr ? nla_data(attr) : NULL;

	nlmsg_hdr(again)->nlmsg_flags |= NLM_F_REPLACE;
	if (old && nla_len(attr) >= (int)sizeof(cache))
		*old = cache;
	else
		must(nla_put(again, IFA_CACHEINFO, sizeof(cache), &cache));
	return again;
}
