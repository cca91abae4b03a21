/*
 * Rows out of service: how they are read among the rows of the kernel, how long they
 * live, how many there can be, and what a PDU makes of them; against a plain sorted list,
 * the state table of RFC 2579 (RowStatus), and an oracle that knows no varbinds' order.
 *
 * The fake kernel has cells, each of which holds a thing or not. It can refuse the n-th
 * request.
 */
#include "unit.h"

#include "../../agent/base/alloc.h"
#include "../../agent/base/log.h"
#include "../../agent/engine/edit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_A	  3 /* the first number of an index, and */
#define N_B	  4 /* the second one, from 1 on */
#define N_CELLS	  (N_A * N_B)
#define NOTE	  7 /* the default of the column */
#define START	  1000000000000
#define MAX_ITEMS 400
#define MAX_LOOSE 20

struct thing {
	struct set_node node;
	uint32_t a, b, level, note;
	struct optional age; /* absent: the row has no such value */
	bool here;
};

static struct world {
	struct thing cells[N_CELLS]; /* the kernel */
	struct set rows, loose;
	struct thing strays[MAX_LOOSE]; /* rows of the grouped table */
	unsigned int requests, fail_at;
} world;

static struct query query;
static struct drafts *drafts;

/* What a manager can say of a thing. */
struct said {
	uint32_t a, b, level, note; /* no level: not said */
};

static struct thing *
cell_of(uint32_t a, uint32_t b)
{
	return &world.cells[(a - 1) * N_B + b - 1];
}

/* The kind of edits. */

static void
copy_thing(const struct query *asked, const void *row, void *copy)
{
	const struct thing *thing = row;

	(void)asked;
	*(struct said *)copy =
		(struct said){ thing->a, thing->b, thing->level, thing->note };
}

static bool
same_thing(const void *a, const void *b)
{
	const struct said *x = a, *y = b;

	return x->a == y->a && x->b == y->b;
}

static bool
ready(const void *copy)
{
	return ((const struct said *)copy)->level != 0;
}

static enum set_status
check_thing(const struct query *asked, struct edit *edit)
{
	(void)asked;
	CU_ASSERT_TRUE(edit->exists || edit->fate == FATE_CREATE);
	return edit->fate == FATE_DESTROY || ready(edit->after) ? SET_OK
								: SET_INCONSISTENT_VALUE;
}

static int
rank_thing(const struct edit *edit)
{
	return edit->fate == FATE_DESTROY ? 0 : 1;
}

static void
put_thing(struct thing *cell, const struct thing *now)
{
	if (cell->here)
		set_remove(&world.rows, cell);
	*cell = *now;
	if (cell->here)
		set_insert(&world.rows, cell);
}

static int
apply_thing(const struct query *asked, struct edit *edit)
{
	const struct said *after = edit->after;
	struct thing *cell = cell_of(after->a, after->b), now = *cell;

	(void)asked;
	CU_ASSERT_EQUAL(cell->here, edit->exists);
	if (++world.requests == world.fail_at)
		return -EIO;
	edit->done = xcalloc(1, sizeof(now));
	memcpy(edit->done, cell, sizeof(now));
	now.here = edit->fate != FATE_DESTROY;
	now.level = after->level;
	now.note = after->note;
	put_thing(cell, &now);
	return 0;
}

static int
undo_thing(const struct query *asked, struct edit *edit)
{
	const struct said *before = edit->before;

	(void)asked;
	CU_ASSERT_PTR_NOT_NULL_FATAL(edit->done);
	put_thing(cell_of(before->a, before->b), edit->done);
	free(edit->done);
	edit->done = NULL;
	return 0;
}

static void
keep_thing(const struct query *asked, struct edit *edit)
{
	(void)asked;
	free(edit->done);
	edit->done = NULL;
}

static const struct edit_kind things = { sizeof(struct said), copy_thing, same_thing,
	check_thing, rank_thing, apply_thing, undo_thing, NULL, keep_thing, ready };
static const struct edit_kind never_held = { sizeof(struct said), copy_thing, same_thing,
	check_thing, rank_thing, apply_thing, undo_thing, NULL, keep_thing, NULL };

/* Tables. */

enum { LEVEL = 2, NOTE_COLUMN = 3, AGE = 5, STATUS = 9 };
static const uint32_t column_ids[] = { LEVEL, NOTE_COLUMN, AGE, STATUS };

static enum set_status
set_level(const struct query *asked, struct edit *edit, const struct value *value)
{
	(void)asked;
	((struct said *)edit->after)->level = (uint32_t)value->number;
	edit_say(edit, 0);
	return SET_OK;
}

static enum set_status
set_note(const struct query *asked, struct edit *edit, const struct value *value)
{
	(void)asked;
	((struct said *)edit->after)->note = (uint32_t)value->number;
	edit_say(edit, 1);
	return SET_OK;
}

static bool
get_draft_level(const struct query *asked, const void *copy, struct value *value)
{
	(void)asked;
	value->number = ((const struct said *)copy)->level;
	return value->number != 0;
}

static bool
get_draft_note(const struct query *asked, const void *copy, struct value *value)
{
	(void)asked;
	value->number = ((const struct said *)copy)->note;
	return true;
}

