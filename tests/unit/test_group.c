/*
 * Grouped tables: the set keeps groups of rows together in an order that is not that of
 * the whole index, and rows of equal index are one instance. Random sets are compared
 * with a plain sorted list of what they should show.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define MAX_ROWS 120
#define BEYOND	 4 /* rows of that first number and above are not of the table */

struct member {
	struct set_node node;
	uint32_t group[2];
	uint32_t serial; /* the order within the group */
	uint32_t tail[3], n_tail;
	uint32_t rank;
	bool hidden;
};

static struct set rows;
static struct member members[MAX_ROWS];

/* What the table must show. */
struct shown {
	struct oid_buf index;
	const struct member *row;
};
struct model {
	size_t n;
	struct shown shown[MAX_ROWS];
};
static struct model models[2];

static int
order(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	for (size_t i = 0; i < 2; i++) {
		if (x->group[i] != y->group[i])
			return x->group[i] < y->group[i] ? -1 : 1;
	}
	return set_order(x->serial, y->serial);
}

static const struct set *
all_rows(const struct query *query)
{
	(void)query;
	return &rows;
}

static unsigned int encoded;

static void
encode(const struct query *query, const void *row, struct oid_buf *name)
{
	const struct member *member = row;

	encoded++;
	CU_ASSERT_PTR_EQUAL(
		query->source, &rows); /* it gets the query that is under way */
	if (member->group[0] >= BEYOND) {
		index_add(name, OUT_OF_TABLE);
		return;
	}
	index_add(name, member->group[0]);
	index_add(name, member->group[1]);
	for (size_t i = 0; i < member->n_tail; i++)
		index_add(name, member->tail[i]);
}

/* The same, but with the second number behind the tail. */
static void
encode_otherwise(const struct query *query, const void *row, struct oid_buf *name)
{
	const struct member *member = row;
	struct oid_buf index = { .len = 0 };

	encode(query, row, &index);
	index_add(name, index.sub[0]);
	for (size_t i = 2; i < index.len; i++)
		index_add(name, index.sub[i]);
	if (index.len > 1)
		index_add(name, member->group[1]);
}

static bool
is_shown(const void *row)
{
	const struct member *member = row;

	return !member->hidden && member->group[0] < BEYOND;
}

static bool
is_not_beyond(const void *row)
{
	return ((const struct member *)row)->group[0] < BEYOND;
}

static unsigned int looked_beyond;

static bool
is_beyond(const void *row)
{
	looked_beyond += ((const struct member *)row)->group[0] >= BEYOND;
	return ((const struct member *)row)->group[0] >= BEYOND;
}

static bool
ranks_before(const void *a, const void *b)
{
	return ((const struct member *)a)->rank < ((const struct member *)b)->rank;
}

static const struct column columns[] = {
	{ 1, "rank", SYNTAX_INTEGER, READ_ONLY, FIELD(member, rank) },
	{ 3, "serial", SYNTAX_INTEGER, READ_ONLY, FIELD(member, serial) },
};

/* Over the same rows: groups of two sub-identifiers, and larger ones of one with the
 * hidden rows, too. The third one is not grouped, and for sets that have the order of the
 * index only. */
#define TABLE(size, is_member, how)                                                      \
	{                                                                                \
		.name = "members", .root = OID(1, 3, 9), .entry = OID(1, 3, 9, 1),       \
		.rows = all_rows, .member = (is_member), .beyond = is_beyond,            \
		.encode = (how), .group = (size), .better = ranks_before,                \
		COLUMNS(columns)                                                         \
	}

static const struct table tables[] = { TABLE(2, is_shown, encode),
	TABLE(1, is_not_beyond, encode_otherwise), TABLE(0, is_shown, encode) };

static void
fill(void)
{
	uint32_t n = pick(MAX_ROWS + 1), spread = 1 + pick(4);

	set_init(&rows, offsetof(struct member, node), order);
	for (uint32_t i = 0; i < n; i++) {
		struct member *member = &members[i];

		member->group[0] = pick(BEYOND + 2);
		member->group[1] = pick(10) ? pick(spread) : UINT32_MAX;
		member->serial = pick(1000);
		member->n_tail = pick(4);
		for (size_t k = 0; k < 3; k++)
			member->tail[k] = pick(8) ? pick(2) : UINT32_MAX;
		member->rank = pick(3);
		member->hidden = pick(4) == 0;
		set_insert(&rows, member); /* or is not in, if there is such a one */
	}
}

