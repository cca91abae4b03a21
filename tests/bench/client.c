/*
 * client: an SNMP client that measures an agent and prints nothing else.
 *
 * It walks tables with GETBULK, polls instances with GET or creates and destroys rows
 * with SET, checks that what comes back is in order, and prints one line of figures:
 *
 *   varbinds=410 missing=0 pdus=18 seconds=0.001862 rate=220193 p50_us=95.1 p99_us=180.4
 *   max_us=191.0
 *
 * "missing" counts answers of a poll without a value (noSuchInstance and its kin).
 * Exit status: 0; 1 on an error, an OID that does not increase or a timeout; 2 on misuse.
 *
 * usage: client [OPTION]... walk HOST:PORT COMMUNITY MAXREP OID...
 *        client [OPTION]... poll HOST:PORT COMMUNITY COUNT OID...
 *        client [OPTION]... set HOST:PORT COMMUNITY ROWS FILE
 * A line of FILE is a row: OIDs, each with an INTEGER; so many rows are in one PDU.
 *   -T  give up after so many seconds, 120 unless told
 *   -t  or when one response takes so many, 5 unless told
 *   -l  take no more than ROWS from each OID
 *   -p  walk the OIDs side by side, one varbind of each in every repetition
 *   -r  the same walk so many times over
 *   -w  wait so many ms after each response. Of polls the first response may then have
 *       waited for an agent that was not there: it counts only as first_at=, when it
 *       came (s of CLOCK_MONOTONIC).
 * A SIGTERM ends it early, with the figures so far.
 *
 * Run by bench.py, routes.py and sets.py; useful by hand against any agent.
 */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_OIDS     128
#define MAX_PDU_SIZE 65507

struct column {
	oid root[MAX_OID_LEN];
	size_t root_len;
	oid at[MAX_OID_LEN]; /* the last OID that came back */
	size_t at_len;
	unsigned long seen;
};

static void *session;
static struct column columns[MAX_OIDS];
static unsigned long varbinds, missing, pdus;
static double *times; /* microseconds, one for each PDU */
static size_t times_max;
static unsigned long wait_ms; /* after each response */
static double first_at;	      /* s; 0: all responses count */
static volatile sig_atomic_t stopping;

static void
on_alarm(int sig)
{
	static const char text[] = "client: took too long\n";

	(void)sig;
	if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
		_exit(1);
	_exit(1);
}

static void
on_stop(int sig)
{
	(void)sig;
	stopping = 1;
}

static void
fail(const char *what, const oid *name, size_t len)
{
	char text[1024] = "";

	if (name)
		snprint_objid(text, sizeof text, name, len);
	fprintf(stderr, "client: %s %s\n", what, text);
	exit(1);
}

static void
wait_a_little(void)
{
	const struct timespec pause = { (time_t)(wait_ms / 1000),
		(long)(wait_ms % 1000) * 1000000 };

	if (wait_ms)
		nanosleep(&pause, NULL);
}

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void
note_time(double us)
{
	if (pdus == times_max) {
		times_max = times_max ? 2 * times_max : 1024;
		times = realloc(times, times_max * sizeof *times);
		if (!times)
			fail("out of memory", NULL, 0);
	}
	times[pdus++] = us;
}

/* Sends PDU and waits; the response is without error and the caller's to free. */
static netsnmp_pdu *
ask(netsnmp_pdu *pdu)
{
	netsnmp_pdu *response = NULL;
	double start = now_us();
	int status = snmp_sess_synch_response(session, pdu, &response);

	if (status == STAT_TIMEOUT)
		fail("timeout", NULL, 0);
	if (status != STAT_SUCCESS || !response)
		fail("no response", NULL, 0);
	note_time(now_us() - start);
	if (response->errstat != SNMP_ERR_NOERROR)
		fail(snmp_errstring((int)response->errstat), NULL, 0);
	if (!response->variables)
		fail("empty response", NULL, 0);
	return response;
}

static netsnmp_pdu *
pdu_new(int command)
{
	netsnmp_pdu *pdu = snmp_pdu_create(command);

	if (!pdu)
		fail("out of memory", NULL, 0);
	return pdu;
}

static bool
is_exception(const netsnmp_variable_list *vb)
{
	return vb->type == SNMP_NOSUCHOBJECT || vb->type == SNMP_NOSUCHINSTANCE ||
	       vb->type == SNMP_ENDOFMIBVIEW;
}

static void
column_rewind(struct column *c)
{
	memcpy(c->at, c->root, c->root_len * sizeof *c->at);
	c->at_len = c->root_len;
	c->seen = 0;
}