static bool
get_active(const struct query *asked, const void *row, struct value *value)
{
	(void)asked;
	(void)row;
	value->number = ROW_STATUS_ACTIVE;
	return true;
}

static const struct column columns[] = {
	{ LEVEL, "level", SYNTAX_INTEGER, READ_CREATE, FIELD(thing, level),
		.set = set_level, .get_draft = get_draft_level, .low = 1, .high = 100 },
	{ NOTE_COLUMN, "note", SYNTAX_INTEGER, READ_CREATE, FIELD(thing, note),
		.set = set_note, .get_draft = get_draft_note, .low = 1, .high = 100 },
	{ AGE, "age", SYNTAX_INTEGER, READ_ONLY, FIELD(thing, age) },
	{ STATUS, "status", SYNTAX_INTEGER, READ_CREATE, .get = get_active,
		.set = set_row_status, .is_row_status = true },
};

static const struct index_part parts[] = {
	{ INDEX_INTEGER, offsetof(struct thing, a) },
	{ INDEX_INTEGER, offsetof(struct thing, b) },
};

static const struct set *
plain_rows(const struct query *asked)
{
	(void)asked;
	return &world.rows;
}

static const struct set *
loose_rows(const struct query *asked)
{
	(void)asked;
	return &world.loose;
}

static bool
make_thing(const struct query *asked, const uint32_t *index, size_t len, void *copy)
{
	struct said *made = copy;

	(void)asked;
	made->note = NOTE;
	return index_take(&index, &len, &made->a) && index_take(&index, &len, &made->b) &&
	       !len && made->a >= 1 && made->a <= N_A && made->b >= 1 && made->b <= N_B;
}

/* Any index: for as many drafts as one likes. */
static bool
make_any(const struct query *asked, const uint32_t *index, size_t len, void *copy)
{
	struct said *made = copy;

	(void)asked;
	made->note = NOTE;
	return index_take(&index, &len, &made->a) && index_take(&index, &len, &made->b) &&
	       !len;
}

static bool
is_better(const void *a, const void *b)
{
	return ((const struct thing *)a)->level < ((const struct thing *)b)->level;
}

#define TABLE(number, rows_fn, kind, make_fn)                                            \
	.name = "things", .root = OID(1, 3, number), .entry = OID(1, 3, number, 1),      \
	.rows = rows_fn, INDEX(parts), COLUMNS(columns), .edits = kind, .make = make_fn

static const struct table plain = { TABLE(20, plain_rows, &things, make_thing) };
static const struct table grouped = { TABLE(21, loose_rows, &things, make_thing),
	.group = 1, .better = is_better };
static const struct table any = { TABLE(22, plain_rows, &things, make_any) };
static const struct table always = { TABLE(23, plain_rows, &never_held, make_thing) };

/* Shows the rows of the plain one, and has no RowStatus of its own. */
static const struct column more_columns[] = {
	{ 1, "again", SYNTAX_INTEGER, READ_CREATE, FIELD(thing, note), .set = set_note,
		.get_draft = get_draft_note },
};
static const struct table more = { .name = "more",
	.root = OID(1, 3, 24),
	.entry = OID(1, 3, 24, 1),
	.rows = plain_rows,
	INDEX(parts),
	COLUMNS(more_columns),
	.edits = &things,
	.make = make_thing,
	.augments = &plain };

/* The world. */

static int
by_index(const void *a, const void *b)
{
	const struct thing *x = a, *y = b;
	int order = set_order(x->a, y->a);

	return order ? order : set_order(x->b, y->b);
}

static int
by_group(const void *a, const void *b)
{
	const struct thing *x = a, *y = b;
	int order = set_order(x->a, y->a);

	return order ? order : (x > y) - (x < y);
}

static void
at_time(uint64_t now)
{
	query_init(&query, &world, now, 1);
	query_see_drafts(&query, drafts);
}

static void
begin(void)
{
	memset(&world, 0, sizeof(world));
	set_init(&world.rows, offsetof(struct thing, node), by_index);
	set_init(&world.loose, offsetof(struct thing, node), by_group);
	for (uint32_t i = 0; i < N_CELLS; i++) {
		world.cells[i].a = i / N_B + 1;
		world.cells[i].b = i % N_B + 1;
	}
	drafts = drafts_new();
	at_time(START);
}

static void
end(void)
{
	drafts_free(drafts);
	drafts = NULL;
}

/* The kernel gets a thing by itself, or loses it (no level). */
static void
happen(uint32_t a, uint32_t b, uint32_t level, uint32_t note)
{
	struct thing now = { .a = a,
		.b = b,
		.level = level,
		.note = note,
		.age = { level, level % 2 },
		.here = level != 0 };

	put_thing(cell_of(a, b), &now);
}

static struct said
some(uint32_t a, uint32_t b, uint32_t level, uint32_t note)
{
	return (struct said){ a, b, level, note };
}

static void
put_draft(const struct table *table, struct said said)
{
	uint32_t index[] = { said.a, said.b };

	draft_put(&query, draft_new(table, index, 2, &said, sizeof(said), 0));
}

