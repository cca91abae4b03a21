/*
 * Dumps: see resync.h.
 */
#include "resync.h"

#include "../base/clock.h"
#include "../base/log.h"
#include "confirm.h"
#include "decode.h"
#include "encode.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

/* Pause before dump number @tries is repeated, in ms: at once, then slower and slower. */
static unsigned int
pause_before(unsigned int tries)
{
	return tries < 2 ? 1 : tries < 8 ? 5u << tries : 1000;
}

static void begin_step(struct session *session);

/* What is read in a sweep, in this order: an address wants its link, a route its nexthop
 * object. The steps of one kind stand together: they are one sweep of the mirror,
 * repeated as a whole. */
static const struct step {
	enum kind kind;
	const char *name;
	struct nl_msg *(*encode)(void); /* NULL: routes */
	uint8_t family;
} steps[] = {
	{ KIND_LINK, "links", encode_get_all_links, 0 },
	{ KIND_ADDR, "anycast addresses", encode_get_anycasts, 0 },
	{ KIND_ADDR, "addresses", encode_get_addrs, 0 },
	{ KIND_NEIGH, "neighbours", encode_get_neighs, 0 },
	{ KIND_NEXTHOP, "nexthop objects", encode_get_nexthops, 0 },
	{ KIND_ROUTE, "IPv4 routes", NULL, AF_INET },
	{ KIND_ROUTE, "IPv6 routes", NULL, AF_INET6 },
};

#define N_STEPS	     (sizeof(steps) / sizeof(steps[0]))
#define STEP_ANYCAST 1
#define STEP_NEXTHOP 4
#define STEP_IPV4    5
#define STEP_IPV6    6

/* How often a dump of routes that may have passed some over is read again at most. */
#define MAX_PASSES 8

static struct nl_msg *
encode_step(const struct session *session)
{
	const struct step *step = &steps[session->step];
	struct route_filter filter = { .family = step->family };

	if (step->encode)
		return step->encode();
	if (session->confirming != ROUTE_CONFIRM_ALL)
		filter.oif = session->confirming;
	return encode_get_fib(&filter);
}

/* Begin, repeat, end. */

static void
retry(void *arg)
{
	struct session *session = arg;

	session->timer = 0;
	/* Reads on until the event socket is empty, then begins. */
	session_drain(session);
}

static void
stop_dump(struct session *session)
{
	if (!session->reader)
		return;
	session->loop->unwatch(reader_fd(session->reader));
	reader_stop(session->reader);
	session->reader = NULL;
}

/* What is known, or what the present step was about, may be wrong: reads it again, after
 * a pause. */
static void
become_stale(struct session *session, size_t from_step)
{
	stop_dump(session);
	if (session->judge_timer)
		session->loop->cancel(session->judge_timer);
	session->judge_timer = 0;
	session->state = SESSION_STALE;
	session->step = from_step;
	if (!session->timer)
		session->timer = session->loop->after(
			pause_before(session->tries), retry, session);
}

static size_t
first_step_of(enum kind kind)
{
	size_t step = 0;

	while (step < N_STEPS - 1 && steps[step].kind != kind)
		step++;
	return step;
}

void
resync_lose_events(struct session *session, const char *why)
{
	static struct log_limit limit;

	session->counts.lost++;
	told_loss(&session->mirror->told);
	log_limited(
		&limit, LOG_NOTICE, "events of the kernel were lost (%s): resync", why);
	session_resync(session);
}

void
session_resync(struct session *session)
{
	session->confirming = 0;
	become_stale(session, 0);
}

void
resync_routes(struct session *session, uint32_t confirming)
{
	session->confirming = confirming;
	/* The objects are few beside the routes that follow them. */
	session->step = STEP_NEXTHOP;
	session->tries = 0;
	session->state = SESSION_STALE;
	session_drain(session);
}

static void
fail_dump(struct session *session, int error)
{
	static struct log_limit limit;

	session->counts.failed++;
	log_limited(&limit, LOG_WARNING, "dump of the %s failed: %s: repeated",
		steps[session->step].name, strerror(-error));
	become_stale(session, first_step_of(steps[session->step].kind));
}

/* All has been read: for the first time, or @again. */
static void
tell_resync(struct session *session, bool again)
{
	bool lost = session->counts.lost != session->lost_before;

	session->mirror->told.resyncing = false;
	session->lost_before = session->counts.lost;
	if (lost && again)
		told_resync(&session->mirror->told);
}

static void
end_sweep(struct session *session)
{
	void (*ready)(void *arg) = session->ready;

	stop_dump(session);
	session->state = SESSION_SYNCED;
	session->step = 0;
	session->ready = NULL;
	if (session->confirming)
		confirm_end(session);
	else
		tell_resync(session, !ready);
	confirm_plan(session);
	if (ready)
		ready(session->ready_arg);
}

static void
next_step(struct session *session)
{
	session->drained = false;
	session->tries = 0;
	session->passes = 0;
	if (++session->step == N_STEPS)
		end_sweep(session);
	else
		begin_step(session);
}

static bool
is_last_of_kind(size_t step)
{
	return step + 1 == N_STEPS || steps[step + 1].kind != steps[step].kind;
}

/* Has the dump of routes that has ended passed some over, by all that is known? */
static bool
wants_another_pass(const struct session *session)
{
	bool odd = session->interrupted ||
		   (session->step == STEP_IPV6 &&
			   session->ipv6_deletions != session->ipv6_deletions_before);

	return odd && session->mirror->route_news > 0 && session->passes < MAX_PASSES;
}

static void
begin_pass(struct session *session)
{
	int error;

	session->passes++;
	session->interrupted = false;
	session->mirror->route_news = 0;
	session->ipv6_deletions_before = session->ipv6_deletions;
	error = reader_request(session->reader, encode_step(session));
	if (error)
		fail_dump(session, error);
}

