/*
 * Notifications: what the changes of the mirror mean to managers. A change becomes a
 * notice (engine/notify.h), whose varbinds are read by the getters that answer a GET.
 *
 * One file for each kind of change: linkNotices.c and its like. They see each change
 * once, after it has happened, with the old row and the new one. What is switched off
 * costs nothing: notices_want() comes first.
 */
#ifndef NETMIBD_TABLES_NOTICES_H
#define NETMIBD_TABLES_NOTICES_H

#include "../agent/base/lladdr.h"
#include "../agent/base/loop.h"
#include "../agent/engine/notify.h"
#include "tables.h"

#include <bsd/sys/queue.h>

/* The bits of nmdNotifyEnable: a switch and a counter for each. */
enum notice_type {
	NOTICE_LINK, /* linkUp, linkDown */
	NOTICE_INTERFACE_ADDED,
	NOTICE_INTERFACE_REMOVED,
	NOTICE_INTERFACE_CHANGED,
	NOTICE_ADDRESS_ADDED,
	NOTICE_ADDRESS_REMOVED,
	NOTICE_ADDRESS_DUPLICATE,
	NOTICE_ADDRESS_DEPRECATED,
	NOTICE_DEFAULT_ROUTE, /* changed, lost */
	NOTICE_ROUTE,	      /* added, removed */
	NOTICE_NEIGHBOR_MOVED,
	NOTICE_NEIGHBOR_CONFLICT,
	NOTICE_GATEWAY, /* unreachable, reachable */
	NOTICE_RESYNC_DONE,
	NOTICE_SUMMARY,
	N_NOTICE_TYPES
};

_Static_assert(N_NOTICE_TYPES == TOLD_TYPES, "each has a row in nmdNotifyTable");
_Static_assert((int)N_NOTICE_TYPES <= NOTIFY_TYPES, "each is counted");

/* What one thing can be told about; the numbers are of no meaning. */
enum notice_topic {
	TOPIC_LINK,	 /* by ifIndex: up or down */
	TOPIC_INTERFACE, /* by ifIndex: there or not */
	TOPIC_CHANGED,	 /* by ifIndex: what is told of it */
	TOPIC_ADDRESS,	 /* by struct notice_key: there or not */
	TOPIC_DUPLICATE,
	TOPIC_DEPRECATED,
	TOPIC_DEFAULT_ROUTE, /* by family: where it leads */
	TOPIC_ROUTE,	     /* there or not */
	TOPIC_NEIGHBOR,	     /* by struct notice_key: its link-layer address */
	TOPIC_CONFLICT,
	TOPIC_GATEWAY, /* by struct notice_key: reachable or not */
	TOPIC_RESYNC,
};

/* nmdCause */
enum nmd_cause {
	CAUSE_OTHER = 1,
	CAUSE_SNMP = 2,
	CAUSE_INTERFACE_DOWN = 3,
	CAUSE_LIFETIME = 4,
	CAUSE_RESYNC = 5,
};

/* The objects that only notifications have, by their last number. */
enum nmd_notify_object {
	NMD_CAUSE = 1,
	NMD_CHANGE_BITS = 2,
	NMD_ADDRESS_FAMILY = 3,
	NMD_OLD_NEXT_HOP_TYPE = 4,
	NMD_OLD_NEXT_HOP = 5,
	NMD_OLD_IF_INDEX = 6,
	NMD_NEW_NEXT_HOP_TYPE = 7,
	NMD_NEW_NEXT_HOP = 8,
	NMD_OLD_PHYS_ADDRESS = 9,
	NMD_MOVE_COUNT = 10,
	NMD_HELD_BACK = 11,
};

/* Columns that several kinds of notifications carry. */
enum { IF_NAME = 1 };	     /* ifXTable */
enum { ROUTE_IF_INDEX = 7 }; /* inetCidrRouteTable */

#define NMD_NOTIFICATION(number)                                                         \
	OID(1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 2, 0, number)

/* Names an address or a neighbour of an interface; made by notice_key(). */
struct notice_key {
	uint32_t ifindex;
	struct inet address; /* without its zone */
	uint8_t unused[2];
};

