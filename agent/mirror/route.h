/*
 * Routes as the mirror keeps them: one row for each next hop of a route of the kernel, in
 * the kernel's words, ordered as inetCidrRouteTable is.
 *
 * Two sets hold them: mirror->routes what the tables show (tables main and default; no
 * throw routes, no dead next hops, ...), mirror->hidden_routes the rest, by table first.
 *
 * inetCidrRoutePolicy tells apart the rows that have destination and next hop in common.
 * The first one has { 0 0 } (policy POLICY_DEFAULT), each other one
 *	{ 0 0 table tos metric ifIndex }			POLICY_LONG
 *	{ 0 0 table tos metric ifIndex ordinal }		POLICY_LONG + ordinal
 * where the latter is for routes that the kernel tells apart by something else: protocol,
 * preferred source, MTU ... A source-specific route has always a long one, with the
 *length of its source prefix and its 16 octets behind ifIndex. A row keeps its policy as
 *long as it lives.
 *
 * Routes of one table, destination, tos, metric and source are rivals: the kernel has an
 * order of them, by which a replacing one takes the place of the first.
 *
 * The identity of a route, which an event names:
 *	IPv4	table, destination, tos, metric and content (id): equal ones that differ
 *in content are appended to each other (fib_table_insert()) IPv6	of each next hop:
 *table, destination, source, metric, gateway, device, encapsulation or nexthop object
 *(rt6_duplicate_nexthop()); a message about one may name its siblings, too
 */
#ifndef NETMIBD_MIRROR_ROUTE_H
#define NETMIBD_MIRROR_ROUTE_H

#include "path.h"
#include "sweep.h"

struct mirror;

/* RTN_* */
enum route_type {
	ROUTE_UNSPEC = 0,
	ROUTE_UNICAST = 1,
	ROUTE_LOCAL = 2,
	ROUTE_BROADCAST = 3,
	ROUTE_ANYCAST = 4,
	ROUTE_MULTICAST = 5,
	ROUTE_BLACKHOLE = 6,
	ROUTE_UNREACHABLE = 7,
	ROUTE_PROHIBIT = 8,
	ROUTE_THROW = 9,
};

/* RTPROT_*, those that a MIB has a word for */
enum route_proto {
	ROUTE_PROTO_REDIRECT = 1,
	ROUTE_PROTO_KERNEL = 2,
	ROUTE_PROTO_BOOT = 3,
	ROUTE_PROTO_STATIC = 4,
	ROUTE_PROTO_RA = 9,
	ROUTE_PROTO_DHCP = 16,
	ROUTE_PROTO_BGP = 186,
	ROUTE_PROTO_ISIS = 187,
	ROUTE_PROTO_OSPF = 188,
	ROUTE_PROTO_RIP = 189,
	ROUTE_PROTO_EIGRP = 192,
};

/* RT_TABLE_* */
#define ROUTE_TABLE_DEFAULT 253
#define ROUTE_TABLE_MAIN    254
#define ROUTE_TABLE_LOCAL   255

#define ROUTE_SCOPE_HOST 254 /* RT_SCOPE_HOST: the destination is this host */

/* RTA_MULTIPATH has 65535 octets at most, of 8 for each next hop. */
#define ROUTE_MAX_HOPS 8192

/* One next hop as a message says it. */
struct hop_info {
	struct inet gateway; /* INET_UNKNOWN: none; no zone; of either family (RTA_VIA) */
	uint32_t ifindex;    /* 0: none */
	uint32_t encap;	     /* a hash of encapsulation and realm; 0: neither */
	uint16_t weight;     /* from 1; 0: the route has only this one */
	bool dead;	     /* RTNH_F_DEAD */
};

/* What a message says of a route. */
struct route_info {
	struct inet dst;     /* IPv4 or IPv6, no zone */
	struct inet src;     /* INET_UNKNOWN: any */
	struct inet prefsrc; /* INET_UNKNOWN: none */
	uint32_t table;
	uint32_t metric; /* RTA_PRIORITY, 0 if there is none */
	uint32_t nhid;	 /* nexthop object; 0: none */
	/* IPv4: a hash of all that the kernel keeps in a struct fib_info: type, protocol,
	 * scope, metrics, preferred source and next hops, not their state; of a route
	 * over an object its id in the place of the next hops and of the type, which
	 * follows it. 0 for IPv6. */
	uint32_t id;
	uint32_t lifetime; /* s from now; ROUTER_FOREVER */
	uint8_t plen, src_plen;
	uint8_t tos;
	uint8_t type;  /* RTN_*; enum route_type */
	uint8_t proto; /* RTPROT_* */
	uint8_t scope;
	uint8_t preference; /* enum router_preference */
	/* What an event says of its place among routes that the kernel has an order of
	 * (NLM_F_REPLACE, NLM_F_APPEND): it takes the place of the first, or comes behind
	 * the last; else before the first. */
	bool replace, append;
	size_t n_hops; /* 0: none is named but by nhid. A route without gateway and device
			* (blackhole ...) has one hop of ifindex 0. */
	struct hop_info hops[ROUTE_MAX_HOPS];
};

enum policy {
	POLICY_DEFAULT = 0,
	POLICY_LONG = 1, /* and above: POLICY_LONG + ordinal */
	POLICY_MAX = UINT8_MAX,
};

/* 88 octets: there may be millions. */
struct route {
	/* .since: when it was last updated; .rank: its place among its rivals; .between:
	 * it stands between the next hops of another route (note_between()) */
	struct swept swept;
	struct inet dst; /* a link-local one with its zone */
	uint8_t plen;
	uint8_t policy; /* enum policy */
	struct path *path;
	LIST_ENTRY(route) of_path;
};

/* Where the shown rows were looked at last. A dump names routes nearly in order, so that
 * the next place is often right behind it. A row that goes is forgotten here first. */
struct route_hint {
	struct route *row;  /* NULL: not known */
	struct route *next; /* the row behind it, if known */
	bool known;
};

enum route_field {
	ROUTE_PATH = 1 << 0, /* anything that is not in the key */
	ROUTE_ALL = (1 << 1) - 1,
};

void route_init(struct mirror *mirror);
void route_free(struct mirror *mirror);

/* Route @info is there, or gone. @info->hops may be put in another order. Only rows that
 * are or were shown are published: one that becomes hidden goes, as far as the watchers
 * know. */
void mirror_put_route(struct mirror *mirror, struct route_info *info, enum origin origin);
void mirror_drop_route(struct mirror *mirror, struct route_info *info);

/* A look at the default route @info has told its lifetime. No row comes or goes. */
void route_renew(struct mirror *mirror, struct route_info *info);

/* The rivals of a route to @dst/@plen (with the zone of a link, if it is link-local) in
 * the table of @like, of its metric, TOS and source: the first row that lives, or NULL;
 * how many routes they are, IPv4: each with all its next hops, IPv6: each next hop; and
 * has one of them (*@twin) its next hop, on its link? */
const struct route *mirror_route_rivals(struct mirror *mirror, const struct inet *dst,
	uint8_t plen, const struct path_key *like, size_t *n, bool *twin);

/* Does a table show a row of that path? RFC 4292: routes that neither forward nor reject
 * are not shown. */
bool route_is_shown(const struct path_key *key);

#endif
