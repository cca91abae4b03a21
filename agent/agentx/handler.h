/*
 * Between Net-SNMP's request lists and the engine.
 */
#ifndef NETMIBD_AGENTX_HANDLER_H
#define NETMIBD_AGENTX_HANDLER_H

#include "../engine/edit.h"

#include <stdbool.h>

/* What the handlers serve. It must outlive the registrations. */
struct served {
	void *source; /* struct query.source of every query: the mirror */
	/* Called before a request is answered: reads the events that are waiting. */
	void (*before)(void *source);
	/* May a SET change anything at all? */
	bool (*may_write)(void *source);
	/* What a SET has done is done, or undone; no answer has been sent. */
	void (*after_set)(void *source);
	bool bulk; /* answer all repetitions of a GETBULK in one call (standalone) */
};

/* Registers @tables (ends with NULL), each at its root or at each of its columns. Returns
 * how many registrations were refused, each of which has been logged. */
int handler_register(const struct table *const *tables, const struct served *served);

/* An OID of Net-SNMP, cut to OID_MAX sub-identifiers. Returns their number. */
size_t handler_oid(uint32_t *to, const unsigned long *from, size_t len);

/* Another master: its sysUpTime is not the one that was seen before. */
void handler_forget_uptime(void);

#endif
