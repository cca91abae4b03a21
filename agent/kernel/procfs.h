/*
 * What only /proc and /sys know about links.
 */
#ifndef NETMIBD_KERNEL_PROCFS_H
#define NETMIBD_KERNEL_PROCFS_H

#include "../base/lladdr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The DEVTYPE of link @ifindex called @name ("wlan" ...), cut to @size - 1 octets, into
 * @devtype; empty if it has none. @sys: where sysfs is mounted. False, and empty, if it
 * cannot be read, because the link has got another name by now, or /sys shows another
 * link of that name (it belongs to the namespace of whoever mounted it). */
bool sysfs_devtype(
	const char *sys, const char *name, uint32_t ifindex, char *devtype, size_t size);

/* Calls @fn with every line of /proc/net/dev_mcast: link-layer multicast groups of all
 * links. 0, or -errno if it cannot be read; a line that is not understood is passed over.
 */
int procfs_multicast(
	void (*fn)(uint32_t ifindex, const struct lladdr *address, void *arg), void *arg);

/* One line of that file into *@ifindex and *@address; false if it is not well-formed. */
_Bool procfs_parse_multicast(const char *line, uint32_t *ifindex, struct lladdr *address);

/* The first @size octets of a file: their number, or -errno. */
ssize_t procfs_read(const char *path, char *text, size_t size);

#endif
