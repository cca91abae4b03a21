/*
 * Between Net-SNMP's request lists and the engine.
 */
#ifndef NETMIBD_AGENTX_HANDLER_H
#define NETMIBD_AGENTX_HANDLER_H

#include "../engine/table.h"

#include <stdbool.h>

/* What the handlers serve. It must outlive the registrations. */
struct served {
	void *source; /* struct query.source of every query: the mirror */
	/* Called before a request is answered: reads the events that are waiting. */
	void (*before)(void *source);
	bool bulk; /* answer all repetitions of a GETBULK in one call (standalone) */
};

/* Registers @tables (ends with NULL), each at its root or at each of its columns. Returns
 * how many registrations were refused, each of which has been logged. */
int handler_register(const struct table *const *tables, const struct served *served);

/* Another master: its sysUpTime is not the one that was seen before. */
void handler_forget_uptime(void);

#endif
