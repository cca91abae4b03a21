/*
 * The session with the real kernel and a loop of the test's own: dump, then events; and
 * messages put in by hand, as a kernel that lies would send them. Needs no root: it
 * reads.
 */
#include "unit.h"

#include "../../agent/base/clock.h"
#include "../../agent/base/log.h"
#include "../../agent/kernel/encode.h"
#include "../../agent/kernel/procfs.h"
#include "../../agent/kernel/session.h"

#include <errno.h>
#include <limits.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static struct {
	struct {
		int fd;
		loop_fd_fn *fn;
		void *arg;
	} watched[8];
	loop_timer_fn *timer;
	void *timer_arg;
} fake;

static int
watch(int fd, loop_fd_fn *fn, void *arg)
{
	for (size_t i = 0; i < N_ELEMENTS(fake.watched); i++) {
		if (fake.watched[i].fn)
			continue;
		fake.watched[i].fd = fd;
		fake.watched[i].fn = fn;
		fake.watched[i].arg = arg;
		return 0;
	}
	return -EMFILE;
}

static void
unwatch(int fd)
{
	for (size_t i = 0; i < N_ELEMENTS(fake.watched); i++) {
		if (fake.watched[i].fn && fake.watched[i].fd == fd)
			fake.watched[i].fn = NULL;
	}
}

static unsigned int
after(unsigned int ms, loop_timer_fn *fn, void *arg)
{
	(void)ms;
	fake.timer = fn;
	fake.timer_arg = arg;
	return 1;
}

static void
cancel(unsigned int handle)
{
	(void)handle;
	fake.timer = NULL;
}

static const struct loop loop = { watch, unwatch, after, cancel };

static bool ready;

static void
become_ready(void *arg)
{
	(void)arg;
	ready = true;
}

/* Turns the loop until the session is synced, a bounded number of times. */
static void
turn_until_synced(const struct session *session)
{
	for (int turn = 0; turn < 1000 && session->state != SESSION_SYNCED; turn++) {
		if (fake.timer) {
			loop_timer_fn *fn = fake.timer;

			fake.timer = NULL;
			fn(fake.timer_arg);
		}
		for (size_t i = 0; i < N_ELEMENTS(fake.watched); i++) {
			struct pollfd pollfd = { fake.watched[i].fd, POLLIN, 0 };

			if (fake.watched[i].fn && poll(&pollfd, 1, 10) > 0)
				fake.watched[i].fn(
					fake.watched[i].fd, fake.watched[i].arg);
		}
	}
}

