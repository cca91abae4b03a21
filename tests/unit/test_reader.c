/*
 * The reader of dumps: a thread at one end of a pair of sockets, or of the kernel's. What
 * is sent to it comes out in order, whatever its ring has room for, and it can be stopped
 * at any moment. Needs no root.
 */
#include "unit.h"

#include "../../agent/base/clock.h"
#include "../../agent/kernel/encode.h"
#include "../../agent/kernel/reader.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE 10000 /* ms: what has not happened by then will not */

static const cpu_set_t anywhere;

struct bench {
	struct reader *reader;
	int end; /* what is sent here is received there */
	uint32_t sent, taken;
};

/* A reader of @fd, which is closed. */
static struct reader *
read_from(int fd, const cpu_set_t *cpus, bool threaded)
{
	struct channel channel = { 0 };
	struct reader *reader;
	int error;

	CU_ASSERT_EQUAL_FATAL(channel_open(&channel, NETLINK_ROUTE, true), 0);
	CU_ASSERT_EQUAL_FATAL(dup2(fd, channel.fd), channel.fd);
	close(fd);
	reader = reader_open(&channel, cpus, &error);
	CU_ASSERT_EQUAL(error, threaded ? 0 : -EAGAIN);
	CU_ASSERT_PTR_NULL(channel.sock);
	return reader;
}

static void
ask(struct reader *reader)
{
	CU_ASSERT_EQUAL(reader_request(reader, encode_get_all_links()), 0);
}

static void
begin(struct bench *bench, bool threaded)
{
	char request[1024];
	int pair[2];

	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	*bench = (struct bench){ .end = pair[1],
		.reader = read_from(pair[0], &anywhere, threaded) };
	ask(bench->reader);
	CU_ASSERT_EQUAL(recv(bench->end, request, sizeof(request), 0),
		(ssize_t)((const struct nlmsghdr *)(const void *)request)->nlmsg_len);
}

static void
end(struct bench *bench)
{
	reader_stop(bench->reader);
	close(bench->end);
}

/* The number @n, in a datagram of a length that follows from it. */
static size_t
fill(uint32_t *datagram, uint32_t n)
{
	size_t words = 1 + n * 7919 % 4000;

	for (size_t i = 0; i < words; i++)
		datagram[i] = n;
	return words * sizeof(n);
}

static bool
send_next(struct bench *bench)
{
	uint32_t datagram[4000];
	size_t len = fill(datagram, bench->sent);

	if (send(bench->end, datagram, len, MSG_DONTWAIT) < 0) {
		CU_ASSERT_EQUAL(errno, EAGAIN);
		return false;
	}
	bench->sent++;
	return true;
}

static bool
is_readable(const struct reader *reader, int ms)
{
	struct pollfd pollfd = { reader_fd(reader), POLLIN, 0 };

	return poll(&pollfd, 1, ms) == 1;
}

/* False: there is nothing at the moment. */
static bool
take_next(struct bench *bench)
{
	uint32_t expected[4000];
	const uint8_t *data = NULL;
	ssize_t got = reader_take(bench->reader, &data);
	size_t len = fill(expected, bench->taken);

	if (got == -EAGAIN)
		return false;
	CU_ASSERT_EQUAL_FATAL(got, (ssize_t)len);
	CU_ASSERT_EQUAL_FATAL(memcmp(data, expected, len), 0);
	bench->taken++;
	return true;
}

static void
take_all(struct bench *bench)
{
	while (bench->taken < bench->sent) {
		CU_ASSERT_TRUE_FATAL(is_readable(bench->reader, PATIENCE));
		take_next(bench);
	}
}

static void
in_order(bool threaded)
{
	struct bench bench;

	begin(&bench, threaded);
	while (bench.sent < 2000) {
		for (uint32_t n = pick(12); n; n--)
			send_next(&bench);
		for (uint32_t n = pick(12); n; n--)
			take_next(&bench);
	}
	take_all(&bench);
	/* and it is silent until there is more */
	CU_ASSERT_FALSE(take_next(&bench));
	CU_ASSERT_FALSE(is_readable(bench.reader, 0));
	CU_ASSERT_TRUE(send_next(&bench));
	take_all(&bench);
	end(&bench);
}

static void
what_is_sent_comes_in_order(void)
{
	in_order(true);
}

/* Nothing is lost when nobody takes: the sender is stopped. */
static void
a_full_ring_stops_it(void)
{
	struct bench bench;
	uint64_t last = clock_now();

	begin(&bench, true);
	while (clock_now() - last < 100 * NS_PER_MS && bench.sent < 10000) {
		if (send_next(&bench))
			last = clock_now();
	}
	CU_ASSERT_TRUE(bench.sent >= READER_RING && bench.sent < 10000);
	take_all(&bench);
	/* and it goes on */
	for (uint32_t more = bench.sent + 100; bench.sent < more;) {
		if (!send_next(&bench))
			take_next(&bench);
	}
	take_all(&bench);
	end(&bench);
}

