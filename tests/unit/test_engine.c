/*
 * The engine with a toy store of three rows, whose table has all that a table can have:
 * an index of a number and octets, an absent value, a hidden row, a scalar beside it.
 */
#include "unit.h"

#include "../../agent/base/clock.h"

#include <string.h>

struct toy {
	struct set_node node;
	uint32_t number;
	struct lladdr octets;
	int32_t little;
	uint64_t big;
	bool hidden, holed;
};

struct store {
	struct set rows;
	unsigned int refreshed, prepared;
};

static int
order(const void *a, const void *b)
{
	const struct toy *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return lladdr_compare(&x->octets, &y->octets);
}

static const struct set *
toy_rows(const struct query *query)
{
	return &((struct store *)query->source)->rows;
}

static void
toy_prepare(const struct query *query)
{
	((struct store *)query->source)->prepared++;
}

static bool
toy_member(const void *row)
{
	return !((const struct toy *)row)->hidden;
}

static void
toy_refresh(const struct query *query, const void *row, uint32_t needs)
{
	(void)row;
	CU_ASSERT_EQUAL(needs, 4);
	((struct store *)query->source)->refreshed++;
}

static bool
get_holed(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value_set_octets(value, "x", 1);
	return !((const struct toy *)row)->holed;
}

static bool
get_scalar(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value->number = set_count(&((const struct store *)row)->rows);
	return true;
}

static const struct column columns[] = {
	{ 2, "little", SYNTAX_INTEGER, READ_ONLY, FIELD(toy, number) },
	{ 3, "holed", SYNTAX_OCTETS, READ_ONLY, .get = get_holed },
	{ 5, "low", SYNTAX_COUNTER32, READ_ONLY, FIELD(toy, big), .needs = 4 },
	{ 6, "high", SYNTAX_COUNTER64, READ_ONLY, FIELD(toy, big) },
	{ 7, "gauge", SYNTAX_GAUGE32, READ_ONLY, FIELD(toy, big) },
};

static const struct index_part parts[] = {
	{ INDEX_INTEGER, offsetof(struct toy, number) },
	{ INDEX_OCTETS, offsetof(struct toy, octets) },
};

static const struct table toys = {
	.name = "toys",
	.root = OID(1, 3, 9),
	.entry = OID(1, 3, 9, 1),
	.rows = toy_rows,
	.prepare = toy_prepare,
	.member = toy_member,
	.refresh = toy_refresh,
	INDEX(parts),
	COLUMNS(columns),
};

static const struct column scalars[] = {
	{ 4, "first", SYNTAX_GAUGE32, READ_ONLY, .get = get_scalar },
	{ 8, "second", SYNTAX_GAUGE32, READ_ONLY, .get = get_scalar },
};

static const struct table scalar = {
	.name = "scalar",
	.root = OID(1, 3, 8),
	.entry = OID(1, 3, 8),
	COLUMNS(scalars),
};

static struct toy store_rows[] = {
	{ .number = 7, .octets = { 2, { 1, 255 } }, .big = 0x1122334455667788 },
	{ .number = 7, .octets = { 3, { 0, 0, 0 } }, .holed = true, .big = 5 },
	{ .number = 8, .octets = { 0, { 0 } }, .hidden = true },
	{ .number = UINT32_MAX, .octets = { 1, { 0 } }, .big = UINT32_MAX },
};
static struct store store;

static void
fill(struct query *query)
{
	memset(&store, 0, sizeof(store));
	set_init(&store.rows, offsetof(struct toy, node), order);
	for (size_t i = 0; i < N_ELEMENTS(store_rows); i++)
		set_insert(&store.rows, &store_rows[i]);
	query_init(query, &store, 1, 0);
}

#define GET(table, value, ...)                                                           \
	table_get(&(table), &query, (const uint32_t[]){ __VA_ARGS__ },                   \
		sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t), value)

