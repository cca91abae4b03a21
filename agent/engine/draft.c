/*
 * Rows out of service: see draft.h.
 */
#include "draft.h"

#include "../base/alloc.h"
#include "../base/log.h"
#include "edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a draft stands against a place of a table. */
struct sought {
	const struct table *table;
	const uint32_t *index;
	size_t len;
	enum where where;
};

static int
against(const struct draft *draft, const struct sought *sought)
{
	const struct oid *a = &draft->table->entry, *b = &sought->table->entry;
	int order = oid_compare(a->sub, a->len, b->sub, b->len);

	if (order)
		return order;
	order = oid_compare(draft->index, draft->len, sought->index, sought->len);
	return order ? order : sought->where == BEHIND ? -1 : 0;
}

static int
probe(const void *row, const void *sought)
{
	return against(row, sought);
}

static int
compare(const void *a, const void *b)
{
	const struct draft *other = b;
	struct sought sought = { other->table, other->index, other->len, AT };

	return against(a, &sought);
}

struct drafts *
drafts_new(void)
{
	struct drafts *drafts = xcalloc(1, sizeof(*drafts));

	set_init(&drafts->set, offsetof(struct draft, node), compare);
	return drafts;
}

static void
discard(struct drafts *drafts, struct draft *draft)
{
	set_remove(&drafts->set, draft);
	draft_free(draft);
}

void
drafts_free(struct drafts *drafts)
{
	struct draft *draft;

	while ((draft = set_first(&drafts->set)))
		discard(drafts, draft);
	free(drafts);
}

static void
expire(struct drafts *drafts, uint64_t now)
{
	struct draft *draft, *next;

	drafts->expiry = UINT64_MAX;
	set_for_each (draft, next, &drafts->set) {
		if (draft->written + DRAFT_LIFE <= now) {
			log_line(LOG_NOTICE,
				"a row of %s was out of service for too long: dropped",
				draft->table->name);
			discard(drafts, draft);
		} else if (draft->written + DRAFT_LIFE < drafts->expiry) {
			drafts->expiry = draft->written + DRAFT_LIFE;
		}
	}
}

void
query_see_drafts(struct query *query, struct drafts *drafts)
{
	query->drafts = drafts;
	if (set_count(&drafts->set) && drafts->expiry <= query->now)
		expire(drafts, query->now);
}

const struct table *
draft_table(const struct table *table)
{
	return table->augments ? table->augments : table;
}

const struct draft *
draft_seek(const struct query *query, const struct table *table, enum where where,
	const uint32_t *index, size_t len)
{
	struct sought sought = { draft_table(table), index, len, where };
	const struct draft *draft;

	if (!query->drafts || !set_count(&query->drafts->set))
		return NULL;
	draft = set_seek(&query->drafts->set, probe, &sought);
	if (!draft || draft->table != sought.table ||
		(where == AT && against(draft, &sought) != 0))
		return NULL;
	return draft;
}

const struct draft *
draft_find(const struct query *query, const struct edit_kind *kind, const void *copy)
{
	const struct draft *draft, *next;

	if (!query->drafts || !kind->same)
		return NULL;
	set_for_each (draft, next, &query->drafts->set) {
		if (draft->table->edits == kind && kind->same(draft->copy, copy))
			return draft;
	}
	return NULL;
}

bool
draft_value(const struct query *query, const struct draft *draft,
	const struct column *column, struct value *value)
{
	value->syntax = column->syntax;
	if (column->is_row_status) {
		value->number = draft->table->edits->ready(draft->copy)
					? ROW_STATUS_NOT_IN_SERVICE
					: ROW_STATUS_NOT_READY;
		return true;
	}
	return column->get_draft && column->get_draft(query, draft->copy, value);
}

bool
draft_has_room(const struct query *query, size_t n)
{
	return query->drafts && set_count(&query->drafts->set) + n <= DRAFTS_MAX;
}

struct draft *
draft_new(const struct table *table, const uint32_t *index, size_t len, const void *copy,
	size_t size, uint32_t fields)
{
	struct draft *draft = xcalloc(1, sizeof(*draft) + len * sizeof(index[0]));

	draft->table = draft_table(table);
	draft->fields = fields;
	draft->copy = xcalloc(1, size);
	memcpy(draft->copy, copy, size);
	draft->len = len;
	memcpy(draft->index, index, len * sizeof(index[0]));
	return draft;
}

void
draft_free(struct draft *draft)
{
	if (draft)
		free(draft->copy);
	free(draft);
}

struct draft *
draft_take(const struct query *query, const struct table *table, const uint32_t *index,
	size_t len)
{
	const struct draft *there = draft_seek(query, table, AT, index, len);
	struct draft *draft = NULL;

	if (there) {
		draft = set_find(&query->drafts->set, there);
		set_remove(&query->drafts->set, draft);
	}
	return draft;
}

void
draft_put(const struct query *query, struct draft *draft)
{
	draft->written = query->now;
	draft_put_back(query, draft);
}

void
draft_put_back(const struct query *query, struct draft *draft)
{
	struct drafts *drafts = query->drafts;
	uint64_t expiry = draft->written + DRAFT_LIFE;

	draft_free(draft_take(query, draft->table, draft->index, draft->len));
	set_insert(&drafts->set, draft);
	if (set_count(&drafts->set) == 1 || expiry < drafts->expiry)
		drafts->expiry = expiry;
}