static const struct draft *
draft_of(const struct table *table, uint32_t a, uint32_t b)
{
	uint32_t index[] = { a, b };

	return draft_seek(&query, table, AT, index, 2);
}

/* Reading: a sorted list of all there is. */

struct item {
	struct oid_buf name;
	uint64_t number;
};

static struct item list[MAX_ITEMS];
static size_t n_list;

static struct oid_buf
name_of(const struct table *table, uint32_t id, uint32_t a, uint32_t b)
{
	struct oid_buf name = { .len = 0 };

	for (size_t i = 0; i < table->entry.len; i++)
		index_add(&name, table->entry.sub[i]);
	index_add(&name, id);
	index_add(&name, a);
	index_add(&name, b);
	return name;
}

static void
list_item(const struct table *table, uint32_t id, uint32_t a, uint32_t b, uint64_t number)
{
	CU_ASSERT_TRUE_FATAL(n_list < MAX_ITEMS);
	list[n_list].name = name_of(table, id, a, b);
	list[n_list++].number = number;
}

/* The row of the kernel's that is shown at that index, or NULL. */
static const struct thing *
shown(const struct table *table, uint32_t a, uint32_t b)
{
	const struct thing *best = NULL;

	if (table != &grouped)
		return cell_of(a, b)->here ? cell_of(a, b) : NULL;
	for (size_t i = 0; i < MAX_LOOSE; i++) {
		const struct thing *thing = &world.strays[i];

		if (thing->here && thing->a == a && thing->b == b &&
			(!best || thing->level < best->level))
			best = thing;
	}
	return best;
}

static void
list_cell(const struct table *table, uint32_t id, uint32_t a, uint32_t b,
	const struct said *draft)
{
	const struct thing *thing = shown(table, a, b);

	if (thing && (id != AGE || thing->age.present))
		list_item(table, id, a, b,
			id == LEVEL	    ? thing->level
			: id == NOTE_COLUMN ? thing->note
			: id == AGE	    ? thing->age.number
					    : ROW_STATUS_ACTIVE);
	if (thing || !draft->a)
		return;
	if (id == LEVEL && draft->level)
		list_item(table, id, a, b, draft->level);
	if (id == NOTE_COLUMN)
		list_item(table, id, a, b, draft->note);
	if (id == STATUS)
		list_item(table, id, a, b,
			draft->level ? ROW_STATUS_NOT_IN_SERVICE : ROW_STATUS_NOT_READY);
}

/* @held: of each index, a draft or zeros. */
static void
list_all(const struct table *table, const struct said *held)
{
	n_list = 0;
	for (size_t c = 0; c < N_ELEMENTS(column_ids); c++) {
		for (uint32_t i = 0; i < N_CELLS; i++)
			list_cell(
				table, column_ids[c], i / N_B + 1, i % N_B + 1, &held[i]);
	}
}

static bool
is_item(const struct table *table, const struct cursor *at, const struct value *value,
	const struct item *item)
{
	struct oid_buf name;

	table_name(table, &query, at, &name);
	return value->syntax == SYNTAX_INTEGER && value->number == item->number &&
	       oid_compare(name.sub, name.len, item->name.sub, item->name.len) == 0;
}

/* GET, GETNEXT and, from where that has led to, steps to the end. */
static void
look_from(const struct table *table, const struct oid_buf *from, bool inclusive)
{
	struct cursor at;
	struct value value;
	size_t next = 0;
	bool found, exact;

	while (next < n_list && oid_compare(list[next].name.sub, list[next].name.len,
					from->sub, from->len) < (inclusive ? 0 : 1))
		next++;
	exact = inclusive && next < n_list &&
		oid_compare(list[next].name.sub, list[next].name.len, from->sub,
			from->len) == 0;
	if (inclusive) {
		enum found got = table_get(table, &query, from->sub, from->len, &value);

		CU_ASSERT_EQUAL(got == FOUND, exact);
		if (got == FOUND && exact)
			CU_ASSERT_EQUAL(value.number, list[next].number);
	}
	if (pick(2)) /* what was looked up before is no help, or is */
		at_time(START);
	found = table_next(table, &query, from->sub, from->len, inclusive, &at, &value);
	for (; found && next < n_list; next++) {
		CU_ASSERT_TRUE_FATAL(is_item(table, &at, &value, &list[next]));
		found = table_step(table, &query, &at, &value);
	}
	CU_ASSERT_FALSE(found);
	CU_ASSERT_EQUAL(next, n_list);
}

static void
look_from_everywhere(const struct table *table)
{
	for (uint32_t id = 0; id < 11; id++) {
		for (uint32_t a = 0; a <= N_A + 1; a++) {
			struct oid_buf from = name_of(table, id, a, pick(N_B + 2));

			from.len -= pick(8) ? 0 : 1 + pick(3);
			if (!pick(8))
				index_add(&from, pick(2) ? 0 : UINT32_MAX);
			look_from(table, &from, pick(2));
		}
	}
	for (size_t i = 0; i < n_list; i++) {
		look_from(table, &list[i].name, true);
		look_from(table, &list[i].name, false);
	}
}

