/*
 * Preloaded into netmibd by test_faults.py (LD_PRELOAD). As soon as there is a file
 * $FAULTS/close, the socket of the kernel's events is closed when it is read next; and
 * $FAULTS/clock has the seconds that the wall clock is wrong by.
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static FILE *
open_order(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", getenv("FAULTS"), name);
	return fopen(path, "re");
}

static bool
is_ordered(const char *name)
{
	FILE *file = open_order(name);

	if (file)
		fclose(file);
	return file != NULL;
}

/* The one that has joined groups. */
static bool
is_event_socket(int fd)
{
	struct sockaddr_nl name = { 0 };
	socklen_t len = sizeof(name);

	return getsockname(fd, (struct sockaddr *)&name, &len) == 0 &&
	       name.nl_family == AF_NETLINK && name.nl_groups != 0;
}

ssize_t
recvmsg(int fd, struct msghdr *head, int flags)
{
	static ssize_t (*real)(int, struct msghdr *, int);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "recvmsg");
	if (is_event_socket(fd) && is_ordered("close"))
		close(fd);
	return real(fd, head, flags);
}

static long
get_error_of_clock(void)
{
	FILE *file = open_order("clock");
	long seconds = 0;

	if (file) {
		if (fscanf(file, "%ld", &seconds) != 1)
			seconds = 0;
		fclose(file);
	}
	return seconds;
}

int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	static int (*real)(clockid_t, struct timespec *);
	int result;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	result = real(clock, ts);
	if (result == 0 && clock == CLOCK_REALTIME)
		ts->tv_sec += get_error_of_clock();
	return result;
}

int
gettimeofday(struct timeval *tv, void *zone)
{
	struct timespec ts;
	int result = clock_gettime(CLOCK_REALTIME, &ts);

	(void)zone;
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;
	return result;
}

time_t
time(time_t *where)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (where)
		*where = ts.tv_sec;
	return ts.tv_sec;
}
