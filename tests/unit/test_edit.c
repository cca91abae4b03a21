/*
 * Edits and transactions, with a fake kernel of numbered dials and one node, each with a
 * level, a limit and a label. Two tables show a dial; a request to the kernel sets one
 * field of one thing. The kernel can refuse the n-th request, and to take one back.
 */
#include "unit.h"

#include "../../agent/base/alloc.h"
#include "../../agent/engine/edit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NODE	   0 /* the number of the node; the dials have 1 to 7 */
#define N_THINGS   8
#define LABEL_MAX  4
#define NEEDS	   2
#define MAX_STEPS  64
#define MAX_WRITES 12

enum dial_field { LEVEL, LIMIT, LABEL, N_FIELDS };

struct state {
	uint32_t number, limit;
	int32_t level;
	uint8_t label[LABEL_MAX], label_len;
};

struct dial {
	struct set_node node;
	struct state state; /* as it was read last; the label may be an old one */
};

/* The fake kernel, what is known of it, and all that it was told. */
static struct world {
	struct state kernel[N_THINGS];
	struct set rows;
	struct dial dials[N_THINGS];
	int ranks[N_THINGS];
	unsigned int requests, fail_at, refreshed;
	uint32_t failed;	   /* whose request was refused, */
	unsigned int failed_field; /* and for what */
	uint32_t irrevocable;	   /* bits of those that cannot be undone */
	size_t n_steps;
	struct step {
		char what; /* apply, undo, keep, by their first letters */
		uint32_t number;
	} steps[MAX_STEPS];
} world;

static struct query query;

static int
by_number(const void *a, const void *b)
{
	return set_order(((const struct dial *)a)->state.number,
		((const struct dial *)b)->state.number);
}

static void
take_field(struct state *to, const struct state *from, unsigned int field)
{
	if (field == LEVEL)
		to->level = from->level;
	if (field == LIMIT)
		to->limit = from->limit;
	if (field == LABEL) {
		memcpy(to->label, from->label, LABEL_MAX);
		to->label_len = from->label_len;
	}
}

static bool
equal(const struct state *a, const struct state *b)
{
	return a->number == b->number && a->level == b->level && a->limit == b->limit &&
	       a->label_len == b->label_len &&
	       memcmp(a->label, b->label, a->label_len) == 0;
}

/* The kernel has what @want is, thing by thing. */
static bool
kernel_is(const struct state *want)
{
	for (size_t i = 0; i < N_THINGS; i++) {
		if (!equal(&world.kernel[i], &want[i]))
			return false;
	}
	return true;
}

/* Kinds. */

static void
note(char what, const struct edit *edit)
{
	CU_ASSERT_TRUE_FATAL(world.n_steps < MAX_STEPS);
	world.steps[world.n_steps++] =
		(struct step){ what, ((const struct state *)edit->before)->number };
}

static int
request(const struct state *what, unsigned int field)
{
	if (++world.requests == world.fail_at) {
		world.failed = what->number;
		world.failed_field = field;
		return -EIO;
	}
	take_field(&world.kernel[what->number], what, field);
	return 0;
}

static int
fake_apply(const struct query *asked, struct edit *edit)
{
	CU_ASSERT_PTR_EQUAL(asked, &query);
	CU_ASSERT_PTR_NULL(edit->done);
	for (unsigned int field = 0; field < N_FIELDS; field++) {
		if (!edit_says(edit, field) || request(edit->after, field) == 0)
			continue;
		edit_blame(edit, field);
		edit->stuck = field && world.irrevocable & 1u << world.failed;
		while (field-- > 0 && !edit->stuck) { /* half of it must not stay */
			if (edit_says(edit, field))
				take_field(
					&world.kernel[world.failed], edit->before, field);
		}
		return -EIO;
	}
	edit->done = xcalloc(1, 1);
	note('a', edit);
	return 0;
}

static void
forget(struct edit *edit)
{
	CU_ASSERT_PTR_NOT_NULL(edit->done);
	free(edit->done);
	edit->done = NULL;
}

static int
fake_undo(const struct query *asked, struct edit *edit)
{
	const struct state *before = edit->before;

	CU_ASSERT_PTR_EQUAL(asked, &query);
	note('u', edit);
	forget(edit);
	if (world.irrevocable & 1u << before->number)
		return -EIO;
	for (unsigned int field = 0; field < N_FIELDS; field++) {
		if (edit_says(edit, field))
			take_field(&world.kernel[before->number], before, field);
	}
	return 0;
}

static void
fake_keep(const struct query *asked, struct edit *edit)
{
	CU_ASSERT_PTR_EQUAL(asked, &query);
	note('k', edit);
	forget(edit);
}

static int
fake_rank(const struct edit *edit)
{
	return world.ranks[((const struct state *)edit->before)->number];
}

static void
copy_dial(const struct query *asked, const void *row, void *copy)
{
	CU_ASSERT_PTR_EQUAL(asked, &query);
	*(struct state *)copy = ((const struct dial *)row)->state;
}

static void
copy_node(const struct query *asked, const void *row, void *copy)
{
	CU_ASSERT_PTR_EQUAL(asked, &query);
	CU_ASSERT_PTR_EQUAL(row, &world);
	*(struct state *)copy = world.kernel[NODE];
}

static bool
same_dial(const void *a, const void *b)
{
	return ((const struct state *)a)->number == ((const struct state *)b)->number;
}

/* A level above the limit is the fault of the limit if that is 1, else of the varbind
 * that came last. */
static enum set_status
check_dial(const struct query *asked, struct edit *edit)
{
	const struct state *after = edit->after;

	CU_ASSERT_PTR_EQUAL(asked, &query);
	if (after->level <= (int64_t)after->limit)
		return SET_OK;
	if (after->limit == 1) {
		edit_blame(edit, LIMIT);
		return edit_refuse(edit, SET_INCONSISTENT_VALUE, "the limit is 1");
	}
	return SET_INCONSISTENT_VALUE;
}

static const struct edit_kind dial_kind = { sizeof(struct state), copy_dial, same_dial,
	check_dial, fake_rank, fake_apply, fake_undo, NULL, fake_keep, NULL };
static const struct edit_kind node_kind = { sizeof(struct state), copy_node, NULL, NULL,
	fake_rank, fake_apply, fake_undo, NULL, fake_keep, NULL };

