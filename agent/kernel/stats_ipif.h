/*
 * IP interfaces between kernel and mirror: what events and dumps say of them, and what is
 * asked for because no event says it.
 *
 * Whether IPv6 is switched on is asked for with every request that wants to know, since
 * disable_ipv6 has no event of its own: by a request for the link, or by a dump of all
 * when one request wants to know it of many. Counters and the neighbour caches'
 * parameters have an age, as everything in stats.h has.
 */
#ifndef NETMIBD_KERNEL_STATS_IPIF_H
#define NETMIBD_KERNEL_STATS_IPIF_H

#include "decode.h"
#include "stats.h"

/* Takes what @msg says of IP interfaces, if anything. */
enum decoded take_ipif(
	struct mirror *mirror, const struct nlmsghdr *msg, enum origin origin);

/* For stats_need(): the bits of NEED_IPIF. */
void stats_need_ipif(struct stats *stats, uint32_t ifindex, uint32_t needs, uint64_t now);

#endif