/* Rows and drafts at random; some tables have none of either. */
static void
fill(const struct table *table, struct said *held)
{
	uint32_t density = pick(5), rows = pick(5);

	memset(held, 0, N_CELLS * sizeof(*held));
	for (uint32_t i = 0; i < N_CELLS; i++) {
		uint32_t a = i / N_B + 1, b = i % N_B + 1;

		if (pick(4) < density) {
			held[i] = some(a, b, pick(2) * (1 + pick(100)), 1 + pick(100));
			put_draft(table, held[i]);
		}
		if (pick(4) < rows)
			happen(a, b, 1 + pick(100), 1 + pick(100));
		if (!pick(3)) /* of the tables before and behind it */
			put_draft(pick(2) ? &any : &always, some(a, b, 1, 1));
	}
	for (uint32_t i = 0; i < MAX_LOOSE && rows; i++) {
		struct thing *thing = &world.strays[i];

		*thing = (struct thing){ .a = 1 + pick(N_A),
			.b = 1 + pick(N_B),
			.level = 1 + i, /* which is better is never in doubt */
			.note = 1 + pick(100),
			.age = { pick(100), pick(2) },
			.here = pick(3) > 0 };
		if (thing->here)
			set_insert(&world.loose, thing);
	}
}

static void
drafts_are_read_among_the_rows(void)
{
	for (unsigned int round = 0; round < 300; round++) {
		const struct table *table = round % 2 ? &grouped : &plain;
		struct said held[N_CELLS];

		begin();
		fill(table, held);
		list_all(table, held);
		look_from_everywhere(table);
		end();
	}
}

/* A table that shows rows of another one shows its drafts, and has none of its own. */
static void
tables_that_augment_share_them(void)
{
	struct oid_buf name = name_of(&more, 1, 2, 3);
	struct value value;
	struct cursor at;

	begin();
	put_draft(&plain, some(2, 3, 0, 55));
	CU_ASSERT_EQUAL(table_get(&more, &query, name.sub, name.len, &value), FOUND);
	CU_ASSERT_EQUAL(value.number, 55);
	happen(1, 1, 5, 66);
	CU_ASSERT_TRUE_FATAL(table_next(
		&more, &query, more.entry.sub, more.entry.len, false, &at, &value));
	CU_ASSERT_EQUAL(value.number, 66);
	CU_ASSERT_TRUE_FATAL(table_step(&more, &query, &at, &value));
	CU_ASSERT_EQUAL(value.number, 55);
	CU_ASSERT_FALSE(table_step(&more, &query, &at, &value));
	end();
}

/* PDUs. */

struct varbind {
	const struct table *table;
	uint32_t id, a, b;
	int64_t number;
};

static unsigned int blamed;

static enum set_status
add(struct txn *txn, const struct varbind *varbind, unsigned int number)
{
	struct oid_buf name =
		name_of(varbind->table, varbind->id, varbind->a, varbind->b);
	struct value value = { .syntax = SYNTAX_INTEGER,
		.number = (uint64_t)varbind->number };
	enum set_status status =
		txn_add(txn, &query, varbind->table, name.sub, name.len, &value, number);

	if (status)
		blamed = number;
	return status;
}

/* Does it all, but lets the kernel refuse request number @fail_at, and takes it back in
 * the end if @undone. */
static enum set_status
set_pdu(const struct varbind *varbinds, size_t n, unsigned int fail_at, bool undone)
{
	struct txn *txn = txn_new();
	enum set_status status = SET_OK;

	blamed = 0;
	world.requests = 0;
	world.fail_at = fail_at;
	for (size_t i = 0; i < n && !status; i++)
		status = add(txn, &varbinds[i], (unsigned int)i + 1);
	at_time(query.now); /* each phase is a query */
	if (!status)
		status = txn_check(txn, &query, &blamed);
	at_time(query.now);
	if (!status)
		status = txn_apply(txn, &query, &blamed);
	at_time(query.now);
	if (undone)
		CU_ASSERT_EQUAL(txn_undo(txn, &query, &blamed), SET_OK);
	txn_keep(txn, &query);
	txn_free(txn);
	at_time(query.now);
	return status;
}

static enum set_status
set_one(const struct table *table, uint32_t id, uint32_t a, uint32_t b, int64_t number)
{
	struct varbind varbind = { table, id, a, b, number };

	return set_pdu(&varbind, 1, 0, false);
}

static uint64_t
get_one(uint32_t id, uint32_t a, uint32_t b)
{
	struct oid_buf name = name_of(&plain, id, a, b);
	struct value value;

	return table_get(&plain, &query, name.sub, name.len, &value) == FOUND
		       ? value.number
		       : 0;
}

/* Time. */