/* Tables. */

static enum set_status
set_level(const struct query *asked, struct edit *edit, const struct value *value)
{
	CU_ASSERT_PTR_EQUAL(asked, &query);
	if (value->number == 13)
		return SET_WRONG_VALUE;
	if (value->number == 14)
		return SET_INCONSISTENT_VALUE;
	((struct state *)edit->after)->level = (int32_t)value->number;
	edit_say(edit, LEVEL);
	return SET_OK;
}

static enum set_status
set_limit(const struct query *asked, struct edit *edit, const struct value *value)
{
	(void)asked;
	((struct state *)edit->after)->limit = (uint32_t)value->number;
	edit_say(edit, LIMIT);
	return SET_OK;
}

static enum set_status
set_label(const struct query *asked, struct edit *edit, const struct value *value)
{
	struct state *after = edit->after;

	(void)asked;
	CU_ASSERT_TRUE_FATAL(value->octets.len <= LABEL_MAX);
	memcpy(after->label, value->octets.data, value->octets.len);
	after->label_len = (uint8_t)value->octets.len;
	edit_say(edit, LABEL);
	return SET_OK;
}

static enum set_status
set_anything(const struct query *asked, struct edit *edit, const struct value *value)
{
	(void)asked;
	(void)edit;
	(void)value;
	return SET_OK;
}

static const struct set *
dial_rows(const struct query *asked)
{
	(void)asked;
	return &world.rows;
}

static void
refresh_dial(const struct query *asked, const void *row, uint32_t needs)
{
	struct dial *dial = &world.dials[((const struct dial *)row)->state.number];

	CU_ASSERT_PTR_EQUAL(asked, &query);
	CU_ASSERT_PTR_EQUAL(row, dial);
	CU_ASSERT_EQUAL(needs, NEEDS);
	world.refreshed++;
	take_field(&dial->state, &world.kernel[dial->state.number], LABEL);
}

static const struct column dial_columns[] = {
	{ 1, "number", SYNTAX_INTEGER, READ_ONLY, FIELD(dial, state.number) },
	{ 2, "level", SYNTAX_INTEGER, READ_WRITE, .set = set_level, .low = -5,
		.high = 100 },
	{ 3, "limit", SYNTAX_GAUGE32, READ_WRITE, .set = set_limit, .low = 1,
		.high = 4000000000 },
	{ 5, "pointer", SYNTAX_OBJECT_ID, READ_WRITE, .set = set_anything },
	{ 6, "home", SYNTAX_IPADDRESS, READ_WRITE, .set = set_anything },
	{ 7, "age", SYNTAX_TIMETICKS, READ_WRITE, .set = set_anything, .high = 1 },
	{ 8, "text", SYNTAX_OCTETS, READ_WRITE, .set = set_anything },
};
static const struct column other_columns[] = {
	{ 2, "label", SYNTAX_OCTETS, READ_WRITE, .set = set_label, .needs = NEEDS,
		.low = 1, .high = LABEL_MAX },
};
static const struct column node_columns[] = {
	{ 1, "level", SYNTAX_INTEGER, READ_WRITE, .set = set_level },
	{ 2, "limit", SYNTAX_GAUGE32, READ_WRITE, .set = set_limit },
	{ 4, "still", SYNTAX_INTEGER, READ_ONLY, FIELD(world, failed) },
};
/* Of rows that can be created, and one column that cannot begin one. */
static const struct column made_columns[] = {
	{ 2, "level", SYNTAX_INTEGER, READ_CREATE, .set = set_level },
	{ 3, "limit", SYNTAX_GAUGE32, READ_WRITE, .set = set_limit },
	{ 9, "status", SYNTAX_INTEGER, READ_CREATE, .set = set_row_status },
};
static const struct index_part parts[] = { { INDEX_INTEGER,
	offsetof(struct dial, state.number) } };

#define OVER_DIALS(root_oid, entry_oid, of)                                              \
	{                                                                                \
		.name = "dials", .root = root_oid, .entry = entry_oid,                   \
		.rows = dial_rows, .refresh = refresh_dial, INDEX(parts), COLUMNS(of),   \
		.edits = &dial_kind                                                      \
	}

static const struct table dials = OVER_DIALS(OID(1, 3, 9), OID(1, 3, 9, 1), dial_columns);
static const struct table others =
	OVER_DIALS(OID(1, 3, 10), OID(1, 3, 10, 1), other_columns);
static const struct table node = { .name = "node",
	.root = OID(1, 3, 8),
	.entry = OID(1, 3, 8),
	COLUMNS(node_columns),
	.edits = &node_kind };

static bool
make_dial(const struct query *asked, const uint32_t *index, size_t len, void *copy)
{
	struct state *state = copy;

	CU_ASSERT_PTR_EQUAL(asked, &query);
	return index_take(&index, &len, &state->number) && !len &&
	       state->number < N_THINGS;
}

static const struct table made = { .name = "made",
	.root = OID(1, 3, 11),
	.entry = OID(1, 3, 11, 1),
	.rows = dial_rows,
	.refresh = refresh_dial,
	INDEX(parts),
	COLUMNS(made_columns),
	.make = make_dial,
	.edits = &dial_kind };

static const struct table unmade = { .name = "unmade",
	.root = OID(1, 3, 12),
	.entry = OID(1, 3, 12, 1),
	.rows = dial_rows,
	INDEX(parts),
	COLUMNS(made_columns),
	.edits = &dial_kind };

/* A PDU in the making. */

static struct txn *txn;
static unsigned int n_varbinds, blamed;
static unsigned int first_of[N_THINGS + 1]; /* varbind of a thing */

/* Everything as at the beginning: of each thing another level, limit and label. */
static void
begin(void)
{
	memset(&world, 0, sizeof(world));
	set_init(&world.rows, offsetof(struct dial, node), by_number);
	for (uint32_t i = 0; i < N_THINGS; i++) {
		world.kernel[i] = (struct state){ i, 100 + i, (int32_t)i,
			{ 'a', (uint8_t)('0' + i) }, 2 };
		world.dials[i].state = world.kernel[i];
		if (i != NODE)
			set_insert(&world.rows, &world.dials[i]);
	}
	query_init(&query, &world, 1, 1);
	txn = txn_new();
	n_varbinds = blamed = 0;
	memset(first_of, 0, sizeof(first_of));
}

