/*
 * On demand: see stats.h.
 */
#include "stats.h"

#include "../base/clock.h"
#include "../base/log.h"
#include "decode.h"
#include "encode.h"
#include "procfs.h"
#include "stats_ipif.h"

#include <errno.h>
#include <linux/ethtool_netlink.h>
#include <netlink/genl/ctrl.h>
#include <string.h>

/* A request for one link costs about as much as the dump spends on this many: 12.7 us
 * against 0.45 us (RTM_GETSTATS, kernel 6.18). */
#define LINKS_PER_SINGLE 28

static uint64_t
max_age(const struct stats *stats)
{
	return stats->mirror->options->counter_max_age_ms * NS_PER_MS;
}

bool
stats_is_fresh(const struct stats *stats, uint64_t at, uint64_t now)
{
	return at && at + max_age(stats) > now;
}

/* True if this request should be a dump, by what the ones before it have cost: at most
 * one of each age. Who is left out of a dump is asked for by himself. */
static bool
dump_pays(struct stats *stats, struct demand *demand, uint64_t now)
{
	if (!stats_is_fresh(stats, demand->window, now)) {
		demand->window = now;
		demand->singles = 0;
		demand->dumped = false;
	}
	demand->singles++;
	if (demand->dumped || (size_t)demand->singles * LINKS_PER_SINGLE <=
				      set_count(&stats->mirror->links))
		return false;
	demand->dumped = true;
	return true;
}

int
stats_ask(struct stats *stats, struct channel *channel, struct nl_msg *msg, reply_fn *fn,
	void *arg)
{
	static struct log_limit limit;
	int protocol = channel == &stats->route ? NETLINK_ROUTE : NETLINK_GENERIC;
	int error;

	stats->requests++;
	error = channel_request(channel, msg, fn, arg);
	switch (error) {
	case 0:
	case -EINTR:	  /* some link is missing in the dump: it is asked for again */
	case -EOPNOTSUPP: /* the driver has no such thing */
	case -ENODEV:	  /* the link has gone, its event is on the way */
	case -EINVAL:
	case -ENOENT:
	case -ENODATA: /* no qdisc: the answer depends on the kernel */
		return error;
	}
	stats->failures++;
	log_limited(&limit, LOG_WARNING, "netlink request failed: %s", strerror(-error));
	/* The rest of an answer may still be queued: begin anew. */
	channel_close(channel);
	if (channel_open(channel, protocol, true) < 0)
		log_limited(&limit, LOG_ERR, "netlink socket: %s", strerror(errno));
	return error;
}

bool
stats_is_open(struct stats *stats, struct channel *channel)
{
	int protocol = channel == &stats->route ? NETLINK_ROUTE : NETLINK_GENERIC;

	return channel->sock || channel_open(channel, protocol, true) == 0;
}

uint64_t
stats_ask_in_turn(struct stats *stats, struct nl_msg *msg, reply_fn *fn)
{
	uint64_t begin = clock_now(), end;

	stats_ask(stats, &stats->route, msg, fn, stats);
	end = clock_now();
	return end + (end - begin) * STATS_SHARE;
}

/* Counters. */

static int ethtool_family(struct stats *stats);

struct mac_reading {
	struct raw_counters raw;
	bool present;
};

static void
take_eth_mac(const struct nlmsghdr *msg, void *arg)
{
	struct mac_reading *mac = arg;
	uint32_t ifindex;

	if (decode_eth_mac(msg, &ifindex, &mac->raw, &mac->present) != DECODE_OK)
		mac->present = false;
}

static void
copy_mac(struct raw_counters *to, const struct raw_counters *from)
{
	to->mac_rx_multicast = from->mac_rx_multicast;
	to->mac_rx_broadcast = from->mac_rx_broadcast;
	to->mac_tx_multicast = from->mac_tx_multicast;
	to->mac_tx_broadcast = from->mac_tx_broadcast;
}

/* The four counters of the driver, which only real devices have. True if @raw has them.
 */
static bool
read_eth_mac(struct stats *stats, struct link *link, struct raw_counters *raw)
{
	struct mac_reading mac = { .present = false };
	int error = -EOPNOTSUPP;

	if (!link->info.parent[0] || link->mac_known == KNOWN_NEVER)
		return false;
	if (ethtool_family(stats) > 0 && stats_is_open(stats, &stats->generic))
		error = stats_ask(stats, &stats->generic,
			encode_get_eth_mac(stats->ethtool, link->info.ifindex),
			take_eth_mac, &mac);
	if (mac.present) {
		link->mac_known = KNOWN_FRESH;
		copy_mac(raw, &mac.raw);
	} else if (link->mac_known == KNOWN_FRESH) {
		/* It had them and did not answer this time: they stand still, so that no
		 * counter seems to go back. */
		copy_mac(raw, &link->raw);
	} else if (!error || error == -EOPNOTSUPP) {
		link->mac_known = KNOWN_NEVER;
	}
	return link->mac_known == KNOWN_FRESH;
}

