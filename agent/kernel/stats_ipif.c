/*
 * IP interfaces: see stats_ipif.h.
 */
#include "stats_ipif.h"

#include "../base/clock.h"
#include "../base/log.h"
#include "decode_ipif.h"
#include "encode.h"
#include "snmp6.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* A request for one link costs about as much as the dump of IPv6 spends on this many:
 * 25 us against 2.5 us (kernel 6.18). */
#define LINKS_PER_SINGLE 10

/* Rows in doubt that are asked about one by one, before a dump does for all. */
#define DOUBT_SINGLES 64

enum decoded
take_ipif(struct mirror *mirror, const struct nlmsghdr *msg, enum origin origin)
{
	struct ipif_said said;
	enum decoded result = decode_ipif(msg, &said);

	if (result == DECODE_OK)
		mirror_put_ipif(mirror, &said, origin);
	return result;
}

/* Rows. */

static void
take_rows(const struct nlmsghdr *msg, void *arg)
{
	struct stats *stats = arg;

	take_ipif(stats->mirror, msg, FROM_EVENT);
}

/* Asks whether the row is there; true if there is an answer. */
static bool
settle_doubt(struct stats *stats, const struct ipif *row)
{
	struct ipif_said gone = {
		.ifindex = row->ifindex, .v4 = IPIF_ABSENT, .v6 = IPIF_ABSENT
	};
	int error = stats_ask(
		stats, &stats->route, encode_get_links(gone.ifindex), take_rows, stats);

	/* The link has gone altogether, its event is on the way. */
	if (error == -ENODEV)
		mirror_put_ipif(stats->mirror, &gone, FROM_EVENT);
	return !error || error == -ENODEV;
}

static void
settle_doubts(struct stats *stats)
{
	const struct set *doubts = &stats->mirror->ipif_doubts;

	if (set_count(doubts) > DOUBT_SINGLES)
		stats_ask(stats, &stats->route, encode_get_links(0), take_rows, stats);
	for (size_t n = set_count(doubts); n && set_count(doubts); n--) {
		if (!settle_doubt(stats, set_first(doubts)))
			return;
	}
}

/* Is IPv6 switched on? */

static void
take_state(const struct nlmsghdr *msg, void *arg)
{
	struct stats *stats = arg;
	struct ipif_said said;
	struct ipif *row;

	if (decode_ipif(msg, &said) != DECODE_OK)
		return;
	/* The row that is being read must not go now: the next request will ask. */
	if (said.v4 == IPIF_ABSENT)
		said.v4 = IPIF_DOUBTED;
	if (said.v6 == IPIF_ABSENT)
		said.v6 = IPIF_DOUBTED;
	mirror_put_ipif(stats->mirror, &said, FROM_EVENT);
	row = ipif_find(stats->mirror, IP_V6, said.ifindex);
	if (row && said.v6 == IPIF_PRESENT)
		row->state_at = clock_now();
}

static void
read_all(struct stats *stats)
{
	if (stats_ask(stats, &stats->route, encode_get_ipv6_links(), take_state, stats) ==
		0)
		stats->ipif.all_at = clock_now();
}

/* True if this request should be a dump, by what the ones before it have cost in the same
 * window: at most one of each. */
static bool
dump_pays(struct stats *stats, struct demand *demand, bool same_window, uint64_t now)
{
	if (!same_window) {
		demand->window = now;
		demand->singles = 0;
		demand->dumped = false;
	}
	demand->singles++;
	if (demand->dumped || (size_t)demand->singles * LINKS_PER_SINGLE <=
				      set_count(&stats->mirror->ipv6ifs))
		return false;
	demand->dumped = true;
	return true;
}

static void
read_state(struct stats *stats, const struct ipif *row, bool dump)
{
	uint64_t before = row->state_at;

	if (dump)
		read_all(stats);
	if (row->state_at == before)
		stats_ask(stats, &stats->route, encode_get_links(row->ifindex),
			take_state, stats);
}

