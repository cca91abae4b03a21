/*
 * The parser of /proc/net/snmp, netstat and snmp6: what is well-formed counts, and what
 * is not is absent, never a wrong number.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct ip_reading reading;

static bool
parse_octets(enum proc_file file, const char *text, size_t len)
{
	char *copy =
		malloc(len ? len : 1); /* without a NUL: the sanitizer watches its end */
	bool clean;

	memcpy(copy, text, len);
	memset(&reading, 0, sizeof(reading));
	clean = procstats_parse(file, copy, len, &reading);
	free(copy);
	return clean;
}

static bool
parse(enum proc_file file, const char *text)
{
	return parse_octets(file, text, strlen(text));
}

static bool
is(struct optional value, uint64_t number)
{
	return value.present && value.number == number;
}

#define ABSENT(member)	   CU_ASSERT_FALSE(reading.member.present)
#define IS(member, number) CU_ASSERT_TRUE(is(reading.member, (number)))

static void
every_name_goes_to_its_place(void)
{
	CU_ASSERT_TRUE(parse(PROC_SNMP, proc_texts[PROC_SNMP]));
	IS(ip.in_receives, 5000000001);
	IS(ip.out_forw_datagrams, 1004);
	IS(ip.out_transmits, 5000000018);
	IS(icmp.in_msgs, 2001);
	IS(icmp.out_errors, 2115);
	IS(icmp.out_addr_mask_reps, 2118);
	IS(in_types[0], 2000);
	IS(in_types[255], 5000002255);
	IS(out_types[12], 2112); /* the second pair of lines */
	IS(out_types[255], 0);	 /* not listed: none so far */
	ABSENT(ip.in_octets);	 /* another file's */
	CU_ASSERT_TRUE(parse(PROC_NETSTAT, proc_texts[PROC_NETSTAT]));
	IS(ip.in_octets, 5000003007);
	IS(ip.out_bcast_pkts, 3006);
	ABSENT(in_types[0]);
	CU_ASSERT_TRUE(parse(PROC_SNMP6, proc_texts[PROC_SNMP6]));
	IS(ip.in_receives, 5000004001);
	IS(icmp.out_errors, 4104);
	IS(in_types[128], 4228);
	IS(out_types[128], 0);
	IS(out_types[143], 4343);
	ABSENT(ip.in_bcast_pkts);
	ABSENT(icmp.in_dest_unreachs);
}

/* The kernel that the tests run on is understood in full. */
static void
this_kernel(void)
{
	static const char *const paths[] = { "/proc/thread-self/net/snmp",
		"/proc/thread-self/net/netstat", "/proc/thread-self/net/snmp6" };
	static char text[65536];

	for (enum proc_file file = 0; file < N_PROC_FILES; file++) {
		FILE *from = fopen(paths[file], "re");
		size_t len;

		if (!from)
			continue; /* no IPv6 here */
		len = fread(text, 1, sizeof(text), from);
		fclose(from);
		CU_ASSERT_TRUE(parse_octets(file, text, len));
		CU_ASSERT_TRUE(file == PROC_NETSTAT ? reading.ip.in_octets.present
						    : reading.ip.in_receives.present);
		CU_ASSERT_EQUAL(file != PROC_NETSTAT, reading.in_types[0].present);
	}
}

static void
discarded_routes_of_this_kernel(void)
{
	FILE *from = fopen("/proc/thread-self/net/rt6_stats", "re");
	char text[256];

	if (!from)
		return; /* no IPv6 here */
	CU_ASSERT_TRUE(
		procstats_discarded_routes(text, fread(text, 1, sizeof(text), from))
			.present);
	fclose(from);
}

/* All numbers of a reading, as they lie. */
#define N_NUMBERS (sizeof(struct ip_reading) / sizeof(struct optional))

static bool
nothing_is_wrong(const struct ip_reading *got, const struct ip_reading *whole)
{
	const struct optional *is_ = (const void *)got, *right = (const void *)whole;

	for (size_t i = 0; i < N_NUMBERS; i++) {
		if (is_[i].present &&
			(!right[i].present || is_[i].number != right[i].number))
			return false;
	}
	return true;
}

