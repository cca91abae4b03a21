/*
 * Staying on the master's CPU: see follow.h.
 */
#include "follow.h"

#include "../base/clock.h"
#include "../base/log.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BURST  16		/* requests ... */
#define WITHIN (20 * NS_PER_MS) /* ... within this time are quick succession */
#define LOOK   (10 * NS_PER_MS) /* how often to see where the master is meanwhile */
#define LET_GO 200		/* ms without such a burst */

static struct {
	const struct loop *loop;
	bool enabled;
	pid_t master; /* 0: none */
	bool following;
	int cpu;
	cpu_set_t before; /* where we were allowed to run */
	unsigned int timer;
	unsigned int requests; /* since window */
	uint64_t window, looked;
	bool busy; /* a burst since the timer was set */
} follow;

/* The CPU that process @pid ran on last (proc(5), stat, field 39), or -1. */
static int
cpu_of(pid_t pid)
{
	char path[32], text[1024], *at;
	FILE *file;
	size_t len;
	int cpu;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return -1;
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';
	at = strrchr(text, ')'); /* the command may hold spaces and parentheses */
	for (int field = 2; at && field < 39; field++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	return at && sscanf(at, "%d", &cpu) == 1 ? cpu : -1;
}

static void
let_go(void)
{
	if (follow.timer)
		follow.loop->cancel(follow.timer);
	follow.timer = 0;
	if (follow.following)
		sched_setaffinity(0, sizeof(follow.before), &follow.before);
	follow.following = false;
}

static void
check_idle(void *arg)
{
	(void)arg;
	follow.timer = 0;
	if (!follow.busy) {
		log_debug("follow", "no more requests: letting go of CPU %d", follow.cpu);
		let_go();
		return;
	}
	follow.busy = false;
	follow.timer = follow.loop->after(LET_GO, check_idle, NULL);
}

static void
move_to(int cpu)
{
	cpu_set_t set;

	if (!follow.following &&
		sched_getaffinity(0, sizeof(follow.before), &follow.before) < 0)
		return;
	if (cpu < 0 || cpu >= CPU_SETSIZE || !CPU_ISSET(cpu, &follow.before))
		return;
	if (follow.following && cpu == follow.cpu)
		return;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		return;
	log_debug("follow", "following the master to CPU %d", cpu);
	follow.following = true;
	follow.cpu = cpu;
	if (!follow.timer)
		follow.timer = follow.loop->after(LET_GO, check_idle, NULL);
}

void
follow_master(const struct loop *loop, int fd)
{
	struct ucred peer = { 0 };
	socklen_t len = sizeof(peer);

	follow.loop = loop;
	let_go();
	follow.master = 0;
	/* On a TCP socket the option fails; a pid of 0 is one of another pid namespace.
	 */
	if (fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0)
		follow.master = peer.pid;
}

void
follow_enable(bool enabled)
{
	follow.enabled = enabled;
	if (!enabled && follow.following)
		let_go();
}

void
follow_note(void)
{
	uint64_t now;

	if (!follow.enabled || !follow.master)
		return;
	if (++follow.requests < BURST)
		return;
	now = clock_now();
	if (now - follow.window < WITHIN) {
		follow.busy = true;
		if (now - follow.looked > LOOK) {
			follow.looked = now;
			move_to(cpu_of(follow.master));
		}
	}
	follow.window = now;
	follow.requests = 0;
}