static ssize_t
take_soon(struct reader *reader)
{
	const uint8_t *data;
	ssize_t got = -EAGAIN;

	while (got == -EAGAIN) {
		CU_ASSERT_TRUE_FATAL(is_readable(reader, PATIENCE));
		got = reader_take(reader, &data);
	}
	return got;
}

/* One that is too long comes in its turn, and is the last word on that request. */
static void
what_is_cut_is_said(void)
{
	static uint8_t large[CHANNEL_BUFFER + 1];
	const uint8_t *data;
	struct bench bench;

	begin(&bench, true);
	CU_ASSERT_TRUE(send_next(&bench));
	CU_ASSERT_EQUAL(send(bench.end, large, CHANNEL_BUFFER, 0), CHANNEL_BUFFER);
	CU_ASSERT_EQUAL(send(bench.end, large, sizeof(large), 0), sizeof(large));
	CU_ASSERT_TRUE(send_next(&bench));
	CU_ASSERT_TRUE_FATAL(is_readable(bench.reader, PATIENCE));
	CU_ASSERT_TRUE(take_next(&bench));
	CU_ASSERT_EQUAL(take_soon(bench.reader), CHANNEL_BUFFER);
	CU_ASSERT_EQUAL(take_soon(bench.reader), -EMSGSIZE);
	CU_ASSERT_FALSE(is_readable(bench.reader, 0) &&
			reader_take(bench.reader, &data) != -EAGAIN);
	CU_ASSERT_FALSE(is_readable(bench.reader, 50));
	ask(bench.reader);
	take_all(&bench);
	end(&bench);
}

/* An error of sending or of receiving comes out; here that of a port where nobody is. */
static void
errors_are_handed_over(void)
{
	struct sockaddr_in nobody = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(nobody);
	int taken = socket(AF_INET, SOCK_DGRAM, 0), fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct reader *reader;

	CU_ASSERT_EQUAL_FATAL(bind(taken, (struct sockaddr *)&nobody, len), 0);
	CU_ASSERT_EQUAL_FATAL(getsockname(taken, (struct sockaddr *)&nobody, &len), 0);
	CU_ASSERT_EQUAL_FATAL(connect(fd, (struct sockaddr *)&nobody, len), 0);
	close(taken);
	reader = read_from(fd, &anywhere, true);
	for (int i = 0; i < 20; i++) { /* more often than the ring has room */
		ask(reader);
		CU_ASSERT_EQUAL(take_soon(reader), -ECONNREFUSED);
	}
	reader_stop(reader);
}

/* A request that is not taken yet is not overwritten. */
static void
one_request_at_a_time(void)
{
	struct bench bench;
	unsigned int refused = 0;
	uint64_t last = clock_now();

	begin(&bench, true);
	while (clock_now() - last < 50 * NS_PER_MS) { /* the ring is full: it waits */
		if (send_next(&bench))
			last = clock_now();
	}
	for (int i = 0; i < 2; i++) {
		int error = reader_request(bench.reader, encode_get_all_links());

		refused += error == -EBUSY;
		CU_ASSERT_TRUE(!error || error == -EBUSY);
	}
	CU_ASSERT_EQUAL(refused, 1);
	end(&bench);
}

static unsigned int
count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* There were @n at the most; threads of tests before may have ended since then. */
static void
wait_for_fds(unsigned int n)
{
	uint64_t begin = clock_now();

	while (count_fds() > n && clock_now() - begin < PATIENCE * NS_PER_MS)
		usleep(1000);
	CU_ASSERT_TRUE(count_fds() <= n);
}

/* When the threads of tests before have ended, which nobody waits for. */
static unsigned int
count_settled_fds(void)
{
	unsigned int n = count_fds();

	for (int quiet = 0; quiet < 50; quiet++) {
		unsigned int now = count_fds();

		if (now != n)
			quiet = 0;
		n = now;
		usleep(1000);
	}
	return n;
}

/* At any moment, and all it had is closed in the end. */
static void
it_can_be_stopped(void)
{
	unsigned int before = count_settled_fds();

	for (int round = 0; round < 300; round++) {
		struct bench bench;

		begin(&bench, true);
		for (uint32_t n = pick(20); n; n--)
			send_next(&bench);
		for (uint32_t n = pick(20); n; n--)
			take_next(&bench);
		if (pick(2))
			usleep(pick(200));
		end(&bench);
	}
	for (int round = 0; round < 100; round++) { /* before it was asked for anything */
		struct channel channel = { 0 };
		struct reader *reader;
		int error;

		CU_ASSERT_EQUAL_FATAL(channel_open(&channel, NETLINK_ROUTE, true), 0);
		reader = reader_open(&channel, &anywhere, &error);
		if (pick(2))
			ask(reader);
		reader_stop(reader);
	}
	wait_for_fds(before);
}

