/*
 * The loop: see loop.h. Descriptors go to register_readfd(), timers to snmp_alarm; the
 * turn is agent_check_and_process(), which waits in select(2) and wakes for nothing else.
 */
#include "loop.h"

#include "../base/alloc.h"
#include "follow.h"
#include "netsnmp.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

static bool stopping;

static int
watch(int fd, loop_fd_fn *fn, void *arg)
{
	return register_readfd(fd, fn, arg) == FD_REGISTERED_OK ? 0 : -EMFILE;
}

static void
unwatch(int fd)
{
	unregister_readfd(fd);
}

struct timer {
	struct timer *next;
	loop_timer_fn *fn;
	void *arg;
	unsigned int alarm;
};

static struct timer *timers; /* a handful at most */

static void
forget(struct timer *timer)
{
	struct timer **at = &timers;

	while (*at != timer)
		at = &(*at)->next;
	*at = timer->next;
	free(timer);
}

static void
run_timer(unsigned int alarm, void *arg)
{
	struct timer timer = *(struct timer *)arg;

	(void)alarm; /* Net-SNMP has forgotten it: it was not a repeating one */
	forget(arg);
	timer.fn(timer.arg);
}

static unsigned int
after(unsigned int ms, loop_timer_fn *fn, void *arg)
{
	struct timer *timer = xcalloc(1, sizeof(*timer));
	struct timeval when = { ms / 1000, (ms % 1000) * 1000 };

	timer->fn = fn;
	timer->arg = arg;
	timer->alarm = snmp_alarm_register_hr(when, 0, run_timer, timer);
	timer->next = timers;
	timers = timer;
	return timer->alarm;
}

static void
cancel(unsigned int handle)
{
	for (struct timer *timer = timers; timer; timer = timer->next) {
		if (timer->alarm == handle) {
			snmp_alarm_unregister(handle);
			forget(timer);
			return;
		}
	}
}

const struct loop agentx_loop = { watch, unwatch, after, cancel };

void
agentx_run(void)
{
	stopping = false;
	while (!stopping)
		agent_check_and_process(!follow_awake());
}

void
agentx_stop(void)
{
	stopping = true;
}