static void
drafts_go_after_five_minutes(void)
{
	const uint64_t life = 300 * (uint64_t)1000000000;

	begin();
	CU_ASSERT_EQUAL(set_one(&plain, STATUS, 1, 1, ROW_STATUS_CREATE_AND_WAIT), 0);
	at_time(START + 10);
	CU_ASSERT_EQUAL(set_one(&plain, STATUS, 1, 2, ROW_STATUS_CREATE_AND_WAIT), 0);
	happen(1, 2, 5, 5); /* hides it, no more */
	at_time(START + life - 1);
	CU_ASSERT_EQUAL(get_one(STATUS, 1, 1), ROW_STATUS_NOT_READY);
	CU_ASSERT_PTR_NOT_NULL(draft_of(&plain, 1, 2));
	at_time(START + life);
	CU_ASSERT_EQUAL(get_one(STATUS, 1, 1), 0);
	CU_ASSERT_PTR_NOT_NULL(draft_of(&plain, 1, 2));
	CU_ASSERT_EQUAL(set_count(&drafts->set), 1);
	at_time(START + life + 10);
	CU_ASSERT_EQUAL(set_count(&drafts->set), 0);
	CU_ASSERT_EQUAL(get_one(STATUS, 1, 2), ROW_STATUS_ACTIVE);
	end();
}

static void
each_write_makes_them_live_longer(void)
{
	begin();
	CU_ASSERT_EQUAL(set_one(&plain, STATUS, 1, 1, ROW_STATUS_CREATE_AND_WAIT), 0);
	CU_ASSERT_EQUAL(set_one(&plain, STATUS, 1, 2, ROW_STATUS_CREATE_AND_WAIT), 0);
	at_time(START + DRAFT_LIFE - 1);
	CU_ASSERT_EQUAL(set_one(&plain, NOTE_COLUMN, 1, 1, 5), SET_OK);
	at_time(START + DRAFT_LIFE);
	CU_ASSERT_PTR_NOT_NULL(draft_of(&plain, 1, 1));
	CU_ASSERT_PTR_NULL(draft_of(&plain, 1, 2));
	at_time(START + 2 * DRAFT_LIFE - 2);
	CU_ASSERT_EQUAL(get_one(NOTE_COLUMN, 1, 1), 5);
	at_time(START + 2 * DRAFT_LIFE - 1);
	CU_ASSERT_PTR_NULL(draft_of(&plain, 1, 1));
	end();
}

/* Nothing has been written then. */
static void
no_failure_makes_them_live_longer(void)
{
	const struct varbind varbinds[] = {
		{ &plain, NOTE_COLUMN, 1, 1, 5 },
		{ &plain, LEVEL, 2, 2, 5 },
		{ &plain, STATUS, 2, 2, ROW_STATUS_CREATE_AND_GO },
	};

	begin();
	put_draft(&plain, some(1, 1, 4, 4));
	put_draft(&plain, some(1, 2, 4, 4));
	at_time(START + DRAFT_LIFE - 1);
	CU_ASSERT_EQUAL(set_pdu(varbinds, 3, 1, false), SET_COMMIT_FAILED);
	CU_ASSERT_EQUAL(set_pdu(varbinds, 3, 0, true), SET_OK);
	CU_ASSERT_EQUAL(set_one(&plain, LEVEL, 1, 1, 101), SET_WRONG_VALUE);
	CU_ASSERT_EQUAL(get_one(NOTE_COLUMN, 1, 1), 4);
	at_time(START + DRAFT_LIFE);
	CU_ASSERT_EQUAL(set_count(&drafts->set), 0);
	end();
}

/* It has its edit already, which knows all of it. */
static void
one_that_goes_amid_a_pdu(void)
{
	struct varbind varbind = { &plain, STATUS, 1, 1, ROW_STATUS_ACTIVE };
	struct txn *txn = txn_new();

	begin();
	put_draft(&plain, some(1, 1, 4, 4));
	CU_ASSERT_EQUAL(add(txn, &varbind, 1), SET_OK);
	at_time(START + DRAFT_LIFE);
	CU_ASSERT_PTR_NULL(draft_of(&plain, 1, 1));
	CU_ASSERT_EQUAL(txn_check(txn, &query, &blamed), SET_OK);
	CU_ASSERT_EQUAL(txn_apply(txn, &query, &blamed), SET_OK);
	at_time(query.now);
	CU_ASSERT_EQUAL(get_one(STATUS, 1, 1), ROW_STATUS_ACTIVE);
	CU_ASSERT_EQUAL(txn_undo(txn, &query, &blamed), SET_OK);
	at_time(query.now);
	CU_ASSERT_EQUAL(get_one(STATUS, 1, 1), 0);
	txn_free(txn);
	end();
}

/* Room. */

static void
fill_up_to(size_t n)
{
	for (uint32_t i = 1; i <= n; i++)
		CU_ASSERT_EQUAL_FATAL(
			set_one(&any, STATUS, 9, i, ROW_STATUS_CREATE_AND_WAIT), SET_OK);
	CU_ASSERT_EQUAL(set_count(&drafts->set), n);
}

