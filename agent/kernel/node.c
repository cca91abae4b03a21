/*
 * What is read of the node as a whole: see node.h.
 */
#include "node.h"

#include "../base/clock.h"
#include "../base/log.h"
#include "procfs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/* Enough for all 512 counts of ICMPv6 types; snmp6 has 5 KB in common life. */
#define COUNTERS_MAX 65536

/* thread-self, not self: it is the namespace of the thread that asks, wherever setns(2)
 * has put it; self, and /proc/net with it, is that of the process's first thread. */
static const char *const files[N_PROC_FILES] = {
	[PROC_SNMP] = "thread-self/net/snmp",
	[PROC_NETSTAT] = "thread-self/net/netstat",
	[PROC_SNMP6] = "thread-self/net/snmp6",
};

/* The first @size octets of file @name: their number, or -errno. */
static ssize_t
read_file(const char *proc, const char *name, char *text, size_t size)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", proc, name);
	return procfs_read(path, text, size);
}

/* Says once that a file is bad, and is ready to say so again when it has been good. */
static void
complain(struct node *node, enum proc_file file, const char *why)
{
	static struct log_limit limit;

	if (why && !node->complained[file])
		log_limited(&limit, LOG_WARNING,
			"%s/%s: %s: what it does not tell is not served", node->proc,
			files[file], why);
	node->complained[file] = why != NULL;
}

static void
read_counters(struct node *node, enum proc_file file, struct ip_reading *reading)
{
	char text[COUNTERS_MAX];
	ssize_t len = read_file(node->proc, files[file], text, sizeof(text));

	if (len == -ENOENT && file == PROC_SNMP6)
		complain(node, file, NULL); /* this kernel does without IPv6 */
	else if (len < 0)
		complain(node, file, strerror((int)-len));
	else if (!procstats_parse(file, text, (size_t)len, reading))
		complain(node, file, "cut short, or not as expected");
	else
		complain(node, file, NULL);
}

/* Only IPv6 counts them, so without it there were none. */
static struct optional
read_discarded_routes(const char *proc)
{
	char text[256];
	ssize_t len = read_file(proc, "thread-self/net/rt6_stats", text, sizeof(text));

	if (len == -ENOENT)
		return optional_of(0);
	return procstats_discarded_routes(text, len > 0 ? (size_t)len : 0);
}

static void
need_counters(struct node *node, uint64_t now)
{
	uint64_t age = node->mirror->options->counter_max_age_ms * NS_PER_MS;
	struct ip_reading reading;

	if (node->counters_at && node->counters_at + age > now)
		return;
	node->counters_at = clock_now();
	memset(&reading, 0, sizeof(reading));
	read_counters(node, PROC_SNMP, &reading);
	read_counters(node, PROC_NETSTAT, &reading);
	ipstats_put(&node->mirror->ip, IP_V4, &reading, node->counters_at);
	memset(&reading, 0, sizeof(reading));
	read_counters(node, PROC_SNMP6, &reading);
	ipstats_put(&node->mirror->ip, IP_V6, &reading, node->counters_at);
	node->mirror->ip.discarded_routes = read_discarded_routes(node->proc);
}

struct optional
node_parse_sysctl(const char *text, long low, long high)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (errno || end == text || *end != '\n' || number < low || number > high)
		return (struct optional){ 0, false };
	return optional_of((uint64_t)number);
}

/* The ranges are those of the MIB; a forwarding switch takes any int. */
static const struct {
	const char *name;
	long low, high;
	size_t offset;
} switches[] = {
	{ "sys/net/ipv4/ip_forward", INT32_MIN, INT32_MAX,
		offsetof(struct ip_sysctls, forwarding) },
	{ "sys/net/ipv4/ip_default_ttl", 1, 255,
		offsetof(struct ip_sysctls, default_ttl) },
	{ "sys/net/ipv4/ipfrag_time", 0, INT32_MAX,
		offsetof(struct ip_sysctls, frag_time) },
	{ "sys/net/ipv6/conf/all/forwarding", INT32_MIN, INT32_MAX,
		offsetof(struct ip_sysctls, forwarding6) },
	{ "sys/net/ipv6/conf/all/hop_limit", 0, 255,
		offsetof(struct ip_sysctls, hop_limit6) },
};

static void
need_sysctls(struct node *node, uint64_t now)
{
	/* once for all varbinds of a PDU */
	if (node->sysctls_at >= now)
		return;
	node->sysctls_at = clock_now();
	for (size_t i = 0; i < N_ELEMENTS(switches); i++) {
		struct optional *to =
			(void *)((char *)&node->mirror->ip.sysctls + switches[i].offset);
		char text[32];
		ssize_t len =
			read_file(node->proc, switches[i].name, text, sizeof(text) - 1);

		text[len > 0 ? len : 0] = '\0';
		*to = node_parse_sysctl(text, switches[i].low, switches[i].high);
	}
}

void
node_init(struct node *node, struct mirror *mirror)
{
	memset(node, 0, sizeof(*node));
	node->mirror = mirror;
	node->proc = "/proc";
}

void
node_need(struct node *node, uint32_t needs, uint64_t now)
{
	if (needs & NEED_IP_COUNTERS)
		need_counters(node, now);
	if (needs & NEED_IP_SYSCTLS)
		need_sysctls(node, now);
}
