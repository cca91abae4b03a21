/*
 * The node's counters of IP and ICMP, as /proc/net tells them: a pure parser.
 *
 * They are found by name, since each kernel has more of them than the one before, and in
 * another order. What is not well-formed is absent, never guessed: a file that is
 * cut short, a line with more or fewer values than names, a value that is no number.
 */
#ifndef NETMIBD_KERNEL_PROCSTATS_H
#define NETMIBD_KERNEL_PROCSTATS_H

#include "../mirror/ipstats.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum proc_file {
	PROC_SNMP,    /* IPv4: a line of names and a line of values for each protocol */
	PROC_NETSTAT, /* the same; what RFC 4293 has added */
	PROC_SNMP6,   /* IPv6: a name and its value on each line */
	N_PROC_FILES,
	PROC_DEV_SNMP6 = N_PROC_FILES, /* the same of one link */
};

/* Parses the @len octets of @text as @file; what it brings is set in @reading, what is
 * there already is left alone. Of equal names the first one counts. False if something
 * was refused or the file does not go as far as it should. */
bool procstats_parse(
	enum proc_file file, const char *text, size_t len, struct ip_reading *reading);

/* Of the @len octets of /proc/net/rt6_stats, seven hexadecimal numbers, the last one: the
 * routes that were discarded. */
struct optional procstats_discarded_routes(const char *text, size_t len);

#endif