static void
end(void)
{
	txn_free(txn);
	txn = NULL;
}

static struct value
number_value(enum syntax syntax, int64_t number)
{
	return (struct value){ .syntax = syntax, .number = (uint64_t)number };
}

static struct value
text_value(const char *text)
{
	struct value value = { .syntax = SYNTAX_OCTETS };

	value_set_octets(&value, text, strlen(text));
	return value;
}

/* The next varbind: of the column @id of the row @number. */
static enum set_status
add(const struct table *table, uint32_t id, uint32_t number, struct value value)
{
	struct oid_buf name = { .len = 0 };

	for (size_t i = 0; i < table->entry.len; i++)
		index_add(&name, table->entry.sub[i]);
	index_add(&name, id);
	index_add(&name, number);
	n_varbinds++;
	if (!first_of[number])
		first_of[number] = n_varbinds;
	return txn_add(txn, &query, table, name.sub, name.len, &value, n_varbinds);
}

static enum set_status
add_level(uint32_t number, int64_t level)
{
	return add(number == NODE ? &node : &dials, number == NODE ? 1 : 2, number,
		number_value(SYNTAX_INTEGER, level));
}

static enum set_status
add_limit(uint32_t number, int64_t limit)
{
	return add(number == NODE ? &node : &dials, number == NODE ? 2 : 3, number,
		number_value(SYNTAX_GAUGE32, limit));
}

static enum set_status
add_label(uint32_t number, const char *label)
{
	return add(&others, 2, number, text_value(label));
}

static size_t
count_edits(void)
{
	size_t n = 0;

	for (const struct edit *edit = txn->edits; edit; edit = edit->next)
		n++;
	return n;
}

static enum set_status
check_and_apply(void)
{
	enum set_status status = txn_check(txn, &query, &blamed);

	return status ? status : txn_apply(txn, &query, &blamed);
}

/* What was done, as "a1 a2 u1". */
static const char *
steps(void)
{
	static char text[4 * MAX_STEPS + 1];

	text[0] = '\0';
	for (size_t i = 0; i < world.n_steps; i++)
		sprintf(text + strlen(text), "%s%c%u", i ? " " : "", world.steps[i].what,
			world.steps[i].number);
	return text;
}

/* What a column does not take. */

static void
each_syntax_takes_its_own_only(void)
{
	static const enum syntax of_column[] = { [2] = SYNTAX_INTEGER,
		[3] = SYNTAX_GAUGE32,
		[5] = SYNTAX_OBJECT_ID,
		[6] = SYNTAX_IPADDRESS,
		[7] = SYNTAX_TIMETICKS,
		[8] = SYNTAX_OCTETS };
	static const uint32_t sub[] = { 1, 3 };

	begin();
	for (uint32_t id = 2; id < N_ELEMENTS(of_column); id++) {
		for (enum syntax syntax = SYNTAX_INTEGER; syntax <= SYNTAX_IPADDRESS;
			syntax++) {
			struct value value = number_value(syntax, 1);

			if (syntax == SYNTAX_OCTETS || syntax == SYNTAX_IPADDRESS) {
				value_set_octets(&value, "abcd", 4);
			} else if (syntax == SYNTAX_OBJECT_ID) {
				value.oid.sub = sub;
				value.oid.len = 2;
			}
			if (id == 4) /* there is none */
				CU_ASSERT_EQUAL(
					add(&dials, id, 1, value), SET_NOT_WRITABLE)
			else
				CU_ASSERT_EQUAL(add(&dials, id, 1, value),
					syntax == of_column[id] ? SET_OK
								: SET_WRONG_TYPE);
		}
	}
	end();
}

static void
ranges_have_their_ends(void)
{
	begin();
	CU_ASSERT_EQUAL(add_level(1, -5), SET_OK);
	CU_ASSERT_EQUAL(add_level(1, -6), SET_WRONG_VALUE);
	CU_ASSERT_EQUAL(add_level(1, INT32_MIN), SET_WRONG_VALUE);
	CU_ASSERT_EQUAL(add_level(1, 100), SET_OK);
	CU_ASSERT_EQUAL(add_level(1, 101), SET_WRONG_VALUE);
	CU_ASSERT_EQUAL(add_level(1, INT32_MAX), SET_WRONG_VALUE);
	CU_ASSERT_EQUAL(add_limit(1, 1), SET_OK);
	CU_ASSERT_EQUAL(add_limit(1, 0), SET_WRONG_VALUE);
	CU_ASSERT_EQUAL(add_limit(1, 4000000000), SET_OK);
	CU_ASSERT_EQUAL(add_limit(1, 4000000001), SET_WRONG_VALUE);
	CU_ASSERT_EQUAL(add_label(1, ""), SET_WRONG_LENGTH);
	CU_ASSERT_EQUAL(add_label(1, "a"), SET_OK);
	CU_ASSERT_EQUAL(add_label(1, "abcd"), SET_OK);
	CU_ASSERT_EQUAL(add_label(1, "abcde"), SET_WRONG_LENGTH);
	/* without a range, all of the syntax */
	CU_ASSERT_EQUAL(add_level(NODE, INT32_MIN), SET_OK);
	CU_ASSERT_EQUAL(add_level(NODE, INT32_MAX), SET_OK);
	CU_ASSERT_EQUAL(add_level(NODE, (int64_t)INT32_MAX + 1), SET_WRONG_VALUE);
	CU_ASSERT_EQUAL(add_level(NODE, UINT32_MAX), SET_WRONG_VALUE);
	CU_ASSERT_EQUAL(add_level(NODE, (int64_t)INT32_MIN - 1), SET_WRONG_VALUE);
	CU_ASSERT_EQUAL(add_limit(NODE, 0), SET_OK);
	CU_ASSERT_EQUAL(add_limit(NODE, UINT32_MAX), SET_OK);
	CU_ASSERT_EQUAL(add(&dials, 8, 1, text_value("")), SET_OK);
	end();
}

#define ADD(table, value, ...)                                                           \
	txn_add(txn, &query, &(table), (const uint32_t[]){ __VA_ARGS__ },                \
		sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t), &(value),  \
		1)