static void
there_is_room_for_so_many(void)
{
	begin();
	happen(1, 1, 5, 5);
	fill_up_to(1000);
	CU_ASSERT_EQUAL(set_one(&plain, STATUS, 1, 2, ROW_STATUS_CREATE_AND_WAIT),
		SET_RESOURCE_UNAVAILABLE);
	CU_ASSERT_EQUAL(blamed, 1);
	CU_ASSERT_EQUAL(set_one(&plain, STATUS, 1, 1, ROW_STATUS_NOT_IN_SERVICE),
		SET_RESOURCE_UNAVAILABLE);
	CU_ASSERT_EQUAL(get_one(STATUS, 1, 1), ROW_STATUS_ACTIVE);
	CU_ASSERT_EQUAL(set_count(&drafts->set), 1000);
	/* What is there can be changed, and leave. */
	CU_ASSERT_EQUAL(set_one(&any, NOTE_COLUMN, 9, 1, 5), SET_OK);
	CU_ASSERT_EQUAL(set_one(&any, STATUS, 9, 1, ROW_STATUS_DESTROY), SET_OK);
	CU_ASSERT_EQUAL(set_one(&plain, STATUS, 1, 1, ROW_STATUS_NOT_IN_SERVICE), SET_OK);
	CU_ASSERT_EQUAL(set_count(&drafts->set), 1000);
	end();
}

static void
one_pdu_finds_no_more_room(void)
{
	const struct varbind varbinds[] = {
		{ &plain, STATUS, 1, 1, ROW_STATUS_CREATE_AND_WAIT },
		{ &plain, STATUS, 1, 2, ROW_STATUS_CREATE_AND_WAIT },
		{ &plain, STATUS, 1, 3, ROW_STATUS_CREATE_AND_WAIT },
	};

	begin();
	fill_up_to(998);
	CU_ASSERT_EQUAL(set_pdu(varbinds, 3, 0, false), SET_RESOURCE_UNAVAILABLE);
	CU_ASSERT_EQUAL(blamed, 3);
	CU_ASSERT_EQUAL(set_count(&drafts->set), 998);
	CU_ASSERT_EQUAL(set_pdu(varbinds, 2, 0, false), SET_OK);
	CU_ASSERT_EQUAL(set_count(&drafts->set), 1000);
	end();
}

static void
kinds_without_them(void)
{
	begin();
	happen(1, 1, 5, 5);
	for (uint32_t b = 1; b <= 2; b++) {
		CU_ASSERT_EQUAL(
			set_one(&always, STATUS, 1, b, ROW_STATUS_CREATE_AND_WAIT),
			SET_WRONG_VALUE);
		CU_ASSERT_EQUAL(set_one(&always, STATUS, 1, b, ROW_STATUS_NOT_IN_SERVICE),
			SET_WRONG_VALUE);
	}
	CU_ASSERT_EQUAL(set_count(&drafts->set), 0);
	end();
}

/* RFC 2579: the table of states and actions. */

enum row_state { NO_ROW, NOT_READY, OUT_OF_SERVICE, IN_SERVICE, N_STATES };

static void
enter_state(enum row_state state)
{
	begin();
	if (state == NOT_READY)
		put_draft(&plain, some(1, 1, 0, NOTE));
	if (state == OUT_OF_SERVICE)
		put_draft(&plain, some(1, 1, 5, NOTE));
	if (state == IN_SERVICE)
		happen(1, 1, 5, NOTE);
}

static enum row_state
state_is(void)
{
	uint64_t status = get_one(STATUS, 1, 1);

	CU_ASSERT_EQUAL(cell_of(1, 1)->here, status == ROW_STATUS_ACTIVE);
	CU_ASSERT_EQUAL(draft_of(&plain, 1, 1) != NULL,
		status == ROW_STATUS_NOT_READY || status == ROW_STATUS_NOT_IN_SERVICE);
	return status == ROW_STATUS_ACTIVE	     ? IN_SERVICE
	       : status == ROW_STATUS_NOT_IN_SERVICE ? OUT_OF_SERVICE
	       : status == ROW_STATUS_NOT_READY	     ? NOT_READY
						     : NO_ROW;
}

/* What comes of a value of the status; "with": the PDU has the level, too, which is all
 * that is needed. Capital letters are the RFC's states, v is inconsistentValue, w is
 * wrongValue, n is inconsistentName. */
static const struct {
	int64_t status; /* 0: none */
	const char *alone, *with;
} state_table[] = {
	{ ROW_STATUS_CREATE_AND_GO, "vvvv", "Dvvv" },
	{ ROW_STATUS_CREATE_AND_WAIT, "Bvvv", "Cvvv" },
	{ ROW_STATUS_ACTIVE, "vvDD", "vDDD" },
	{ ROW_STATUS_NOT_IN_SERVICE, "vvCC", "vCCC" },
	{ ROW_STATUS_DESTROY, "AAAA", "AAAA" }, { ROW_STATUS_NOT_READY, "wwww", "wwww" },
	{ 7, "wwww", "wwww" }, { -1, "wwww", "wwww" },
	{ 0, "nBCD", "nCCD" }, /* another column (note): notReady stays so */
};