static int
by_index(const void *a, const void *b)
{
	const struct shown *x = a, *y = b;
	int cmp = oid_compare(x->index.sub, x->index.len, y->index.sub, y->index.len);

	if (cmp)
		return cmp;
	cmp = set_order(x->row->rank, y->row->rank);
	return cmp ? cmp : order(x->row, y->row);
}

static void
make_model(struct model *model, const struct table *table)
{
	const struct member *row, *after;
	struct shown *shown = model->shown;
	struct query query;
	size_t n = 0;

	query_init(&query, &rows, 1, 1);
	set_for_each (row, after, &rows) {
		if (!table->member(row))
			continue;
		shown[n].index.len = 0;
		table->encode(&query, row, &shown[n].index);
		shown[n++].row = row;
	}
	qsort(shown, n, sizeof(shown[0]), by_index);
	model->n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct oid_buf *last = &shown[model->n - !!model->n].index;

		if (!model->n || oid_compare(shown[i].index.sub, shown[i].index.len,
					 last->sub, last->len) != 0)
			shown[model->n++] = shown[i];
	}
}

static void
make_models(void)
{
	fill();
	for (size_t t = 0; t < N_ELEMENTS(models); t++)
		make_model(&models[t], &tables[t]);
}

/* Every instance in turn, by steps and now and then by a seek, in one query or in many.
 */
static void
walk_is_the_model(void)
{
	for (int i = 0; i < 2000; i++) {
		uint32_t t = pick(2);
		const struct table *table = &tables[t];
		const struct model *model = &models[t];
		bool one_query = pick(2);
		struct query query;
		struct cursor at;
		struct value value;
		bool more;

		make_models();
		query_init(&query, &rows, 1, 1);
		more = table_next(table, &query, NULL, 0, false, &at, &value);
		for (size_t k = 0; k < 2 * model->n; k++) {
			struct oid_buf name;

			CU_ASSERT_TRUE_FATAL(more);
			CU_ASSERT_PTR_EQUAL(at.row, model->shown[k % model->n].row);
			CU_ASSERT_EQUAL(at.column->id, k < model->n ? 1 : 3);
			table_name(table, &query, &at, &name);
			if (!one_query)
				query_init(&query, &rows, 1, 1);
			more = pick(3) ? table_step(table, &query, &at, &value)
				       : table_next(table, &query, name.sub, name.len,
						 false, &at, &value);
		}
		CU_ASSERT_FALSE(more);
	}
}

/* A place near the instances: one of them, cut, lengthened (up to the limit) or changed.
 */
static void
random_place(struct oid_buf *place, const struct model *model)
{
	static const uint32_t odd[] = { 0, 1, 2, BEYOND, 0x7fffffff, UINT32_MAX - 1,
		UINT32_MAX };

	place->len = 0;
	if (model->n)
		*place = model->shown[pick((uint32_t)model->n)].index;
	for (uint32_t changes = pick(4); changes; changes--) {
		uint32_t at = place->len ? pick((uint32_t)place->len) : 0;

		switch (pick(4)) {
		case 0:
			place->len = at;
			break;
		case 1:
			for (uint32_t n = 1 + pick(pick(4) ? 3 : OID_MAX);
				n && place->len < OID_MAX - 5; n--)
				place->sub[place->len++] = odd[pick(N_ELEMENTS(odd))];
			break;
		default:
			if (place->len)
				place->sub[at] = pick(2) ? odd[pick(N_ELEMENTS(odd))]
							 : place->sub[at] + pick(3) - 1;
			break;
		}
	}
}

static void
check_place(struct query *query, uint32_t t, const struct oid_buf *place)
{
	const struct table *table = &tables[t];
	const struct model *model = &models[t];
	struct oid_buf name = { 5, { 1, 3, 9, 1, 3 } };
	bool inclusive = pick(3) == 0, found, exact = false;
	struct cursor at;
	struct value value;
	size_t want = 0;

	memcpy(name.sub + 5, place->sub, place->len * sizeof(uint32_t));
	name.len += place->len;
	for (size_t k = 0; k < model->n; k++) {
		const struct oid_buf *index = &model->shown[k].index;
		int cmp = oid_compare(index->sub, index->len, place->sub, place->len);

		if (cmp < 0 || (cmp == 0 && !inclusive))
			want = k + 1;
		exact = exact || cmp == 0;
	}
	found = table_next(table, query, name.sub, name.len, inclusive, &at, &value);
	CU_ASSERT_EQUAL(found, want < model->n);
	if (found && want < model->n)
		CU_ASSERT_PTR_EQUAL(at.row, model->shown[want].row);
	CU_ASSERT_EQUAL(
		table_get(table, query, name.sub, name.len, &value) == FOUND, exact);
	if (found && pick(2)) {
		if (pick(2)) /* the other table comes in between */
			table_get(&tables[!t], query, name.sub, name.len, &value);
		found = table_step(table, query, &at, &value);
		CU_ASSERT_EQUAL(found, want + 1 < model->n);
		if (found && want + 1 < model->n)
			CU_ASSERT_PTR_EQUAL(at.row, model->shown[want + 1].row);
	}
}

