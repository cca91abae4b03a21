/*
 * The node's IP counters in the mirror, and the reader that brings them: files that are
 * missing or cut short, kernels without IPv6, how often they are read.
 */
#include "unit.h"

#include "../../agent/base/clock.h"
#include "../../agent/base/log.h"
#include "../../agent/kernel/node.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is(struct optional value, uint64_t number)
{
	return value.present && value.number == number;
}

static const struct icmp_type *
type_row(const struct ip_node *node, uint8_t version, uint8_t type)
{
	struct icmp_type key = { .version = version, .type = type };

	return set_find(&node->types, &key);
}

static void
a_counter_that_goes_back_is_a_discontinuity(void)
{
	struct mirror *mirror = mirror_new(&unit_options);
	struct ip_reading v4, v6;

	fixture_readings(&v4, &v6);
	ipstats_put(&mirror->ip, IP_V4, &v4, 10);
	ipstats_put(&mirror->ip, IP_V6, &v6, 10);
	v4.ip.in_octets.number++;
	ipstats_put(&mirror->ip, IP_V4, &v4, 20);
	CU_ASSERT_EQUAL(mirror->ip.v4.discontinuity, 0);
	/* absent for a while, and lower when it is back */
	v4.ip.in_octets.present = false;
	v4.ip.in_octets.number = 0;
	ipstats_put(&mirror->ip, IP_V4, &v4, 30);
	CU_ASSERT_EQUAL(mirror->ip.v4.discontinuity, 0);
	v4.ip.in_octets = optional_of(7);
	ipstats_put(&mirror->ip, IP_V4, &v4, 40);
	CU_ASSERT_EQUAL(mirror->ip.v4.discontinuity, 40);
	CU_ASSERT_EQUAL(mirror->ip.v6.discontinuity, 0);
	ipstats_put(&mirror->ip, IP_V4, &v4, 50);
	CU_ASSERT_EQUAL(mirror->ip.v4.discontinuity, 40);
	mirror_free(mirror);
}

static void
what_linux_does_not_count_is_concluded(void)
{
	struct ip_counters before = { 0 }, now = { 0 };

	now.out_forw_datagrams = optional_of(100);
	now.in_no_routes = optional_of(20);
	now.frag_oks = optional_of(3);
	now.frag_fails = optional_of(4);
	now.out_requests = optional_of(1000);
	now.out_transmits = optional_of(1101);
	ip_counters_conclude(IP_V4, &now, &before);
	CU_ASSERT_TRUE(is(now.in_forw_datagrams, 120));
	CU_ASSERT_TRUE(is(now.frag_reqds, 7));
	CU_ASSERT_TRUE(is(now.out_requests, 1000));
	CU_ASSERT_TRUE(is(now.out_transmits, 1101));
	/* a part that is missing is missing in the sum */
	now.frag_fails.present = now.in_no_routes.present = false;
	ip_counters_conclude(IP_V4, &now, &before);
	CU_ASSERT_FALSE(now.frag_reqds.present);
	CU_ASSERT_FALSE(now.in_forw_datagrams.present);
}

/* Before 6.7: IPv4's OutRequests counted the forwarded ones, too; IPv6's did not. */
static void
older_kernels_have_no_out_transmits(void)
{
	struct ip_counters before = { 0 }, now = { 0 };

	now.out_forw_datagrams = optional_of(100);
	now.out_requests = optional_of(1000);
	ip_counters_conclude(IP_V6, &now, &before);
	CU_ASSERT_TRUE(is(now.out_requests, 1000));
	CU_ASSERT_TRUE(is(now.out_transmits, 1100));
	now.out_transmits.present = false;
	ip_counters_conclude(IP_V4, &now, &before);
	CU_ASSERT_TRUE(is(now.out_requests, 900));
	CU_ASSERT_TRUE(is(now.out_transmits, 1000));
	/* ten are forwarded, and not counted as sent yet: held, not let back */
	before = now;
	now.out_forw_datagrams = optional_of(110);
	now.out_requests = optional_of(1000);
	now.out_transmits.present = false;
	ip_counters_conclude(IP_V4, &now, &before);
	CU_ASSERT_TRUE(is(now.out_requests, 900));
	/* the kernel began anew */
	before = now;
	now.out_forw_datagrams = optional_of(0);
	now.out_requests = optional_of(5);
	now.out_transmits.present = false;
	ip_counters_conclude(IP_V4, &now, &before);
	CU_ASSERT_TRUE(is(now.out_requests, 5));
	now.out_transmits.present = now.out_forw_datagrams.present = false;
	ip_counters_conclude(IP_V4, &now, &before);
	CU_ASSERT_FALSE(now.out_requests.present);
}

