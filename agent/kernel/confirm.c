/*
 * Confirmations: see confirm.h.
 */
#include "confirm.h"

#include "../base/clock.h"
#include "encode.h"
#include "resync.h"

#include <errno.h>
#include <sys/socket.h>

/* Pause before routes are confirmed, in ms. The kernel tells that a link goes down before
 * it takes the routes out. */
#define PAUSE	  100
#define PAUSE_MAX 1000
/* Up to that many rows are confirmed at once, when that does any good. */
#define ROWS_NOW_MAX 20000
/* The ifIndex of lo. */
#define LO 1
/* At most one part in this of the time is spent on confirmations; */
#define SHARE 10
/* of those at once after a time without any, that much more, in ns. */
#define BURST (50 * NS_PER_MS)

/* In peace. */

static uint64_t
pause_of(const struct session *session)
{
	return session->confirm_pause ? session->confirm_pause : PAUSE;
}

static void
begin(void *arg)
{
	struct session *session = arg;
	struct route_doubt *doubt = &session->mirror->route_doubt;
	uint32_t scope = doubt->ifindex ? doubt->ifindex : ROUTE_CONFIRM_ALL;

	session->confirm_timer = 0;
	if (session->state != SESSION_SYNCED)
		return; /* a sweep is under way: its end plans another one */
	*doubt = (struct route_doubt){ 0 };
	session->confirm_begin = clock_cpu();
	resync_routes(session, scope);
}

void
confirm_plan(struct session *session)
{
	uint64_t now = clock_now();
	uint64_t due = now + pause_of(session) * NS_PER_MS;

	if (session->confirm_timer || session->state != SESSION_SYNCED ||
		!session->mirror->route_doubt.pending)
		return;
	if (due < session->confirm_due)
		due = session->confirm_due;
	session->confirm_timer = session->loop->after(
		(unsigned int)((due - now) / NS_PER_MS) + 1, begin, session);
}

/* One that has found something otherwise may have come too early, or seen a part. */
void
confirm_end(struct session *session)
{
	uint64_t pause = pause_of(session);
	uint32_t scope = session->confirming;

	session->counts.confirmed++;
	session->confirm_due =
		clock_now() + (clock_cpu() - session->confirm_begin) * SHARE;
	session->confirm_pause = 0;
	if (session->mirror->route_dump_changes) {
		route_doubt(session->mirror, scope == ROUTE_CONFIRM_ALL ? 0 : scope);
		session->confirm_pause = 4 * pause < PAUSE_MAX ? 4 * pause : PAUSE_MAX;
	}
	session->confirming = 0;
}

void
confirm_close(struct session *session)
{
	if (session->confirm_timer)
		session->loop->cancel(session->confirm_timer);
	session->confirm_timer = 0;
}

/* At once. */

static void
take(const struct nlmsghdr *msg, void *arg)
{
	session_take(arg, msg, FROM_DUMP);
}

static bool
read_family(struct session *session, uint8_t family, uint32_t oif)
{
	struct route_filter filter = { .family = family, .oif = oif };
	struct stats *stats = &session->stats;
	int error =
		stats_ask(stats, &stats->route, encode_get_fib(&filter), take, session);

	return !error || error == -ENODEV || error == -EOPNOTSUPP || error == -ENOENT;
}

static void
pass_over(const struct nlmsghdr *msg, void *arg)
{
	(void)msg;
	(void)arg;
}

/* The kernel tells of a link that has come up, and then lets the routes follow
 * (__dev_notify_flags()), with its lock for links held: a question that takes the lock is
 * answered when they have. */
static void
wait_for_kernel(struct session *session)
{
	stats_ask(&session->stats, &session->stats.route, encode_get_links(LO), pass_over,
		NULL);
}

/* Reads the routes over @oif, 0: all of them. False: that is nothing to judge by, because
 * it has failed, or may have passed routes over (resync.h). */
static bool
read_routes(struct session *session, uint32_t oif)
{
	uint64_t deletions = session->ipv6_deletions;

	wait_for_kernel(session);
	/* What has happened meanwhile comes before they are judged. */
	return read_family(session, AF_INET, oif) &&
	       read_family(session, AF_INET6, oif) && session_catch_up(session) &&
	       session->state == SESSION_SYNCED && deletions == session->ipv6_deletions;
}

void
confirm_now(struct session *session)
{
	struct mirror *mirror = session->mirror;
	struct route_doubt doubt = mirror->route_doubt_now;
	size_t rows = set_count(&mirror->routes) + set_count(&mirror->hidden_routes);
	uint64_t events = session->mirror->status.events;
	uint64_t start = clock_now(), cpu = clock_cpu();

	if (session->state != SESSION_SYNCED || !doubt.pending)
		return;
	mirror->route_doubt_now = (struct route_doubt){ 0 };
	if (rows > ROWS_NOW_MAX || session->confirm_now_due > start + SHARE * BURST ||
		!stats_is_open(&session->stats, &session->stats.route)) {
		route_doubt(mirror, doubt.ifindex);
		return;
	}
	route_sweep_begin(mirror, doubt.ifindex ? doubt.ifindex : ROUTE_CONFIRM_ALL);
	if (read_routes(session, doubt.ifindex)) {
		while (!route_sweep_end(mirror, UINT64_MAX))
			;
		session->counts.confirmed++;
	} else {
		route_sweep_stop(mirror);
	}
	if (session->confirm_now_due < start)
		session->confirm_now_due = start;
	session->confirm_now_due += (clock_cpu() - cpu) * SHARE;
	/* Once more in peace, and all if it has been ahead of events. */
	route_doubt(mirror, session->mirror->status.events == events ? doubt.ifindex : 0);
}