static void
cut_after_any_octet(void)
{
	for (enum proc_file file = 0; file < N_PROC_FILES; file++) {
		const char *text = proc_texts[file];
		const char *beyond = strstr(text, file == PROC_SNMP6  ? "Udp6"
						  : file == PROC_SNMP ? "Tcp:"
								      : "IpExt: 3");
		struct ip_reading whole;

		CU_ASSERT_TRUE(parse(file, text));
		whole = reading;
		for (size_t len = 0; len < strlen(text); len++) {
			bool clean = parse_octets(file, text, len);

			CU_ASSERT_TRUE(nothing_is_wrong(&reading, &whole));
			/* not noticed only where nothing of ours is lost */
			if (clean)
				CU_ASSERT_TRUE(text + len > beyond &&
					       nothing_is_wrong(&whole, &reading));
		}
	}
}

/* Any one octet is another one: at most the numbers that it stands in are others. */
static void
any_octet_changed(void)
{
	static const char odd[] = "\n :\t\0x9-";

	for (enum proc_file file = 0; file < N_PROC_FILES; file++) {
		size_t len = strlen(proc_texts[file]);
		char *text = malloc(len);

		for (size_t at = 0; at < len; at++) {
			memcpy(text, proc_texts[file], len);
			text[at] = odd[pick(sizeof(odd) - 1)];
			parse_octets(file, text, len);
		}
		free(text);
	}
}

static void
names_and_values_must_match(void)
{
	/* fewer values, more values: who knows which; nothing else suffers */
	CU_ASSERT_FALSE(parse(PROC_SNMP, "Ip: InReceives InDelivers FragOKs\nIp: 1 2\n"
					 "Icmp: InMsgs\nIcmp: 5\nTcp: A\nTcp: 1\n"));
	ABSENT(ip.in_receives);
	ABSENT(ip.in_delivers);
	ABSENT(ip.frag_oks);
	IS(icmp.in_msgs, 5);
	CU_ASSERT_FALSE(parse(PROC_SNMP, "Ip: InReceives InDelivers\nIp: 1 2 3\n"
					 "Icmp: InMsgs\nIcmp: 5\nTcp: A\nTcp: 1\n"));
	ABSENT(ip.in_receives);
	ABSENT(ip.in_delivers);
	IS(icmp.in_msgs, 5);
	CU_ASSERT_FALSE(parse(PROC_SNMP, "Ip: InReceives\nIp:\nTcp: A\nTcp: 1\n"));
	ABSENT(ip.in_receives);
	/* a line that nothing of ours is in may be as it likes */
	CU_ASSERT_TRUE(parse(PROC_SNMP, "Ip: InReceives\nIp: 7\nTcp: A B\nTcp: 1\n"));
	IS(ip.in_receives, 7);
	/* of types, the names that are left may not be all */
	parse(PROC_SNMP, "IcmpMsg: InType3\nIcmpMsg: 1 2\nTcp: A\nTcp: 1\n");
	ABSENT(in_types[3]);
	ABSENT(in_types[8]);
}

static void
lines_must_pair(void)
{
	/* a line of values is lost, then one of names, then there is a third one */
	CU_ASSERT_FALSE(parse(
		PROC_SNMP, "Ip: InReceives\nIcmp: InMsgs\nIcmp: 5\nTcp: A\nTcp: 1\n"));
	ABSENT(ip.in_receives);
	IS(icmp.in_msgs, 5);
	CU_ASSERT_FALSE(
		parse(PROC_SNMP, "Ip: 4\nIcmp: InMsgs\nIcmp: 5\nTcp: A\nTcp: 1\n"));
	IS(icmp.in_msgs, 5);
	CU_ASSERT_FALSE(parse(PROC_SNMP, "Ip: InReceives\nIp: 1\nIp: 2\nIcmp: InMsgs\n"
					 "Icmp: 5\nTcp: A\nTcp: 1\n"));
	IS(ip.in_receives, 1);
	IS(icmp.in_msgs, 5);
	CU_ASSERT_FALSE(parse(PROC_SNMP, "IcmpMsg: InType3\nTcp: A\nTcp: 1\n"));
	ABSENT(in_types[3]);
	ABSENT(in_types[8]);
	/* no section, or not the same */
	CU_ASSERT_FALSE(parse(PROC_SNMP, "InReceives\n4\nTcp: A\nTcp: 1\n"));
	CU_ASSERT_FALSE(parse(PROC_SNMP, "Ip: InReceives\nIpExt: 4\nTcp: A\nTcp: 1\n"));
	ABSENT(ip.in_receives);
	CU_ASSERT_FALSE(
		parse(PROC_SNMP, ": InReceives\n: 4\n\n\n:\n:\nTcp: A\nTcp: 1\n"));
	ABSENT(ip.in_receives);
	/* the name of another section is another name */
	CU_ASSERT_TRUE(parse(PROC_SNMP, "IpX: InReceives\nIpX: 4\nTcp: A\nTcp: 1\n"));
	ABSENT(ip.in_receives);
}

