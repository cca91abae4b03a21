/*
 * null: a subagent that does nothing but answer.
 *
 * The baseline of the bench: it registers handlers at the OIDs of ifTable and ifXTable,
 * or at that of inetCidrRouteTable, and answers GET and GETNEXT for N rows by arithmetic
 * alone; no rows, no search, no kernel.  What a walk through it costs is the price of
 * AgentX, of the two libraries and of the two processes, and no real subagent can be
 * faster.  The types of the values are those of the true columns, so that packets are
 * about as long as real ones.
 *
 * usage: null -x SOCKET -n ROWS [-r ROUTES] [-F]
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
#define FIRST_ROUTE	0x14000000 /* 20.0.0.0 */
#define ROUTE_STEP	256	   /* each is a /24 */
#define ROUTE_INDEX	16	   /* sub-identifiers, see index_make() */

struct null_table {
	const char *name;
	oid root[9];
	size_t root_len;
	oid first_column, last_column;
	const u_char *types; /* by column, from the first one */
	bool routes;	     /* the index is inetCidrRouteTable's; else it is the row */
	oid rows;
};

/* RFC 2863, ifEntry and ifXEntry */
static const u_char if_types[] = { ASN_INTEGER, ASN_OCTET_STR, ASN_INTEGER, ASN_INTEGER,
	ASN_GAUGE, ASN_OCTET_STR, ASN_INTEGER, ASN_INTEGER, ASN_TIMETICKS, ASN_COUNTER,
	ASN_COUNTER, ASN_COUNTER, ASN_COUNTER, ASN_COUNTER, ASN_COUNTER, ASN_COUNTER,
	ASN_COUNTER, ASN_COUNTER, ASN_COUNTER, ASN_COUNTER, ASN_GAUGE, ASN_OBJECT_ID };
static const u_char ifx_types[] = { ASN_OCTET_STR, ASN_COUNTER, ASN_COUNTER, ASN_COUNTER,
	ASN_COUNTER, ASN_COUNTER64, ASN_COUNTER64, ASN_COUNTER64, ASN_COUNTER64,
	ASN_COUNTER64, ASN_COUNTER64, ASN_COUNTER64, ASN_COUNTER64, ASN_INTEGER,
	ASN_GAUGE, ASN_INTEGER, ASN_INTEGER, ASN_OCTET_STR, ASN_TIMETICKS };

/* RFC 4292, inetCidrRouteEntry from inetCidrRouteIfIndex on */
static const u_char route_types[] = { ASN_INTEGER, ASN_INTEGER, ASN_INTEGER, ASN_GAUGE,
	ASN_GAUGE, ASN_INTEGER, ASN_INTEGER, ASN_INTEGER, ASN_INTEGER, ASN_INTEGER,
	ASN_INTEGER };

static struct null_table tables[] = {
	{ "null-ifTable", { 1, 3, 6, 1, 2, 1, 2, 2 }, 8, 1, 22, if_types, false, 0 },
	{ "null-ifXTable", { 1, 3, 6, 1, 2, 1, 31, 1, 1 }, 9, 1, 19, ifx_types, false,
		0 },
	{ "null-inetCidrRouteTable", { 1, 3, 6, 1, 2, 1, 4, 24, 7 }, 9, 7, 17,
		route_types, true, 0 },
};
#define N_TABLES (sizeof tables / sizeof *tables)

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

/* The index of a row, from 1, in OUT: of routes { 1 4 a b c d 24 2 0 0 1 4 10 9 0 2 }. */
static size_t
index_make(const struct null_table *t, oid row, oid *out)
{
	static const oid tail[] = { 24, 2, 0, 0, 1, 4, 10, 9, 0, 2 };
	oid address = FIRST_ROUTE + (row - 1) * ROUTE_STEP;

	if (!t->routes) {
		out[0] = row;
		return 1;
	}
	out[0] = 1;
	out[1] = 4;
	for (size_t i = 0; i < 4; i++)
		out[2 + i] = address >> (24 - 8 * i) & 255;
	memcpy(out + 6, tail, sizeof tail);
	return ROUTE_INDEX;
}