/* In one query, so that what it remembers of one place and table must not answer for
 * another one. */
static void
any_place_in_one_query(void)
{
	for (int i = 0; i < 500; i++) {
		struct oid_buf place = { .len = 0 };
		struct query query;

		make_models();
		query_init(&query, &rows, 1, 1);
		for (int n = 0; n < 60; n++) {
			uint32_t t = pick(2);

			if (pick(3))
				random_place(&place, &models[t]);
			check_place(&query, t, &place);
		}
	}
}

/* What lies beyond the table is not walked through. */
static void
nobody_looks_far_beyond(void)
{
	struct query query;
	struct cursor at;
	struct value value;

	set_init(&rows, offsetof(struct member, node), order);
	for (uint32_t i = 0; i < MAX_ROWS; i++) {
		members[i] = (struct member){ .group = { i ? BEYOND : 0, i } };
		set_insert(&rows, &members[i]);
	}
	for (size_t t = 0; t < N_ELEMENTS(tables); t++) {
		size_t n = 0;

		looked_beyond = 0;
		query_init(&query, &rows, 1, 1);
		for (bool more = table_next(
			     &tables[t], &query, NULL, 0, false, &at, &value);
			more; more = table_step(&tables[t], &query, &at, &value))
			n++;
		CU_ASSERT_EQUAL(n, 2);
		CU_ASSERT_TRUE(looked_beyond > 0 && looked_beyond < 10);
	}
}

/* A step costs no more than its own group and where the next one begins. */
static void
a_step_stays_in_its_group(void)
{
	struct query query;
	struct cursor at;
	struct value value;
	size_t n = 0;

	set_init(&rows, offsetof(struct member, node), order);
	for (uint32_t i = 0; i < MAX_ROWS; i++) {
		members[i] = (struct member){ .group = { 1, i / 2 }, .serial = i };
		set_insert(&rows, &members[i]);
	}
	encoded = 0;
	query_init(&query, &rows, 1, 1);
	for (bool more = table_next(&tables[0], &query, NULL, 0, false, &at, &value);
		more; more = table_step(&tables[0], &query, &at, &value))
		n++;
	CU_ASSERT_EQUAL(n, 2 * MAX_ROWS / 2);
	CU_ASSERT_TRUE(encoded <= 8 * n);
}

/* A long run of hidden rows, whose indexes lie behind those of the members. */
static void
hidden_rows_hide_nobody(void)
{
	struct query query;
	struct cursor at;
	struct value value;

	set_init(&rows, offsetof(struct member, node), order);
	for (uint32_t i = 0; i < MAX_ROWS; i++) {
		bool hidden = i < MAX_ROWS - 2;

		members[i] = (struct member){ .group = { 1, 1 },
			.serial = i,
			.n_tail = 1,
			.tail = { hidden ? 2000 - i : i },
			.hidden = hidden };
		set_insert(&rows, &members[i]);
	}
	query_init(&query, &rows, 1, 1);
	CU_ASSERT_TRUE(table_next(&tables[0], &query, NULL, 0, false, &at, &value));
	CU_ASSERT_PTR_EQUAL(at.row, &members[MAX_ROWS - 2]);
	CU_ASSERT_TRUE(table_step(&tables[0], &query, &at, &value));
	CU_ASSERT_PTR_EQUAL(at.row, &members[MAX_ROWS - 1]);
}

void
suite_group(void)
{
	CU_pSuite suite = CU_add_suite("group", NULL, NULL);

	CU_ADD_TEST(suite, walk_is_the_model);
	CU_ADD_TEST(suite, any_place_in_one_query);
	CU_ADD_TEST(suite, nobody_looks_far_beyond);
	CU_ADD_TEST(suite, a_step_stays_in_its_group);
	CU_ADD_TEST(suite, hidden_rows_hide_nobody);
}
