/*
 * What is read of the node as a whole when somebody asks: its IP and ICMP counters, in
 * /proc/net, and the switches of its IP stacks, in /proc/sys/net.
 *
 * Counters are read again when they are older than the maximum age of the options, all
 * three files at once, so that a manager's walk over them is one reading. The switches
 * have no age: they are read for each request, a few microseconds each.
 */
#ifndef NETMIBD_KERNEL_NODE_H
#define NETMIBD_KERNEL_NODE_H

#include "../mirror/mirror.h"
#include "procstats.h"

#include <stdbool.h>
#include <stdint.h>

struct node {
	struct mirror *mirror;
	const char *proc;		  /* "/proc", or what a test has in its place */
	bool complained[N_PROC_FILES];	  /* that it is missing or not well-formed */
	uint64_t counters_at, sysctls_at; /* clock_now() of the last reading; 0: never */
};

void node_init(struct node *node, struct mirror *mirror);

/* For struct source: see there. */
void node_need(struct node *node, uint32_t needs, uint64_t now);

/* A sysctl's text as a number between @low and @high; absent if it is none. */
struct optional node_parse_sysctl(const char *text, long low, long high);

#endif
