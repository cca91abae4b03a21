/*
 * The session with the kernel: see session.h.
 */
#include "session.h"

#include "../base/alloc.h"
#include "../base/clock.h"
#include "../base/log.h"
#include "decode.h"
#include "encode.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* How long one turn of the loop may read, in ns. */
#define TURN (5 * NS_PER_MS)

/* Pause before dump number @tries is repeated, in ms: at once, then slower and slower. */
static unsigned int
pause_before(unsigned int tries)
{
	return tries < 2 ? 1 : tries < 8 ? 5u << tries : 1000;
}

static void begin_step(struct session *session);

/* What is read in a sweep, in this order: an address wants its link. The steps of one
 * kind stand together: they are one sweep of the mirror, repeated as a whole. */
static const struct step {
	enum kind kind;
	const char *name;
	struct nl_msg *(*encode)(void);
} steps[] = {
	{ KIND_LINK, "links", encode_get_all_links },
	{ KIND_ADDR, "anycast addresses", encode_get_anycasts },
	{ KIND_ADDR, "addresses", encode_get_addrs },
	{ KIND_NEIGH, "neighbours", encode_get_neighs },
};

#define N_STEPS	     (sizeof(steps) / sizeof(steps[0]))
#define STEP_ANYCAST 1

/* The groups whose events are read. */
static const int groups[] = { RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
	RTNLGRP_NEIGH, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_NEXTHOP,
	RTNLGRP_IPV6_IFINFO, RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF };

/* Linux 6.16, newer than the headers. Without its events the addresses would go stale, so
 * they are not read at all. */
#define GROUP_IPV6_ACADDR 39

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
	if (session->dump.sock)
		session->loop->unwatch(session->dump.fd);
	channel_close(&session->dump);
}

/* What is known, or what the present step was about, may be wrong: reads it again, after
 * a pause. */
