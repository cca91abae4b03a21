/*
 * What the node counts of IP and ICMP, and the switches of its IP stacks: the rows of
 * ipSystemStatsTable, icmpStatsTable and icmpMsgStatsTable, and the scalars of IP-MIB.
 *
 * None of it has events. It is read when somebody asks, and kept here only so that a
 * reading can serve for a while and that a counter that goes back is seen. What a reading
 * does not bring is absent until one brings it again: an old number would be a wrong one.
 */
#ifndef NETMIBD_MIRROR_IPSTATS_H
#define NETMIBD_MIRROR_IPSTATS_H

#include "../base/optional.h"
#include "../base/set.h"

#include <stdbool.h>
#include <stdint.h>

enum ip_version {
	IP_V4 = 1,
	IP_V6 = 2,
};

#define N_ICMP_TYPES 256

/* Counters of one IP version. Nothing but struct optional in it, so that all can be gone
 * through. The last three groups are concluded by the mirror (ip_counters_conclude). */
struct ip_counters {
	struct optional in_receives, in_octets, in_hdr_errors, in_no_routes;
	struct optional in_addr_errors, in_unknown_protos, in_truncated_pkts;
	struct optional in_discards, in_delivers;
	struct optional reasm_reqds, reasm_oks, reasm_fails;
	struct optional out_no_routes, out_forw_datagrams, out_discards;
	struct optional frag_oks, frag_fails, frag_creates, out_octets;
	struct optional in_mcast_pkts, in_mcast_octets, out_mcast_pkts, out_mcast_octets;
	struct optional in_bcast_pkts, out_bcast_pkts;
	struct optional out_requests, out_transmits;
	struct optional in_forw_datagrams;
	struct optional frag_reqds;
};

/* ICMP messages; of ICMPv6 only the totals: the others are those of the types that RFC
 * 792 and RFC 950 have. */
struct icmp_counters {
	struct optional in_msgs, in_errors, out_msgs, out_errors;
	struct optional in_dest_unreachs, in_time_excds, in_parm_probs, in_src_quenchs;
	struct optional in_redirects, in_echos, in_echo_reps, in_timestamps;
	struct optional in_timestamp_reps, in_addr_masks, in_addr_mask_reps;
	struct optional out_dest_unreachs, out_time_excds, out_parm_probs,
		out_src_quenchs;
	struct optional out_redirects, out_echos, out_echo_reps, out_timestamps;
	struct optional out_timestamp_reps, out_addr_masks, out_addr_mask_reps;
};

/* One reading of one IP version, as the kernel tells it. */
struct ip_reading {
	struct ip_counters ip;
	struct icmp_counters icmp;
	struct optional in_types[N_ICMP_TYPES], out_types[N_ICMP_TYPES];
};

/* A row: one of the two IP versions. */
struct ipstats {
	struct set_node node;
	uint8_t version;	/* enum ip_version */
	bool known;		/* the last reading brought anything at all */
	uint64_t discontinuity; /* clock_now() when an IP counter went back; 0: never */
	struct ip_counters ip;
	struct icmp_counters icmp;
};

/* A row: a type of ICMP messages that has been seen, in one direction at least. */
struct icmp_type {
	struct set_node node;
	uint8_t version, type;
	struct optional in, out;
};

/* The switches, as the kernel has them (forwarding: any number but 0 is on). */
struct ip_sysctls {
	struct optional forwarding, default_ttl, frag_time;
	struct optional forwarding6, hop_limit6;
};

struct ip_node {
	struct ipstats v4, v6;
	struct set stats; /* both of them, by version */
	struct set types; /* struct icmp_type, by version, type */
	struct ip_sysctls sysctls;
	struct optional discarded_routes; /* valid ones, to make room */
	/* Not the kernel's: see ipAddressSpinLock in tables/ipScalars.c. */
	uint32_t address_spin_lock;
};

/* @node is zeroed memory. */
void ipstats_init(struct ip_node *node);
void ipstats_free(struct ip_node *node);

/* A reading of @version at time @now (clock_now()): absent is what it does not bring. */
void ipstats_put(struct ip_node *node, enum ip_version version,
	const struct ip_reading *reading, uint64_t now);

/* Makes the counters of RFC 4293 that Linux does not have of those it has, where that can
 * be; @before is the last result. */
void ip_counters_conclude(enum ip_version version, struct ip_counters *now,
	const struct ip_counters *before);

/* True if a counter has gone back. One that is absent now keeps its number, which is
 * shown to nobody, for the next time. */
bool ip_counters_follow(const struct ip_counters *before, struct ip_counters *now);

#endif
