/*
 * null: a subagent that does nothing but answer.
 *
 * The baseline of the bench: it registers handlers at the OIDs of ifTable and ifXTable
 * and answers GET and GETNEXT for N rows by arithmetic alone; no rows, no search, no
 * kernel.  What a walk through it costs is the price of AgentX, of the two libraries and
 * of the two processes, and no real subagent can be faster.  The types of the values are
 * those of the true columns, so that packets are about as long as real ones.
 *
 * usage: null -x SOCKET -n ROWS [-F]
 *   -F  stay on the master's CPU while requests come in (as netmibdFollowMaster does)
 *
 * Run by bench.py; of use only there.
 */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FOLLOW_EVERY_NS 10000000LL /* how often the master's CPU is looked up */
#define MAX_FD		64	   /* the AgentX socket is among the first few */

struct null_table {
	const char *name;
	oid root[9];
	size_t root_len;
	oid columns;
	const u_char *types; /* by column; [0] is not used */
};

/* RFC 2863, ifEntry and ifXEntry */
static const u_char if_types[] = { 0, ASN_INTEGER, ASN_OCTET_STR, ASN_INTEGER,
	ASN_INTEGER, ASN_GAUGE, ASN_OCTET_STR, ASN_INTEGER, ASN_INTEGER, ASN_TIMETICKS,
	ASN_COUNTER, ASN_COUNTER, ASN_COUNTER, ASN_COUNTER, ASN_COUNTER, ASN_COUNTER,
	ASN_COUNTER, ASN_COUNTER, ASN_COUNTER, ASN_COUNTER, ASN_COUNTER, ASN_GAUGE,
	ASN_OBJECT_ID };
static const u_char ifx_types[] = { 0, ASN_OCTET_STR, ASN_COUNTER, ASN_COUNTER,
	ASN_COUNTER, ASN_COUNTER, ASN_COUNTER64, ASN_COUNTER64, ASN_COUNTER64,
	ASN_COUNTER64, ASN_COUNTER64, ASN_COUNTER64, ASN_COUNTER64, ASN_COUNTER64,
	ASN_INTEGER, ASN_GAUGE, ASN_INTEGER, ASN_INTEGER, ASN_OCTET_STR, ASN_TIMETICKS };

static struct null_table tables[] = {
	{ "null-ifTable", { 1, 3, 6, 1, 2, 1, 2, 2 }, 8, 22, if_types },
	{ "null-ifXTable", { 1, 3, 6, 1, 2, 1, 31, 1, 1 }, 9, 19, ifx_types },
};

static oid rows;
static volatile sig_atomic_t stopping;

static bool following;
static bool pinned;
static bool asked; /* since the last alarm */
static long master_pid;
static long long last_look;
static cpu_set_t all_cpus;

static void
on_signal(int sig)
{
	(void)sig;
	stopping = 1;
}

/* The process at the other end of the one connected unix socket that we hold. */
static long
find_master(void)
{
	for (int fd = 3; fd < MAX_FD; fd++) {
		struct ucred peer;
		socklen_t len = sizeof peer;

		if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
			peer.pid > 0 && peer.pid != getpid())
			return peer.pid;
	}
	return 0;
}

/* Field 39 of /proc/PID/stat, the CPU last run on; -1 when the process is gone. */
static int
cpu_of(long pid)
{
	char path[40], line[1024], *p;
	int field = 2, cpu = -1;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return -1;
	if (fgets(line, sizeof line, f) && (p = strrchr(line, ')'))) {
		for (p++; *p && field < 39; p++)
			field += *p == ' ';
		if (field == 39)
			cpu = atoi(p);
	}
	fclose(f);
	return cpu;
}

static void
follow(void)
{
	struct timespec now;
	long long ns;
	cpu_set_t one;
	int cpu;

	asked = true;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	ns = now.tv_sec * 1000000000LL + now.tv_nsec;
	if (ns - last_look < FOLLOW_EVERY_NS)
		return;
	last_look = ns;
	if (!master_pid)
		master_pid = find_master();
	cpu = master_pid ? cpu_of(master_pid) : -1;
	if (cpu < 0 || cpu >= CPU_SETSIZE) {
		master_pid = 0;
		return;
	}
	if (pinned && cpu == sched_getcpu())
		return;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	pinned = sched_setaffinity(0, sizeof one, &one) == 0;
}

static void
release_when_idle(unsigned int id, void *arg)
{
	(void)id;
	(void)arg;
	if (!asked && pinned && sched_setaffinity(0, sizeof all_cpus, &all_cpus) == 0)
		pinned = false;
	asked = false;
}