/* What the kernel answers, to its end; then another request. */
static void
a_dump_of_the_kernel(void)
{
	struct channel channel = { 0 };
	struct reader *reader;
	int error;

	CU_ASSERT_EQUAL_FATAL(channel_open(&channel, NETLINK_ROUTE, true), 0);
	reader = reader_open(&channel, &anywhere, &error);
	for (int request = 0; request < 3; request++) {
		const struct nlmsghdr *msg = NULL;
		bool done = false;

		ask(reader);
		while (!done) {
			const uint8_t *data;
			ssize_t got;

			CU_ASSERT_TRUE_FATAL(is_readable(reader, PATIENCE));
			got = reader_take(reader, &data);
			if (got == -EAGAIN)
				continue;
			CU_ASSERT_TRUE_FATAL(got >= (ssize_t)sizeof(*msg));
			msg = (const void *)data;
			CU_ASSERT_EQUAL(msg->nlmsg_seq, request + 1u);
			while (got >= (ssize_t)sizeof(*msg)) {
				done = msg->nlmsg_type == NLMSG_DONE;
				got -= NLMSG_ALIGN(msg->nlmsg_len);
				msg = (const void *)((const char *)msg +
						     NLMSG_ALIGN(msg->nlmsg_len));
			}
		}
	}
	reader_stop(reader);
}

/* The line @name of the status of the thread that is not ours. */
static void
read_status(const char *name, char *value, size_t size)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	char path[300], line[4096];

	value[0] = '\0';
	CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
	while ((entry = readdir(dir))) {
		FILE *file;

		if (atoi(entry->d_name) <= 0 || atoi(entry->d_name) == getpid())
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%s/status", entry->d_name);
		file = fopen(path, "re");
		while (file && fgets(line, sizeof(line), file)) {
			if (strncmp(line, name, strlen(name)) == 0)
				snprintf(value, size, "%s", line + strlen(name));
		}
		if (file)
			fclose(file);
	}
	closedir(dir);
}

/* No signal reaches the thread, and it is not bound to the CPU that the loop is on. The
 * threads of a sanitizer are not looked at: this is in a process of its own. */
static void
apart_from_the_loop(void)
{
	sigset_t before, after;
	cpu_set_t all, one, its = { 0 };
	struct bench bench;
	char blocked[64], id[64];
	int pair[2];

	sched_getaffinity(0, sizeof(all), &all);
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE && !CPU_COUNT(&one); cpu++) {
		if (CPU_ISSET(cpu, &all))
			CPU_SET(cpu, &one);
	}
	sched_setaffinity(0, sizeof(one), &one);
	pthread_sigmask(SIG_BLOCK, NULL, &before);
	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	bench = (struct bench){ .end = pair[1],
		.reader = read_from(pair[0], &all, true) };
	ask(bench.reader);
	CU_ASSERT_TRUE(send_next(&bench));
	take_all(&bench); /* so it is at work */
	pthread_sigmask(SIG_BLOCK, NULL, &after);
	for (int signal = 1; signal < NSIG; signal++)
		CU_ASSERT_EQUAL(
			sigismember(&before, signal), sigismember(&after, signal));
	read_status("SigBlk:", blocked, sizeof(blocked));
	/* but for those that cannot be, and the C library's own */
	CU_ASSERT_EQUAL(strtoull(blocked, NULL, 16) | 1ull << (SIGKILL - 1) |
				1ull << (SIGSTOP - 1) | 3ull << 31,
		UINT64_MAX);
	read_status("Pid:", id, sizeof(id));
	CU_ASSERT_EQUAL(sched_getaffinity(atoi(id), sizeof(its), &its), 0);
	CU_ASSERT_TRUE(CPU_EQUAL(&its, &all));
	sched_setaffinity(0, sizeof(all), &all);
	end(&bench);
}

/* Where there is no thread to be had it works all the same. */
static void
without_a_thread(void)
{
	const struct rlimit none = { 0, 0 };

	CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_NPROC, &none), 0);
	if (geteuid() == 0) /* for whom there is no limit */
		CU_ASSERT_EQUAL_FATAL(setresuid(65534, 65534, 65534), 0);
	in_order(false);
}

static void
apart_from_the_loop_alone(void)
{
	run_alone(apart_from_the_loop);
}

static void
without_a_thread_alone(void)
{
	run_alone(without_a_thread);
}

void
suite_reader(void)
{
	CU_pSuite suite = CU_add_suite("reader", NULL, NULL);

	CU_ADD_TEST(suite, what_is_sent_comes_in_order);
	CU_ADD_TEST(suite, a_full_ring_stops_it);
	CU_ADD_TEST(suite, what_is_cut_is_said);
	CU_ADD_TEST(suite, errors_are_handed_over);
	CU_ADD_TEST(suite, one_request_at_a_time);
	CU_ADD_TEST(suite, it_can_be_stopped);
	CU_ADD_TEST(suite, a_dump_of_the_kernel);
	CU_ADD_TEST(suite, apart_from_the_loop_alone);
	CU_ADD_TEST(suite, without_a_thread_alone);
}
