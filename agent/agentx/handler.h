/*
 * Between Net-SNMP's request lists and the engine.
 */
#ifndef NETMIBD_AGENTX_HANDLER_H
#define NETMIBD_AGENTX_HANDLER_H

#include "../engine/edit.h"

#include <stdbool.h>

enum set_fate {
	SET_KEPT,
	SET_FAILED,
	SET_UNDONE,
};

/* How a SET has ended. */
struct set_end {
	enum set_fate fate;
	unsigned int txn; /* its number, as in the log */
	/* SET_FAILED: for which varbind, 0 for none, and the reason, of the agent */
	enum set_status status;
	unsigned int varbind;
	char text[256];
};

/* What the handlers serve. It must outlive the registrations. */
struct served {
	void *source;	       /* struct query.source of every query: the mirror */
	struct drafts *drafts; /* rows out of service */
	/* Called before a request is answered: reads the events that are waiting. */
	void (*before)(void *source);
	/* May a SET change anything at all? */
	bool (*may_write)(void *source);
	/* A SET has ended: it stays, has failed, or has been undone for no reason of its
	 * own. One that was only checked, and refused by others, is not told. */
	void (*ended)(void *source, const struct set_end *end);
	/* What a SET has done is done, or undone; no answer has been sent. */
	void (*after_set)(void *source);
	bool bulk; /* answer all repetitions of a GETBULK in one call (standalone) */
};

/* Registers @tables (ends with NULL), each at its root or at each of its columns. Returns
 * how many registrations were refused, each of which has been logged. */
int handler_register(const struct table *const *tables, const struct served *served);

/* An OID of Net-SNMP, cut to OID_MAX sub-identifiers. Returns their number. */
size_t handler_oid(uint32_t *to, const unsigned long *from, size_t len);

/* Counts the requests that come, a SET as one, into @requests from now on. */
void handler_count(uint64_t *requests);

/* Another master: its sysUpTime is not the one that was seen before. */
void handler_forget_uptime(void);

#endif
