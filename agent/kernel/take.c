/*
 * One message of the kernel into the mirror: which decoder it is for, what is to be added
 * to it, what becomes of one that is malformed. See session.h.
 */
#include "session.h"

#include "../base/log.h"
#include "decode.h"
#include "decode_ipif.h"
#include "procfs.h"
#include "stats_ipif.h"

#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

/* The DEVTYPE of a link without a kind is in sysfs only, and does not change. It cannot
 * be read while the link has another name than the message says; the next one will do. */
static void
complete_link(const struct session *session, struct link_info *info)
{
	const struct link *known = mirror_link(session->mirror, info->ifindex);

	if (info->kind[0])
		return;
	if (known && known->info.devtype_read && !known->info.kind[0]) {
		memcpy(info->devtype, known->info.devtype, sizeof(info->devtype));
		info->devtype_read = true;
	} else {
		info->devtype_read = sysfs_devtype("/sys", info->name, info->ifindex,
			info->devtype, sizeof(info->devtype));
	}
}

static enum decoded
take_link(struct session *session, const struct nlmsghdr *msg, enum origin origin)
{
	struct link_info info;
	enum decoded result = decode_link(msg, &info);

	if (result != DECODE_OK)
		return result;
	if (msg->nlmsg_type == RTM_DELLINK) {
		mirror_drop_link(session->mirror, info.ifindex);
	} else {
		complete_link(session, &info);
		mirror_put_link(session->mirror, &info, origin);
	}
	return DECODE_OK;
}

static enum decoded
take_addr(struct session *session, const struct nlmsghdr *msg, enum origin origin)
{
	bool unicast = msg->nlmsg_type == RTM_NEWADDR || msg->nlmsg_type == RTM_DELADDR;
	bool gone = msg->nlmsg_type == RTM_DELADDR || msg->nlmsg_type == RTM_DELANYCAST;
	struct addr_info info;
	enum decoded result =
		unicast ? decode_addr(msg, &info) : decode_anycast(msg, &info);

	if (result != DECODE_OK)
		return result;
	if (gone)
		mirror_drop_addr(session->mirror, &info);
	else
		mirror_put_addr(session->mirror, &info, origin);
	return DECODE_OK;
}

static enum decoded
take_neigh(struct session *session, const struct nlmsghdr *msg, enum origin origin)
{
	struct neigh_info info;
	enum decoded result = decode_neigh(msg, &info);

	if (result != DECODE_OK)
		return result;
	if (msg->nlmsg_type == RTM_DELNEIGH)
		mirror_drop_neigh(session->mirror, &info);
	else
		mirror_put_neigh(session->mirror, &info, origin);
	return DECODE_OK;
}

static enum decoded
take_route(struct session *session, const struct nlmsghdr *msg, enum origin origin)
{
	struct mirror *mirror = session->mirror;
	enum decoded result = decode_route(msg, mirror->said);

	if (result != DECODE_OK)
		return result;
	if (msg->nlmsg_type == RTM_DELROUTE) {
		session->ipv6_deletions += mirror->said->dst.type == INET_IPV6;
		mirror_drop_route(mirror, mirror->said);
	} else {
		mirror_put_route(mirror, mirror->said, origin);
	}
	return DECODE_OK;
}

static enum decoded
take_nexthop(struct session *session, const struct nlmsghdr *msg, enum origin origin)
{
	struct mirror *mirror = session->mirror;
	enum decoded result = decode_nexthop(msg, mirror->said_nexthop);

	if (result != DECODE_OK)
		return result;
	if (msg->nlmsg_type == RTM_DELNEXTHOP)
		mirror_drop_nexthop(mirror, mirror->said_nexthop->id);
	else
		mirror_put_nexthop(mirror, mirror->said_nexthop, origin);
	return DECODE_OK;
}

/* Next hops over links without a carrier may be dead now, or alive. */
static enum decoded
take_netconf(struct session *session, const struct nlmsghdr *msg, enum origin origin)
{
	uint32_t ifindex;

	if (origin == FROM_EVENT && decode_ignores_linkdown(msg, &ifindex))
		route_doubt_now(session->mirror, ifindex);
	return take_ipif(session->mirror, msg, origin);
}

/* RTM_NEWLINK of family AF_INET6 comes when IPv6 is switched on, among others. */
static void
follow_ipv6(struct mirror *mirror, const struct nlmsghdr *msg, enum origin origin)
{
	const struct ifinfomsg *head = (const void *)((const char *)msg + NLMSG_HDRLEN);

	if (origin == FROM_EVENT && msg->nlmsg_type == RTM_NEWLINK &&
		msg->nlmsg_len >= NLMSG_LENGTH(sizeof(*head)) &&
		head->ifi_family == AF_INET6 && head->ifi_index > 0)
		route_follow_ipv6(mirror, (uint32_t)head->ifi_index);
}

static enum decoded
take(struct session *session, const struct nlmsghdr *msg, enum origin origin)
{
	enum decoded result;

	switch (msg->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		/* The IP interfaces of a message come behind its link: without it there
		 * is none. */
		result = take_link(session, msg, origin);
		if (result == DECODE_MALFORMED)
			return result;
		follow_ipv6(session->mirror, msg, origin);
		return take_ipif(session->mirror, msg, origin);
	case RTM_NEWNETCONF:
	case RTM_DELNETCONF:
		return take_netconf(session, msg, origin);
	case RTM_NEWADDR:
	case RTM_DELADDR:
	case RTM_NEWANYCAST:
	case RTM_DELANYCAST:
	case RTM_GETANYCAST: /* what a dump of them is made of */
		return take_addr(session, msg, origin);
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		return take_neigh(session, msg, origin);
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		return take_route(session, msg, origin);
	case RTM_NEWNEXTHOP:
	case RTM_DELNEXTHOP:
		return take_nexthop(session, msg, origin);
	default:
		return DECODE_IGNORED;
	}
}

void
session_take(struct session *session, const struct nlmsghdr *msg, enum origin origin)
{
	static struct log_limit limit;

	if (take(session, msg, origin) != DECODE_MALFORMED)
		return;
	session->counts.malformed++;
	log_limited(&limit, LOG_WARNING,
		"netlink message of type %u, %u octets, is malformed: ignored",
		msg->nlmsg_type, msg->nlmsg_len);
}