/* @value stands for InDelivers, between two good ones. */
static bool
parse_value(enum proc_file file, const char *value)
{
	char text[256];

	if (file == PROC_SNMP)
		snprintf(text, sizeof(text),
			"Ip: InReceives InDelivers FragOKs\nIp: 1 %s 3\nTcp: A\nTcp: 1\n",
			value);
	else
		snprintf(text, sizeof(text),
			"Ip6InReceives 1\nIp6InDelivers \t%s\nIp6FragOKs 3\nUdp6X 1\n",
			value);
	return parse(file, text);
}

static void
numbers(void)
{
	static const char *const bad[] = { "-1", "+1", "x", "1x", "0x10", "1.5", "1e3",
		"18446744073709551616", "99999999999999999999999999", "1,000", "\xb2",
		"184467440737095516150", "5\r" };
	static const enum proc_file files[] = { PROC_SNMP, PROC_SNMP6 };

	for (size_t f = 0; f < 2; f++) {
		for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
			CU_ASSERT_FALSE(parse_value(files[f], bad[i]));
			IS(ip.in_receives, 1);
			ABSENT(ip.in_delivers);
			IS(ip.frag_oks, 3);
		}
		CU_ASSERT_TRUE(parse_value(files[f], "18446744073709551615"));
		IS(ip.in_delivers, UINT64_MAX);
		CU_ASSERT_TRUE(parse_value(files[f], "0"));
		IS(ip.in_delivers, 0);
		CU_ASSERT_TRUE(parse_value(files[f], "007"));
		IS(ip.in_delivers, 7);
	}
	CU_ASSERT_FALSE(parse_value(PROC_SNMP6, ""));
	ABSENT(ip.in_delivers);
	CU_ASSERT_FALSE(parse_value(PROC_SNMP6, "4 5"));
	ABSENT(ip.in_delivers);
}

static void
of_duplicates_the_first_one_counts(void)
{
	CU_ASSERT_TRUE(parse(PROC_SNMP, "Ip: InReceives InReceives\nIp: 1 2\n"
					"Ip: InReceives InDelivers\nIp: 3 4\n"
					"IcmpMsg: InType3\nIcmpMsg: 5\n"
					"IcmpMsg: InType3 InType03 OutType3\n"
					"IcmpMsg: 6 7 8\nTcp: A\nTcp: 1\n"));
	IS(ip.in_receives, 1);
	IS(ip.in_delivers, 4);
	IS(in_types[3], 5);
	IS(out_types[3], 8);
	CU_ASSERT_TRUE(parse(PROC_SNMP6, "Ip6InReceives 1\nIp6InReceives 2\nUdp6X 0\n"));
	IS(ip.in_receives, 1);
	/* also if it is bad: it was the one */
	CU_ASSERT_FALSE(parse(PROC_SNMP6, "Ip6InReceives x\nIp6InReceives 2\nUdp6X 0\n"));
	ABSENT(ip.in_receives);
}

