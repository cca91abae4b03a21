/*
 * On demand: what the kernel does not announce of neighbours and default routers. See
 * stats.h.
 */
#include "stats.h"

#include "../base/clock.h"
#include "decode.h"
#include "encode.h"

#include <errno.h>
#include <sys/socket.h>

/* Neighbours. */

/* Above this many, what the events say must do. A dump of them would take 8 ms. */
#define NEIGHS_MAX 20000

static void
take_neigh(const struct nlmsghdr *msg, void *arg)
{
	struct stats *stats = arg;
	struct neigh_info info;

	if (decode_neigh(msg, &info) == DECODE_OK)
		mirror_put_neigh(stats->mirror, &info, FROM_DUMP);
}

void
stats_need_neighs(struct stats *stats, uint64_t now)
{
	if (now < stats->neighs_due || set_count(&stats->mirror->neighs) > NEIGHS_MAX ||
		!stats_is_open(stats, &stats->route))
		return;
	stats->neighs_due = stats_ask_in_turn(stats, encode_get_neighs(), take_neigh);
}

/* Default routers. */

static void
put_router(const struct router_info *info, void *arg)
{
	struct stats *stats = arg;

	router_put(stats->mirror, info);
}

static void
take_route(const struct nlmsghdr *msg, void *arg)
{
	decode_default_route(msg, put_router, arg);
}

/* ENOENT: no route has ever been in the table (6.18, IPv4); EOPNOTSUPP: a kernel without
 * IPv6. */
static int
read_routes(struct stats *stats, uint8_t family)
{
	int error = stats_ask(
		stats, &stats->route, encode_get_routes(family), take_route, stats);

	return error == -ENOENT || error == -EOPNOTSUPP ? 0 : error;
}

void
stats_need_routers(struct stats *stats, uint64_t now)
{
	struct mirror *mirror = stats->mirror;
	uint64_t begin = clock_now(), end;
	int v4, v6;

	/* The lifetime of an advertised route is renewed without an event. */
	if (mirror->routers_expire && !stats_is_fresh(stats, stats->routers_at, now))
		mirror->routers_stale = true;
	if (!mirror->routers_stale || now < stats->routers_due ||
		!stats_is_open(stats, &stats->route))
		return;
	router_sweep_begin(mirror);
	v4 = read_routes(stats, AF_INET);
	v6 = read_routes(stats, AF_INET6);
	if (!v4 && !v6)
		router_sweep_end(mirror);
	else
		mirror->routers_stale = true;
	stats->routers_at = end = clock_now();
	stats->routers_due = end + (end - begin) * STATS_SHARE;
}