static void
what_is_not_there(void)
{
	struct value one = number_value(SYNTAX_INTEGER, 1);

	begin();
	CU_ASSERT_EQUAL(
		ADD(dials, one, 1, 3, 9, 1, 1, 1), SET_NOT_WRITABLE); /* read-only */
	CU_ASSERT_EQUAL(ADD(dials, one, 1, 3, 9, 1, 4, 1), SET_NOT_WRITABLE); /* a gap */
	CU_ASSERT_EQUAL(ADD(dials, one, 1, 3, 9, 1, 9, 1), SET_NOT_WRITABLE);
	CU_ASSERT_EQUAL(ADD(dials, one, 1, 3, 9, 1, 0, 1), SET_NOT_WRITABLE);
	CU_ASSERT_EQUAL(ADD(dials, one, 1, 3, 9, 2, 2, 1), SET_NOT_WRITABLE);
	CU_ASSERT_EQUAL(ADD(dials, one, 1, 3, 9, 1), SET_NOT_WRITABLE);
	CU_ASSERT_EQUAL(ADD(dials, one, 1, 3, 9), SET_NOT_WRITABLE);
	CU_ASSERT_EQUAL(ADD(node, one, 1, 3, 8, 4, 0), SET_NOT_WRITABLE);
	CU_ASSERT_EQUAL(ADD(node, one, 1, 3, 8, 3, 0), SET_NOT_WRITABLE);
	CU_ASSERT_EQUAL(ADD(dials, one, 1, 3, 9, 1, 2, 8), SET_NO_CREATION);
	CU_ASSERT_EQUAL(ADD(dials, one, 1, 3, 9, 1, 2, UINT32_MAX), SET_NO_CREATION);
	CU_ASSERT_EQUAL(ADD(dials, one, 1, 3, 9, 1, 2), SET_NO_CREATION);
	CU_ASSERT_EQUAL(ADD(dials, one, 1, 3, 9, 1, 2, 1, 0), SET_NO_CREATION);
	CU_ASSERT_EQUAL(ADD(node, one, 1, 3, 8, 1), SET_NO_CREATION);
	CU_ASSERT_EQUAL(ADD(node, one, 1, 3, 8, 1, 1), SET_NO_CREATION);
	CU_ASSERT_EQUAL(ADD(node, one, 1, 3, 8, 1, 0, 0), SET_NO_CREATION);
	CU_ASSERT_EQUAL(count_edits(), 0);
	CU_ASSERT_EQUAL(world.refreshed, 0);
	CU_ASSERT_EQUAL(check_and_apply(), SET_OK); /* of nothing */
	CU_ASSERT_EQUAL(world.requests, 0);
	end();
}

/* Of all that is wrong with a varbind, the first in the list of RFC 3416 section 4.2.5
 * is said: notWritable, wrongType, wrongLength, wrongValue, noCreation,
 * inconsistentValue. */
static void
first_of_several_errors(void)
{
	struct value text = text_value("abcde");

	begin();
	CU_ASSERT_EQUAL(add(&dials, 1, 8, text), SET_NOT_WRITABLE);
	CU_ASSERT_EQUAL(add(&dials, 4, 8, text), SET_NOT_WRITABLE);
	CU_ASSERT_EQUAL(add(&dials, 2, 8, text), SET_WRONG_TYPE);
	CU_ASSERT_EQUAL(
		add(&dials, 2, 8, number_value(SYNTAX_GAUGE32, 101)), SET_WRONG_TYPE);
	CU_ASSERT_EQUAL(add(&others, 2, 8, text), SET_WRONG_LENGTH);
	CU_ASSERT_EQUAL(add_level(8, 101), SET_WRONG_VALUE);
	CU_ASSERT_EQUAL(add_level(8, 13), SET_WRONG_VALUE); /* by its setter */
	CU_ASSERT_EQUAL(add_level(8, 14), SET_NO_CREATION);
	CU_ASSERT_EQUAL(add_level(8, 15), SET_NO_CREATION);
	CU_ASSERT_EQUAL(add_level(1, 14), SET_INCONSISTENT_VALUE);
	end();
}

static void
setters_refuse(void)
{
	begin();
	CU_ASSERT_EQUAL(add_level(1, 20), SET_OK);
	CU_ASSERT_EQUAL(add_level(1, 13), SET_WRONG_VALUE);
	CU_ASSERT_EQUAL(add_level(1, 14), SET_INCONSISTENT_VALUE);
	CU_ASSERT_EQUAL(add_level(NODE, 13), SET_WRONG_VALUE);
	CU_ASSERT_TRUE(edit_says(txn->edits, LEVEL));
	CU_ASSERT_EQUAL(txn->edits->blame, 1); /* not a varbind that is refused */
	CU_ASSERT_EQUAL(((struct state *)txn->edits->after)->level, 20);
	CU_ASSERT_FALSE(edit_says(txn->edits->next, LEVEL));
	CU_ASSERT_EQUAL(world.requests, 0);
	end();
}

/* A label that has changed without an event is seen by what is to be written. */
static void
needs_come_before_the_copy(void)
{
	begin();
	world.kernel[2].label[0] = 'z';
	CU_ASSERT_EQUAL(add_level(3, 1), SET_OK);
	CU_ASSERT_EQUAL(world.refreshed, 0);
	CU_ASSERT_EQUAL(add_label(2, "new"), SET_OK);
	CU_ASSERT_EQUAL(world.refreshed, 1);
	CU_ASSERT_EQUAL(((struct state *)txn->edits->next->before)->label[0], 'z');
	end();
}

/* The same, when the edit was begun by a column that needs nothing: undoing must not
 * bring back a label of long ago. */
static void
needs_come_to_an_edit_that_is_there(void)
{
	struct state as_it_was[N_THINGS];

	begin();
	world.kernel[2].label[0] = 'z';
	memcpy(as_it_was, world.kernel, sizeof(as_it_was));
	CU_ASSERT_EQUAL(add_level(2, 50), SET_OK);
	CU_ASSERT_EQUAL(add_label(2, "new"), SET_OK);
	CU_ASSERT_EQUAL(count_edits(), 1);
	CU_ASSERT_EQUAL(check_and_apply(), SET_OK);
	CU_ASSERT_EQUAL(world.kernel[2].level, 50);
	CU_ASSERT_EQUAL(world.kernel[2].label[0], 'n');
	CU_ASSERT_EQUAL(txn_undo(txn, &query, &blamed), SET_OK);
	CU_ASSERT_TRUE(kernel_is(as_it_was));
	end();
}

