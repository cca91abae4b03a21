/*
 * The event loop as the lower layers see it. The one that runs is Net-SNMP's
 * (agentx/loop.c: register_readfd, snmp_alarm); tests bring their own, and the same code
 * could run inside snmpd.
 */
#ifndef NETMIBD_BASE_LOOP_H
#define NETMIBD_BASE_LOOP_H

typedef void loop_fd_fn(int fd, void *arg);
typedef void loop_timer_fn(void *arg);

struct loop {
	/* Calls @fn(@fd, @arg) whenever @fd is readable. 0, or -errno. */
	int (*watch)(int fd, loop_fd_fn *fn, void *arg);
	void (*unwatch)(int fd);

	/* Calls @fn(@arg) once, @ms milliseconds from now. Returns a handle, never 0. */
	unsigned int (*after)(unsigned int ms, loop_timer_fn *fn, void *arg);
	/* Forgets a timer that has not run yet. */
	void (*cancel)(unsigned int handle);
};

#endif
