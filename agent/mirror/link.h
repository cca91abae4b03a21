/*
 * A network device as the mirror keeps it, in the kernel's words and without a header of
 * the kernel's: decode.c has translated what changes its number from one to the other.
 *
 * struct link_info is what a RTM_NEWLINK message says and nothing else: the decoder fills
 * it, the mirror compares it field by field. struct link is the row: the info plus what
 * the mirror derives from it and what has been fetched on demand.
 */
#ifndef NETMIBD_MIRROR_LINK_H
#define NETMIBD_MIRROR_LINK_H

#include "../base/lladdr.h"
#include "sweep.h"

#include <stdbool.h>
#include <stdint.h>

/* IFLA_OPERSTATE; the kernel's Documentation/networking/operstates.rst. */
enum operstate {
	OPERSTATE_UNKNOWN = 0,
	OPERSTATE_NOTPRESENT = 1,
	OPERSTATE_DOWN = 2,
	OPERSTATE_LOWERLAYERDOWN = 3,
	OPERSTATE_TESTING = 4,
	OPERSTATE_DORMANT = 5,
	OPERSTATE_UP = 6,
};

/* The operational state that the mirror concludes from operstate, flags and stacking. */
enum link_oper {
	LINK_OPER_UNKNOWN, /* an operstate this code has never heard of */
	LINK_OPER_UP,
	LINK_OPER_DOWN,
	LINK_OPER_TESTING,
	LINK_OPER_DORMANT,
	LINK_OPER_NOTPRESENT,
	LINK_OPER_LOWERDOWN,
};

struct link_info {
	uint32_t ifindex;
	uint32_t mtu;
	uint32_t min_mtu, max_mtu; /* what the device takes; 0: no limit is known */
	uint32_t master; /* ifindex of the bridge, bond ... it is a port of; 0: none */
	uint32_t lower;	 /* ifindex of the link it runs on (vlan, macvlan ...); 0: none */
	uint32_t promiscuity; /* how many want promiscuous mode: a counter, not a flag */
	uint16_t arphrd;
	uint8_t operstate; /* enum operstate, or a number unknown to us */
	bool up;	   /* IFF_UP: somebody wants it up */
	bool lower_up;	   /* IFF_LOWER_UP: carrier */
	bool promisc;	   /* IFF_PROMISC: a user wants that, and counts in promiscuity */
	char name[16];
	char kind[20]; /* IFLA_INFO_KIND: "bridge", "vlan" ...; empty: a device driver's
			*/
	char devtype[16]; /* sysfs DEVTYPE of a device without a kind: "wlan" ... */
	bool devtype_read;
	bool movable;	 /* of a kind whose lower link can be changed: vxlan, gre ... */
	char parent[32]; /* the device under it, by name on its bus; empty: virtual */
	char parent_bus[16];
	char alias[256];
	struct lladdr address;
	struct lladdr broadcast;
	struct lladdr permanent; /* of length 0: the device has none */
};

/* One bit per group of fields that a change can touch; struct change.fields. */
enum link_field {
	LINK_NAME = 1 << 0,
	LINK_ALIAS = 1 << 1,
	LINK_MTU = 1 << 2,
	LINK_ADDRESS = 1 << 3, /* and the broadcast address */
	LINK_STACKING = 1 << 4,
	LINK_ADMIN = 1 << 5,
	LINK_OPER = 1 << 6, /* enum link_oper, not the raw operstate */
	LINK_PROMISC = 1 << 7,
	LINK_OTHER = 1 << 8,
	LINK_ALL = (1 << 9) - 1,
};

/* The kernel's counters as read: struct rtnl_link_stats64, and the four of the driver's
 * IEEE 802.3 MAC statistics (ethtool eth-mac) where it has them. */
struct raw_counters {
	uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes;
	uint64_t rx_errors, tx_errors, rx_dropped, tx_dropped;
	uint64_t multicast, rx_missed;
	uint64_t mac_rx_multicast, mac_rx_broadcast, mac_tx_multicast, mac_tx_broadcast;
};

/* The same in the terms of RFC 2863: every packet in one class, nothing twice. */
struct counters {
	uint64_t in_octets, in_unicast, in_multicast, in_broadcast, in_nonunicast;
	uint64_t in_discards, in_errors;
	uint64_t out_octets, out_unicast, out_multicast, out_broadcast, out_nonunicast;
	uint64_t out_discards, out_errors;
};

/* Shall linkUp and linkDown be sent? */
enum link_traps {
	LINK_TRAPS_DEFAULT, /* if it is on top of no other link */
	LINK_TRAPS_ON,
	LINK_TRAPS_OFF,
};

/* What is known of a property that is asked for on demand. */
enum known {
	KNOWN_STALE, /* ask (again) when it is needed */
	KNOWN_FRESH,
	KNOWN_NEVER, /* the device has no such thing: do not ask again */
};

struct link {
	struct swept swept;
	struct link_info info;

	/* derived */
	uint32_t n_lower, n_higher; /* visible rows of the stack below and above it */
	uint32_t ip_touched[2];	    /* sweep in which an event spoke of its IPv4, IPv6 */
	uint32_t ipv6_lost;	    /* sweep of the addresses in which it lost IPv6 */
	bool had_ipv6;		    /* has had IPv6: another one starts to count anew */
	uint8_t traps;		    /* enum link_traps; nobody's but the agent's */
	uint8_t oper;		    /* enum link_oper */
	uint64_t oper_since;	    /* clock_now() of the last change of oper; 0: older */

	/* on demand */
	uint8_t speed_known; /* enum known */
	uint8_t mac_known;   /* enum known, of the eth-mac statistics */
	bool has_mac;	     /* they are in the counters */
	uint32_t speed;	     /* Mb/s; 0: none */
	uint64_t speed_at;   /* clock_now() */
	uint32_t queue;	     /* packets in the root qdisc */
	uint64_t queue_at;   /* clock_now(); 0: never read */
	uint64_t counters_at;
	uint64_t alias_at;	/* when the alias of a link that is down was read */
	uint64_t discontinuity; /* clock_now(); 0: never */
	struct raw_counters raw;
	struct counters counters;
};

/* The bits (enum link_field) in which two infos of one device differ; LINK_OPER is set
 * only by the mirror, which knows the concluded state. */
uint32_t link_info_diff(const struct link_info *a, const struct link_info *b);

/* Shall linkUp and linkDown of @link be sent? */
bool link_sends_traps(const struct link *link);

/* Concludes the operational state; @has_lower: is there a visible row below it? */
enum link_oper link_conclude(const struct link_info *info, bool has_lower);

/* True if the address is a link-layer address: not the zeros of a loopback, nor the local
 * IP address that IP tunnels keep there. */
bool link_has_lladdr(const struct link_info *info);

/* Converts one reading; @before is the previous result or NULL after a discontinuity. The
 * unicast counters are differences and are held, never let back (RFC 2578 section 7.1.6).
 */
void counters_conclude(struct counters *counters, const struct raw_counters *raw,
	bool has_mac, const struct counters *before);

/* True if any counter is lower in @now than in @before. */
bool counters_went_back(
	const struct raw_counters *before, const struct raw_counters *now);

#endif
