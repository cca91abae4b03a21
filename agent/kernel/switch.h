/*
 * The switches of the node that can be set, which are files below /proc/sys/net. Some
 * overwrite others: what they overwrite is read before, and can be put back.
 */
#ifndef NETMIBD_KERNEL_SWITCH_H
#define NETMIBD_KERNEL_SWITCH_H

#include "../mirror/wish.h"

#include <stddef.h>

/* What the files said that a switch overwrites. */
struct switch_memory {
	struct switch_file {
		char *path;
		char text[32];
	} * files;
	size_t n;
};

/* Turns @which to @number; @proc is where procfs is mounted. 0, and @memory is what was
 * there before; or -errno, and all is as it was. A switch that stands so already is not
 * touched, for even that would overwrite others. */
int switch_turn(const char *proc, enum node_switch which, uint32_t number,
	struct switch_memory *memory);

/* Puts back what was there. 0, or -errno of the first file that could not be written;
 * those that are gone with their link do not count. */
int switch_restore(const struct switch_memory *memory);

void switch_forget(struct switch_memory *memory);

/* Turns the switch @file (disable_ipv6, forwarding) of @family ("ipv4", "ipv6") on link
 * @name to @number. 0, and *@before is what it said; or -errno. */
int switch_turn_link(const char *proc, const char *family, const char *name,
	const char *file, uint32_t number, uint32_t *before);

/* What the switches of IPv6 on link @name say: all of them, which go with IPv6, or only
 * the MTU, which that of the link overwrites. */
void switch_remember_ipv6(
	struct switch_memory *memory, const char *proc, const char *name, bool all);

/* Is promote_secondaries on for link @name, by itself or for all? */
bool switch_promotes(const char *proc, const char *name);

/* Its main file below /proc/sys, for the log. */
const char *switch_name(enum node_switch which);

#endif