static void
act(int64_t status, enum row_state state, char wanted, bool with, bool level_first)
{
	struct varbind varbinds[3];
	size_t n = 0;
	enum set_status got;

	enter_state(state);
	if (with && level_first)
		varbinds[n++] = (struct varbind){ &plain, LEVEL, 1, 1, 9 };
	if (status)
		varbinds[n++] = (struct varbind){ &plain, STATUS, 1, 1, status };
	varbinds[n++] = (struct varbind){ &plain, NOTE_COLUMN, 1, 1, 8 };
	if (with && !level_first)
		varbinds[n++] = (struct varbind){ &plain, LEVEL, 1, 1, 9 };
	got = set_pdu(varbinds, n, 0, false);
	if (wanted < 'a') {
		CU_ASSERT_EQUAL(got, SET_OK);
		CU_ASSERT_EQUAL(state_is(), (enum row_state)(wanted - 'A'));
		if (state_is() != NO_ROW)
			CU_ASSERT_EQUAL(get_one(NOTE_COLUMN, 1, 1), 8);
		if (state_is() != NO_ROW && with)
			CU_ASSERT_EQUAL(get_one(LEVEL, 1, 1), 9);
	} else {
		CU_ASSERT_EQUAL(got, wanted == 'v'   ? SET_INCONSISTENT_VALUE
				     : wanted == 'w' ? SET_WRONG_VALUE
						     : SET_INCONSISTENT_NAME);
		CU_ASSERT_EQUAL(state_is(), state);
		CU_ASSERT_EQUAL(world.requests, 0);
		if (state != NO_ROW)
			CU_ASSERT_EQUAL(get_one(NOTE_COLUMN, 1, 1), NOTE);
	}
	end();
}

static void
the_states_of_rfc_2579(void)
{
	for (size_t i = 0; i < N_ELEMENTS(state_table); i++) {
		for (unsigned int state = NO_ROW; state < N_STATES; state++) {
			act(state_table[i].status, state, state_table[i].alone[state],
				false, false);
			for (unsigned int first = 0; first < 2; first++)
				act(state_table[i].status, state,
					state_table[i].with[state], true, first);
		}
	}
}

/* Random PDUs. */

/* A row as a manager and the kernel have it. */
struct model {
	struct said kernel,
		draft; /* no level in the kernel: none; .a of a draft 0: none */
	uint64_t written;
};

/* What one PDU says of one row; 0: nothing. */
struct wanted {
	uint32_t level, note;
	int64_t status;
};

/* What becomes of a row: RFC 2579, without a word about varbinds. A row of the kernel's
 * that becomes active is what was said of it while it was hidden, unless the PDU says
 * something of it. */
static enum set_status
foresee(struct model *row, const struct wanted *want, struct said fresh, bool *asked)
{
	bool there = row->kernel.level != 0, held = !there && row->draft.a;
	bool quiet = !want->level && !want->note;
	struct said said = there ? row->kernel : held ? row->draft : fresh;

	*asked = there;
	if (there && row->draft.a && want->status == ROW_STATUS_ACTIVE && quiet)
		said = row->draft;
	said.level = want->level ? want->level : said.level;
	said.note = want->note ? want->note : said.note;
	switch (want->status) {
	case 0:
		if (!there && !held)
			return SET_INCONSISTENT_NAME;
		break;
	case ROW_STATUS_CREATE_AND_GO:
	case ROW_STATUS_CREATE_AND_WAIT:
		if (there || held)
			return SET_INCONSISTENT_VALUE;
		there = want->status == ROW_STATUS_CREATE_AND_GO;
		held = !there;
		break;
	case ROW_STATUS_DESTROY:
		row->kernel = row->draft = (struct said){ 0 };
		return SET_OK;
	default:
		if (!there && !held)
			return SET_INCONSISTENT_VALUE;
		if (!said.level && want->status)
			return SET_INCONSISTENT_VALUE;
		there = want->status == ROW_STATUS_ACTIVE;
		held = !there;
		row->draft = (struct said){ 0 };
		break;
	}
	if (there && !said.level)
		return SET_INCONSISTENT_VALUE;
	*asked |= there;
	row->kernel = there ? said : (struct said){ 0 };
	if (held) {
		row->draft = said;
		row->written = query.now;
	}
	return SET_OK;
}

static void
compare_models(const struct model *models)
{
	for (uint32_t i = 0; i < N_CELLS; i++) {
		const struct thing *cell = &world.cells[i];
		const struct draft *draft = draft_of(&plain, cell->a, cell->b);
		const struct said *said = &models[i].kernel;

		CU_ASSERT_EQUAL_FATAL(cell->here, said->level != 0);
		if (cell->here)
			CU_ASSERT_TRUE_FATAL(
				cell->level == said->level && cell->note == said->note);
		CU_ASSERT_EQUAL_FATAL(draft != NULL, models[i].draft.a != 0);
		if (!draft)
			continue;
		said = draft->copy;
		CU_ASSERT_EQUAL_FATAL(memcmp(said, &models[i].draft, sizeof(*said)), 0);
		CU_ASSERT_EQUAL_FATAL(draft->written, models[i].written);
	}
}

#define MAX_VARBINDS (3 * N_CELLS)

struct pdu {
	struct varbind varbinds[MAX_VARBINDS];
	size_t n;
	struct wanted wants[N_CELLS];
};

static void
say(struct pdu *pdu, uint32_t id, uint32_t cell, int64_t number)
{
	if (number)
		pdu->varbinds[pdu->n++] = (struct varbind){ &plain, id, cell / N_B + 1,
			cell % N_B + 1, number };
}