/* Rows that come and go. */

enum status_value {
	TO_ACTIVE = 1,
	TO_NOT_IN_SERVICE,
	TO_NOT_READY,
	TO_CREATE_AND_GO,
	TO_CREATE_AND_WAIT,
	TO_DESTROY
};

static enum set_status
add_status(uint32_t number, enum status_value status)
{
	return add(&made, 9, number, number_value(SYNTAX_INTEGER, status));
}

static enum set_status
add_made(uint32_t number, int64_t level)
{
	return add(&made, 2, number, number_value(SYNTAX_INTEGER, level));
}

/* The dial 7 is not there. */
static void
begin_without(void)
{
	begin();
	set_remove(&world.rows, &world.dials[7]);
}

static void
some_columns_begin_a_row(void)
{
	struct value one = number_value(SYNTAX_INTEGER, 1);

	begin_without();
	CU_ASSERT_EQUAL(add_level(7, 20), SET_NO_CREATION);
	CU_ASSERT_EQUAL(add(&unmade, 2, 7, one), SET_NO_CREATION);
	CU_ASSERT_EQUAL(
		add(&made, 3, 7, number_value(SYNTAX_GAUGE32, 1)), SET_NO_CREATION);
	CU_ASSERT_EQUAL(add_made(8, 20), SET_NO_CREATION); /* no such row can be */
	CU_ASSERT_EQUAL(ADD(made, one, 1, 3, 11, 1, 2), SET_NO_CREATION);
	CU_ASSERT_EQUAL(ADD(made, one, 1, 3, 11, 1, 2, 7, 0), SET_NO_CREATION);
	CU_ASSERT_EQUAL(add_made(7, 13), SET_WRONG_VALUE);
	CU_ASSERT_EQUAL(add_made(8, 13), SET_WRONG_VALUE);
	CU_ASSERT_EQUAL(count_edits(), 0);
	CU_ASSERT_EQUAL(add_made(7, 20), SET_OK);
	CU_ASSERT_EQUAL(add_status(7, TO_CREATE_AND_GO), SET_OK);
	CU_ASSERT_EQUAL(count_edits(), 1);
	CU_ASSERT_FALSE(txn->edits->exists);
	CU_ASSERT_EQUAL(txn->edits->fate, FATE_CREATE);
	CU_ASSERT_EQUAL(((struct state *)txn->edits->before)->number, 7);
	CU_ASSERT_EQUAL(((struct state *)txn->edits->after)->number, 7);
	CU_ASSERT_EQUAL(((struct state *)txn->edits->after)->level, 20);
	CU_ASSERT_EQUAL(add_made(6, 20), SET_OK);
	CU_ASSERT_TRUE(txn->edits->next->exists);
	CU_ASSERT_EQUAL(txn->edits->next->fate, FATE_NONE);
	end();
}

static void
row_status_says_what_becomes_of_it(void)
{
	static const struct {
		uint32_t number;
		enum status_value status;
		enum set_status want;
		enum fate fate;
	} cases[] = {
		{ 6, TO_ACTIVE, SET_OK, FATE_NONE },
		{ 6, TO_NOT_IN_SERVICE, SET_WRONG_VALUE, FATE_NONE },
		{ 6, TO_NOT_READY, SET_WRONG_VALUE, FATE_NONE },
		{ 6, TO_CREATE_AND_GO, SET_INCONSISTENT_VALUE, FATE_NONE },
		{ 6, TO_CREATE_AND_WAIT, SET_WRONG_VALUE, FATE_NONE },
		{ 6, TO_DESTROY, SET_OK, FATE_DESTROY },
		{ 7, TO_ACTIVE, SET_INCONSISTENT_VALUE, FATE_NONE },
		{ 7, TO_NOT_IN_SERVICE, SET_WRONG_VALUE, FATE_NONE },
		{ 7, TO_NOT_READY, SET_WRONG_VALUE, FATE_NONE },
		{ 7, TO_CREATE_AND_GO, SET_OK, FATE_CREATE },
		{ 7, TO_CREATE_AND_WAIT, SET_WRONG_VALUE, FATE_NONE },
		{ 7, TO_DESTROY, SET_OK, FATE_DESTROY },
		{ 7, 0, SET_WRONG_VALUE, FATE_NONE },
		{ 7, 7, SET_WRONG_VALUE, FATE_NONE },
		{ 8, TO_ACTIVE, SET_NO_CREATION, FATE_NONE },
		{ 8, TO_CREATE_AND_GO, SET_NO_CREATION, FATE_NONE },
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		begin_without();
		CU_ASSERT_EQUAL(
			add_status(cases[i].number, cases[i].status), cases[i].want);
		if (txn->edits)
			CU_ASSERT_EQUAL(txn->edits->fate, cases[i].fate);
		end();
	}
}

static void
rows_come_and_go_with_the_others(void)
{
	begin_without();
	world.ranks[6] = -1;
	CU_ASSERT_EQUAL(add_made(7, 20), SET_OK);
	CU_ASSERT_EQUAL(add_status(7, TO_CREATE_AND_GO), SET_OK);
	CU_ASSERT_EQUAL(add_level(1, 20), SET_OK);
	CU_ASSERT_EQUAL(add_status(6, TO_DESTROY), SET_OK);
	CU_ASSERT_EQUAL(check_and_apply(), SET_INCONSISTENT_VALUE);
	CU_ASSERT_EQUAL(blamed, 2); /* above the limit of a new dial, 0 */
	end();
	for (int undo = 0; undo < 2; undo++) {
		begin_without();
		world.ranks[6] = -1;
		CU_ASSERT_EQUAL(add_made(7, 0), SET_OK);
		CU_ASSERT_EQUAL(add_status(7, TO_CREATE_AND_GO), SET_OK);
		CU_ASSERT_EQUAL(add_level(1, 20), SET_OK);
		CU_ASSERT_EQUAL(add_status(6, TO_DESTROY), SET_OK);
		CU_ASSERT_EQUAL(check_and_apply(), SET_OK);
		CU_ASSERT_STRING_EQUAL(steps(), "a6 a7 a1");
		if (undo)
			CU_ASSERT_EQUAL(txn_undo(txn, &query, &blamed), SET_OK)
		else
			txn_keep(txn, &query);
		CU_ASSERT_STRING_EQUAL(
			steps(), undo ? "a6 a7 a1 u1 u7 u6" : "a6 a7 a1 k6 k7 k1");
		end();
	}
}