static void
take_stats(const struct nlmsghdr *msg, void *arg)
{
	struct stats *stats = arg;
	struct raw_counters raw = { 0 };
	struct link *link;
	uint32_t ifindex;
	bool has_mac;

	if (decode_stats(msg, &ifindex, &raw) != DECODE_OK)
		return;
	link = mirror_link(stats->mirror, ifindex);
	if (!link)
		return;
	has_mac = read_eth_mac(stats, link, &raw);
	mirror_set_counters(link, &raw, has_mac, clock_now());
}

static void
need_counters(struct stats *stats, struct link *link, uint64_t now)
{
	uint32_t ifindex = link->info.ifindex;

	if (stats_is_fresh(stats, link->counters_at, now) ||
		!stats_is_open(stats, &stats->route))
		return;
	if (dump_pays(stats, &stats->counters, now)) {
		stats_ask(stats, &stats->route, encode_get_stats(0), take_stats, stats);
		if (stats_is_fresh(stats, link->counters_at, now))
			return; /* else the dump was cut short before it */
	}
	stats_ask(stats, &stats->route, encode_get_stats(ifindex), take_stats, stats);
}

/* Speed. */

static int
ethtool_family(struct stats *stats)
{
	if (!stats->ethtool && stats_is_open(stats, &stats->generic)) {
		struct nl_sock *sock = nl_socket_alloc();

		if (sock && nl_connect(sock, NETLINK_GENERIC) == 0)
			stats->ethtool = genl_ctrl_resolve(sock, ETHTOOL_GENL_NAME);
		if (stats->ethtool <= 0) {
			stats->ethtool = -1; /* before 5.6 */
			log_line(LOG_NOTICE,
				"the kernel has no ethtool netlink: ifSpeed is 0");
		}
		nl_socket_free(sock);
	}
	return stats->ethtool;
}

static void
set_speed(struct link *link, uint32_t speed)
{
	link->speed = speed;
	link->speed_known = KNOWN_FRESH;
	link->speed_at = clock_now();
}

static void
take_linkmodes(const struct nlmsghdr *msg, void *arg)
{
	struct stats *stats = arg;
	struct link *link;
	uint32_t ifindex, speed;

	if (decode_linkmodes(msg, &ifindex, &speed) != DECODE_OK)
		return;
	link = mirror_link(stats->mirror, ifindex);
	if (!link)
		return;
	set_speed(link, speed);
}

/* A whole dump has left out the links whose driver has no link modes. */
static void
settle_speeds(struct stats *stats)
{
	struct link *link, *after;

	set_for_each (link, after, &stats->mirror->links) {
		if (link->speed_known == KNOWN_STALE)
			set_speed(link, 0);
	}
}

/* A speed that is older is asked for again though no event has spoken of the link: one
 * that is set by hand has none. */
#define SPEED_AGE (30 * NS_PER_S)

static bool
speed_is_fresh(const struct link *link, uint64_t now)
{
	return link->speed_known == KNOWN_NEVER ||
	       (link->speed_known == KNOWN_FRESH && link->speed_at + SPEED_AGE > now);
}

static void
need_speed(struct stats *stats, struct link *link, uint64_t now)
{
	int error;

	if (speed_is_fresh(link, now) || ethtool_family(stats) < 0 ||
		!stats_is_open(stats, &stats->generic))
		return;
	link->speed_known = KNOWN_STALE;
	if (dump_pays(stats, &stats->speed, now) &&
		stats_ask(stats, &stats->generic, encode_get_linkmodes(stats->ethtool, 0),
			take_linkmodes, stats) == 0)
		settle_speeds(stats);
	if (link->speed_known != KNOWN_STALE)
		return;
	error = stats_ask(stats, &stats->generic,
		encode_get_linkmodes(stats->ethtool, link->info.ifindex), take_linkmodes,
		stats);
	if (link->speed_known != KNOWN_STALE)
		return;
	/* It has none, or none now (a driver that is not up may say so): not again for
	 * each request. */
	set_speed(link, 0);
	if (error == -EOPNOTSUPP)
		link->speed_known = KNOWN_NEVER;
}

/* Queue length. A link without a queue (noqueue) is not in the answer. */

static void
take_qdisc(const struct nlmsghdr *msg, void *arg)
{
	struct stats *stats = arg;
	struct link *link;
	uint32_t ifindex, queue;

	if (decode_qdisc(msg, &ifindex, &queue) != DECODE_OK)
		return;
	link = mirror_link(stats->mirror, ifindex);
	if (!link)
		return;
	link->queue = queue;
	link->queue_at = clock_now();
}