static void
make_pdu(struct pdu *pdu)
{
	static const int64_t statuses[] = { 0, ROW_STATUS_ACTIVE,
		ROW_STATUS_NOT_IN_SERVICE, ROW_STATUS_CREATE_AND_GO,
		ROW_STATUS_CREATE_AND_WAIT, ROW_STATUS_DESTROY };

	memset(pdu, 0, sizeof(*pdu));
	for (uint32_t i = 0, rows = 1 + pick(3); i < rows; i++) {
		uint32_t cell = pick(N_CELLS);
		struct wanted *want = &pdu->wants[cell];

		if (want->level || want->note || want->status)
			continue;
		*want = (struct wanted){ pick(2) * (1 + pick(100)),
			pick(2) * (1 + pick(100)), statuses[pick(6)] };
		say(pdu, LEVEL, cell, want->level);
		say(pdu, NOTE_COLUMN, cell, want->note);
		say(pdu, STATUS, cell, want->status);
	}
	for (size_t i = pdu->n; i > 1; i--) { /* in any order */
		size_t other = pick((uint32_t)i);
		struct varbind swap = pdu->varbinds[i - 1];

		pdu->varbinds[i - 1] = pdu->varbinds[other];
		pdu->varbinds[other] = swap;
	}
}

/* What is to come of @pdu: SET_OK, or else *@statuses has what each cell may say. */
static enum set_status
foresee_all(const struct pdu *pdu, struct model *models, enum set_status *statuses,
	unsigned int *requests)
{
	enum set_status any_of = SET_OK;

	*requests = 0;
	for (uint32_t i = 0; i < N_CELLS; i++) {
		const struct wanted *want = &pdu->wants[i];
		bool asked = false;

		statuses[i] = SET_OK;
		if (want->level || want->note || want->status)
			statuses[i] = foresee(&models[i], want,
				some(i / N_B + 1, i % N_B + 1, 0, NOTE), &asked);
		*requests += asked;
		any_of = any_of ? any_of : statuses[i];
	}
	return any_of;
}

static void
one_pdu(struct model *models, unsigned int fail_at, bool undone)
{
	struct model then[N_CELLS];
	enum set_status statuses[N_CELLS], status;
	unsigned int requests;
	struct pdu pdu;
	bool good;

	make_pdu(&pdu);
	memcpy(then, models, sizeof(then));
	good = !foresee_all(&pdu, then, statuses, &requests);
	status = set_pdu(pdu.varbinds, pdu.n, fail_at, undone);
	if (good && fail_at && fail_at <= requests) {
		CU_ASSERT_EQUAL_FATAL(status, SET_COMMIT_FAILED);
	} else if (good) {
		CU_ASSERT_EQUAL_FATAL(status, SET_OK);
		if (!undone)
			memcpy(models, then, sizeof(then));
	} else {
		const struct varbind *wrong = &pdu.varbinds[blamed - 1];

		CU_ASSERT_TRUE_FATAL(blamed >= 1 && blamed <= pdu.n);
		CU_ASSERT_EQUAL_FATAL(
			status, statuses[(wrong->a - 1) * N_B + wrong->b - 1]);
	}
	compare_models(models);
}

static void
random_pdus_do_all_or_nothing(void)
{
	struct model models[N_CELLS] = { 0 };

	begin();
	for (unsigned int round = 0; round < 20000; round++) {
		at_time(query.now + 1); /* they are compared by when they were written */
		if (!pick(4)) {		/* the kernel, by itself */
			uint32_t i = pick(N_CELLS);
			struct said *kernel = &models[i].kernel;

			*kernel = some(i / N_B + 1, i % N_B + 1,
				pick(2) * (1 + pick(100)), 1 + pick(100));
			happen(kernel->a, kernel->b, kernel->level, kernel->note);
			if (!kernel->level)
				*kernel = (struct said){ 0 };
		}
		one_pdu(models, pick(3) ? 0 : 1 + pick(4), !pick(4));
	}
	end();
}

static void
be_silent(int priority, const char *text)
{
	(void)priority, (void)text;
}

static bool
debugs_nothing(const char *subject)
{
	(void)subject;
	return false;
}

static const struct log_sink silence = { be_silent, debugs_nothing, NULL };

static int
go_silent(void)
{
	log_to(&silence);
	return 0;
}

static int
be_heard(void)
{
	log_to(NULL);
	return 0;
}

void
suite_draft(void)
{
	CU_pSuite suite = CU_add_suite("draft", go_silent, be_heard);

	CU_ADD_TEST(suite, drafts_are_read_among_the_rows);
	CU_ADD_TEST(suite, tables_that_augment_share_them);
	CU_ADD_TEST(suite, drafts_go_after_five_minutes);
	CU_ADD_TEST(suite, each_write_makes_them_live_longer);
	CU_ADD_TEST(suite, no_failure_makes_them_live_longer);
	CU_ADD_TEST(suite, one_that_goes_amid_a_pdu);
	CU_ADD_TEST(suite, there_is_room_for_so_many);
	CU_ADD_TEST(suite, one_pdu_finds_no_more_room);
	CU_ADD_TEST(suite, kinds_without_them);
	CU_ADD_TEST(suite, the_states_of_rfc_2579);
	CU_ADD_TEST(suite, random_pdus_do_all_or_nothing);
}
