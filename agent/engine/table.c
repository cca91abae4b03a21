/*
 * The engine's reading half: see table.h.
 *
 * An asked OID is cut in two at most: what comes before the column's id is compared with
 * the entry's OID, what comes after it is a place among the encoded indexes.
 */
#include "table.h"

#include "../base/clock.h"
#include "column.h"
#include "draft.h"

#include <string.h>

/* The place that is sought in a set of rows. */
struct place {
	const struct table *table;
	const struct query *query;
	const uint32_t *index;
	size_t len;
	enum where where;
};

/* How many rows that are none of the table are passed over one by one, before those of
 * equal index are jumped over. */
#define STEPS_PER_JUMP 64

void
query_init(struct query *query, void *source, uint64_t now, uint64_t epoch)
{
	query->source = source;
	query->now = now;
	query->epoch = epoch;
	query->drafts = NULL;
	query->for_table = NULL;
	query->memo.set = NULL;
	query->group.table = NULL;
}

uint32_t
query_timestamp(const struct query *query, uint64_t when)
{
	return when > query->epoch ? (uint32_t)((when - query->epoch) / NS_PER_CS) : 0;
}

/* Where an index stands against the place: < 0 before it, >= 0 at or after it. */
static int
against(const struct oid_buf *index, const struct place *place)
{
	int order = oid_compare(index->sub, index->len, place->index, place->len);

	return order ? order : (place->where == BEHIND ? -1 : 0);
}

static int
probe(const void *row, const void *sought)
{
	const struct place *place = sought;
	struct oid_buf index;

	index.len = 0;
	index_encode(place->table, place->query, row, &index);
	return against(&index, place);
}

static bool
is_member(const struct table *table, const void *row)
{
	return !table->member || table->member(row);
}

/* The first row whose index is behind that of @row. */
static const void *
jump(const struct table *table, const struct query *query, const struct set *set,
	const void *row)
{
	struct oid_buf index = { .len = 0 };
	struct place place = { table, query, index.sub, 0, BEHIND };

	index_encode(table, query, row, &index);
	place.len = index.len;
	return set_seek(set, probe, &place);
}

/* @row, or the first member behind it. A run of rows that are none costs some 20 ns each
 * (1 ms for 50,000), of equal index much less: that of all IPv6 neighbours of a link in a
 * table of IPv4. */
static const void *
member_from(const struct table *table, const struct query *query, const struct set *set,
	const void *row)
{
	for (size_t n = 1; row && !is_member(table, row); n++) {
		if (table->beyond && table->beyond(row))
			return NULL;
		row = n % STEPS_PER_JUMP || table->group ? set_next(set, row)
							 : jump(table, query, set, row);
	}
	return row;
}

/* Grouped tables. */

static int
compare_groups(size_t group, const struct oid_buf *index, const uint32_t *sub, size_t len)
{
	return oid_compare(index->sub, index->len < group ? index->len : group, sub,
		len < group ? len : group);
}

/* Where the group of @row stands against that of the place. */
static int
probe_group(const void *row, const void *sought)
{
	const struct place *place = sought;
	struct oid_buf index;

	index.len = 0;
	index_encode(place->table, place->query, row, &index);
	return compare_groups(place->table->group, &index, place->index, place->len);
}

/* The least member at or after the place among those of one group, the first of which is
 * @row; NULL if there is none. @next: the first member of the next group, or NULL. */
static const void *
least_of_group(const struct set *set, const struct place *place, const void *row,
	const void **next)
{
	const struct table *table = place->table;
	struct oid_buf first = { .len = 0 }, least, index;
	const void *best = NULL;

	for (; row; row = member_from(table, place->query, set, set_next(set, row))) {
		int order = -1;

		index.len = 0;
		index_encode(table, place->query, row, &index);
		if (!first.len)
			first = index;
		if (compare_groups(table->group, &first, index.sub, index.len) != 0)
			break;
		if (against(&index, place) < 0)
			continue;
		if (best)
			order = oid_compare(index.sub, index.len, least.sub, least.len);
		if (order < 0 || (order == 0 && table->better(row, best))) {
			best = row;
			least = index;
		}
	}
	*next = row;
	return best;
}

