/*
 * What the kernel says about IP interfaces, to plain structs: pure functions under the
 * rules of decode.h.
 */
#ifndef NETMIBD_KERNEL_DECODE_IPIF_H
#define NETMIBD_KERNEL_DECODE_IPIF_H

#include "../mirror/ipif.h"
#include "decode.h"

/* RTM_NEWLINK: the blocks of IPv4 and IPv6 (IFLA_AF_SPEC), or that of IPv6 alone in a
 * message of family AF_INET6 (IFLA_PROTINFO); RTM_NEWNETCONF and RTM_DELNETCONF of a
 * link. A RTM_DELLINK of family AF_INET6 is not the end of the link; that of AF_UNSPEC,
 * which is, is ignored here. */
enum decoded decode_ipif(const struct nlmsghdr *msg, struct ipif_said *said);

/* The parameters of a link's neighbour cache. */
struct neigh_parms {
	uint32_t ifindex;
	enum ip_version version;
	uint32_t base_reachable_time, retrans_time; /* ms */
};

/* RTM_NEWNEIGHTBL with the parameters of one link. Ignored: those of the tables, which
 * are the defaults of links to come. */
enum decoded decode_neigh_parms(const struct nlmsghdr *msg, struct neigh_parms *parms);

/* Does a RTM_NEWNETCONF say whether routes over a link without a carrier are used (sysctl
 * ignore_routes_with_linkdown)? *@ifindex: of which link; 0: of all, or of those to come.
 */
bool decode_ignores_linkdown(const struct nlmsghdr *msg, uint32_t *ifindex);

#endif