/* The first instance after NAME as entry, column, row in OUT; false at the end. */
static bool
instance_next(const struct null_table *t, const netsnmp_variable_list *vb, oid out[3])
{
	const oid *s = vb->name + t->root_len;
	size_t n = vb->name_length > t->root_len ? vb->name_length - t->root_len : 0;
	int order = snmp_oid_compare(
		vb->name, SNMP_MIN(vb->name_length, t->root_len), t->root, t->root_len);

	out[0] = out[1] = out[2] = 1;
	if (rows == 0 || order > 0)
		return false;
	if (order < 0 || n == 0 || s[0] < 1)
		return true;
	if (s[0] > 1)
		return false;
	if (n == 1 || s[1] < 1)
		return true;
	out[1] = s[1];
	if (n > 2 && s[2] >= rows)
		out[1]++;
	else if (n > 2)
		out[2] = s[2] + 1;
	return out[1] <= t->columns;
}

static bool
instance_exists(const struct null_table *t, const netsnmp_variable_list *vb)
{
	const oid *s = vb->name + t->root_len;

	return vb->name_length == t->root_len + 3 && s[0] == 1 && s[1] >= 1 &&
	       s[1] <= t->columns && s[2] >= 1 && s[2] <= rows;
}

static void
answer(const struct null_table *t, netsnmp_variable_list *vb)
{
	static const oid zero_dot_zero[] = { 0, 0 };
	oid column = vb->name[t->root_len + 1], row = vb->name[t->root_len + 2];
	u_char type = t->types[column];
	struct counter64 big = { row, column * 1000003 };
	long number = type == ASN_INTEGER && column > 1 ? 1 : (long)row;

	switch (type) {
	case ASN_OCTET_STR:
		snmp_set_var_typed_value(vb, type, "null00", 6);
		break;
	case ASN_OBJECT_ID:
		snmp_set_var_typed_value(vb, type, zero_dot_zero, sizeof zero_dot_zero);
		break;
	case ASN_COUNTER64:
		snmp_set_var_typed_value(vb, type, &big, sizeof big);
		break;
	default:
		snmp_set_var_typed_value(vb, type, &number, sizeof number);
	}
}

static int
handle(netsnmp_mib_handler *handler, netsnmp_handler_registration *reg,
	netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
	const struct null_table *t = reg->my_reg_void;
	oid name[MAX_OID_LEN];

	(void)handler;
	if (following)
		follow();
	memcpy(name, t->root, t->root_len * sizeof *name);
	for (; requests; requests = requests->next) {
		netsnmp_variable_list *vb = requests->requestvb;

		if (requests->processed)
			continue;
		if (info->mode == MODE_GETNEXT) {
			if (!instance_next(t, vb, name + t->root_len))
				continue;
			snmp_set_var_objid(vb, name, t->root_len + 3);
			answer(t, vb);
		} else if (info->mode != MODE_GET) {
			netsnmp_set_request_error(info, requests, SNMP_ERR_NOTWRITABLE);
		} else if (instance_exists(t, vb)) {
			answer(t, vb);
		} else {
			netsnmp_set_request_error(info, requests, SNMP_NOSUCHINSTANCE);
		}
	}
	return SNMP_ERR_NOERROR;
}

static bool
register_table(struct null_table *t)
{
	netsnmp_handler_registration *reg = netsnmp_create_handler_registration(
		t->name, handle, t->root, t->root_len, HANDLER_CAN_RONLY);

	if (!reg)
		return false;
	reg->priority = 100;
	reg->my_reg_void = t;
	return netsnmp_register_handler(reg) == MIB_REGISTERED_OK;
}

static bool
start_agent(const char *socket_name)
{
	setenv("MIBS", "", 1);
	snmp_enable_stderrlog();
	netsnmp_ds_set_boolean(
		NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
	netsnmp_ds_set_boolean(
		NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_ROLE, 1);
	netsnmp_ds_set_string(
		NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET, socket_name);
	if (init_agent("bench-null") != 0)
		return false;
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		if (!register_table(&tables[i]))
			return false;
	/* after init_agent(), which sets its default of 15 s */
	netsnmp_ds_set_int(
		NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_AGENTX_PING_INTERVAL, 1);
	init_snmp("bench-null");
	return true;
}

int
main(int argc, char **argv)
{
	struct sigaction stop = { .sa_handler = on_signal };
	const char *socket_name = NULL;
	int opt;

	while ((opt = getopt(argc, argv, "x:n:F")) != -1) {
		if (opt == 'x')
			socket_name = optarg;
		else if (opt == 'n')
			rows = strtoul(optarg, NULL, 10);
		else if (opt == 'F')
			following = true;
		else
			socket_name = NULL, optind = argc + 1;
	}
	if (!socket_name || optind != argc) {
		fprintf(stderr, "usage: null -x SOCKET -n ROWS [-F]\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	sched_getaffinity(0, sizeof all_cpus, &all_cpus);
	if (!start_agent(socket_name))
		return 1;
	if (following)
		snmp_alarm_register(1, SA_REPEAT, release_when_idle, NULL);
	while (!stopping)
		agent_check_and_process(1);
	snmp_shutdown("bench-null");
	return 0;
}