/* The least member at or after the place, from the group on that @row is the first of. */
static const void *
least_from(struct query *query, const struct set *set, const struct place *place,
	const void *row)
{
	const void *best = NULL, *first = NULL;

	row = member_from(place->table, query, set, row);
	while (row && !best) {
		first = row;
		best = least_of_group(set, place, first, &row);
	}
	query->group.table = place->table;
	query->group.row = best;
	query->group.first = first;
	return best;
}

static const void *
group_seek(struct query *query, const struct set *set, const struct place *place)
{
	const void *row = place->len ? set_seek(set, probe_group, place) : set_first(set);

	if (place->where == AT && (!row || probe_group(row, place) != 0))
		return NULL;
	return least_from(query, set, place, row);
}

/* The member whose index follows that of @row. */
static const void *
group_step(const struct table *table, struct query *query, const struct set *set,
	const void *row)
{
	struct oid_buf index;
	struct place place = { table, query, index.sub, 0, BEHIND };

	index.len = 0;
	index_encode(table, query, row, &index);
	place.len = index.len;
	if (query->group.table == table && query->group.row == row)
		return least_from(query, set, &place, query->group.first);
	return group_seek(query, set, &place);
}

/* All tables. */

static const void *
seek(struct query *query, const struct set *set, const struct place *place)
{
	const void *row;

	if (place->table->group)
		return group_seek(query, set, place);
	row = place->len ? set_seek(set, probe, place) : set_first(set);
	if (place->where != AT)
		return member_from(place->table, query, set, row);
	return row && is_member(place->table, row) ? row : NULL;
}

static bool
memo_fits(const struct query *query, const struct set *set, const struct place *place)
{
	return query->memo.set == set && query->memo.where == place->where &&
	       query->memo.len == place->len &&
	       oid_compare(query->memo.index, place->len, place->index, place->len) == 0;
}

/* The row that is sought, or NULL; with AT the caller compares its index. Requests ask
 * many columns of one row (a poll of 40 columns is 40 times the same place), so the last
 * answer is kept. */
static const void *
recall(struct query *query, const struct set *set, const struct place *place)
{
	const void *row;

	if (memo_fits(query, set, place))
		return query->memo.row;
	row = seek(query, set, place);
	if (place->len <= MEMO_INDEX_MAX) {
		query->memo.set = set;
		query->memo.where = place->where;
		query->memo.len = place->len;
		for (size_t i = 0; i < place->len; i++)
			query->memo.index[i] = place->index[i];
		query->memo.row = row;
	}
	return row;
}

static const struct set *
rows_of(const struct table *table, struct query *query)
{
	if (query->for_table != table) {
		query->for_table = table;
		query->memo.set = NULL; /* which another table may share */
		query->group.table = NULL;
		if (table->prepare)
			table->prepare(query);
	}
	return table->rows(query);
}

/* The row that is sought of the table, or NULL. */
static const void *
row_at(const struct table *table, struct query *query, const struct place *place)
{
	static const uint32_t zero[] = { 0 };

	if (!table->rows) {
		int order = oid_compare(zero, 1, place->index, place->len);

		return order > 0 || (order == 0 && place->where != BEHIND) ? query->source
									   : NULL;
	}
	return recall(query, rows_of(table, query), place);
}

static const void *
row_after(const struct table *table, struct query *query, const void *row)
{
	const struct set *set;

	if (!table->rows)
		return NULL;
	set = table->rows(query);
	if (table->group)
		return group_step(table, query, set, row);
	return member_from(table, query, set, set_next(set, row));
}

/* Rows and drafts. */

static bool
is_somewhere(const struct cursor *at)
{
	return at->row || at->draft;
}

static void
encode_index(const struct table *table, const struct query *query,
	const struct cursor *at, struct oid_buf *name)
{
	if (at->draft) {
		for (size_t i = 0; i < at->draft->len; i++)
			index_add(name, at->draft->index[i]);
	} else {
		index_encode(table, query, at->row, name);
	}
}

/* Moves to the first row or draft from the place on, which is not AT. A row hides a draft
 * of its index. */
