/*
 * What is wanted of the kernel, in its words: the only way from a table to a change of
 * the machine, through mirror->source. A wish is one thing that the kernel does or
 * refuses as a whole; what it does besides is brought back when the wish is undone.
 */
#ifndef NETMIBD_MIRROR_WISH_H
#define NETMIBD_MIRROR_WISH_H

#include "../base/inet.h"
#include "../base/lladdr.h"

#include <stdbool.h>
#include <stdint.h>

enum wish_what {
	WISH_LINK_UP,	   /* .number: IFF_UP */
	WISH_LINK_PROMISC, /* .number: IFF_PROMISC, what users want, not the counter */
	WISH_LINK_ALIAS,   /* .text */
	WISH_LINK_MASTER,  /* .number: ifindex of the bridge ...; 0: none */
	WISH_LINK_MTU,	   /* .number */
	WISH_LINK_IPV6,	   /* .number: is IPv6 switched on (disable_ipv6)? */
	WISH_LINK_FORWARDING4, /* .number: are IPv4 packets from it forwarded? */
	WISH_LINK_FORWARDING6, /* the same of IPv6 */
	/* .number: shall its linkUp and linkDown be sent? The mirror's own: it is kept
	 * like the others, but no source fulfils it */
	WISH_LINK_TRAPS,
	/* .number: which notifications are sent (struct told.enabled); likewise */
	WISH_NOTIFY,
	WISH_RCVADDR,	   /* .lladdr: one more to receive frames for */
	WISH_RCVADDR_GONE, /* .lladdr */
	WISH_SWITCH,	   /* .node, .number */
	/* .address, .lladdr, .number: enum neigh_state, .flags; whether there is one or
	 * not */
	WISH_NEIGH,
	WISH_NEIGH_GONE, /* .address */
	/* .address, .peer, .number: prefix length; .preferred, .valid: seconds, or
	 * ADDR_FOREVER, of one that is there or not */
	WISH_ADDR,
	WISH_ADDR_GONE, /* .address, .peer, .number */
	/* .address, of IPv6: for as long as netmibd runs */
	WISH_ANYCAST,
	WISH_ANYCAST_GONE,
	/* .route: a next hop, which joins the others of its route or leaves them, if
	 * there are any */
	WISH_ROUTE,
	WISH_ROUTE_GONE,
};

/* The switches of the node that can be set (enum: index of kernel/switch.c's table). */
enum node_switch {
	SWITCH_FORWARDING,
	SWITCH_DEFAULT_TTL,
	SWITCH_FORWARDING6,
	SWITCH_HOP_LIMIT6,
	N_SWITCHES
};

/* One next hop of a route, as the kernel has it. */
struct route_wish {
	struct inet dst;     /* no zone */
	struct inet src;     /* INET_UNKNOWN: any */
	struct inet gateway; /* no zone; INET_UNKNOWN: none */
	uint32_t ifindex;    /* 0: none, or the kernel is to find it */
	uint32_t table, metric;
	uint16_t weight; /* beside other next hops; 0: as it comes */
	uint8_t src_plen, plen, tos, type, proto, scope; /* RTN_*, RTPROT_*, RT_SCOPE_* */
	bool long_policy;    /* its row is to have one, though { 0 0 } is free */
	bool joins;	     /* IPv4: there is a route that it joins, */
	uint32_t other_link; /* which leads over this link */
};

struct wish {
	enum wish_what what;
	bool lasting; /* it is to be so after a restart, too (keeper.h) */
	uint32_t ifindex;
	enum node_switch node;
	uint32_t number;
	uint8_t flags;
	struct inet address, peer; /* no zone; of no peer the address itself */
	uint32_t preferred, valid;
	struct lladdr lladdr;
	struct route_wish route;
	char text[256];
};

/* What has been done, to undo it: the source's own. */
struct deed;

#endif
