/*
 * /proc/net/dev_snmp6: see snmp6.h.
 */
#include "snmp6.h"

#include "procfs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* 3 KB in common life; 512 counts of ICMPv6 types more at most. */
#define TEXT_MAX 32768

bool
snmp6_is_of(const char *text, size_t len, uint32_t ifindex)
{
	static const char name[] = "ifIndex";
	char number[12];
	size_t at = sizeof(name) - 1, digits;

	if (len <= at || memcmp(text, name, at) != 0)
		return false;
	while (at < len && (text[at] == ' ' || text[at] == '\t'))
		at++;
	digits = (size_t)snprintf(number, sizeof(number), "%u\n", ifindex);
	return at >= sizeof(name) && len - at >= digits &&
	       memcmp(text + at, number, digits) == 0;
}

int
snmp6_read(
	const char *proc, const char *name, uint32_t ifindex, struct ip_reading *reading)
{
	char path[256], text[TEXT_MAX];
	ssize_t len;

	memset(reading, 0, sizeof(*reading));
	if (strchr(name, '/') || strcmp(name, "..") == 0)
		return -ENOENT; /* the kernel allows neither, but a message might */
	/* thread-self: the namespace of whoever asks, see node.c */
	snprintf(path, sizeof(path), "%s/thread-self/net/dev_snmp6/%s", proc, name);
	len = procfs_read(path, text, sizeof(text));
	if (len < 0)
		return (int)len;
	if (!snmp6_is_of(text, (size_t)len, ifindex))
		return -ESTALE;
	return procstats_parse(PROC_DEV_SNMP6, text, (size_t)len, reading) ? 0 : -EBADMSG;
}