static void
get_finds_exactly(void)
{
	struct query query;
	struct value value;

	fill(&query);
	CU_ASSERT_EQUAL(GET(toys, &value, 1, 3, 9, 1, 6, 7, 2, 1, 255), FOUND);
	CU_ASSERT_EQUAL(value.number, 0x1122334455667788);
	CU_ASSERT_EQUAL(GET(toys, &value, 1, 3, 9, 1, 5, 7, 2, 1, 255), FOUND);
	CU_ASSERT_EQUAL(value.number, 0x55667788); /* Counter32: the low half */
	CU_ASSERT_EQUAL(GET(toys, &value, 1, 3, 9, 1, 7, 7, 2, 1, 255), FOUND);
	CU_ASSERT_EQUAL(value.number, UINT32_MAX); /* Gauge32: its end */
	CU_ASSERT_EQUAL(GET(toys, &value, 1, 3, 9, 1, 2, UINT32_MAX, 1, 0), FOUND);
	CU_ASSERT_EQUAL(value.number, INT32_MAX); /* INTEGER: its end */
	CU_ASSERT_EQUAL(store.refreshed, 1);
	CU_ASSERT_EQUAL(store.prepared, 1); /* once for the query */
}

static void
get_says_what_is_missing(void)
{
	struct query query;
	struct value value;

	fill(&query);
	CU_ASSERT_EQUAL(GET(toys, &value, 1, 3, 9), NO_OBJECT);
	CU_ASSERT_EQUAL(GET(toys, &value, 1, 3, 9, 1), NO_OBJECT);
	CU_ASSERT_EQUAL(GET(toys, &value, 1, 3, 9, 2, 2, 7, 2, 1, 255), NO_OBJECT);
	CU_ASSERT_EQUAL(GET(toys, &value, 1, 3, 9, 1, 1, 7, 2, 1, 255), NO_OBJECT);
	CU_ASSERT_EQUAL(GET(toys, &value, 1, 3, 9, 1, 4, 7, 2, 1, 255), NO_OBJECT);
	CU_ASSERT_EQUAL(GET(toys, &value, 1, 3, 9, 1, UINT32_MAX, 7), NO_OBJECT);
	CU_ASSERT_EQUAL(GET(toys, &value, 1, 3, 9, 1, 2), NO_INSTANCE);
	CU_ASSERT_EQUAL(GET(toys, &value, 1, 3, 9, 1, 2, 7), NO_INSTANCE);
	CU_ASSERT_EQUAL(GET(toys, &value, 1, 3, 9, 1, 2, 7, 2, 1), NO_INSTANCE);
	CU_ASSERT_EQUAL(GET(toys, &value, 1, 3, 9, 1, 2, 7, 2, 1, 255, 0), NO_INSTANCE);
	CU_ASSERT_EQUAL(GET(toys, &value, 1, 3, 9, 1, 2, 7, 2, 1, 511), NO_INSTANCE);
	CU_ASSERT_EQUAL(GET(toys, &value, 1, 3, 9, 1, 2, 8, 0), NO_INSTANCE); /* hidden */
	CU_ASSERT_EQUAL(GET(toys, &value, 1, 3, 9, 1, 3, 7, 3, 0, 0, 0), NO_INSTANCE);
	CU_ASSERT_EQUAL(GET(scalar, &value, 1, 3, 8, 4), NO_INSTANCE);
	CU_ASSERT_EQUAL(GET(scalar, &value, 1, 3, 8, 4, 1), NO_INSTANCE);
	CU_ASSERT_EQUAL(GET(scalar, &value, 1, 3, 8, 4, 0, 0), NO_INSTANCE);
	CU_ASSERT_EQUAL(GET(scalar, &value, 1, 3, 8, 5, 0), NO_OBJECT);
	CU_ASSERT_EQUAL(GET(scalar, &value, 1, 3, 8, 8, 0), FOUND);
	CU_ASSERT_EQUAL(value.number, 4);
}

/* Every instance of a table in order, by table_next() from one to the next. */
static size_t
walk(const struct table *table, struct oid_buf *names, size_t max)
{
	struct oid_buf at = { .len = 0 };
	size_t n = 0;

	for (;;) {
		struct query query;
		struct cursor cursor;
		struct value value;

		query_init(&query, &store, 1, 0);
		if (n == max || !table_next(table, &query, at.sub, at.len, false, &cursor,
					&value))
			return n;
		table_name(table, &query, &cursor, &names[n]);
		CU_ASSERT_TRUE(
			oid_compare(at.sub, at.len, names[n].sub, names[n].len) < 0);
		at = names[n++];
	}
}