/* Takes one varbind of a walk; false when the column has come to its end. */
static bool
column_take(struct column *c, const netsnmp_variable_list *vb, unsigned long limit)
{
	if (is_exception(vb) || vb->name_length < c->root_len ||
		snmp_oid_compare(vb->name, c->root_len, c->root, c->root_len) != 0)
		return false;
	if (snmp_oid_compare(vb->name, vb->name_length, c->at, c->at_len) <= 0)
		fail("OID not increasing:", vb->name, vb->name_length);
	memcpy(c->at, vb->name, vb->name_length * sizeof *c->at);
	c->at_len = vb->name_length;
	varbinds++;
	return ++c->seen != limit;
}

/* Walks N columns side by side; each leaves the requests where it ends. */
static void
walk(struct column *first, size_t n, long max_rep, unsigned long limit)
{
	struct column *active[MAX_OIDS];

	for (size_t i = 0; i < n; i++) {
		active[i] = &first[i];
		column_rewind(active[i]);
	}
	while (n && !stopping) {
		netsnmp_pdu *response, *pdu = pdu_new(SNMP_MSG_GETBULK);
		netsnmp_variable_list *vb;
		size_t i = 0, left = 0;

		pdu->non_repeaters = 0;
		pdu->max_repetitions = max_rep;
		for (size_t k = 0; k < n; k++)
			snmp_add_null_var(pdu, active[k]->at, active[k]->at_len);
		response = ask(pdu);
		for (vb = response->variables; vb; vb = vb->next_variable, i++) {
			struct column **c = &active[i % n];

			if (*c && !column_take(*c, vb, limit))
				*c = NULL;
		}
		snmp_free_pdu(response);
		for (size_t k = 0; k < n; k++)
			if (active[k])
				active[left++] = active[k];
		n = left;
		wait_a_little();
	}
}

static void
poll_once(size_t n)
{
	netsnmp_pdu *response, *pdu = pdu_new(SNMP_MSG_GET);
	netsnmp_variable_list *vb;
	size_t i = 0;

	for (size_t k = 0; k < n; k++)
		snmp_add_null_var(pdu, columns[k].root, columns[k].root_len);
	response = ask(pdu);
	for (vb = response->variables; vb; vb = vb->next_variable, i++) {
		if (i >= n || snmp_oid_compare(vb->name, vb->name_length, columns[i].root,
				      columns[i].root_len) != 0)
			fail("not what was asked:", vb->name, vb->name_length);
		if (is_exception(vb))
			missing++;
		else
			varbinds++;
	}
	if (i != n)
		fail("too few varbinds", NULL, 0);
	snmp_free_pdu(response);
}

static void
poll_often(size_t n, long count)
{
	for (long i = 0; i < count && !stopping; i++) {
		poll_once(n);
		if (wait_ms && i == 0) {
			first_at = now_us() / 1e6;
			varbinds = missing = pdus = 0;
		}
		wait_a_little();
	}
}

/* SETs. All are made before the first one is sent. */

static netsnmp_pdu **sets;
static size_t n_sets;

static void
add_row(netsnmp_pdu *pdu, char *line)
{
	char *rest = NULL, *text;

	for (text = strtok_r(line, " \n", &rest); text;
		text = strtok_r(NULL, " \n", &rest)) {
		oid name[MAX_OID_LEN];
		size_t len = MAX_OID_LEN;
		const char *number = strtok_r(NULL, " \n", &rest);

		if (!number || !read_objid(text, name, &len) ||
			snmp_add_var(pdu, name, len, 'i', number) != 0)
			fail("not an OID and a number", NULL, 0);
	}
}

static void
read_rows(const char *path, long rows)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0, n = 0;

	if (!file)
		fail("cannot read the rows", NULL, 0);
	for (; getline(&line, &size, file) > 0; n++) {
		if (n % (size_t)rows == 0) {
			sets = realloc(sets, (n_sets + 1) * sizeof(netsnmp_pdu *));
			if (!sets)
				fail("out of memory", NULL, 0);
			sets[n_sets++] = pdu_new(SNMP_MSG_SET);
		}
		add_row(sets[n_sets - 1], line);
	}
	free(line);
	fclose(file);
}

static void
set_all(void)
{
	for (size_t i = 0; i < n_sets && !stopping; i++) {
		netsnmp_pdu *response = ask(sets[i]);

		for (netsnmp_variable_list *vb = response->variables; vb;
			vb = vb->next_variable)
			varbinds++;
		snmp_free_pdu(response);
	}
	free(sets);
}