/* The best default route of a family, as it was seen last (defaultNotices.c). */
struct notice_default {
	bool present;
	bool stale;	  /* a default route has come or gone since */
	uint64_t lost_at; /* clock_now() when none was left; 0: there is one */
	uint8_t cause;	  /* enum nmd_cause of what has happened since */
	uint32_t ifindex;
	struct inet next_hop; /* type INET_UNKNOWN: none */
};

TAILQ_HEAD(notice_movers, notice_mover);

struct notices {
	struct mirror *mirror;
	struct notifier *notifier;
	const struct loop *loop;
	bool begun;    /* all has been read once */
	uint64_t last; /* number that was given last by notices_number() */
	uint64_t held[N_NOTICE_TYPES];	   /* when a summary was made last */
	struct notice_default defaults[2]; /* IPv4, IPv6 */
	unsigned int default_timer;	   /* 0: none is running; */
	uint64_t default_due;		   /* clock_now() when it is due */
	struct set gateways;		   /* those that are unreachable */
	struct set movers; /* neighbours that have moved within the last minute, */
	struct notice_movers recent; /* and the same, the last one at the end */
};

/* Begins to tell what happens to @mirror; all must outlive @notices, till
 * notices_close(). */
void notices_open(struct notices *notices, struct mirror *mirror,
	struct notifier *notifier, const struct loop *loop);
void notices_close(struct notices *notices);

/* All has been read for the first time. */
void notices_begin(struct notices *notices);

/* The end of a window in which notices were held back: says so. NULL: nobody wants to
 * know. */
struct notice *notices_summary(struct notices *notices);

/* Is @type switched on? And is what has been made still, and the interface it is about?
 */
bool notices_want(const struct notices *notices, enum notice_type type);
bool notices_still_want(const struct notices *notices, const struct notice *notice);

/* For states: one that is no other's, and that of something that is there or not, of
 * which the opposite may be switched off (@opposite), so that it is not told. */
uint64_t notices_number(struct notices *notices);
uint64_t notices_presence(
	struct notices *notices, bool present, enum notice_type opposite);

/* For states: a hash of @len octets; never 0. */
uint64_t notices_hash(uint64_t hash, const void *octets, size_t len);
#define NOTICES_HASH 0xcbf29ce484222325

struct notice_key notice_key(uint32_t ifindex, const struct inet *address);

/* Why it has happened. @ifindex: of an interface whose going down may be the reason; 0:
 * that is no matter. */
enum nmd_cause notices_cause(const struct notices *notices, uint32_t ifindex);

/* What those who tell of @mirror have sent and held back; zeros if nobody tells. */
const struct notify_counts *notices_counts(const struct mirror *mirror);

/* A query by which rows are read. */
struct query notices_query(const struct notices *notices);

/* Adds an object that only notifications have: a number, octets; and ifName of link
 * @ifindex, if that is there. */
void notice_add_number(struct notice *notice, enum nmd_notify_object object,
	enum syntax syntax, uint64_t number);
void notice_add_octets(struct notice *notice, enum nmd_notify_object object,
	const void *octets, size_t len);
void notice_add_name(struct notice *notice, struct query *query, uint32_t ifindex);

/* The kinds. Called when what there is has been read for the first time. */
void link_notices(struct notices *notices, const struct change *change);
void address_notices(struct notices *notices, const struct change *change);
void route_notices(struct notices *notices, const struct change *change);
void neighbour_notices(struct notices *notices, const struct change *change);

/* A default route has come, gone or changed. */
void default_notices(struct notices *notices, const struct change *change);
/* Looks at them, and at the gateways, in @ms milliseconds at the latest. */
void default_notices_soon(struct notices *notices, unsigned int ms);
/* Takes what there is as known. */
void default_notices_begin(struct notices *notices);
/* The first shown default route of table main over link @ifindex with next hop @gateway
 * (with its zone), or NULL. */
const struct route *default_route_by(
	const struct mirror *mirror, uint32_t ifindex, const struct inet *gateway);

/* A neighbour that may be a gateway has changed; default routes have; and the set of
 * those that are unreachable. */
void gateway_notices(struct notices *notices, const struct neigh *neigh);
void gateway_notices_review(struct notices *notices);
void gateway_notices_init(struct notices *notices);
void gateway_notices_free(struct notices *notices);

/* The memory of neighbours that move. */
void neighbour_notices_init(struct notices *notices);
void neighbour_notices_free(struct notices *notices);

#endif