static void
become_stale(struct session *session, size_t from_step)
{
	stop_dump(session);
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

static void
lose_events(struct session *session, const char *why)
{
	static struct log_limit limit;

	session->counts.lost++;
	log_limited(
		&limit, LOG_NOTICE, "events of the kernel were lost (%s): resync", why);
	become_stale(session, 0);
}

void
session_resync(struct session *session)
{
	become_stale(session, 0);
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

static void
end_sweep(struct session *session)
{
	void (*ready)(void *arg) = session->ready;

	stop_dump(session);
	session->state = SESSION_SYNCED;
	session->step = 0;
	session->ready = NULL;
	if (ready)
		ready(session->ready_arg);
}

static void
end_step(struct session *session)
{
	enum kind kind = steps[session->step].kind;

	log_debug("netlink", "dump of the %s is complete", steps[session->step].name);
	if (session->step + 1 == N_STEPS || steps[session->step + 1].kind != kind) {
		session_drain(session);
		if (session->state != SESSION_SWEEPING)
			return; /* an event was lost: the dump is worth nothing */
		mirror_sweep_end(session->mirror, kind);
	}
	session->tries = 0;
	if (++session->step == N_STEPS)
		end_sweep(session);
	else
		begin_step(session);
}

static void
end_dump(struct session *session, int error)
{
	/* A kernel without IPv6, which may have it at the next sweep. */
	if (session->step == STEP_ANYCAST && error == -EOPNOTSUPP)
		error = 0;
	if (session->interrupted && !error) {
		session->counts.interrupted++;
		log_debug("netlink",
			"dump of the %s was interrupted by a change: repeated",
			steps[session->step].name);
		become_stale(session, first_step_of(steps[session->step].kind));
	} else if (error) {
		fail_dump(session, error);
	} else {
		end_step(session);
	}
}

/* Takes the messages of one datagram of the dump; true if it was the last one. */
static bool
take_dump(struct session *session, size_t len)
{
	const uint8_t *at = session->dump.buffer;
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
	do {
		ssize_t got = channel_receive(&session->dump);

		if (got == -EAGAIN)
			return;
		if (got < 0) {
			end_dump(session, (int)got);
			return;
		}
		if (take_dump(session, (size_t)got))
			return;
	} while (clock_now() - begin < TURN);
}

static void
begin_step(struct session *session)
{
	int error;

	if (session->step == first_step_of(steps[session->step].kind))
		mirror_sweep_begin(session->mirror, steps[session->step].kind);
	if (session->step == STEP_ANYCAST && !session->has_anycasts)
		session->step++;
	session->interrupted = false;
	session->tries++;
	error = channel_send(&session->dump, steps[session->step].encode());
	if (error)
		fail_dump(session, error);
}

static void
begin_sweep(struct session *session)
{
	int error = channel_open(&session->dump, NETLINK_ROUTE, true);

	session->state = SESSION_SWEEPING;
	if (session->step == 0 && mirror_is_complete(session->mirror, KIND_LINK))
		session->counts.resyncs++;
	if (!error)
		error = session->loop->watch(session->dump.fd, read_dump, session);
	if (error)
		fail_dump(session, error);
	else
		begin_step(session);
}

/* Events. */

static void
take_events(struct session *session, size_t len)
{
	const uint8_t *at = session->events.buffer;
	const struct nlmsghdr *msg;
	bool cut = false;

	while ((msg = decode_next(&at, &len, &cut))) {
		session->counts.events++;
		session_take(session, msg, FROM_EVENT);
	}
	if (cut)
		lose_events(session, "cut short");
}

void
session_drain(struct session *session)
{
	uint64_t begin = 0;
	ssize_t got;

	while ((got = channel_receive(&session->events)) != -EAGAIN) {
		if (got >= 0) {
			take_events(session, (size_t)got);
		} else if (got == -ENOBUFS || got == -EMSGSIZE) {
			lose_events(session, got == -ENOBUFS ? "overrun" : "too long");
		} else {
			static struct log_limit limit;

			log_limited(
				&limit, LOG_ERR, "event socket: %s", strerror((int)-got));
			return;
		}
		if (!begin)
			begin = clock_now();
		else if (clock_now() - begin > TURN)
			return; /* more is waiting: the loop comes back */
	}
	if (session->state == SESSION_STALE && !session->timer)
		begin_sweep(session);
}

static void
read_events(int fd, void *arg)
{
	(void)fd;
	session_drain(arg);
}

static int
open_events(struct session *session)
{
	int size = (int)session->mirror->options->event_buffer;
	int error = channel_open(&session->events, NETLINK_ROUTE, false);

	if (error)
		return error;
	/* FORCE needs CAP_NET_ADMIN; without it net.core.rmem_max is the limit. */
	if (setsockopt(session->events.fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
		    sizeof(size)) < 0)
		setsockopt(
			session->events.fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (nl_socket_add_membership(session->events.sock, groups[i]) < 0)
			return -errno;
	}
	session->has_anycasts =
		nl_socket_add_membership(session->events.sock, GROUP_IPV6_ACADDR) == 0;
	return session->loop->watch(session->events.fd, read_events, session);
}

/* struct source */

static void
source_drain(void *arg)
{
	session_drain(arg);
}

static void
source_need(void *arg, uint32_t ifindex, uint32_t needs, uint64_t now)
{
	stats_need(&((struct session *)arg)->stats, ifindex, needs, now);
}

static void
source_need_stack(void *arg, uint64_t now)
{
	stats_need_stack(&((struct session *)arg)->stats, now);
}

static void
source_need_neighs(void *arg, uint64_t now)
{
	stats_need_neighs(&((struct session *)arg)->stats, now);
}

static void
source_need_rcvaddrs(void *arg, uint64_t now)
{
	stats_need_rcvaddrs(&((struct session *)arg)->stats, now);
}

static void
source_need_routers(void *arg, uint64_t now)
{
	stats_need_routers(&((struct session *)arg)->stats, now);
}

static void
source_need_node(void *arg, uint32_t needs, uint64_t now)
{
	node_need(&((struct session *)arg)->node, needs, now);
}

struct session *
session_open(struct mirror *mirror, const struct loop *loop, void (*ready)(void *arg),
	void *arg)
{
	struct session *session = xcalloc(1, sizeof(*session));
	int error;

	session->mirror = mirror;
	session->loop = loop;
	session->ready = ready;
	session->ready_arg = arg;
	session->source = (struct source){ source_drain, source_need,
		source_need_rcvaddrs, source_need_stack, source_need_neighs,
		source_need_routers, source_need_node, session };
	node_init(&session->node, mirror);
	error = open_events(session);
	if (!error)
		error = stats_open(&session->stats, mirror);
	if (error) {
		log_line(LOG_ERR, "cannot talk rtnetlink to the kernel: %s",
			strerror(-error));
		session_close(session);
		return NULL;
	}
	mirror->source = &session->source;
	session_drain(session);
	return session;
}

void
session_close(struct session *session)
{
	if (session->timer)
		session->loop->cancel(session->timer);
	stop_dump(session);
	if (session->events.sock)
		session->loop->unwatch(session->events.fd);
	channel_close(&session->events);
	stats_close(&session->stats);
	if (session->mirror->source == &session->source)
		session->mirror->source = NULL;
	free(session);
}

void
session_log(const struct session *session)
{
	static const char *const states[] = { "stale", "sweeping", "synced" };
	const struct session_counts *counts = &session->counts;
	const struct mirror *mirror = session->mirror;

	log_line(LOG_INFO,
		"mirror: %s, %zu links, %zu stack entries, %zu receive addresses, "
		"%zu addresses, %zu prefixes, %zu neighbours",
		states[session->state], set_count(&mirror->links),
		set_count(&mirror->stack), set_count(&mirror->rcvaddrs),
		set_count(&mirror->addr_index), set_count(&mirror->prefixes),
		set_count(&mirror->neighs));
	log_line(LOG_INFO,
		"kernel: %llu events, %llu malformed, lost %llu times, %llu resyncs, "
		"%llu dumps interrupted, %llu failed",
		(unsigned long long)counts->events, (unsigned long long)counts->malformed,
		(unsigned long long)counts->lost, (unsigned long long)counts->resyncs,
		(unsigned long long)counts->interrupted,
		(unsigned long long)counts->failed);
	log_line(LOG_INFO, "on demand: %llu requests, %llu failed",
		(unsigned long long)session->stats.requests,
		(unsigned long long)session->stats.failures);
}
