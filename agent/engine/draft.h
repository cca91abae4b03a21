/*
 * Drafts: rows that are out of service (RowStatus notReady and notInService, RFC 2579).
 * They are what managers have said of rows that the kernel does not have, not yet or not
 * any more; so they are the agent's own, and the only rows that are.
 *
 * A draft is a copy of an edit's kind (edit.h) at a place of a table, that of its
 * RowStatus. What the kernel has at that place hides it. Nobody needs to remember it for
 * ever: it goes DRAFT_LIFE after it was written last.
 */
#ifndef NETMIBD_ENGINE_DRAFT_H
#define NETMIBD_ENGINE_DRAFT_H

#include "table.h"

/* "The agent must detect conceptual rows that have been in either state for an abnormally
 * long period of time and remove them ... a period of 5 minutes" (RFC 2579), in ns. */
#define DRAFT_LIFE ((uint64_t)300 * 1000000000)

/* How many there can be. */
#define DRAFTS_MAX 1000

struct draft {
	struct set_node node;
	const struct table *table;
	uint64_t written;
	uint32_t fields; /* of the copy: which have been said */
	void *copy;
	size_t len;
	uint32_t index[];
};

struct drafts {
	struct set set;
	uint64_t expiry; /* none goes before */
};

/* None. */
struct drafts *drafts_new(void);
void drafts_free(struct drafts *drafts);

/* Begins a query that sees @drafts, those that are not too old. */
void query_see_drafts(struct query *query, struct drafts *drafts);

/* The table whose RowStatus says what becomes of a row of @table. */
const struct table *draft_table(const struct table *table);

/* The first draft at (FROM) or behind (BEHIND) a place of @table, or the one there (AT);
 * NULL if there is none. */
const struct draft *draft_seek(const struct query *query, const struct table *table,
	enum where where, const uint32_t *index, size_t len);

/* The draft of what @copy, of @kind, is of, in whichever table; NULL: there is none. */
const struct draft *draft_find(
	const struct query *query, const struct edit_kind *kind, const void *copy);

/* The value of @column in @draft. False: it has none (yet). */
bool draft_value(const struct query *query, const struct draft *draft,
	const struct column *column, struct value *value);

/* Is there room for @n more? */
bool draft_has_room(const struct query *query, size_t n);

/* A draft of @table, in no set: @copy, of @size octets, is copied. */
struct draft *draft_new(const struct table *table, const uint32_t *index, size_t len,
	const void *copy, size_t size, uint32_t fields);
void draft_free(struct draft *draft); /* NULL: nothing */

/* Takes out the draft that is there, which is returned, or NULL. */
struct draft *draft_take(const struct query *query, const struct table *table,
	const uint32_t *index, size_t len);

/* Puts one in, in the place of one that is there: it is written now, or was before. */
void draft_put(const struct query *query, struct draft *draft);
void draft_put_back(const struct query *query, struct draft *draft);

#endif