static void
a_type_that_was_seen_stays(void)
{
	struct mirror *mirror = mirror_new(&unit_options);
	struct ip_node *node = &mirror->ip;
	struct ip_reading v4 = { .in_types[3] = { 0, true },
		.out_types[3] = { 0, true } };

	ipstats_put(node, IP_V4, &v4, 1);
	CU_ASSERT_EQUAL(set_count(&node->types), 0);
	v4.in_types[255] = optional_of(1);
	v4.out_types[255] = v4.in_types[0] = optional_of(0);
	v4.out_types[0] = optional_of(2);
	v4.in_types[8] = (struct optional){ 5, false };
	ipstats_put(node, IP_V4, &v4, 2);
	CU_ASSERT_EQUAL(set_count(&node->types), 2);
	CU_ASSERT_TRUE(is(type_row(node, IP_V4, 255)->in, 1));
	CU_ASSERT_TRUE(is(type_row(node, IP_V4, 255)->out, 0));
	CU_ASSERT_TRUE(is(type_row(node, IP_V4, 0)->in, 0));
	CU_ASSERT_TRUE(is(type_row(node, IP_V4, 0)->out, 2));
	memset(&v4, 0, sizeof(v4));
	ipstats_put(node, IP_V4, &v4, 3);
	CU_ASSERT_EQUAL(set_count(&node->types), 2);
	CU_ASSERT_FALSE(type_row(node, IP_V4, 0)->out.present);
	CU_ASSERT_FALSE(node->v4.known);
	mirror_free(mirror);
}

static void
spin_locks_differ(void)
{
	uint32_t seen[4];
	int equal = 0;

	for (size_t i = 0; i < N_ELEMENTS(seen); i++) {
		struct mirror *mirror = mirror_new(&unit_options);

		seen[i] = mirror->ip.address_spin_lock;
		CU_ASSERT_TRUE(seen[i] <= INT32_MAX);
		equal += i > 0 && seen[i] == seen[i - 1];
		mirror_free(mirror);
	}
	CU_ASSERT_EQUAL(equal, 0);
}

/* The reader, over a /proc of the test's own. */

static struct lab {
	char proc[PATH_MAX];
	struct mirror *mirror;
	struct node node;
	char said[512]; /* the last line of the log */
	unsigned int lines;
} lab;

static void
hear(int priority, const char *text)
{
	(void)priority;
	lab.lines++;
	snprintf(lab.said, sizeof(lab.said), "%s", text);
}

static bool
no_debugging(const char *subject)
{
	(void)subject;
	return false;
}

static const char *
path_of(const char *name)
{
	static char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s", lab.proc, name);
	return path;
}

static void
put_file(const char *name, const char *text, size_t len)
{
	FILE *file = fopen(path_of(name), "we");

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_EQUAL(fwrite(text, 1, len, file), len);
	fclose(file);
}

static void
put_text(const char *name, const char *text)
{
	put_file(name, text, strlen(text));
}

static const char *const folders[] = { "thread-self", "thread-self/net", "sys", "sys/net",
	"sys/net/ipv4", "sys/net/ipv6", "sys/net/ipv6/conf", "sys/net/ipv6/conf/all" };
static const char *const names[N_PROC_FILES] = { "thread-self/net/snmp",
	"thread-self/net/netstat", "thread-self/net/snmp6" };

static void
open_lab(void)
{
	static const struct log_sink sink = { hear, no_debugging, NULL };

	memset(&lab, 0, sizeof(lab));
	make_folder(lab.proc);
	for (size_t i = 0; i < N_ELEMENTS(folders); i++)
		CU_ASSERT_EQUAL(mkdir(path_of(folders[i]), 0700), 0);
	for (size_t i = 0; i < N_PROC_FILES; i++)
		put_text(names[i], proc_texts[i]);
	lab.mirror = mirror_new(&unit_options);
	node_init(&lab.node, lab.mirror);
	lab.node.proc = lab.proc;
	clock_freeze(100 * NS_PER_S);
	log_to(&sink);
}