static void
walk_is_whole_and_ordered(void)
{
	static const uint32_t last[] = { 1, 3, 9, 1, 7, UINT32_MAX, 1, 0 };
	struct oid_buf names[32];
	struct query query;

	fill(&query);
	/* five columns, three visible rows, one hole */
	CU_ASSERT_EQUAL(walk(&toys, names, 32), 14);
	CU_ASSERT_EQUAL(oid_compare(names[13].sub, names[13].len, last, 8), 0);
	CU_ASSERT_EQUAL(walk(&scalar, names, 32), 2);
}

static void
step_equals_next(void)
{
	struct oid_buf names[32], name;
	struct query query;
	struct cursor at;
	struct value value;
	size_t n, i = 0;
	bool more;

	fill(&query);
	n = walk(&toys, names, 32);
	for (more = table_next(&toys, &query, NULL, 0, false, &at, &value); more;
		more = table_step(&toys, &query, &at, &value)) {
		table_name(&toys, &query, &at, &name);
		CU_ASSERT_TRUE_FATAL(i < n);
		CU_ASSERT_EQUAL(
			oid_compare(name.sub, name.len, names[i].sub, names[i].len), 0);
		i++;
	}
	CU_ASSERT_EQUAL(i, n);
}

/* A random place near the instances: one of them, cut, lengthened or changed. */
static void
random_place(struct oid_buf *place, const struct oid_buf *names, size_t n)
{
	static const uint32_t odd[] = { 0, 1, 2, 6, 7, 8, 9, 127, 128, 255, 256, 65535,
		0x7fffffff, 0x80000000, UINT32_MAX };

	*place = names[pick((uint32_t)n)];
	for (uint32_t changes = pick(4); changes; changes--) {
		uint32_t at = pick((uint32_t)place->len);

		switch (pick(4)) {
		case 0:
			place->len = at + 1;
			break;
		case 1:
			if (place->len < 20)
				place->sub[place->len++] = odd[pick(N_ELEMENTS(odd))];
			break;
		case 2:
			place->sub[at] = odd[pick(N_ELEMENTS(odd))];
			break;
		case 3:
			place->sub[at] += pick(2) ? 1 : UINT32_MAX;
			break;
		}
	}
}

/* GETNEXT from anywhere is the first instance behind; GET finds it iff it is one. */
static void
next_from_anywhere(void)
{
	struct oid_buf names[32], place, got;
	struct query query;
	size_t n;

	fill(&query);
	n = walk(&toys, names, 32);
	for (int i = 0; i < 20000; i++) {
		bool inclusive = pick(4) == 0, found, exact = false;
		struct cursor at;
		struct value value;
		size_t want = 0;

		random_place(&place, names, n);
		for (size_t k = 0; k < n; k++) {
			int cmp = oid_compare(
				names[k].sub, names[k].len, place.sub, place.len);

			exact = exact || cmp == 0;
			if (cmp < 0 || (cmp == 0 && !inclusive))
				want = k + 1;
		}
		query_init(&query, &store, 1, 0);
		found = table_next(
			&toys, &query, place.sub, place.len, inclusive, &at, &value);
		CU_ASSERT_EQUAL(found, want < n);
		if (found && want < n) {
			table_name(&toys, &query, &at, &got);
			CU_ASSERT_EQUAL(oid_compare(got.sub, got.len, names[want].sub,
						names[want].len),
				0);
		}
		CU_ASSERT_EQUAL(
			table_get(&toys, &query, place.sub, place.len, &value) == FOUND,
			exact);
	}
}

