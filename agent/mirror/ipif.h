/*
 * IP interfaces: a link as IPv4 or IPv6 sees it. A link has a row of either version while
 * the kernel keeps that version's data for it: none of IPv6 when its MTU is below 1280,
 * or when the kernel has no IPv6 at all; an IPv6 that is only switched off has one.
 *
 * The kernel tells of rows in three ways, and some of it by halves. RTM_NEWLINK has a
 * block for each version that is there. RTM_NEWNETCONF says that one is there, and is
 * followed by a description for a link that is up only. RTM_DELNETCONF says that one is
 * gone, or that the link has been renamed and will have it back at once. Of the last two
 * a row is left in doubt: it is asked about before it is shown (mirror->ipif_doubts), and
 * keeps the time of the event.
 *
 * A sweep of the links sweeps these rows, too: a dump names every link and its versions.
 * What an event has said of a version since the sweep began outranks the dump.
 */
#ifndef NETMIBD_MIRROR_IPIF_H
#define NETMIBD_MIRROR_IPIF_H

#include "../base/set.h"
#include "ipstats.h"

#include <stdbool.h>
#include <stdint.h>

struct mirror;
struct link_info;

#define IDENTIFIER_LEN 8

/* What a message says of IPv6 on a link. */
struct ipif_info {
	uint32_t reasm_max;    /* octets */
	uint32_t retrans_time; /* ms */
	bool disabled;	       /* disable_ipv6 */
	bool forwarding;
	bool eui64; /* link-local addresses are made of the link-layer address */
	uint8_t token[IDENTIFIER_LEN]; /* zeros: none */
};

/* What a message says about a version. */
enum ipif_word {
	IPIF_SILENT,  /* nothing */
	IPIF_ABSENT,  /* it is not there */
	IPIF_PRESENT, /* it is there; IPv6 is described */
	IPIF_NAMED,   /* it is there */
	IPIF_DOUBTED, /* it is gone, or for a moment only */
};

/* One message, decoded. */
struct ipif_said {
	uint32_t ifindex;
	uint8_t v4, v6;	      /* enum ipif_word */
	bool has_forwarding;  /* info.forwarding, of a version that is only named */
	bool has_forwarding4; /* forwarding4, of an IPv4 that is there */
	bool forwarding4;
	struct ipif_info info; /* with v6 IPIF_PRESENT */
};

struct ipif {
	struct set_node node, by_doubt;
	uint32_t ifindex;
	uint8_t version; /* enum ip_version */
	bool doubted;
	bool described;		/* info has been filled in, or there is none (IPv4) */
	uint8_t identifier_len; /* 0 or IDENTIFIER_LEN */
	uint8_t identifier[IDENTIFIER_LEN];
	struct ipif_info info; /* IPv6; of IPv4 its forwarding only */
	uint64_t since; /* clock_now() when its being there came into doubt; 0: never */

	/* on demand; clock_now() of each, 0: never read */
	uint64_t state_at; /* of info */
	uint64_t neigh_at, counters_at;
	uint64_t discontinuity;
	uint32_t reachable_time;     /* ms: the base, not the random time made of it */
	uint32_t retrans_time;	     /* ms */
	struct ip_counters counters; /* a row of IPv4 has none and ends here */
};

void ipif_init(struct mirror *mirror);
void ipif_free(struct mirror *mirror);

/* The row, or NULL. */
struct ipif *ipif_find(
	const struct mirror *mirror, enum ip_version version, uint32_t ifindex);

/* The link is now @now; it was @before. Either may be NULL: it is new, or gone (then all
 * its rows go). */
void ipif_follow_link(struct mirror *mirror, const struct link_info *before,
	const struct link_info *now);

/* A link-local address of the link has come or gone: its identifier may be another one.
 */
void ipif_review_identifier(struct mirror *mirror, uint32_t ifindex);

/* Readings of a row at @now (clock_now()): the parameters of its neighbour cache in ms,
 * and its counters. */
void ipif_set_neigh(struct mirror *mirror, struct ipif *row, uint32_t reachable_time,
	uint32_t retrans_time, uint64_t now);
void ipif_set_counters(
	struct ipif *row, const struct ip_counters *counters, uint64_t now);

#endif
