/*
 * Being near the master: see follow.h.
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
#define STRAYS 3		/* so often the master may leave us */
#define AWAKE  (200 * NS_PER_MS / 1000)

static struct {
	const struct loop *loop;
	bool enabled;
	bool local;   /* the master is a process of this machine */
	pid_t master; /* 0: not known */
	enum { REST, FOLLOWING, AWAKENED } state;
	int cpu;
	cpu_set_t before; /* where we were allowed to run */
	unsigned int strays;
	unsigned int timer;
	unsigned int requests; /* since window */
	uint64_t window, looked, last;
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
	if (follow.state == FOLLOWING)
		sched_setaffinity(0, sizeof(follow.before), &follow.before);
	follow.state = REST;
	follow.strays = 0;
}

static void
check_idle(void *arg)
{
	(void)arg;
	follow.timer = 0;
	if (!follow.busy) {
		log_debug("follow", "no more requests: at rest");
		let_go();
		return;
	}
	follow.busy = false;
	follow.timer = follow.loop->after(LET_GO, check_idle, NULL);
}

static bool
move_to(int cpu)
{
	cpu_set_t set;

	if (cpu < 0 || cpu >= CPU_SETSIZE || !CPU_ISSET(cpu, &follow.before))
		return false;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		return false;
	log_debug("follow", "following the master to CPU %d", cpu);
	follow.cpu = cpu;
	return true;
}

static void
stay_awake(void)
{
	log_debug("follow", "the master does not stay on a CPU with us: staying awake");
	if (follow.state == FOLLOWING)
		sched_setaffinity(0, sizeof(follow.before), &follow.before);
	follow.state = AWAKENED;
}

/* A burst goes on: see where the master is. */
static void
look(void)
{
	int cpu;

	if (follow.state == AWAKENED)
		return;
	cpu = follow.master ? cpu_of(follow.master) : -1;
	if (follow.state == REST) {
		if (sched_getaffinity(0, sizeof(follow.before), &follow.before) == 0 &&
			move_to(cpu))
			follow.state = FOLLOWING;
		else
			stay_awake();
	} else if (cpu == follow.cpu) {
		follow.strays = 0;
	} else if (++follow.strays > STRAYS || !move_to(cpu)) {
		stay_awake();
	}
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
	/* On a TCP socket the option fails. The process is the one that began to listen:
	 * not the master if it went to the background after that, and 0 in another pid
	 * namespace; then there is nobody to follow, but staying awake still helps. */
	follow.local =
		fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0;
	follow.master = follow.local ? peer.pid : 0;
}

void
follow_enable(bool enabled)
{
	follow.enabled = enabled;
	if (!enabled && follow.state != REST)
		let_go();
}

void
follow_note(void)
{
	uint64_t now;

	if (!follow.enabled || !follow.local)
		return;
	now = clock_now();
	follow.last = now;
	if (++follow.requests < BURST)
		return;
	if (now - follow.window < WITHIN) {
		follow.busy = true;
		if (now - follow.looked > LOOK) {
			follow.looked = now;
			look();
		}
	}
	follow.window = now;
	follow.requests = 0;
}

bool
follow_awake(void)
{
	return follow.state == AWAKENED && clock_now() - follow.last < AWAKE;
}