static void
close_lab(void)
{
	static const char *const switches[] = { "sys/net/ipv4/ip_forward",
		"sys/net/ipv6/conf/all/hop_limit" };

	for (size_t i = 0; i < N_PROC_FILES; i++)
		unlink(path_of(names[i]));
	for (size_t i = 0; i < N_ELEMENTS(switches); i++)
		unlink(path_of(switches[i]));
	for (size_t i = N_ELEMENTS(folders); i > 0; i--)
		rmdir(path_of(folders[i - 1]));
	CU_ASSERT_EQUAL(rmdir(lab.proc), 0);
	mirror_free(lab.mirror);
	log_to(NULL);
	clock_freeze(0);
}

/* A query @ms after the start of the test. */
static void
ask(uint64_t ms)
{
	uint64_t now = 100 * NS_PER_S + ms * NS_PER_MS;

	clock_freeze(now);
	node_need(&lab.node, NEED_IP_COUNTERS | NEED_IP_SYSCTLS, now);
}

static void
counters_serve_for_one_age(void)
{
	const struct ip_node *node;

	open_lab();
	node = &lab.mirror->ip;
	ask(0);
	CU_ASSERT_TRUE(is(node->v4.ip.in_receives, 5000000001));
	CU_ASSERT_TRUE(is(node->v4.ip.in_octets, 5000003007));
	CU_ASSERT_TRUE(is(node->v6.icmp.out_errors, 4104));
	CU_ASSERT_TRUE(is(type_row(node, IP_V6, 143)->out, 4343));
	put_text(names[PROC_SNMP], "Ip: InReceives\nIp: 6000000000\nTcp: A\nTcp: 1\n");
	ask(999);
	CU_ASSERT_TRUE(is(node->v4.ip.in_receives, 5000000001));
	ask(1000);
	CU_ASSERT_TRUE(is(node->v4.ip.in_receives, 6000000000));
	CU_ASSERT_FALSE(node->v4.ip.in_delivers.present);
	CU_ASSERT_TRUE(is(node->v4.ip.in_octets, 5000003007));
	CU_ASSERT_EQUAL(lab.lines, 0);
	close_lab();
}

static void
a_missing_file_is_logged_once(void)
{
	const struct ip_node *node;
	uint64_t ms = 0;

	open_lab();
	node = &lab.mirror->ip;
	ask(ms);
	unlink(path_of(names[PROC_NETSTAT]));
	for (int i = 0; i < 10; i++)
		ask(ms += 1000);
	CU_ASSERT_EQUAL(lab.lines, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(lab.said, names[PROC_NETSTAT]));
	CU_ASSERT_FALSE(node->v4.ip.in_octets.present);
	CU_ASSERT_TRUE(is(node->v4.ip.in_receives, 5000000001));
	CU_ASSERT_TRUE(node->v6.known);
	/* back, and then cut short */
	put_text(names[PROC_NETSTAT], proc_texts[PROC_NETSTAT]);
	ask(ms += 1000);
	CU_ASSERT_TRUE(is(node->v4.ip.in_octets, 5000003007));
	CU_ASSERT_EQUAL(lab.lines, 1);
	put_file(names[PROC_SNMP], proc_texts[PROC_SNMP], 300);
	ask(ms += 1000);
	ask(ms += 1000);
	CU_ASSERT_EQUAL(lab.lines, 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(lab.said, names[PROC_SNMP]));
	CU_ASSERT_FALSE(node->v4.ip.in_receives.present);
	CU_ASSERT_TRUE(node->v4.known);
	CU_ASSERT_EQUAL(node->v4.discontinuity, 0);
	close_lab();
}

static void
without_ipv6_there_is_no_row_and_no_word(void)
{
	const struct ip_node *node;

	open_lab();
	node = &lab.mirror->ip;
	ask(0);
	CU_ASSERT_TRUE(node->v6.known);
	unlink(path_of(names[PROC_SNMP6]));
	ask(1000);
	CU_ASSERT_FALSE(node->v6.known);
	CU_ASSERT_FALSE(type_row(node, IP_V6, 143)->out.present);
	CU_ASSERT_TRUE(node->v4.known);
	CU_ASSERT_EQUAL(lab.lines, 0);
	close_lab();
}