static void
need_queue(struct stats *stats, struct link *link, uint64_t now)
{
	struct demand *demand = &stats->queue;
	bool dumped = demand->dumped && stats_is_fresh(stats, demand->window, now);

	if (stats_is_fresh(stats, link->queue_at, now) ||
		!stats_is_open(stats, &stats->route))
		return;
	link->queue = 0;
	if (dumped)
		return;
	link->queue_at = now;
	stats_ask(stats, &stats->route,
		encode_get_qdisc(dump_pays(stats, demand, now) ? 0 : link->info.ifindex),
		take_qdisc, stats);
}

/* Links that are down: an alias, or the lower link of a tunnel, changes without an event.
 */

/* Requests for the alias of one link within one age, before a dump must do. */
#define ALIAS_SINGLES 64

static void
take_silent(const struct nlmsghdr *msg, void *arg)
{
	struct stats *stats = arg;
	struct link_info info;
	struct link *link;

	if (decode_link(msg, &info) != DECODE_OK)
		return;
	link = mirror_link(stats->mirror, info.ifindex);
	if (!link || link->info.up)
		return;
	link->alias_at = clock_now();
	memcpy(info.devtype, link->info.devtype, sizeof(info.devtype));
	info.devtype_read = link->info.devtype_read;
	mirror_refresh_link(stats->mirror, link, &info);
}

static void
need_alias(struct stats *stats, struct link *link, uint64_t now)
{
	struct demand *demand = &stats->alias;

	if (link->info.up || link->alias_at >= now ||
		!stats_is_open(stats, &stats->route))
		return;
	if (!stats_is_fresh(stats, demand->window, now)) {
		demand->window = now;
		demand->singles = 0;
		demand->dumped = false;
	}
	if (demand->dumped)
		return;
	demand->dumped = ++demand->singles > ALIAS_SINGLES;
	stats_ask(stats, &stats->route,
		encode_get_links(demand->dumped ? 0 : link->info.ifindex), take_silent,
		stats);
}

void
stats_need_stack(struct stats *stats, uint64_t now)
{
	if (!stats->mirror->n_silent || now < stats->stack_due ||
		!stats_is_open(stats, &stats->route))
		return;
	stats->stack_due = stats_ask_in_turn(stats, encode_get_links(0), take_silent);
}

/* Receive addresses. */

static void
put_multicast(uint32_t ifindex, const struct lladdr *address, void *arg)
{
	struct stats *stats = arg;

	rcvaddr_put(stats->mirror, ifindex, address);
}

static void
take_fdb(const struct nlmsghdr *msg, void *arg)
{
	struct stats *stats = arg;
	struct lladdr address;
	uint32_t ifindex;

	if (decode_fdb(msg, &ifindex, &address) == DECODE_OK)
		rcvaddr_put(stats->mirror, ifindex, &address);
}

int
stats_open(struct stats *stats, struct mirror *mirror)
{
	int error;

	memset(stats, 0, sizeof(*stats));
	stats->mirror = mirror;
	error = channel_open(&stats->route, NETLINK_ROUTE, true);
	if (!error)
		error = channel_open(&stats->generic, NETLINK_GENERIC, true);
	return error;
}

void
stats_close(struct stats *stats)
{
	channel_close(&stats->route);
	channel_close(&stats->generic);
}

void
stats_need(struct stats *stats, uint32_t ifindex, uint32_t needs, uint64_t now)
{
	struct link *link = mirror_link(stats->mirror, ifindex);

	if (needs & NEED_IPIF)
		stats_need_ipif(stats, ifindex, needs, now);
	if (!link)
		return;
	if (needs & NEED_COUNTERS)
		need_counters(stats, link, now);
	if (needs & NEED_SPEED)
		need_speed(stats, link, now);
	if (needs & NEED_QUEUE)
		need_queue(stats, link, now);
	if (needs & NEED_ALIAS)
		need_alias(stats, link, now);
}

void
stats_need_rcvaddrs(struct stats *stats, uint64_t now)
{
	if (stats_is_fresh(stats, stats->rcvaddrs_at, now) ||
		!stats_is_open(stats, &stats->route))
		return;
	stats->rcvaddrs_at = clock_now();
	rcvaddr_sweep_begin(stats->mirror);
	/* A dump that was cut short must not delete what it did not come to. */
	if (stats_ask(stats, &stats->route, encode_get_fdb(), take_fdb, stats) == 0 &&
		procfs_multicast(put_multicast, stats) == 0)
		rcvaddr_sweep_end(stats->mirror);
}