static void
move_to(const struct place *place, struct query *query, struct cursor *at)
{
	struct oid_buf index = { .len = 0 };
	const struct draft *draft;

	at->row = row_at(place->table, query, place);
	draft = at->draft =
		draft_seek(query, place->table, place->where, place->index, place->len);
	if (!at->row || !draft)
		return;
	index_encode(place->table, query, at->row, &index);
	if (oid_compare(draft->index, draft->len, index.sub, index.len) < 0)
		at->row = NULL;
	else
		at->draft = NULL;
}

static void
step(const struct table *table, struct query *query, struct cursor *at)
{
	struct oid_buf index;
	struct place place = { table, query, index.sub, 0, BEHIND };

	if (!at->draft && !draft_seek(query, table, FROM, NULL, 0)) {
		at->row = row_after(table, query, at->row);
		return;
	}
	index.len = 0;
	encode_index(table, query, at, &index);
	place.len = index.len;
	move_to(&place, query, at);
}

enum found
table_find(const struct table *table, struct query *query, const uint32_t *oid,
	size_t len, struct cursor *at)
{
	size_t n = table->entry.len;
	struct place place = { table, query, NULL, 0, AT };
	struct oid_buf index;

	if (len <= n || oid_compare(oid, n, table->entry.sub, n) != 0)
		return NO_OBJECT;
	place.index = oid + n + 1;
	place.len = len - n - 1;
	at->column = column_from(table, oid[n]);
	if (at->column == table->columns + table->n_columns || at->column->id != oid[n])
		return NO_OBJECT;
	at->draft = NULL;
	at->row = row_at(table, query, &place);
	if (at->row) {
		index.len = 0;
		index_encode(table, query, at->row, &index);
		if (oid_compare(index.sub, index.len, place.index, place.len) == 0)
			return FOUND;
	}
	at->row = NULL;
	at->draft = draft_seek(query, table, AT, place.index, place.len);
	return at->draft ? FOUND : NO_INSTANCE;
}

enum found
table_get(const struct table *table, struct query *query, const uint32_t *oid, size_t len,
	struct value *value)
{
	struct cursor at;
	enum found found = table_find(table, query, oid, len, &at);

	if (found == FOUND && !column_read(table, query, &at, value))
		return NO_INSTANCE;
	return found;
}

/* From *@at (included) on, the first place that has a value. */
static bool
settle(const struct table *table, struct query *query, struct cursor *at,
	struct value *value)
{
	const struct column *end = table->columns + table->n_columns;
	struct place first = { table, query, NULL, 0, FROM };

	while (at->column < end) {
		while (is_somewhere(at)) {
			if (column_read(table, query, at, value))
				return true;
			step(table, query, at);
		}
		if (++at->column < end)
			move_to(&first, query, at);
	}
	return false;
}

bool
table_next(const struct table *table, struct query *query, const uint32_t *oid,
	size_t len, bool inclusive, struct cursor *at, struct value *value)
{
	size_t n = table->entry.len;
	int order = oid_compare(oid, len < n ? len : n, table->entry.sub, n);
	struct place place = { table, query, NULL, 0, FROM };

	if (order > 0)
		return false; /* behind the table */
	at->column = table->columns;
	if (order == 0 && len > n) {
		at->column = column_from(table, oid[n]);
		if (at->column == table->columns + table->n_columns)
			return false;
		if (at->column->id == oid[n]) {
			place.index = oid + n + 1;
			place.len = len - n - 1;
			place.where = inclusive ? FROM : BEHIND;
		}
	}
	move_to(&place, query, at);
	return settle(table, query, at, value);
}

bool
table_step(const struct table *table, struct query *query, struct cursor *at,
	struct value *value)
{
	step(table, query, at);
	return settle(table, query, at, value);
}

void
table_name(const struct table *table, const struct query *query, const struct cursor *at,
	struct oid_buf *name)
{
	memcpy(name->sub, table->entry.sub, table->entry.len * sizeof(uint32_t));
	name->len = table->entry.len;
	name->sub[name->len++] = at->column->id;
	encode_index(table, query, at, name);
}
