/*
 * IP addresses as the mirror keeps them, in the kernel's words: one row for each address
 * of an interface, unicast or anycast, and one for each broadcast address that one of
 * them names. struct addr_info is what a message says and nothing else; struct addr is
 * the row.
 *
 * What the kernel tells apart: an IPv4 address by interface, prefix length and the
 * address of its prefix (a peer's, where there is one), so that an interface can have one
 * twice; an IPv6 address by the interface.
 *
 * What a MIB can show of it is less: its index is the address. So one row of an interface
 * is shown for each address (unicast before anycast before broadcast, the longest
 * prefix), and among interfaces the one of the lowest ifIndex has the plain index, the
 * others one with their ifIndex as zone. A broadcast address has the plain index only if
 * no interface has that address as its own, for the deprecated ipAddrTable has room for
 * plain indexes only. No row changes its index but to hand over or take over the plain
 * one. A link-local IPv6 address always has its zone (RFC 4293, ipAddressAddrType). This
 * is the set mirror->addr_index, kept as rows come and go.
 */
#ifndef NETMIBD_MIRROR_ADDR_H
#define NETMIBD_MIRROR_ADDR_H

#include "../base/inet.h"
#include "sweep.h"

#include <stdbool.h>
#include <stdint.h>

struct mirror;
struct prefix;

enum addr_class {
	ADDR_UNICAST,
	ADDR_ANYCAST,
	ADDR_BROADCAST, /* made of the IFA_BROADCAST of others */
};

/* IFA_FLAGS, as far as they mean something here. */
enum addr_flag {
	ADDR_TENTATIVE = 1 << 0,
	ADDR_OPTIMISTIC = 1 << 1,
	ADDR_DADFAILED = 1 << 2,
	ADDR_DEPRECATED = 1 << 3,
	ADDR_TEMPORARY = 1 << 4, /* of IPv6 */
	ADDR_STABLE_PRIVACY = 1 << 5,
	ADDR_NOPREFIXROUTE = 1 << 6,
	ADDR_PERMANENT = 1 << 7, /* IFA_F_PERMANENT: has no lifetime */
	/* of IPv4, the kernel's bit is that of temporary: goes with the first address of
	 * its prefix, unless promote_secondaries is on */
	ADDR_SECONDARY = 1 << 8,
	ADDR_MANAGES_TEMP = 1 << 9, /* IFA_F_MANAGETEMPADDR: others are made of it */
};

/* IFA_PROTO (5.18): who made it. */
enum addr_proto {
	ADDR_PROTO_UNSPEC = 0,
	ADDR_PROTO_LO = 1, /* the kernel, for the loopback */
	ADDR_PROTO_RA = 2, /* the kernel, of a router's advertisement */
	ADDR_PROTO_LL = 3, /* the kernel, link-local */
};

#define ADDR_FOREVER UINT32_MAX

struct addr_info {
	uint32_t ifindex;
	uint8_t class; /* enum addr_class */
	uint8_t prefix_length;
	uint8_t proto; /* enum addr_proto, or a number unknown to us */
	bool has_broadcast;
	uint16_t flags; /* enum addr_flag */
	bool has_stamps;
	struct inet local;  /* IPv4 or IPv6, no zone */
	struct inet prefix; /* the address whose first bits are the prefix: a peer's, or
			       local itself; unused bits may be set */
	struct inet broadcast; /* if has_broadcast */
	/* seconds from now; ADDR_FOREVER */
	uint32_t preferred_lifetime, valid_lifetime;
	uint32_t created, changed; /* if has_stamps: 1/100 s since boot, modulo 2^32 */
};

/* One bit per group of fields that a change can touch; struct change.fields. */
enum addr_field {
	ADDR_FLAGS = 1 << 0,
	ADDR_LIFETIME = 1 << 1,
	ADDR_OTHER = 1 << 2, /* prefix length or prefix, origin */
	ADDR_ALL = (1 << 3) - 1,
};

struct addr {
	struct swept swept;	  /* in mirror->addrs, or in mirror->broadcasts */
	struct set_node by_index; /* in mirror->addr_index, if shown */
	struct set_node
		by_member; /* in mirror->addr_members; not of a broadcast address */
	struct prefix *prefix_of;		 /* NULL: anycast and broadcast */
	uint64_t created, changed;		 /* clock_now(); 0: not known */
	uint32_t kernel_created, kernel_changed; /* as last told, see struct addr_info */
	uint32_t preferred_until, valid_until; /* seconds of clock_now(); ADDR_FOREVER */
	uint32_t ifindex;
	uint32_t claims; /* of a broadcast address: the addresses that name it */
	uint16_t flags;
	uint8_t class, prefix_length, proto;
	bool shown;
	bool has_broadcast;
	uint8_t broadcast[4];
	struct inet address; /* with its zone, if it is shown with it */
	struct inet prefix;
};

void addr_init(struct mirror *mirror);
void addr_free(struct mirror *mirror);

/* Address @info is there, or gone. What is malformed is the decoder's care: local is an
 * IPv4 or IPv6 address, prefix of the same family, the length no more than it has bits.
 */
void mirror_put_addr(
	struct mirror *mirror, const struct addr_info *info, enum origin origin);
void mirror_drop_addr(struct mirror *mirror, const struct addr_info *info);

/* Takes @addr out of the mirror; the caller frees it. */
void addr_remove(struct mirror *mirror, struct addr *addr);

/* The link is gone: so are its addresses, whatever else was said. */
void addr_forget_link(struct mirror *mirror, uint32_t ifindex);

/* The link has lost IPv6: so are its IPv6 addresses. The kernel announces those of class
 * unicast only (6.18). */
void addr_forget_ipv6(struct mirror *mirror, uint32_t ifindex);

/* The order of mirror->addrs: address (its zone does not count), interface, and the rest.
 */
int addr_compare(const void *a, const void *b);

/* The link-local IPv6 addresses of a link, in order: the first one, the one after @addr;
 * NULL at the end. */
struct addr *addr_first_link_local(const struct mirror *mirror, uint32_t ifindex);
struct addr *addr_next_link_local(const struct mirror *mirror, const struct addr *addr);

/* The unicast or anycast address of link @ifindex (0: the first one that has it) that is
 * shown, or NULL; @address has no zone. */
const struct addr *mirror_addr(
	const struct mirror *mirror, uint32_t ifindex, const struct inet *address);

/* Does link @ifindex have this unicast address with that prefix, shown or not? @address
 * and @prefix have no zone. */
bool addr_has(const struct mirror *mirror, uint32_t ifindex, const struct inet *address,
	const struct inet *prefix, uint8_t length);

/* Does any link have this address (no zone)? */
bool addr_is_ours(const struct mirror *mirror, const struct inet *address);

/* How many IPv4 addresses has link @ifindex: none, 1, or 2 for more? */
unsigned int addr_count_ipv4(const struct mirror *mirror, uint32_t ifindex);

/* Did the kernel make it, of itself: loopback, link-local, anycast? */
bool addr_is_kernels(const struct addr *addr);

/* By all that can be seen, does it come from a router's advertisement, or from DHCP? */
bool addr_is_advertised(const struct addr *addr);
bool addr_is_leased(const struct addr *addr);

/* Seconds until @until (seconds of clock_now()) at @now (ns); 0 if it is over,
 * ADDR_FOREVER if there is no end. */
uint32_t addr_seconds_left(uint32_t until, uint64_t now);

#endif
