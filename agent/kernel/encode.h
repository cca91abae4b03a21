/*
 * From a question to a netlink message, ready for channel_send() or channel_request() but
 * for sequence and port. Every function returns a new message, which the send frees.
 */
#ifndef NETMIBD_KERNEL_ENCODE_H
#define NETMIBD_KERNEL_ENCODE_H

#include "../base/inet.h"
#include "../base/lladdr.h"

#include <netlink/msg.h>
#include <stdbool.h>
#include <stdint.h>

/* What libnl cannot allocate (@error < 0) ends the process, like all memory
 * (base/alloc.h); the messages here are far smaller than the page that nlmsg_alloc()
 * gives them. */
_Noreturn void must_fail(void);

static inline void
must(int error)
{
	if (error < 0)
		must_fail();
}

static inline void
must_be(bool done)
{
	if (!done)
		must_fail();
}

/* RTM_GETLINK: one link without its statistics, or a dump of all (@ifindex 0). */
struct nl_msg *encode_get_links(uint32_t ifindex);

struct nl_msg *encode_get_all_links(void);

/* Dumps of the unicast addresses of both families, of the IPv6 anycast addresses, and of
 * the neighbours of both families. */
struct nl_msg *encode_get_addrs(void);
struct nl_msg *encode_get_anycasts(void);
struct nl_msg *encode_get_neighs(void);

/* Which routes are asked for; 0: any. */
struct route_filter {
	uint8_t family; /* AF_INET, AF_INET6 */
	uint8_t proto;	/* RTPROT_* */
	uint32_t table;
	uint32_t oif; /* one of their next hops leads over it */
	uint8_t type; /* RTN_* */
};

/* RTM_GETROUTE: a dump of the routes that @filter lets through, of all tables if it does
 * not name one. A channel that is not strict gets more: all of the family. The kernel
 * (6.18) answers with -ENODEV if @filter->oif is no device, and with -ENOENT if there is
 * no @filter->table of the family. */
struct nl_msg *encode_get_fib(const struct route_filter *filter);

/* RTM_GETROUTE: the route by which the kernel would reach @address now, as a dump would
 * say it. */
struct nl_msg *encode_get_match(const struct inet *address);

/* RTM_GETNEXTHOP: a dump of the nexthop objects, of the groups, too. A kernel without
 * them (before 5.3) answers with -EOPNOTSUPP. */
struct nl_msg *encode_get_nexthops(void);

/* RTM_GETSTATS: the 64-bit counters of one link, or a dump of all (@ifindex 0). */
struct nl_msg *encode_get_stats(uint32_t ifindex);

/* RTM_GETQDISC: the root qdisc of one link, or a dump of all qdiscs (@ifindex 0). */
struct nl_msg *encode_get_qdisc(uint32_t ifindex);

/* RTM_GETNEIGH, AF_BRIDGE: a dump of the address filters of all links. */
struct nl_msg *encode_get_fdb(void);

/* ETHTOOL_MSG_LINKMODES_GET of one link, or a dump of all (@ifindex 0); @family is the
 * number that generic netlink has given to ethtool. */
struct nl_msg *encode_get_linkmodes(int family, uint32_t ifindex);

/* ETHTOOL_MSG_STATS_GET of one link: the group eth-mac. */
struct nl_msg *encode_get_eth_mac(int family, uint32_t ifindex);

/* RTM_GETLINK, AF_INET6: a dump of what IPv6 keeps of links. A kernel without IPv6
 * answers with links. */
struct nl_msg *encode_get_ipv6_links(void);

/* RTM_NEWLINK of link @ifindex: sets those of its flags (IFF_...) that are in @mask. */
struct nl_msg *encode_set_link_flags(uint32_t ifindex, uint32_t mask, uint32_t flags);

/* The same: sets its MTU. */
struct nl_msg *encode_set_link_mtu(uint32_t ifindex, uint32_t mtu);

/* The same: sets its master, 0: it has none any more. */
struct nl_msg *encode_set_link_master(uint32_t ifindex, uint32_t master);

/* RTM_NEWNEIGH, AF_BRIDGE: link @ifindex receives frames for @lladdr, too; RTM_DELNEIGH:
 * it does not. */
struct nl_msg *encode_set_rcvaddr(uint32_t ifindex, const struct lladdr *lladdr);
struct nl_msg *encode_drop_rcvaddr(uint32_t ifindex, const struct lladdr *lladdr);

/* The same: sets its alias; an empty one is taken away. */
struct nl_msg *encode_set_link_alias(uint32_t ifindex, const char *alias);

/* RTM_NEWNEIGH: neighbour @address of link @ifindex has @lladdr and @state (NUD_...),
 * @flags (NTF_...), whether there is one or not; RTM_DELNEIGH: there is none. */
struct nl_msg *encode_set_neigh(uint32_t ifindex, const struct inet *address,
	const struct lladdr *lladdr, uint16_t state, uint8_t flags);
struct nl_msg *encode_drop_neigh(uint32_t ifindex, const struct inet *address);

/* RTM_NEWADDR: link @ifindex has @address of prefix length @length, whose prefix is that
 * of @peer; with lifetimes in s, UINT32_MAX: for ever. A broadcast address is made of an
 * IPv4 prefix that has room for one. RTM_DELADDR: it has not. */
struct nl_msg *encode_set_addr(uint32_t ifindex, const struct inet *address,
	const struct inet *peer, uint8_t length, uint32_t preferred, uint32_t valid);
struct nl_msg *encode_drop_addr(uint32_t ifindex, const struct inet *address,
	const struct inet *peer, uint8_t length);

/* A copy of @msg, which the kernel has told and which is whole, as a request that puts
 * back what it says: an address, a route, a neighbour, a nexthop object. A request stays
 * as it is. */
struct nl_msg *encode_again(const struct nlmsghdr *msg);

/* RTM_GETADDR: a dump of the addresses of a family, of link @ifindex if the channel is
 * strict. */
struct nl_msg *encode_get_link_addrs(uint8_t family, uint32_t ifindex);

/* The same of an address, which is replaced, with other lifetimes (s, UINT32_MAX: for
 * ever). All else that the kernel has of it stays. */
struct nl_msg *encode_renewed(
	const struct nlmsghdr *msg, uint32_t preferred, uint32_t valid);

/* RTM_GETNEIGH: a dump of the neighbours, or of the proxies, of link @ifindex if the
 * channel is strict. */
struct nl_msg *encode_get_link_neighs(uint32_t ifindex, bool proxies);

/* RTM_GETLINK: a dump of the ports of link @master. */
struct nl_msg *encode_get_ports(uint32_t master);

/* RTM_GETLINK, AF_BRIDGE: a dump of the ports of all bridges, with their VLANs. */
struct nl_msg *encode_get_port_vlans(void);

/* RTM_GETNEIGH, AF_BRIDGE: a dump of the entries of bridge @master that lead to its port
 * @ifindex; and of the port's own address filter. */
struct nl_msg *encode_get_port_fdb(uint32_t ifindex, uint32_t master);

/* RTM_GETMDB: a dump of the multicast entries of all bridges. */
struct nl_msg *encode_get_mdb(void);

/* RTM_GETNEIGHTBL: a dump of the parameters of all neighbour caches. */
struct nl_msg *encode_get_neigh_parms(void);

#endif