static void
types(void)
{
	parse(PROC_SNMP, "IcmpMsg: InType256 InType InTypeX OutType-1 outType3 InType9 "
			 "InType99999999999999999999 XOutType4\n"
			 "IcmpMsg: 1 2 3 4 5 6 7 8\nTcp: A\nTcp: 1\n");
	for (size_t type = 0; type < N_ICMP_TYPES; type++) {
		IS(in_types[type], type == 9 ? 6 : 0);
		IS(out_types[type], 0);
	}
	/* a count that is none is not 0 */
	parse(PROC_SNMP6, "Icmp6InType1 x\nIcmp6OutType300 1\nUdp6InDatagrams 1\n");
	ABSENT(in_types[1]);
	IS(out_types[1], 0);
	/* the list may go on behind the end */
	CU_ASSERT_FALSE(parse(PROC_SNMP6, "Icmp6InType1 5\n"));
	IS(in_types[1], 5);
	ABSENT(out_types[1]);
	/* InType1 of the other file's kind is no name here */
	parse(PROC_SNMP6, "InType1 5\nUdp6X 1\n");
	IS(in_types[1], 0);
	parse(PROC_SNMP, "Ip: Icmp6InType1 InType1\nIp: 5 6\nTcp: A\nTcp: 1\n");
	IS(in_types[1], 0);
}

static void
nothing_and_noise(void)
{
	static const struct ip_reading none;
	char noise[512];

	for (enum proc_file file = 0; file < N_PROC_FILES; file++) {
		CU_ASSERT_FALSE(parse(file, ""));
		CU_ASSERT_FALSE(parse(file, "\n"));
		CU_ASSERT_FALSE(parse(file, "\n\n \n\t\n:\n : \n"));
		CU_ASSERT_TRUE(nothing_is_wrong(&reading, &none));
		for (int i = 0; i < 300; i++) {
			for (size_t k = 0; k < sizeof(noise); k++)
				noise[k] = (char)pick(256);
			parse_octets(file, noise, sizeof(noise));
		}
	}
}

static struct optional
discarded(const char *text, size_t len)
{
	char *copy = malloc(len ? len : 1);
	struct optional found;

	memcpy(copy, text, len);
	found = procstats_discarded_routes(copy, len);
	free(copy);
	return found;
}

static void
discarded_routes(void)
{
	static const char good[] = "0009 0006 000f 0007 0000 0002 1a2b3\n";
	static const char *const bad[] = { "", "\n", "0 0 0 0 0 5\n", "0 0 0 0 0 0 5 6\n",
		"0 0 0 0 0 0 x\n", "0 0 0 x 0 0 5\n", "0 0 0 0 0 0 0x5\n",
		"0 0 0 0 0 0 -1\n", "0 0 0 0 0 0 5", "0 0 0 0 0 0\n5\n",
		"0 0 0 0 0 0 100000000\n" };
	char noise[64];

	CU_ASSERT_TRUE(is(discarded(good, strlen(good)), 0x1a2b3));
	CU_ASSERT_TRUE(is(discarded("0 0 0 0 0 0 ffffffff\n", 21), UINT32_MAX));
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		CU_ASSERT_FALSE(discarded(bad[i], strlen(bad[i])).present);
	for (size_t len = 0; len < strlen(good); len++)
		CU_ASSERT_FALSE(discarded(good, len).present);
	for (int i = 0; i < 1000; i++) {
		for (size_t k = 0; k < sizeof(noise); k++)
			noise[k] = "0 \n\t\0f"[pick(6)];
		discarded(noise, sizeof(noise));
	}
}

void
suite_procstats(void)
{
	CU_pSuite suite = CU_add_suite("procstats", NULL, NULL);

	CU_ADD_TEST(suite, every_name_goes_to_its_place);
	CU_ADD_TEST(suite, this_kernel);
	CU_ADD_TEST(suite, discarded_routes_of_this_kernel);
	CU_ADD_TEST(suite, cut_after_any_octet);
	CU_ADD_TEST(suite, any_octet_changed);
	CU_ADD_TEST(suite, names_and_values_must_match);
	CU_ADD_TEST(suite, lines_must_pair);
	CU_ADD_TEST(suite, numbers);
	CU_ADD_TEST(suite, of_duplicates_the_first_one_counts);
	CU_ADD_TEST(suite, types);
	CU_ADD_TEST(suite, discarded_routes);
	CU_ADD_TEST(suite, nothing_and_noise);
}
