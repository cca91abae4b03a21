/*
 * From netlink messages to plain structs: pure functions, no socket, no mirror, so that
 * they can be tested and fuzzed with messages built by hand. Every length is checked
 * here, before an octet is read; what is behind a decode call is known to be whole.
 *
 * All return 0, DECODE_IGNORED (well-formed, but not about what was asked), or
 * DECODE_MALFORMED (the message lies about its lengths or lacks what it must have).
 */
#ifndef NETMIBD_KERNEL_DECODE_H
#define NETMIBD_KERNEL_DECODE_H

#include "../mirror/addr.h"
#include "../mirror/link.h"
#include "../mirror/neigh.h"
#include "../mirror/nexthop.h"
#include "../mirror/route.h"
#include "../mirror/router.h"

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef RTM_NEWANYCAST /* events of anycast addresses (6.16), newer than the headers */
#define RTM_NEWANYCAST 60
#define RTM_DELANYCAST 61
#endif

enum decoded {
	DECODE_OK = 0,
	DECODE_IGNORED = 1,
	DECODE_MALFORMED = 2,
};

/* The next whole message in @len octets at *@at, or NULL at the end or when the rest is
 * not a whole message (then *@cut is set). Moves *@at and *@len behind it. */
const struct nlmsghdr *decode_next(const uint8_t **at, size_t *len, bool *cut);

/* RTM_NEWLINK and RTM_DELLINK. Ignored: other families (a bridge announces its ports with
 * AF_BRIDGE; such a RTM_DELLINK is not the end of the link) and wireless events, which
 * carry no link. @info is complete but for devtype, which netlink does not tell. */
enum decoded decode_link(const struct nlmsghdr *msg, struct link_info *info);

/* RTM_NEWADDR and RTM_DELADDR, IPv4 and IPv6; RTM_NEWANYCAST, RTM_DELANYCAST and what a
 * RTM_GETANYCAST is answered with. */
enum decoded decode_addr(const struct nlmsghdr *msg, struct addr_info *info);
enum decoded decode_anycast(const struct nlmsghdr *msg, struct addr_info *info);

/* RTM_NEWNEIGH and RTM_DELNEIGH. Ignored: other families (a bridge's forwarding entries)
 * and proxy entries. */
enum decoded decode_neigh(const struct nlmsghdr *msg, struct neigh_info *info);

/* RTM_NEWROUTE and RTM_DELROUTE, IPv4 and IPv6, unicast or not. Ignored: other families
 * (MPLS, multicast forwarding) and what the kernel has learnt of one peer (RTM_F_CLONED).
 * Of @info->hops only the first @info->n_hops are written. */
enum decoded decode_route(const struct nlmsghdr *msg, struct route_info *info);

/* RTM_NEWNEXTHOP and RTM_DELNEXTHOP. Ignored: what serves a vxlan's forwarding entries
 * (NHA_FDB), not routes. Of @info->members only the first @info->n_members are written.
 */
enum decoded decode_nexthop(const struct nlmsghdr *msg, struct nexthop_info *info);

/* RTM_NEWSTATS with IFLA_STATS_LINK_64: the counters of link *@ifindex; the mac_ ones of
 * @raw are left alone. */
enum decoded decode_stats(
	const struct nlmsghdr *msg, uint32_t *ifindex, struct raw_counters *raw);

/* RTM_NEWQDISC of a root qdisc: the packets that wait in it. */
enum decoded decode_qdisc(const struct nlmsghdr *msg, uint32_t *ifindex, uint32_t *queue);

/* RTM_NEWNEIGH of family AF_BRIDGE: an address of the device's own filter. Ignored: what
 * a bridge or a tunnel has learnt about others. */
enum decoded decode_fdb(
	const struct nlmsghdr *msg, uint32_t *ifindex, struct lladdr *address);

/* ETHTOOL_MSG_LINKMODES_GET_REPLY: Mb/s, 0 if unknown. */
enum decoded decode_linkmodes(
	const struct nlmsghdr *msg, uint32_t *ifindex, uint32_t *speed);

/* ETHTOOL_MSG_STATS_GET_REPLY of the group eth-mac: the mac_ counters of @raw; *@present:
 * was there any? */
enum decoded decode_eth_mac(const struct nlmsghdr *msg, uint32_t *ifindex,
	struct raw_counters *raw, bool *present);

/* NLMSG_ERROR: -errno, or 0 for an acknowledgement. -EBADMSG if it is cut short or
 * says a number that is neither. */
int decode_error(const struct nlmsghdr *msg);

/* What an NLMSG_ERROR message says in words, cut to @size - 1 octets; empty: nothing. */
void decode_error_text(const struct nlmsghdr *msg, char *text, size_t size);

#endif