/* "If the conceptual row does not exist, destroy succeeds" (RFC 2579): nothing is done
 * for it, nor undone. */
static void
what_is_not_there_is_destroyed_at_once(void)
{
	begin_without();
	CU_ASSERT_EQUAL(add_level(1, 20), SET_OK);
	CU_ASSERT_EQUAL(add_status(7, TO_DESTROY), SET_OK);
	CU_ASSERT_EQUAL(add_level(2, 20), SET_OK);
	CU_ASSERT_EQUAL(check_and_apply(), SET_OK);
	CU_ASSERT_STRING_EQUAL(steps(), "a1 a2");
	CU_ASSERT_EQUAL(txn_undo(txn, &query, &blamed), SET_OK);
	CU_ASSERT_STRING_EQUAL(steps(), "a1 a2 u2 u1");
	end();
	begin_without();
	CU_ASSERT_EQUAL(add_status(7, TO_DESTROY), SET_OK);
	CU_ASSERT_EQUAL(add_level(1, 20), SET_OK);
	CU_ASSERT_EQUAL(check_and_apply(), SET_OK);
	txn_keep(txn, &query);
	CU_ASSERT_STRING_EQUAL(steps(), "a1 k1");
	end();
}

/* What meets in one edit. */

static void
tables_of_one_row_meet(void)
{
	struct state want[N_THINGS];

	begin();
	memcpy(want, world.kernel, sizeof(want));
	want[3] = (struct state){ 3, 500, 40, "new", 3 };
	CU_ASSERT_EQUAL(add_level(3, 40), SET_OK);
	CU_ASSERT_EQUAL(add_label(3, "new"), SET_OK);
	CU_ASSERT_EQUAL(add_limit(3, 500), SET_OK);
	CU_ASSERT_EQUAL(count_edits(), 1);
	CU_ASSERT_EQUAL(txn->edits->first, 1);
	CU_ASSERT_EQUAL(txn->edits->blame, 3);
	CU_ASSERT_EQUAL(check_and_apply(), SET_OK);
	CU_ASSERT_TRUE(kernel_is(want));
	CU_ASSERT_STRING_EQUAL(steps(), "a3");
	txn_keep(txn, &query);
	end();
}

static void
rows_and_kinds_do_not_meet(void)
{
	struct state want[N_THINGS];

	begin();
	memcpy(want, world.kernel, sizeof(want));
	want[1].level = 31;
	want[2].level = 32;
	want[NODE].level = 30;
	want[NODE].limit = 3;
	CU_ASSERT_EQUAL(add_level(2, 32), SET_OK);
	CU_ASSERT_EQUAL(add_level(NODE, 30), SET_OK);
	CU_ASSERT_EQUAL(add_level(1, 31), SET_OK);
	CU_ASSERT_EQUAL(add_limit(NODE, 3), SET_OK);
	CU_ASSERT_EQUAL(count_edits(), 3);
	CU_ASSERT_EQUAL(check_and_apply(), SET_OK);
	CU_ASSERT_TRUE(kernel_is(want));
	CU_ASSERT_STRING_EQUAL(steps(), "a2 a0 a1");
	txn_keep(txn, &query);
	end();
}

static void
last_of_one_column_counts(void)
{
	begin();
	CU_ASSERT_EQUAL(add_level(1, 20), SET_OK);
	CU_ASSERT_EQUAL(add_label(1, "long"), SET_OK);
	CU_ASSERT_EQUAL(add_level(1, 30), SET_OK);
	CU_ASSERT_EQUAL(add_label(1, "x"), SET_OK);
	CU_ASSERT_EQUAL(count_edits(), 1);
	CU_ASSERT_EQUAL(check_and_apply(), SET_OK);
	CU_ASSERT_EQUAL(world.kernel[1].level, 30);
	CU_ASSERT_EQUAL(world.kernel[1].label_len, 1);
	CU_ASSERT_EQUAL(world.requests, 2);
	txn_keep(txn, &query);
	end();
}

/* The transaction. */

static void
check_blames_a_varbind(void)
{
	begin();
	CU_ASSERT_EQUAL(add_level(1, 20), SET_OK);
	CU_ASSERT_EQUAL(add_limit(2, 50), SET_OK);
	CU_ASSERT_EQUAL(add_level(3, 20), SET_OK);
	CU_ASSERT_EQUAL(add_level(2, 51), SET_OK);
	CU_ASSERT_EQUAL(add_label(3, "new"), SET_OK);
	CU_ASSERT_EQUAL(check_and_apply(), SET_INCONSISTENT_VALUE);
	CU_ASSERT_EQUAL(blamed, 4);
	CU_ASSERT_STRING_EQUAL(txn_object(txn, blamed), "level");
	CU_ASSERT_PTR_NULL(txn->why);
	CU_ASSERT_PTR_NULL(txn_object(txn, 0));
	CU_ASSERT_PTR_NULL(txn_object(txn, 6));
	CU_ASSERT_EQUAL(world.requests, 0);
	end();
	begin(); /* it says itself which one, and why */
	CU_ASSERT_EQUAL(add_level(1, 20), SET_OK);
	CU_ASSERT_EQUAL(add_limit(2, 1), SET_OK);
	CU_ASSERT_EQUAL(add_level(2, 51), SET_OK);
	CU_ASSERT_EQUAL(check_and_apply(), SET_INCONSISTENT_VALUE);
	CU_ASSERT_EQUAL(blamed, 2);
	CU_ASSERT_STRING_EQUAL(txn_object(txn, blamed), "limit");
	CU_ASSERT_STRING_EQUAL(txn->why, "the limit is 1");
	end();
	begin(); /* of two, the edit that begins first in the PDU */
	world.ranks[2] = -1;
	CU_ASSERT_EQUAL(add_limit(3, 5), SET_OK);
	CU_ASSERT_EQUAL(add_limit(2, 5), SET_OK);
	CU_ASSERT_EQUAL(add_level(2, 6), SET_OK);
	CU_ASSERT_EQUAL(add_level(3, 6), SET_OK);
	CU_ASSERT_EQUAL(check_and_apply(), SET_INCONSISTENT_VALUE);
	CU_ASSERT_EQUAL(blamed, 4);
	CU_ASSERT_EQUAL(world.requests, 0);
	end();
}

