/*
 * The session with the kernel, its event socket: see session.h. Dumps are resync.c's.
 */
#include "session.h"

#include "../base/alloc.h"
#include "../base/clock.h"
#include "../base/log.h"
#include "decode.h"
#include "resync.h"
#include "switch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* How long a turn of the loop may take to let routes follow what has happened to links
 * and the like, in ns: no answer would be true before. */
#define WORK_TURN (20 * NS_PER_MS)

/* How long a request waits for what is queued to be read: longer than a turn, for its
 * answer would not be true. */
#define REQUEST_TURN (20 * NS_PER_MS)

/* The groups whose events are read. */
static const int groups[] = { RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
	RTNLGRP_NEIGH, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_NEXTHOP,
	RTNLGRP_IPV6_IFINFO, RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF };

/* Linux 6.16, newer than the headers. Without its events the addresses would go stale, so
 * they are not read at all. */
#define GROUP_IPV6_ACADDR 39

/* Events. */

static void
take_events(struct session *session, size_t len)
{
	const uint8_t *at = session->events.buffer;
	const struct nlmsghdr *msg;
	bool cut = false;

	while ((msg = decode_next(&at, &len, &cut))) {
		session->mirror->status.events++;
		session_take(session, msg, FROM_EVENT);
	}
	if (cut)
		resync_lose_events(session, "cut short");
}

static void work_later(void *arg);

/* Lets the routes follow what has been read. False: that takes longer, and no event may
 * be read before. */
static bool
work(struct session *session, uint64_t begin)
{
	if (route_work(session->mirror, begin + WORK_TURN))
		return true;
	if (!session->work_timer)
		session->work_timer = session->loop->after(1, work_later, session);
	return false;
}

static void
work_later(void *arg)
{
	struct session *session = arg;

	session->work_timer = 0;
	session_drain(session);
}

/* No more events, and none that says so: whatever is answered from now on may be untrue.
 * A new socket would need all that a start does, so a start it is. */
static void
give_up(struct session *session, int error)
{
	static struct log_limit limit;

	log_limited(&limit, LOG_CRIT,
		"event socket: %s: leaving; a restart reads all state again",
		strerror(error));
	if (session->broken)
		session->broken(session->ready_arg);
}

/* Reads until the socket is empty (true) or the turn is over. */
static bool
read_all(struct session *session, uint64_t begin, uint64_t turn)
{
	ssize_t got;

	while (work(session, begin)) {
		got = channel_receive(&session->events);
		if (got == -EAGAIN)
			return true;
		if (got >= 0) {
			take_events(session, (size_t)got);
		} else if (got == -ENOBUFS || got == -EMSGSIZE) {
			resync_lose_events(
				session, got == -ENOBUFS ? "overrun" : "too long");
		} else {
			give_up(session, (int)-got);
			return false;
		}
		if (clock_now() - begin > turn) {
			work(session, begin);
			break; /* the loop comes back */
		}
	}
	return false;
}

bool
session_catch_up(struct session *session)
{
	return read_all(session, clock_now(), REQUEST_TURN);
}

static bool
drain(struct session *session, uint64_t turn)
{
	if (!read_all(session, clock_now(), turn))
		return false;
	resync_go_on(session);
	return true;
}

bool
session_drain(struct session *session)
{
	return drain(session, SESSION_TURN);
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
	session->has_anycasts = session->mirror->shows_anycasts =
		nl_socket_add_membership(session->events.sock, GROUP_IPV6_ACADDR) == 0;
	return session->loop->watch(session->events.fd, read_events, session);
}

/* struct source */

static void
source_drain(void *arg)
{
	drain(arg, REQUEST_TURN);
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

static bool
source_may_write(void *arg)
{
	return wishes_may(&((struct session *)arg)->wishes);
}

static bool
source_promotes(void *arg, const char *name)
{
	return switch_promotes(((struct session *)arg)->wishes.proc, name);
}

static bool
source_has_joined(void *arg, uint32_t ifindex, const struct inet *address)
{
	return anycast_is_joined(
		&((struct session *)arg)->wishes.anycasts, ifindex, address);
}

/* When a request's answer has been read, its events are queued: they are read before the
 * next request is answered, and here, since the next wish depends on them. */

static void
see_what_came(struct session *session)
{
	session->stats.rcvaddrs_at = 0; /* which have no events */
	if (session_catch_up(session))	/* what others do was not wished for */
		session->mirror->route_wished = (struct route_wish){ 0 };
}

static int
source_fulfil(void *arg, const struct wish *wish, struct deed **deed)
{
	struct session *session = arg;
	int error;

	session->mirror->told.setting = true;
	error = wishes_fulfil(&session->wishes, wish, deed);
	see_what_came(session);
	session->mirror->told.setting = false;
	return error;
}

static int
source_undo(void *arg, struct deed *deed)
{
	struct session *session = arg;
	int error;

	session->mirror->told.setting = true;
	error = wishes_undo(&session->wishes, deed);
	see_what_came(session);
	session->mirror->told.setting = false;
	return error;
}

static int
source_settle(void *arg)
{
	struct session *session = arg;
	int error = wishes_settle(&session->wishes);

	session_catch_up(session);
	return error;
}

static void
source_keep(void *arg, struct deed *deed)
{
	(void)arg;
	wishes_keep(deed);
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
		source_need_routers, source_need_node, source_may_write, source_promotes,
		source_has_joined, source_fulfil, source_undo, source_settle, source_keep,
		session };
	/* Before the loop is bound to a CPU of its own; more than can be told: anywhere.
	 */
	sched_getaffinity(0, sizeof(session->cpus), &session->cpus);
	node_init(&session->node, mirror);
	wishes_init(&session->wishes, mirror);
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
	if (session->work_timer)
		session->loop->cancel(session->work_timer);
	resync_close(session);
	if (session->events.sock)
		session->loop->unwatch(session->events.fd);
	channel_close(&session->events);
	stats_close(&session->stats);
	wishes_close(&session->wishes);
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
		"%zu addresses, %zu prefixes, %zu neighbours, %zu routes shown, %zu "
		"hidden, %zu paths, %zu nexthop objects",
		states[session->state], set_count(&mirror->links),
		set_count(&mirror->stack), set_count(&mirror->rcvaddrs),
		set_count(&mirror->addr_index), set_count(&mirror->prefixes),
		set_count(&mirror->neighs), set_count(&mirror->routes),
		set_count(&mirror->hidden_routes), set_count(&mirror->paths),
		set_count(&mirror->nexthops));
	log_line(LOG_INFO,
		"kernel: %llu events, %llu malformed, lost %llu times, %llu resyncs, "
		"%llu dumps interrupted, %llu failed, routes confirmed %llu times",
		(unsigned long long)mirror->status.events,
		(unsigned long long)counts->malformed, (unsigned long long)counts->lost,
		(unsigned long long)counts->resyncs,
		(unsigned long long)counts->interrupted,
		(unsigned long long)counts->failed,
		(unsigned long long)counts->confirmed);
	log_line(LOG_INFO, "on demand: %llu requests, %llu failed",
		(unsigned long long)session->stats.requests,
		(unsigned long long)session->stats.failures);
}