static void
discarded_routes(void)
{
	static const char name[] = "thread-self/net/rt6_stats";
	const struct optional *discarded;

	open_lab();
	discarded = &lab.mirror->ip.discarded_routes;
	ask(0); /* no such file: no IPv6 */
	CU_ASSERT_TRUE(is(*discarded, 0));
	put_text(name, "0009 0006 000f 0007 0000 0000 0011\n");
	ask(999);
	CU_ASSERT_TRUE(is(*discarded, 0));
	ask(1000);
	CU_ASSERT_TRUE(is(*discarded, 0x11));
	put_text(name, "0009 0006 000f 0007\n");
	ask(2000);
	CU_ASSERT_FALSE(discarded->present);
	unlink(path_of(name));
	close_lab();
}

/* A file that is no file, and one that never ends. */
static void
files_of_another_kind(void)
{
	open_lab();
	unlink(path_of(names[PROC_SNMP]));
	mkdir(path_of(names[PROC_SNMP]), 0700);
	unlink(path_of(names[PROC_SNMP6]));
	CU_ASSERT_EQUAL(symlink("/dev/zero", path_of(names[PROC_SNMP6])), 0);
	ask(0);
	CU_ASSERT_EQUAL(lab.lines, 2);
	CU_ASSERT_FALSE(lab.mirror->ip.v6.known);
	CU_ASSERT_TRUE(lab.mirror->ip.v4.known); /* netstat is there */
	rmdir(path_of(names[PROC_SNMP]));
	close_lab();
}

static void
switches_are_read_for_each_query(void)
{
	const struct ip_sysctls *sysctls;

	open_lab();
	sysctls = &lab.mirror->ip.sysctls;
	put_text("sys/net/ipv4/ip_forward", "1\n");
	put_text("sys/net/ipv6/conf/all/hop_limit", "64\n");
	ask(0);
	CU_ASSERT_TRUE(is(sysctls->forwarding, 1));
	CU_ASSERT_TRUE(is(sysctls->hop_limit6, 64));
	CU_ASSERT_FALSE(sysctls->default_ttl.present);
	CU_ASSERT_FALSE(sysctls->forwarding6.present);
	put_text("sys/net/ipv4/ip_forward", "0\n");
	ask(0); /* another varbind of the same query */
	CU_ASSERT_TRUE(is(sysctls->forwarding, 1));
	unlink(path_of("sys/net/ipv6/conf/all/hop_limit"));
	ask(1);
	CU_ASSERT_TRUE(is(sysctls->forwarding, 0));
	CU_ASSERT_FALSE(sysctls->hop_limit6.present);
	CU_ASSERT_EQUAL(lab.lines, 0);
	close_lab();
}

static void
text_of_a_switch(void)
{
	static const char *const bad[] = { "", "\n", "x\n", "1", "1 2\n", "1x\n", "0\n",
		"256\n", "99999999999999999999\n", "-1\n" };

	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		CU_ASSERT_FALSE(node_parse_sysctl(bad[i], 1, 255).present);
	CU_ASSERT_TRUE(is(node_parse_sysctl("1\n", 1, 255), 1));
	CU_ASSERT_TRUE(is(node_parse_sysctl("255\n", 1, 255), 255));
	CU_ASSERT_TRUE(is(node_parse_sysctl("-1\n", INT32_MIN, INT32_MAX), UINT64_MAX));
}

void
suite_ipstats(void)
{
	CU_pSuite suite = CU_add_suite("ipstats", NULL, NULL);

	CU_ADD_TEST(suite, a_counter_that_goes_back_is_a_discontinuity);
	CU_ADD_TEST(suite, what_linux_does_not_count_is_concluded);
	CU_ADD_TEST(suite, older_kernels_have_no_out_transmits);
	CU_ADD_TEST(suite, a_type_that_was_seen_stays);
	CU_ADD_TEST(suite, spin_locks_differ);
	CU_ADD_TEST(suite, counters_serve_for_one_age);
	CU_ADD_TEST(suite, a_missing_file_is_logged_once);
	CU_ADD_TEST(suite, without_ipv6_there_is_no_row_and_no_word);
	CU_ADD_TEST(suite, discarded_routes);
	CU_ADD_TEST(suite, files_of_another_kind);
	CU_ADD_TEST(suite, switches_are_read_for_each_query);
	CU_ADD_TEST(suite, text_of_a_switch);
}
