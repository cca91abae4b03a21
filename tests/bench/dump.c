/*
 * dump: reads all routes of the kernel and throws them away.
 *
 * The baseline of what it costs to know the routes: an RTM_GETROUTE dump of IPv4 and one
 * of IPv6, received with a buffer of 64 KiB, the attributes of each message and of each
 * of its next hops told apart, nothing kept. No reader of that interface can be faster.
 * It prints one line of figures, longest_us for the one receive that took longest: the
 * kernel keeps the tables local and main in one trie as long as there are no rules but
 *its own, and then goes through all of main in one go to find the end of local.
 *
 *	routes=1200007 octets=62400312 seconds=0.412345 cpu=0.398112 longest_us=1321.0
 *
 * usage: dump
 *
 * Run by routes.py; useful by hand, too.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_SIZE (64 << 10)
#define LIMIT_S	    120

static char buffer[BUFFER_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
static struct rtattr *attrs[RTA_MAX + 1]; /* of the present message */
static unsigned long routes, octets;
static double longest; /* s */

static void
fail(const char *what)
{
	fprintf(stderr, "dump: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double
now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
parse_attrs(struct rtattr *attr, size_t len)
{
	memset(attrs, 0, sizeof attrs);
	for (; RTA_OK(attr, len); attr = RTA_NEXT(attr, len)) {
		unsigned int type = attr->rta_type & NLA_TYPE_MASK;

		if (type <= RTA_MAX)
			attrs[type] = attr;
	}
}

/* Each next hop of RTA_MULTIPATH has attributes of its own. */
static void
parse_hops(struct rtattr *multipath)
{
	struct rtnexthop *hop = RTA_DATA(multipath);
	int left = RTA_PAYLOAD(multipath);

	while (left >= (int)sizeof *hop && RTNH_OK(hop, left)) {
		parse_attrs(RTNH_DATA(hop), hop->rtnh_len - sizeof *hop);
		left -= (int)NLMSG_ALIGN(hop->rtnh_len);
		hop = RTNH_NEXT(hop);
	}
}

static void
take_route(struct nlmsghdr *msg)
{
	struct rtmsg *route = NLMSG_DATA(msg);

	if (msg->nlmsg_type != RTM_NEWROUTE ||
		msg->nlmsg_len < NLMSG_LENGTH(sizeof *route))
		return;
	parse_attrs(RTM_RTA(route), RTM_PAYLOAD(msg));
	if (attrs[RTA_MULTIPATH])
		parse_hops(attrs[RTA_MULTIPATH]);
	routes++;
}

/* One datagram; false when the dump has come to its end. */
static bool
take(size_t len)
{
	struct nlmsghdr *msg = (struct nlmsghdr *)buffer;

	octets += len;
	for (; NLMSG_OK(msg, len); msg = NLMSG_NEXT(msg, len)) {
		if (msg->nlmsg_type == NLMSG_DONE)
			return false;
		if (msg->nlmsg_type == NLMSG_ERROR) {
			errno = -((struct nlmsgerr *)NLMSG_DATA(msg))->error;
			fail("the kernel");
		}
		take_route(msg);
	}
	return true;
}

static void
dump(int fd, unsigned char family)
{
	struct {
		struct nlmsghdr head;
		struct rtmsg route;
	} request = {
		.head = { .nlmsg_len = sizeof request,
			.nlmsg_type = RTM_GETROUTE,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.route = { .rtm_family = family },
	};
	ssize_t len;
	double start;

	if (send(fd, &request, sizeof request, 0) != (ssize_t)sizeof request)
		fail("send");
	do {
		start = now(CLOCK_MONOTONIC);
		len = recv(fd, buffer, sizeof buffer, MSG_TRUNC);
		start = now(CLOCK_MONOTONIC) - start;
		longest = start > longest ? start : longest;
		if (len < 0 || (size_t)len > sizeof buffer)
			fail("recv");
	} while (take((size_t)len));
}

int
main(void)
{
	double start = now(CLOCK_MONOTONIC);
	const int yes = 1;
	int fd;

	alarm(LIMIT_S);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		fail("socket");
	setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &yes, sizeof yes);
	dump(fd, AF_INET);
	dump(fd, AF_INET6);
	close(fd);
	printf("routes=%lu octets=%lu seconds=%.6f cpu=%.6f longest_us=%.1f\n", routes,
		octets, now(CLOCK_MONOTONIC) - start, now(CLOCK_PROCESS_CPUTIME_ID),
		longest * 1e6);
	return 0;
}
