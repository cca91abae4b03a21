/*
 * On demand: what the kernel does not announce of neighbours and default routers. See
 * stats.h.
 */
#include "stats.h"

#include "../base/clock.h"
#include "decode.h"
#include "encode.h"

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
take_route(const struct nlmsghdr *msg, void *arg)
{
	struct mirror *mirror = ((struct stats *)arg)->mirror;

	if (decode_route(msg, mirror->said) == DECODE_OK)
		route_renew(mirror, mirror->said);
}

void
stats_need_routers(struct stats *stats, uint64_t now)
{
	/* The kernel skips the routes of other protocols, but it walks over them. */
	static const struct route_filter filter = {
		.family = AF_INET6, .table = ROUTE_TABLE_MAIN, .proto = ROUTE_PROTO_RA
	};
	struct mirror *mirror = stats->mirror;

	router_refresh(mirror);
	/* The lifetime of an advertised route is renewed without an event. */
	if (!mirror->routers_expire || stats_is_fresh(stats, stats->routers_at, now) ||
		now < stats->routers_due || !stats_is_open(stats, &stats->route))
		return;
	stats->routers_due =
		stats_ask_in_turn(stats, encode_get_fib(&filter), take_route);
	stats->routers_at = clock_now();
	router_refresh(mirror);
}