/* A dump of routes is whole. Events that are older than its end come first: deletions
 * tell that it may have passed routes over, and an event that replaces what the dump has
 * not named any more would be taken to replace something else. The end of the sweep comes
 * in slices. */
static void
judge_routes(void *arg)
{
	struct session *session = arg;
	bool drained = session_drain(session);

	session->judge_timer = 0;
	if (session->state != SESSION_SWEEPING)
		return; /* an event was lost: the dump is worth nothing */
	if (drained && !session->drained && wants_another_pass(session)) {
		begin_pass(session);
		return;
	}
	session->drained |= drained;
	if (session->drained &&
		(!is_last_of_kind(session->step) ||
			route_sweep_end(session->mirror, clock_now() + SESSION_TURN)))
		next_step(session);
	else
		session->judge_timer = session->loop->after(1, judge_routes, session);
}

/* The dump of the present step is whole. */
static void
end_step(struct session *session)
{
	enum kind kind = steps[session->step].kind;

	log_debug("netlink", "dump of the %s is complete", steps[session->step].name);
	if (kind == KIND_ROUTE) {
		judge_routes(session);
		return;
	}
	if (is_last_of_kind(session->step)) {
		session_drain(session);
		if (session->state != SESSION_SWEEPING)
			return; /* an event was lost: the dump is worth nothing */
		mirror_sweep_end(session->mirror, kind);
	}
	next_step(session);
}

/* Errors of a kernel that has no such thing, and may have it at the next sweep: IPv6,
 * nexthop objects (5.3). ENOENT: no route has ever been in the table. */
static bool
means_none(const struct session *session, int error)
{
	switch (session->step) {
	case STEP_ANYCAST:
	case STEP_NEXTHOP:
		return error == -EOPNOTSUPP;
	case STEP_IPV4:
	case STEP_IPV6:
		return error == -EOPNOTSUPP || error == -ENOENT || error == -ENODEV;
	default:
		return false;
	}
}

static void
end_dump(struct session *session, int error)
{
	if (error && means_none(session, error))
		error = 0;
	if (error) {
		fail_dump(session, error);
	} else if (session->interrupted && steps[session->step].kind != KIND_ROUTE) {
		session->counts.interrupted++;
		log_debug("netlink",
			"dump of the %s was interrupted by a change: repeated",
			steps[session->step].name);
		become_stale(session, first_step_of(steps[session->step].kind));
	} else {
		end_step(session);
	}
}

/* Takes the messages of one datagram of the dump; true if it was the last one, and the
 * reader may have gone. */
static bool
take_dump(struct session *session, const uint8_t *at, size_t len)
{
	const struct nlmsghdr *msg;
	bool cut = false;

	while ((msg = decode_next(&at, &len, &cut))) {
		if (msg->nlmsg_flags & NLM_F_DUMP_INTR)
			session->interrupted = true;
		if (msg->nlmsg_type == NLMSG_DONE || msg->nlmsg_type == NLMSG_ERROR) {
			/* DONE carries an error, too: that of a dump cut short */
			end_dump(session, decode_error(msg));
			return true;
		}
		session_take(session, msg, FROM_DUMP);
	}
	if (cut)
		end_dump(session, -EBADMSG);
	return cut;
}

static void
read_dump(int fd, void *arg)
{
	struct session *session = arg;
	uint64_t begin = clock_now();

	(void)fd;
	/* What has happened to links comes before what is newer. */
	if (!route_work(session->mirror, begin + SESSION_TURN))
		return;
	do {
		const uint8_t *data;
		ssize_t got = reader_take(session->reader, &data);

		if (got == -EAGAIN)
			return;
		if (got < 0) {
			end_dump(session, (int)got);
			return;
		}
		if (take_dump(session, data, (size_t)got))
			return;
	} while (clock_now() - begin < SESSION_TURN);
}

static void
begin_step(struct session *session)
{
	enum kind kind = steps[session->step].kind;

	if (session->step == first_step_of(kind)) {
		if (kind == KIND_ROUTE)
			route_sweep_begin(session->mirror, session->confirming);
		else
			mirror_sweep_begin(session->mirror, kind);
	}
	if (session->step == STEP_ANYCAST && !session->has_anycasts)
		session->step++;
	session->tries++;
	begin_pass(session);
}

static int
open_reader(struct session *session)
{
	struct channel channel = { 0 };
	int error = channel_open(&channel, NETLINK_ROUTE, true);

	if (error)
		return error;
	session->reader = reader_open(&channel, &session->cpus, &error);
	if (error && !session->threadless)
		log_line(LOG_WARNING,
			"no thread for dumps: %s: some will keep requests waiting",
			strerror(-error));
	session->threadless = error != 0;
	return session->loop->watch(reader_fd(session->reader), read_dump, session);
}

static void
begin_sweep(struct session *session)
{
	int error = open_reader(session);

	session->state = SESSION_SWEEPING;
	session->mirror->told.resyncing |= !session->ready && !session->confirming;
	session->drained = false;
	session->passes = 0;
	if (session->step == 0 && mirror_is_complete(session->mirror, KIND_LINK))
		session->counts.resyncs++;
	if (error)
		fail_dump(session, error);
	else
		begin_step(session);
}

void
resync_go_on(struct session *session)
{
	if (session->state == SESSION_STALE && !session->timer)
		begin_sweep(session);
	confirm_now(session);
	confirm_plan(session);
}

void
resync_close(struct session *session)
{
	unsigned int timers[] = { session->timer, session->judge_timer };

	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
		if (timers[i])
			session->loop->cancel(timers[i]);
	}
	confirm_close(session);
	stop_dump(session);
}