/* How many rows are not behind the N sub-identifiers of INDEX. */
static oid
index_rows(const struct null_table *t, const oid *index, size_t n)
{
	oid row = n ? index[0] : 0, address = 0, found[ROUTE_INDEX];

	if (t->routes) {
		for (size_t i = 0; i < 4; i++)
			address = address << 8 | (n > 2 + i ? index[2 + i] & 255 : 0);
		row = address < FIRST_ROUTE ? 0
					    : (address - FIRST_ROUTE) / ROUTE_STEP + 1;
	}
	if (row > t->rows)
		row = t->rows;
	if (row && snmp_oid_compare(found, index_make(t, row, found), index, n) > 0)
		row--;
	return row;
}

/* The first instance after that of VB as entry, column and index in OUT; how many
 * sub-identifiers that are, 0 at the end. */
static size_t
instance_next(const struct null_table *t, const netsnmp_variable_list *vb, oid *out)
{
	const oid *s = vb->name + t->root_len;
	size_t n = vb->name_length > t->root_len ? vb->name_length - t->root_len : 0;
	int order = snmp_oid_compare(
		vb->name, SNMP_MIN(vb->name_length, t->root_len), t->root, t->root_len);
	oid row = 0;

	out[0] = 1;
	out[1] = t->first_column;
	if (t->rows == 0 || order > 0 || (order == 0 && n && s[0] > 1))
		return 0;
	if (order == 0 && n > 1 && s[0] == 1 && s[1] >= t->first_column) {
		out[1] = s[1];
		row = index_rows(t, s + 2, n - 2);
	}
	if (row == t->rows) {
		out[1]++;
		row = 0;
	}
	return out[1] <= t->last_column ? 2 + index_make(t, row + 1, out + 2) : 0;
}

static bool
instance_exists(const struct null_table *t, const netsnmp_variable_list *vb)
{
	const oid *s = vb->name + t->root_len;
	size_t n = vb->name_length > t->root_len ? vb->name_length - t->root_len : 0;
	oid found[ROUTE_INDEX], row;

	if (n < 3 || s[0] != 1 || s[1] < t->first_column || s[1] > t->last_column)
		return false;
	row = index_rows(t, s + 2, n - 2);
	return row &&
	       snmp_oid_compare(found, index_make(t, row, found), s + 2, n - 2) == 0;
}

static void
answer(const struct null_table *t, netsnmp_variable_list *vb)
{
	static const oid zero_dot_zero[] = { 0, 0 };
	oid column = vb->name[t->root_len + 1], row = vb->name[t->root_len + 2];
	u_char type = t->types[column - t->first_column];
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
			size_t len = instance_next(t, vb, name + t->root_len);

			if (len == 0)
				continue;
			snmp_set_var_objid(vb, name, t->root_len + len);
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
	for (size_t i = 0; i < N_TABLES; i++)
		if ((tables[i].rows || !tables[i].routes) && !register_table(&tables[i]))
			return false;
	/* after init_agent(), which sets its default of 15 s */
	netsnmp_ds_set_int(
		NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_AGENTX_PING_INTERVAL, 1);
	init_snmp("bench-null");
	return true;
}

static void
set_rows(bool routes, const char *text)
{
	for (size_t i = 0; i < N_TABLES; i++)
		if (tables[i].routes == routes)
			tables[i].rows = strtoul(text, NULL, 10);
}

int
main(int argc, char **argv)
{
	struct sigaction stop = { .sa_handler = on_signal };
	const char *socket_name = NULL;
	int opt;

	while ((opt = getopt(argc, argv, "x:n:r:F")) != -1) {
		if (opt == 'x')
			socket_name = optarg;
		else if (opt == 'n')
			set_rows(false, optarg);
		else if (opt == 'r')
			set_rows(true, optarg);
		else if (opt == 'F')
			following = true;
		else
			socket_name = NULL, optind = argc + 1;
	}
	if (!socket_name || optind != argc) {
		fprintf(stderr, "usage: null -x SOCKET -n ROWS [-r ROUTES] [-F]\n");
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
