/*
 * The engine's reading half: see table.h.
 *
 * An asked OID is cut in two at most: what comes before the column's id is compared with
 * the entry's OID, what comes after it is a place among the encoded indexes.
 */
#include "table.h"

#include "../base/clock.h"

#include <string.h>

/* The place that is sought in a set of rows. */
struct place {
	const struct table *table;
	const struct query *query;
	const uint32_t *index;
	size_t len;
	bool after; /* strictly after it, not at it */
};

void
query_init(struct query *query, void *source, uint64_t now, uint64_t epoch)
{
	query->source = source;
	query->now = now;
	query->epoch = epoch;
	query->for_table = NULL;
	query->memo.table = NULL;
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

	return order ? order : (place->after ? -1 : 0);
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

/* @row, or the first member behind it. */
static const void *
member_near(const struct table *table, const struct set *set, const void *row)
{
	while (row && !is_member(table, row))
		row = table->beyond && table->beyond(row) ? NULL : set_next(set, row);
	return row;
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

	for (; row; row = member_near(table, set, set_next(set, row))) {
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

	row = member_near(place->table, set, row);
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
	return least_from(query, set, place,
		place->len ? set_seek(set, probe_group, place) : set_first(set));
}

/* The member whose index follows that of @row. */
static const void *
group_step(const struct table *table, struct query *query, const struct set *set,
	const void *row)
{
	struct oid_buf index;
	struct place place = { table, query, index.sub, 0, true };

	index.len = 0;
	index_encode(table, query, row, &index);
	place.len = index.len;
	if (query->group.table == table && query->group.row == row)
		return least_from(query, set, &place, query->group.first);
	return group_seek(query, set, &place);
}

/* All tables. */

static bool
memo_fits(const struct query *query, const struct place *place)
{
	return query->memo.table == place->table && query->memo.after == place->after &&
	       query->memo.len == place->len &&
	       memcmp(query->memo.index, place->index, place->len * sizeof(uint32_t)) ==
		       0;
}

/* The first row at or after the place. Requests ask many columns of one row (a poll of 40
 * columns is 40 times the same place), so the last answer is kept. */
static const void *
seek(struct query *query, const struct set *set, const struct place *place)
{
	bool grouped = place->table->group > 0;
	const void *row;

	if (!place->len)
		return grouped ? group_seek(query, set, place) : set_first(set);
	if (memo_fits(query, place))
		return query->memo.row;
	row = grouped ? group_seek(query, set, place) : set_seek(set, probe, place);
	if (place->len <= MEMO_INDEX_MAX) {
		query->memo.table = place->table;
		query->memo.after = place->after;
		query->memo.len = place->len;
		memcpy(query->memo.index, place->index, place->len * sizeof(uint32_t));
		query->memo.row = row;
	}
	return row;
}

static const struct set *
rows_of(const struct table *table, struct query *query)
{
	if (table->prepare && query->for_table != table) {
		query->for_table = table;
		query->memo.table = NULL; /* rows may go while it prepares */
		query->group.table = NULL;
		table->prepare(query);
	}
	return table->rows(query);
}

/* @row, or the first member behind it. */
static const void *
member_from(const struct table *table, const struct query *query, const struct set *set,
	const void *row)
{
	while (row && !is_member(table, row)) {
		struct oid_buf index;
		struct place place = { table, query, index.sub, 0, true };

		if (table->beyond && table->beyond(row))
			return NULL;
		index.len = 0;
		index_encode(table, query, row, &index);
		place.len = index.len;
		row = set_seek(set, probe, &place);
	}
	return row;
}

/* The first member at or after the place. */
static const void *
row_at(const struct table *table, struct query *query, const struct place *place)
{
	static const uint32_t zero[] = { 0 };
	const struct set *set;

	if (!table->rows) {
		int order = oid_compare(zero, 1, place->index, place->len);

		return order > 0 || (order == 0 && !place->after) ? query->source : NULL;
	}
	set = rows_of(table, query);
	return member_from(table, query, set, seek(query, set, place));
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

static struct optional
field_number(const struct field *field, const void *row)
{
	const uint8_t *at = (const uint8_t *)row + field->offset;
	struct optional number = { 0, true };

	switch (field->width) {
	case 1:
		return optional_of(*at);
	case 2:
		return optional_of(*(const uint16_t *)(const void *)at);
	case 4:
		return optional_of(*(const uint32_t *)(const void *)at);
	case 8:
		memcpy(&number.number, at, sizeof(number.number));
		break;
	case sizeof(struct optional):
		memcpy(&number, at, sizeof(number));
		break;
	}
	return number;
}

/* Brings a number into the range of its type. A Counter32 is the low half of the 64-bit
 * counter (RFC 2863 section 3.1.6); an INTEGER or Gauge32 stops at its end. */
static uint64_t
fit(enum syntax syntax, uint64_t number)
{
	switch (syntax) {
	case SYNTAX_INTEGER:
		return number > INT32_MAX ? INT32_MAX : number;
	case SYNTAX_GAUGE32:
		return number > UINT32_MAX ? UINT32_MAX : number;
	case SYNTAX_COUNTER32:
		return (uint32_t)number;
	default:
		return number;
	}
}

static bool
read_column(const struct table *table, struct query *query, const struct cursor *at,
	struct value *value)
{
	const struct column *column = at->column;
	struct optional number;

	value->syntax = column->syntax;
	if (column->needs)
		table->refresh(query, at->row, column->needs);
	if (column->get)
		return column->get(query, at->row, value);
	number = field_number(&column->field, at->row);
	value->number = fit(column->syntax, number.number);
	return number.present;
}

/* The first column whose id is at least @id, or the end of the list. */
static const struct column *
column_from(const struct table *table, uint32_t id)
{
	const struct column *column = table->columns;
	const struct column *end = column + table->n_columns;

	while (column < end && column->id < id)
		column++;
	return column;
}

enum found
table_get(const struct table *table, struct query *query, const uint32_t *oid, size_t len,
	struct value *value)
{
	size_t n = table->entry.len;
	struct place place = { table, query, NULL, 0, false };
	struct cursor at;
	struct oid_buf index;

	if (len <= n || oid_compare(oid, n, table->entry.sub, n) != 0)
		return NO_OBJECT;
	place.index = oid + n + 1;
	place.len = len - n - 1;
	at.column = column_from(table, oid[n]);
	if (at.column == table->columns + table->n_columns || at.column->id != oid[n])
		return NO_OBJECT;
	at.row = row_at(table, query, &place);
	if (!at.row)
		return NO_INSTANCE;
	index.len = 0;
	index_encode(table, query, at.row, &index);
	if (oid_compare(index.sub, index.len, place.index, place.len) != 0)
		return NO_INSTANCE;
	return read_column(table, query, &at, value) ? FOUND : NO_INSTANCE;
}

/* From *@at (included) on, the first place that has a value. */
static bool
settle(const struct table *table, struct query *query, struct cursor *at,
	struct value *value)
{
	const struct column *end = table->columns + table->n_columns;
	struct place first = { table, query, NULL, 0, false };

	while (at->column < end) {
		while (at->row) {
			if (read_column(table, query, at, value))
				return true;
			at->row = row_after(table, query, at->row);
		}
		if (++at->column < end)
			at->row = row_at(table, query, &first);
	}
	return false;
}

bool
table_next(const struct table *table, struct query *query, const uint32_t *oid,
	size_t len, bool inclusive, struct cursor *at, struct value *value)
{
	size_t n = table->entry.len;
	int order = oid_compare(oid, len < n ? len : n, table->entry.sub, n);
	struct place place = { table, query, NULL, 0, false };

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
			place.after = !inclusive;
		}
	}
	at->row = row_at(table, query, &place);
	return settle(table, query, at, value);
}

bool
table_step(const struct table *table, struct query *query, struct cursor *at,
	struct value *value)
{
	at->row = row_after(table, query, at->row);
	return settle(table, query, at, value);
}

void
table_name(const struct table *table, const struct query *query, const struct cursor *at,
	struct oid_buf *name)
{
	memcpy(name->sub, table->entry.sub, table->entry.len * sizeof(uint32_t));
	name->len = table->entry.len;
	name->sub[name->len++] = at->column->id;
	index_encode(table, query, at->row, name);
}