static void
ranks_order_and_keep_order(void)
{
	static const int ranks[N_THINGS] = { 2, 1, 2, -1, 1, 2, 1, -1 };

	begin();
	memcpy(world.ranks, ranks, sizeof(ranks));
	for (uint32_t i = 0; i < N_THINGS; i++)
		CU_ASSERT_EQUAL(add_level((i + 5) % N_THINGS, 60), SET_OK);
	CU_ASSERT_EQUAL(check_and_apply(), SET_OK);
	CU_ASSERT_STRING_EQUAL(steps(), "a7 a3 a6 a1 a4 a5 a0 a2");
	CU_ASSERT_EQUAL(txn_undo(txn, &query, &blamed), SET_OK);
	CU_ASSERT_STRING_EQUAL(
		steps(), "a7 a3 a6 a1 a4 a5 a0 a2 u2 u0 u5 u4 u1 u6 u3 u7");
	end();
}

/* Random PDUs. */

struct write {
	uint32_t number, field;
	int32_t level;
	uint32_t limit;
	char label[LABEL_MAX + 1];
};

struct pdu {
	size_t n, n_edits;
	int ranks[N_THINGS];
	unsigned int last[N_THINGS][N_FIELDS]; /* varbind */
	struct write writes[MAX_WRITES];
	struct state before[N_THINGS], after[N_THINGS];
};

static void
make_pdu(struct pdu *pdu)
{
	memset(pdu, 0, sizeof(*pdu));
	pdu->n = 1 + pick(MAX_WRITES);
	for (size_t i = 0; i < N_THINGS; i++)
		pdu->ranks[i] = (int)pick(4) - 1;
	for (size_t i = 0; i < pdu->n; i++) {
		struct write *write = &pdu->writes[i];

		write->number = pick(N_THINGS);
		write->field = pick(write->number == NODE ? LABEL : N_FIELDS);
		write->level = (int32_t)(20 + pick(80));
		write->limit = 100 + pick(100);
		for (uint32_t k = 0; k < 1 + pick(LABEL_MAX); k++)
			write->label[k] = (char)('a' + pick(26));
	}
}

/* Begins anew with its varbinds added, and says what is to come of it. */
static void
add_pdu(struct pdu *pdu)
{
	begin();
	memcpy(world.ranks, pdu->ranks, sizeof(world.ranks));
	memcpy(pdu->before, world.kernel, sizeof(pdu->before));
	memcpy(pdu->after, world.kernel, sizeof(pdu->after));
	for (size_t i = 0; i < pdu->n; i++) {
		const struct write *write = &pdu->writes[i];
		struct state *after = &pdu->after[write->number];

		if (write->field == LEVEL) {
			after->level = write->level;
			CU_ASSERT_EQUAL(add_level(write->number, write->level), SET_OK);
		} else if (write->field == LIMIT) {
			after->limit = write->limit;
			CU_ASSERT_EQUAL(add_limit(write->number, write->limit), SET_OK);
		} else {
			after->label_len = (uint8_t)strlen(write->label);
			memcpy(after->label, write->label, after->label_len);
			CU_ASSERT_EQUAL(add_label(write->number, write->label), SET_OK);
		}
		pdu->last[write->number][write->field] = n_varbinds;
	}
	pdu->n_edits = count_edits();
}

/* Applied by rank and then by the PDU, then the same ones backwards, as @how says, or no
 * further. How many were applied. */
static size_t
check_steps(char how)
{
	const struct step *step = world.steps;
	size_t n = 0;

	while (n < world.n_steps && step[n].what == 'a') {
		int rank = world.ranks[step[n].number];
		int before = n ? world.ranks[step[n - 1].number] : rank;

		CU_ASSERT_TRUE(before < rank || !n ||
			       (before == rank && first_of[step[n - 1].number] <
							  first_of[step[n].number]));
		n++;
	}
	CU_ASSERT_EQUAL(world.n_steps, how ? 2 * n : n);
	for (size_t i = 0; how && i < n && world.n_steps == 2 * n; i++) {
		size_t of = how == 'u' ? n - 1 - i : i;

		CU_ASSERT_EQUAL(step[n + i].what, how);
		CU_ASSERT_EQUAL(step[n + i].number, step[of].number);
	}
	return n;
}

static void
fails_at(struct pdu *pdu, unsigned int request_number)
{
	add_pdu(pdu);
	world.fail_at = request_number;
	CU_ASSERT_EQUAL(check_and_apply(), SET_COMMIT_FAILED);
	CU_ASSERT_EQUAL(world.requests, request_number);
	CU_ASSERT_EQUAL(blamed, pdu->last[world.failed][world.failed_field]);
	CU_ASSERT_TRUE(kernel_is(pdu->before));
	CU_ASSERT_TRUE(check_steps('u') < pdu->n_edits);
	end();
}

static void
all_or_nothing(void)
{
	for (int i = 0; i < 2000; i++) {
		struct pdu pdu;
		unsigned int n;
		bool undo = pick(2);

		make_pdu(&pdu);
		add_pdu(&pdu);
		CU_ASSERT_TRUE(pdu.n_edits <= N_THINGS);
		CU_ASSERT_EQUAL(check_and_apply(), SET_OK);
		CU_ASSERT_TRUE(kernel_is(pdu.after));
		CU_ASSERT_EQUAL(check_steps('\0'), pdu.n_edits);
		if (undo)
			CU_ASSERT_EQUAL(txn_undo(txn, &query, &blamed), SET_OK)
		else
			txn_keep(txn, &query);
		CU_ASSERT_TRUE(kernel_is(undo ? pdu.before : pdu.after));
		CU_ASSERT_EQUAL(check_steps(undo ? 'u' : 'k'), pdu.n_edits);
		n = world.requests;
		end();
		for (unsigned int k = 1; k <= n; k++)
			fails_at(&pdu, k);
	}
}

