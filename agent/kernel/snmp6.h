/*
 * The IPv6 counters of a link, from /proc/net/dev_snmp6/NAME: a name and a number on each
 * line, the first being its ifIndex.
 *
 * Netlink has them too, but as an array (IFLA_INET6_STATS) without names, and the kernel
 * has changed what its places mean: 6.7 has put a counter at its end, 6.15 has moved
 * eleven and left its length as it was. So they are read by name.
 */
#ifndef NETMIBD_KERNEL_SNMP6_H
#define NETMIBD_KERNEL_SNMP6_H

#include "procstats.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the counters of link @ifindex called @name below @proc ("/proc") into
 * @reading.ip. 0; -EBADMSG if the file is not as expected, then what it does not tell is
 * absent; -ESTALE if it is another link's; -ENOENT if the link has no IPv6 or another
 * name; or another -errno. */
int snmp6_read(
	const char *proc, const char *name, uint32_t ifindex, struct ip_reading *reading);

/* Does @text, @len octets of such a file, begin with the line of link @ifindex? */
bool snmp6_is_of(const char *text, size_t len, uint32_t ifindex);

#endif