/* The memo answers for the same place only: after and at, and another set, are others. */
static void
memo_is_not_mixed_up(void)
{
	struct query query;
	struct cursor at;
	struct value value;
	static const uint32_t row[] = { 1, 3, 9, 1, 2, 7, 2, 1, 255 };
	static const uint32_t hidden[] = { 1, 3, 9, 1, 2, 8, 0 };
	struct table all = toys;

	fill(&query);
	CU_ASSERT_EQUAL(table_get(&toys, &query, row, 9, &value), FOUND);
	CU_ASSERT_TRUE(table_next(&toys, &query, row, 9, false, &at, &value));
	CU_ASSERT_PTR_EQUAL(at.row, &store_rows[1]);
	CU_ASSERT_TRUE(table_next(&toys, &query, row, 9, true, &at, &value));
	CU_ASSERT_PTR_EQUAL(at.row, &store_rows[0]);
	CU_ASSERT_TRUE(table_next(&toys, &query, row, 9, false, &at, &value));
	CU_ASSERT_TRUE(table_next(&toys, &query, row, 8, false, &at, &value));
	CU_ASSERT_PTR_EQUAL(at.row, &store_rows[0]);
	CU_ASSERT_EQUAL(table_get(&toys, &query, row, 8, &value), NO_INSTANCE);
	CU_ASSERT_EQUAL(table_get(&toys, &query, row, 9, &value), FOUND);
	/* and so is another table of the same rows, which hides none */
	all.member = NULL;
	CU_ASSERT_EQUAL(table_get(&toys, &query, hidden, 7, &value), NO_INSTANCE);
	CU_ASSERT_EQUAL(table_get(&all, &query, hidden, 7, &value), FOUND);
	CU_ASSERT_EQUAL(table_get(&toys, &query, hidden, 7, &value), NO_INSTANCE);
}

static void
timestamps_follow_the_master(void)
{
	struct query query;

	query_init(&query, NULL, 50 * NS_PER_S, 10 * NS_PER_S);
	CU_ASSERT_EQUAL(query_timestamp(&query, 0), 0); /* never */
	CU_ASSERT_EQUAL(
		query_timestamp(&query, 9 * NS_PER_S), 0); /* before sysUpTime 0 */
	CU_ASSERT_EQUAL(query_timestamp(&query, 12 * NS_PER_S + 349 * NS_PER_MS), 234);
}

/* A field that may be absent: no instance for GET, passed over by GETNEXT. */

struct holder {
	struct optional small, big;
};

static const struct column fields[] = {
	{ 1, "small", SYNTAX_INTEGER, READ_ONLY, FIELD(holder, small) },
	{ 2, "low", SYNTAX_COUNTER32, READ_ONLY, FIELD(holder, big) },
	{ 3, "high", SYNTAX_COUNTER64, READ_ONLY, FIELD(holder, big) },
};

static const struct table one = {
	.name = "one",
	.root = OID(1, 3, 8),
	.entry = OID(1, 3, 8),
	COLUMNS(fields),
};

static void
optional_fields(void)
{
	struct holder holder = { optional_of(5), optional_of(0x500000003) };
	static const uint32_t small[] = { 1, 3, 8, 1, 0 }, low[] = { 1, 3, 8, 2, 0 };
	struct query query;
	struct cursor at;
	struct value value;

	query_init(&query, &holder, 1, 1);
	CU_ASSERT_EQUAL(table_get(&one, &query, small, 5, &value), FOUND);
	CU_ASSERT_EQUAL(value.number, 5);
	CU_ASSERT_EQUAL(table_get(&one, &query, low, 5, &value), FOUND);
	CU_ASSERT_EQUAL(value.number, 3);
	CU_ASSERT_TRUE(table_next(&one, &query, low, 5, false, &at, &value));
	CU_ASSERT_EQUAL(value.number, 0x500000003);
	holder.small.present = false;
	CU_ASSERT_EQUAL(table_get(&one, &query, small, 5, &value), NO_INSTANCE);
	CU_ASSERT_TRUE(table_next(&one, &query, small, 3, false, &at, &value));
	CU_ASSERT_PTR_EQUAL(at.column, &fields[1]);
	holder.big.present = false;
	CU_ASSERT_FALSE(table_next(&one, &query, small, 3, false, &at, &value));
}

void
suite_engine(void)
{
	CU_pSuite suite = CU_add_suite("engine", NULL, NULL);

	CU_ADD_TEST(suite, get_finds_exactly);
	CU_ADD_TEST(suite, get_says_what_is_missing);
	CU_ADD_TEST(suite, walk_is_whole_and_ordered);
	CU_ADD_TEST(suite, step_equals_next);
	CU_ADD_TEST(suite, next_from_anywhere);
	CU_ADD_TEST(suite, memo_is_not_mixed_up);
	CU_ADD_TEST(suite, timestamps_follow_the_master);
	CU_ADD_TEST(suite, optional_fields);
}