/* The window is one query: a change is to be seen by the next one. */
static void
need_state(struct stats *stats, const struct ipif *row, uint64_t now)
{
	struct demand *demand = &stats->ipif.state;

	if (row->state_at < now)
		read_state(
			stats, row, dump_pays(stats, demand, demand->window == now, now));
}

/* The token and the mode of making addresses: no event tells of them while the link is
 * down (6.18, as with the alias). */
static void
need_identifier(struct stats *stats, const struct ipif *row, uint64_t now)
{
	const struct link *link = mirror_link(stats->mirror, row->ifindex);
	struct demand *demand = &stats->ipif.identifier;

	if (link && !link->info.up && !stats_is_fresh(stats, row->state_at, now))
		read_state(stats, row,
			dump_pays(stats, demand,
				stats_is_fresh(stats, demand->window, now), now));
}

/* Counters. */

static void
need_counters(struct stats *stats, struct ipif *row, uint64_t now)
{
	const struct link *link = mirror_link(stats->mirror, row->ifindex);
	static struct log_limit limit;
	struct ip_reading reading;
	int error;

	if (!link || stats_is_fresh(stats, row->counters_at, now))
		return;
	stats->requests++;
	error = snmp6_read("/proc", link->info.name, row->ifindex, &reading);
	if (!error || error == -EBADMSG) /* then what it has not brought is absent */
		ipif_set_counters(row, &reading.ip, clock_now());
	/* ENOENT, ESTALE: the link has been renamed or has lost its IPv6 just now. */
	if (!error || error == -ENOENT || error == -ESTALE)
		return;
	stats->failures++;
	log_limited(&limit, LOG_WARNING, "IPv6 counters of %s: %s", link->info.name,
		strerror(-error));
}

/* Parameters of the neighbour caches. There are no requests for one of them. */

static void
take_neigh(const struct nlmsghdr *msg, void *arg)
{
	struct stats *stats = arg;
	struct neigh_parms parms;
	struct ipif *row;

	if (decode_neigh_parms(msg, &parms) != DECODE_OK)
		return;
	row = ipif_find(stats->mirror, parms.version, parms.ifindex);
	if (row)
		ipif_set_neigh(stats->mirror, row, parms.base_reachable_time,
			parms.retrans_time, clock_now());
}

static void
read_neigh(struct stats *stats)
{
	if (stats_ask(stats, &stats->route, encode_get_neigh_parms(), take_neigh,
		    stats) == 0)
		stats->ipif.neigh_at = clock_now();
}

static void
need_neigh(struct stats *stats, const struct ipif *row, uint64_t now)
{
	if (row && !stats_is_fresh(stats, row->neigh_at, now))
		read_neigh(stats);
}

/* What has no event, of all links: has anything changed? */
static void
need_all(struct stats *stats, uint32_t needs, uint64_t now)
{
	if (needs & NEED_IPIF_STATE && !stats_is_fresh(stats, stats->ipif.all_at, now))
		read_all(stats);
	if (needs & NEED_IPIF_NEIGH && !stats_is_fresh(stats, stats->ipif.neigh_at, now))
		read_neigh(stats);
}

void
stats_need_ipif(struct stats *stats, uint32_t ifindex, uint32_t needs, uint64_t now)
{
	struct mirror *mirror = stats->mirror;
	struct ipif *v6;

	if (!stats_is_open(stats, &stats->route))
		return;
	if (needs & NEED_IPIF_ROWS)
		settle_doubts(stats);
	v6 = ipif_find(mirror, IP_V6, ifindex);
	if (!ifindex && set_count(&mirror->ipv6ifs))
		need_all(stats, needs, now);
	if (v6 && needs & NEED_IPIF_COUNTERS)
		need_counters(stats, v6, now);
	if (v6 && needs & NEED_IPIF_STATE)
		need_state(stats, v6, now);
	if (v6 && needs & NEED_IPIF_IDENTIFIER)
		need_identifier(stats, v6, now);
	if (needs & NEED_IPIF_NEIGH) {
		need_neigh(stats, ipif_find(mirror, IP_V4, ifindex), now);
		need_neigh(stats, v6, now);
	}
}