static void
nothing_happens_twice(void)
{
	struct state as_it_was[N_THINGS];

	begin();
	memcpy(as_it_was, world.kernel, sizeof(as_it_was));
	CU_ASSERT_EQUAL(add_level(1, 20), SET_OK);
	CU_ASSERT_EQUAL(add_level(2, 20), SET_OK);
	CU_ASSERT_EQUAL(txn_undo(txn, &query, &blamed), SET_OK); /* of nothing yet */
	txn_keep(txn, &query);
	CU_ASSERT_STRING_EQUAL(steps(), "");
	CU_ASSERT_EQUAL(check_and_apply(), SET_OK);
	CU_ASSERT_EQUAL(check_and_apply(), SET_OK);
	CU_ASSERT_STRING_EQUAL(steps(), "a1 a2");
	CU_ASSERT_EQUAL(txn_undo(txn, &query, &blamed), SET_OK);
	CU_ASSERT_EQUAL(txn_undo(txn, &query, &blamed), SET_OK);
	txn_keep(txn, &query);
	CU_ASSERT_STRING_EQUAL(steps(), "a1 a2 u2 u1");
	CU_ASSERT_TRUE(kernel_is(as_it_was));
	end();
}

static void
failed_apply_leaves_nothing_to_undo(void)
{
	begin();
	CU_ASSERT_EQUAL(add_level(1, 20), SET_OK);
	CU_ASSERT_EQUAL(add_level(2, 20), SET_OK);
	world.fail_at = 2;
	CU_ASSERT_EQUAL(check_and_apply(), SET_COMMIT_FAILED);
	CU_ASSERT_STRING_EQUAL(steps(), "a1 u1");
	CU_ASSERT_EQUAL(blamed, 2);
	CU_ASSERT_EQUAL(txn_undo(txn, &query, &blamed), SET_OK);
	txn_keep(txn, &query);
	CU_ASSERT_STRING_EQUAL(steps(), "a1 u1");
	end();
}

static void
undo_goes_on_with_the_others(void)
{
	struct state as_it_was[N_THINGS];

	for (int failing = 0; failing < 2; failing++) {
		begin();
		memcpy(as_it_was, world.kernel, sizeof(as_it_was));
		as_it_was[2].level = 20;
		for (uint32_t i = 1; i <= 4; i++)
			CU_ASSERT_EQUAL(add_level(i, 20), SET_OK);
		world.irrevocable = 1u << 2;
		world.fail_at = failing ? 4 : 0;
		if (failing) {
			CU_ASSERT_EQUAL(check_and_apply(), SET_UNDO_FAILED);
			CU_ASSERT_STRING_EQUAL(steps(), "a1 a2 a3 u3 u2 u1");
		} else {
			CU_ASSERT_EQUAL(check_and_apply(), SET_OK);
			CU_ASSERT_EQUAL(txn_undo(txn, &query, &blamed), SET_UNDO_FAILED);
			CU_ASSERT_STRING_EQUAL(steps(), "a1 a2 a3 a4 u4 u3 u2 u1");
		}
		CU_ASSERT_EQUAL(blamed, 2);
		CU_ASSERT_TRUE(kernel_is(as_it_was));
		CU_ASSERT_EQUAL(txn_undo(txn, &query, &blamed), SET_OK);
		CU_ASSERT_EQUAL(world.n_steps, failing ? 6 : 8);
		end();
	}
}

/* The half of an edit that was done before its other half failed. */
static void
half_an_edit_that_stays_is_told(void)
{
	begin();
	CU_ASSERT_EQUAL(add_level(1, 20), SET_OK);
	CU_ASSERT_EQUAL(add_level(2, 20), SET_OK);
	CU_ASSERT_EQUAL(add_limit(2, 50), SET_OK);
	world.irrevocable = 1u << 2;
	world.fail_at = 3;
	CU_ASSERT_EQUAL(check_and_apply(), SET_UNDO_FAILED);
	CU_ASSERT_STRING_EQUAL(steps(), "a1 u1");
	CU_ASSERT_EQUAL(blamed, 3);
	CU_ASSERT_EQUAL(world.kernel[1].level, 1);
	CU_ASSERT_EQUAL(world.kernel[2].level, 20);
	end();
}

static void
what_is_kept_stays(void)
{
	begin();
	CU_ASSERT_EQUAL(add_level(2, 20), SET_OK);
	CU_ASSERT_EQUAL(add_level(NODE, 20), SET_OK);
	CU_ASSERT_EQUAL(check_and_apply(), SET_OK);
	txn_keep(txn, &query);
	txn_keep(txn, &query);
	CU_ASSERT_EQUAL(txn_undo(txn, &query, &blamed), SET_OK);
	CU_ASSERT_STRING_EQUAL(steps(), "a2 a0 k2 k0");
	CU_ASSERT_EQUAL(world.kernel[2].level, 20);
	end();
}

void
suite_edit(void)
{
	CU_pSuite suite = CU_add_suite("edit", NULL, NULL);

	CU_ADD_TEST(suite, each_syntax_takes_its_own_only);
	CU_ADD_TEST(suite, ranges_have_their_ends);
	CU_ADD_TEST(suite, what_is_not_there);
	CU_ADD_TEST(suite, first_of_several_errors);
	CU_ADD_TEST(suite, setters_refuse);
	CU_ADD_TEST(suite, needs_come_before_the_copy);
	CU_ADD_TEST(suite, needs_come_to_an_edit_that_is_there);
	CU_ADD_TEST(suite, some_columns_begin_a_row);
	CU_ADD_TEST(suite, row_status_says_what_becomes_of_it);
	CU_ADD_TEST(suite, rows_come_and_go_with_the_others);
	CU_ADD_TEST(suite, what_is_not_there_is_destroyed_at_once);
	CU_ADD_TEST(suite, tables_of_one_row_meet);
	CU_ADD_TEST(suite, rows_and_kinds_do_not_meet);
	CU_ADD_TEST(suite, last_of_one_column_counts);
	CU_ADD_TEST(suite, check_blames_a_varbind);
	CU_ADD_TEST(suite, ranks_order_and_keep_order);
	CU_ADD_TEST(suite, all_or_nothing);
	CU_ADD_TEST(suite, nothing_happens_twice);
	CU_ADD_TEST(suite, failed_apply_leaves_nothing_to_undo);
	CU_ADD_TEST(suite, undo_goes_on_with_the_others);
	CU_ADD_TEST(suite, half_an_edit_that_stays_is_told);
	CU_ADD_TEST(suite, what_is_kept_stays);
}