static void
open_session(char *peer, char *community, unsigned long response_s)
{
	netsnmp_session wanted;

	setenv("MIBS", "", 1);
	netsnmp_ds_set_boolean(
		NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
	netsnmp_ds_set_boolean(
		NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
	init_snmp("bench-client");
	snmp_sess_init(&wanted);
	wanted.peername = peer;
	wanted.version = SNMP_VERSION_2c;
	wanted.community = (u_char *)community;
	wanted.community_len = strlen(community);
	wanted.timeout = (long)response_s * 1000000;
	wanted.retries = 0;
	wanted.rcvMsgMaxSize = MAX_PDU_SIZE;
	session = snmp_sess_open(&wanted);
	if (!session)
		fail("cannot open the session to", NULL, 0);
}

static void
read_oids(int count, char **text)
{
	if (count > MAX_OIDS)
		fail("too many OIDs", NULL, 0);
	for (int i = 0; i < count; i++) {
		struct column *c = &columns[i];

		c->root_len = MAX_OID_LEN;
		if (!read_objid(text[i], c->root, &c->root_len))
			fail("not an OID", NULL, 0);
	}
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
report(double seconds)
{
	if (pdus == 0)
		fail("stopped before a response", NULL, 0);
	qsort(times, pdus, sizeof *times, by_value);
	printf("varbinds=%lu missing=%lu pdus=%lu seconds=%.6f rate=%.0f p50_us=%.1f "
	       "p99_us=%.1f max_us=%.1f",
		varbinds, missing, pdus, seconds, varbinds / seconds, times[pdus / 2],
		times[pdus * 99 / 100], times[pdus - 1]);
	if (first_at > 0)
		printf(" first_at=%.6f", first_at);
	putchar('\n');
}

static int
usage(void)
{
	fputs("usage: client [-T SEC] [-t SEC] [-w MS] [-l ROWS] [-p] [-r TIMES] walk "
	      "HOST:PORT "
	      "COMMUNITY MAXREP OID...\n"
	      "       client [-T SEC] [-t SEC] [-w MS] poll HOST:PORT COMMUNITY COUNT "
	      "OID...\n"
	      "       client [-T SEC] [-t SEC] set HOST:PORT COMMUNITY ROWS FILE\n",
		stderr);
	return 2;
}

/* The numbers that the options set. */
struct options {
	unsigned long limit, repeat, seconds, response_s;
	bool side_by_side;
};

static bool
read_options(int argc, char **argv, struct options *o)
{
	int opt;

	while ((opt = getopt(argc, argv, "+l:pr:t:T:w:")) != -1) {
		unsigned long number = optarg ? strtoul(optarg, NULL, 10) : 0;

		if (opt == 'l')
			o->limit = number;
		else if (opt == 'p')
			o->side_by_side = true;
		else if (opt == 'r')
			o->repeat = number;
		else if (opt == 'T')
			o->seconds = number;
		else if (opt == 't')
			o->response_s = number;
		else if (opt == 'w')
			wait_ms = number;
		else
			return false;
	}
	return true;
}

static void
walk_all(const struct options *o, size_t n, long max_rep)
{
	size_t step = o->side_by_side ? n : 1;

	for (unsigned long k = 0; k < o->repeat && !stopping; k++)
		for (size_t i = 0; i < n; i += step)
			walk(&columns[i], step, max_rep, o->limit);
}

int
main(int argc, char **argv)
{
	struct sigaction stop = { .sa_handler = on_stop, .sa_flags = SA_RESTART };
	struct options o = { .repeat = 1, .seconds = 120, .response_s = 5 };
	double start;
	long number;
	int n;

	if (!read_options(argc, argv, &o))
		return usage();
	argv += optind;
	n = argc - optind - 4;
	number = n > 0 ? strtol(argv[3], NULL, 10) : 0;
	if (number <= 0 ||
		(strcmp(argv[0], "walk") != 0 && strcmp(argv[0], "poll") != 0 &&
			(strcmp(argv[0], "set") != 0 || n != 1)))
		return usage();
	signal(SIGALRM, on_alarm);
	sigaction(SIGTERM, &stop, NULL);
	alarm((unsigned int)o.seconds);
	open_session(argv[1], argv[2], o.response_s);
	if (argv[0][0] == 's')
		read_rows(argv[4], number);
	else
		read_oids(n, argv + 4);
	start = now_us();
	if (argv[0][0] == 's')
		set_all();
	else if (argv[0][0] == 'w')
		walk_all(&o, (size_t)n, number);
	else
		poll_often((size_t)n, number);
	report((now_us() - start) / 1e6);
	snmp_sess_close(session);
	return 0;
}