static void
first_dump_and_resync(void)
{
	struct mirror *mirror = mirror_new(&unit_options);
	struct session *session;

	memset(&fake, 0, sizeof(fake));
	ready = false;
	session = session_open(mirror, &loop, become_ready, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(session);
	CU_ASSERT_FALSE(ready);
	turn_until_synced(session);
	CU_ASSERT_TRUE(ready);
	CU_ASSERT_PTR_NOT_NULL(mirror_link(mirror, 1)); /* lo */
	CU_ASSERT_STRING_EQUAL(mirror_link(mirror, 1)->info.name, "lo");
	/* what a lost DELLINK leaves behind goes with the next sweep, and what a lost
	 * NEWLINK left out comes; the rest is untouched */
	{
		struct link_info ghost = plain_link(2000000000, "ghost");
		size_t links = set_count(&mirror->links);

		mirror_put_link(mirror, &ghost, FROM_EVENT);
		mirror_drop_link(mirror, 1);
		session_resync(session);
		CU_ASSERT_EQUAL(session->state, SESSION_STALE);
		turn_until_synced(session);
		CU_ASSERT_PTR_NULL(mirror_link(mirror, 2000000000));
		CU_ASSERT_PTR_NOT_NULL(mirror_link(mirror, 1));
		CU_ASSERT_EQUAL(set_count(&mirror->links), links);
		CU_ASSERT_EQUAL(session->counts.resyncs, 1);
	}
	session_close(session);
	mirror_free(mirror);
}

/* What is asked for of lo's IP, and how often. */
static void
ipif_from_the_kernel(struct session *session)
{
	const struct mirror *mirror = session->mirror;
	const struct source *source = mirror->source;
	const struct ipif *v4 = ipif_find(mirror, IP_V4, 1);
	const struct ipif *v6 = ipif_find(mirror, IP_V6, 1);
	uint64_t begin = clock_now(), requests;

	CU_ASSERT_PTR_NOT_NULL_FATAL(v4);
	if (!v6)
		return; /* a kernel without IPv6 */
	CU_ASSERT_EQUAL(v6->info.reasm_max, 65535);
	CU_ASSERT_EQUAL(v6->identifier_len, 0);
	source->need(source->arg, 0, NEED_IPIF_ROWS, begin);
	requests = session->stats.requests;
	source->need(source->arg, 0, NEED_IPIF_ROWS, begin);
	CU_ASSERT_EQUAL(session->stats.requests, requests); /* no doubt of any row */
	source->need(source->arg, 1, NEED_IPIF, begin);
	CU_ASSERT_EQUAL(session->stats.requests, requests + 3);
	CU_ASSERT_TRUE(v6->state_at && v6->counters_at && v6->neigh_at && v4->neigh_at);
	CU_ASSERT_TRUE(v6->counters.in_receives.present && v6->reachable_time);
	source->need(source->arg, 1, NEED_IPIF, begin);
	CU_ASSERT_EQUAL(session->stats.requests, requests + 3); /* in the same query */
	source->need(source->arg, 1, NEED_IPIF, clock_now());
	CU_ASSERT_EQUAL(session->stats.requests, requests + 4); /* the state, anew */
}

static void
on_demand_from_the_kernel(void)
{
	struct mirror *mirror = mirror_new(&unit_options);
	struct session *session;
	struct link *lo;
	uint64_t requests;

	memset(&fake, 0, sizeof(fake));
	session = session_open(mirror, &loop, NULL, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(session);
	turn_until_synced(session);
	lo = mirror_link(mirror, 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(lo);
	CU_ASSERT_EQUAL(lo->counters_at, 0);
	mirror->source->need(mirror->source->arg, 1, NEED_COUNTERS, clock_now());
	CU_ASSERT_NOT_EQUAL(lo->counters_at, 0);
	requests = session->stats.requests;
	mirror->source->need(mirror->source->arg, 1, NEED_COUNTERS, clock_now());
	CU_ASSERT_EQUAL(session->stats.requests, requests); /* still fresh */
	mirror->source->need(
		mirror->source->arg, 1, NEED_COUNTERS, clock_now() + NS_PER_S);
	CU_ASSERT_EQUAL(session->stats.requests, requests + 1);
	mirror->source->need(mirror->source->arg, 1, NEED_SPEED, clock_now());
	CU_ASSERT_NOT_EQUAL(lo->speed_known, KNOWN_STALE);
	CU_ASSERT_EQUAL(lo->speed, 0);
	mirror->source->need(mirror->source->arg, 1, NEED_QUEUE, clock_now());
	mirror->source->need(mirror->source->arg, 2000000000, NEED_COUNTERS, clock_now());
	mirror->source->need_rcvaddrs(mirror->source->arg, clock_now());
	ipif_from_the_kernel(session);
	CU_ASSERT_EQUAL(session->stats.failures, 0);
	session_close(session);
	mirror_free(mirror);
}

static void
quiet(int priority, const char *text)
{
	(void)priority, (void)text;
}

static bool
no_debugging(const char *subject)
{
	(void)subject;
	return false;
}

static void
malformed_events_are_counted(void)
{
	static const struct log_sink sink = { quiet, no_debugging, NULL };
	struct mirror *mirror = mirror_new(&unit_options);
	struct session session = { .mirror = mirror };
	struct built what = { .name = "x0", .kind = "dummy", .ifindex = 4, .arphrd = 1 };
	struct nl_msg *msg = build_link(RTM_NEWLINK, &what);

	log_to(&sink);
	session_take(&session, nlmsg_hdr(msg), FROM_EVENT);
	CU_ASSERT_PTR_NOT_NULL(mirror_link(mirror, 4));
	nlmsg_hdr(msg)->nlmsg_len -= 6;
	session_take(&session, nlmsg_hdr(msg), FROM_EVENT);
	CU_ASSERT_EQUAL(session.counts.malformed, 1);
	CU_ASSERT_STRING_EQUAL(mirror_link(mirror, 4)->info.name, "x0");
	nlmsg_free(msg);
	msg = build_link(RTM_DELLINK, &what);
	session_take(&session, nlmsg_hdr(msg), FROM_EVENT);
	CU_ASSERT_PTR_NULL(mirror_link(mirror, 4));
	nlmsg_free(msg);
	log_to(NULL);
	mirror_free(mirror);
}

/* A dump as a kernel that is told to lie would send it: datagrams of the test's own on
 * the socket of the dump that is running. */
struct liar {
	struct mirror *mirror;
	struct session *session;
	int end;
};

static void
become_dump(struct liar *liar)
{
	struct session *session = liar->session;
	struct channel channel = { 0 };
	int pair[2], error, was = reader_fd(session->reader);

	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	CU_ASSERT_EQUAL_FATAL(channel_open(&channel, NETLINK_ROUTE, true), 0);
	CU_ASSERT_EQUAL_FATAL(dup2(pair[0], channel.fd), channel.fd);
	close(pair[0]);
	reader_stop(session->reader);
	session->reader = reader_open(&channel, &session->cpus, &error);
	CU_ASSERT_EQUAL(reader_request(session->reader, encode_get_all_links()), 0);
	for (size_t i = 0; i < N_ELEMENTS(fake.watched); i++) {
		if (fake.watched[i].fn && fake.watched[i].fd == was)
			fake.watched[i].fd = reader_fd(session->reader);
	}
	liar->end = pair[1];
}

static void
begin_lying(struct liar *liar)
{
	static const struct log_sink sink = { quiet, no_debugging, NULL };

	log_to(&sink);
	memset(&fake, 0, sizeof(fake));
	ready = false;
	liar->mirror = mirror_new(&unit_options);
	liar->session = session_open(liar->mirror, &loop, become_ready, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(liar->session);
	turn_until_synced(liar->session);
	session_resync(liar->session);
	fake.timer(fake.timer_arg);
	CU_ASSERT_EQUAL_FATAL(liar->session->state, SESSION_SWEEPING);
	become_dump(liar);
}

static void
read_dump(int fd)
{
	for (size_t i = 0; i < N_ELEMENTS(fake.watched); i++) {
		if (fake.watched[i].fn && fake.watched[i].fd == fd) {
			fake.watched[i].fn(fd, fake.watched[i].arg);
			return;
		}
	}
}

/* Sends @len octets of @msg as a datagram, and lets the session read it. */
static void
lie(struct liar *liar, const void *msg, size_t len)
{
	struct pollfd pollfd = { reader_fd(liar->session->reader), POLLIN, 0 };

	read_dump(pollfd.fd); /* what there was is taken: it is silent */
	CU_ASSERT_EQUAL(send(liar->end, msg, len, 0), (ssize_t)len);
	CU_ASSERT_EQUAL_FATAL(poll(&pollfd, 1, 10000), 1);
	read_dump(pollfd.fd);
}

static void
lie_of_a_link(struct liar *liar, int flags, int short_of)
{
	struct built what = {
		.name = "x0", .kind = "dummy", .ifindex = 2000000000, .arphrd = 1
	};
	struct nl_msg *msg = build_link(RTM_NEWLINK, &what);

	nlmsg_hdr(msg)->nlmsg_flags |= (uint16_t)flags;
	lie(liar, nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len - (size_t)short_of);
	nlmsg_free(msg);
}

static void
lie_of_the_end(struct liar *liar, int error, int flags)
{
	struct {
		struct nlmsghdr head;
		int error;
	} done = { { sizeof(done), NLMSG_DONE, (uint16_t)(NLM_F_MULTI | flags), 0, 0 },
		error };

	lie(liar, &done, sizeof(done));
}

/* It is read again from the start, by the real kernel, and nothing of the lie remains. */
static void
end_lying(struct liar *liar, size_t links)
{
	CU_ASSERT_EQUAL(liar->session->state, SESSION_STALE);
	CU_ASSERT_PTR_NOT_NULL_FATAL(fake.timer);
	CU_ASSERT_EQUAL(set_count(&liar->mirror->links), links); /* nothing was swept */
	close(liar->end);
	turn_until_synced(liar->session);
	CU_ASSERT_EQUAL(liar->session->state, SESSION_SYNCED);
	CU_ASSERT_PTR_NULL(mirror_link(liar->mirror, 2000000000));
	CU_ASSERT_PTR_NOT_NULL(mirror_link(liar->mirror, 1));
	session_close(liar->session);
	mirror_free(liar->mirror);
	log_to(NULL);
}

static void
an_interrupted_dump_is_repeated(void)
{
	struct liar liar;
	size_t links;

	begin_lying(&liar);
	links = set_count(&liar.mirror->links);
	lie_of_a_link(&liar, NLM_F_MULTI | NLM_F_DUMP_INTR, 0);
	lie_of_the_end(&liar, 0, 0);
	CU_ASSERT_EQUAL(liar.session->counts.interrupted, 1);
	end_lying(&liar, links + 1);
	/* said by the last message only */
	begin_lying(&liar);
	lie_of_the_end(&liar, 0, NLM_F_DUMP_INTR);
	CU_ASSERT_EQUAL(liar.session->counts.interrupted, 1);
	end_lying(&liar, links);
}

static void
a_dump_that_fails_is_repeated(void)
{
	struct liar liar;
	size_t links;

	begin_lying(&liar);
	links = set_count(&liar.mirror->links);
	lie_of_the_end(&liar, -ENOMEM, 0);
	CU_ASSERT_EQUAL(liar.session->counts.failed, 1);
	end_lying(&liar, links);
}

static void
a_dump_that_is_cut_is_repeated(void)
{
	struct liar liar;
	size_t links;

	begin_lying(&liar);
	links = set_count(&liar.mirror->links);
	lie_of_a_link(&liar, NLM_F_MULTI, 4);
	CU_ASSERT_EQUAL(liar.session->counts.failed, 1);
	end_lying(&liar, links);
}

/* A kernel without IPv6 has no anycast addresses; it may have them at the next sweep. */
static void
a_refusal_of_anycasts_is_for_this_sweep(void)
{
	struct liar liar;

	begin_lying(&liar);
	session_resync(liar.session);
	if (liar.session->has_anycasts) {
		close(liar.end);
		liar.session->step = 1;
		fake.timer(fake.timer_arg);
		become_dump(&liar);
		lie_of_the_end(&liar, -EOPNOTSUPP, 0);
		CU_ASSERT_EQUAL(liar.session->step, 2);
		CU_ASSERT_EQUAL(liar.session->counts.failed, 0);
		CU_ASSERT_TRUE(liar.session->has_anycasts);
		/* of any other step it is a failure */
		lie_of_the_end(&liar, -EOPNOTSUPP, 0);
		CU_ASSERT_EQUAL(liar.session->counts.failed, 1);
	}
	end_lying(&liar, set_count(&liar.mirror->links));
}

static unsigned int warnings;

static void
count_warnings(int priority, const char *text)
{
	(void)text;
	warnings += priority <= LOG_WARNING;
}

/* Dumps are read in the loop then, and that is said once. */
static void
without_a_thread(void)
{
	static const struct log_sink sink = { count_warnings, no_debugging, NULL };
	const struct rlimit none = { 0, 0 };
	struct session *session;

	CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_NPROC, &none), 0);
	if (geteuid() == 0) /* for whom there is no limit */
		CU_ASSERT_EQUAL_FATAL(setresuid(65534, 65534, 65534), 0);
	log_to(&sink);
	memset(&fake, 0, sizeof(fake));
	ready = false;
	session = session_open(mirror_new(&unit_options), &loop, become_ready, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(session);
	turn_until_synced(session);
	CU_ASSERT_TRUE(ready);
	CU_ASSERT_TRUE(session->threadless);
	CU_ASSERT_PTR_NOT_NULL(mirror_link(session->mirror, 1));
	session_resync(session);
	turn_until_synced(session);
	CU_ASSERT_EQUAL(session->state, SESSION_SYNCED);
	CU_ASSERT_EQUAL(warnings, 1);
}

/* In a process of its own. */
static void
without_a_thread_alone(void)
{
	run_alone(without_a_thread);
}

/* The DEVTYPE of a link is read from a tree of files as sysfs has it. */
static void
devtypes(void)
{
	char root[PATH_MAX], path[PATH_MAX + 64], command[PATH_MAX + 64], devtype[16];
	FILE *file;

	make_folder(root);
	snprintf(command, sizeof(command), "mkdir -p %s/class/net/wlan0", root);
	CU_ASSERT_EQUAL_FATAL(system(command), 0);
	snprintf(path, sizeof(path), "%s/class/net/wlan0/uevent", root);
	file = fopen(path, "we");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	fputs("DEVTYPE=wlan\nINTERFACE=wlan0\nIFINDEX=7\n", file);
	fclose(file);
	CU_ASSERT_TRUE(sysfs_devtype(root, "wlan0", 7, devtype, sizeof(devtype)));
	CU_ASSERT_STRING_EQUAL(devtype, "wlan");
	CU_ASSERT_TRUE(sysfs_devtype(root, "wlan0", 7, devtype, 3));
	CU_ASSERT_STRING_EQUAL(devtype, "wl");
	/* another link of that name; no such name, yet or any more; no name at all */
	CU_ASSERT_FALSE(sysfs_devtype(root, "wlan0", 8, devtype, sizeof(devtype)));
	CU_ASSERT_STRING_EQUAL(devtype, "");
	CU_ASSERT_FALSE(sysfs_devtype(root, "wlan1", 7, devtype, sizeof(devtype)));
	CU_ASSERT_FALSE(sysfs_devtype(root, "../wlan0", 7, devtype, sizeof(devtype)));
	CU_ASSERT_FALSE(sysfs_devtype(root, "..", 7, devtype, sizeof(devtype)));
	snprintf(command, sizeof(command), "rm -r %s", root);
	CU_ASSERT_EQUAL(system(command), 0);
}

/* Without a kind it is asked for until it can be read, then never again. */
static void
devtype_is_asked_for_again(void)
{
	struct mirror *mirror = mirror_new(&unit_options);
	struct session session = { .mirror = mirror };
	struct built what = { .name = "nowhere0", .ifindex = 1, .arphrd = 1 };
	struct nl_msg *msg = build_link(RTM_NEWLINK, &what);

	session_take(&session, nlmsg_hdr(msg), FROM_EVENT);
	CU_ASSERT_FALSE(mirror_link(mirror, 1)->info.devtype_read);
	strcpy(mirror_link(mirror, 1)->info.devtype, "guess");
	nlmsg_free(msg);
	what.name = "lo";
	msg = build_link(RTM_NEWLINK, &what);
	session_take(&session, nlmsg_hdr(msg), FROM_EVENT);
	if (access("/sys/class/net/lo/uevent", R_OK) == 0)
		CU_ASSERT_TRUE(mirror_link(mirror, 1)->info.devtype_read);
	CU_ASSERT_STRING_EQUAL(mirror_link(mirror, 1)->info.devtype, "");
	strcpy(mirror_link(mirror, 1)->info.devtype, "wlan");
	session_take(&session, nlmsg_hdr(msg), FROM_EVENT);
	if (mirror_link(mirror, 1)->info.devtype_read)
		CU_ASSERT_STRING_EQUAL(mirror_link(mirror, 1)->info.devtype, "wlan");
	nlmsg_free(msg);
	mirror_free(mirror);
}

void
suite_session(void)
{
	CU_pSuite suite = CU_add_suite("session", NULL, NULL);

	CU_ADD_TEST(suite, first_dump_and_resync);
	CU_ADD_TEST(suite, on_demand_from_the_kernel);
	CU_ADD_TEST(suite, malformed_events_are_counted);
	CU_ADD_TEST(suite, an_interrupted_dump_is_repeated);
	CU_ADD_TEST(suite, a_dump_that_fails_is_repeated);
	CU_ADD_TEST(suite, a_dump_that_is_cut_is_repeated);
	CU_ADD_TEST(suite, a_refusal_of_anycasts_is_for_this_sweep);
	CU_ADD_TEST(suite, without_a_thread_alone);
	CU_ADD_TEST(suite, devtypes);
	CU_ADD_TEST(suite, devtype_is_asked_for_again);
}
