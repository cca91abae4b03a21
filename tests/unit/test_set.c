/*
 * The ordered set against a plain sorted array, under random changes.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

struct item {
	uint32_t key;
	struct set_node node; /* not the first member, on purpose */
};

static int
compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

static int
probe(const void *row, const void *sought)
{
	return ((const struct item *)row)->key < *(const uint32_t *)sought ? -1 : 0;
}

static void
check_all(const struct set *set, const bool *present, uint32_t n)
{
	struct item *row = set_first(set);
	size_t count = 0;

	for (uint32_t key = 0; key < n; key++) {
		if (!present[key])
			continue;
		count++;
		if (!row || row->key != key) {
			CU_FAIL("the walk of the set is not the sorted array");
			return;
		}
		row = set_next(set, row);
	}
	CU_ASSERT_PTR_NULL(row);
	CU_ASSERT_EQUAL(set_count(set), count);
}

static void
set_equals_sorted_array(void)
{
	enum { N = 400 };
	static struct item items[N];
	static bool present[N];
	struct set set;

	set_init(&set, offsetof(struct item, node), compare);
	memset(present, 0, sizeof(present));
	for (int step = 0; step < 20000; step++) {
		uint32_t key = pick(N), least = key;
		struct item *found, again = { .key = key };

		items[key].key = key;
		if (present[key]) {
			CU_ASSERT_PTR_EQUAL(set_insert(&set, &again), &items[key]);
			set_remove(&set, &items[key]);
		} else {
			CU_ASSERT_PTR_NULL(set_insert(&set, &items[key]));
		}
		present[key] = !present[key];
		CU_ASSERT_PTR_EQUAL(
			set_find(&set, &again), present[key] ? &items[key] : NULL);
		while (least < N && !present[least])
			least++;
		found = set_seek(&set, probe, &key);
		CU_ASSERT_PTR_EQUAL(found, least < N ? &items[least] : NULL);
		if (step % 500 == 0)
			check_all(&set, present, N);
	}
	check_all(&set, present, N);
}

static void
rows_may_go_while_walking(void)
{
	struct item items[10], *row, *after;
	struct set set;

	set_init(&set, offsetof(struct item, node), compare);
	for (uint32_t i = 0; i < 10; i++) {
		items[i].key = 9 - i;
		set_insert(&set, &items[i]);
	}
	set_for_each (row, after, &set) {
		if (row->key % 2)
			set_remove(&set, row);
	}
	CU_ASSERT_EQUAL(set_count(&set), 5);
	row = set_first(&set);
	for (uint32_t key = 0; key < 10; key += 2, row = set_next(&set, row))
		CU_ASSERT_EQUAL(row->key, key);
}

void
suite_set(void)
{
	CU_pSuite suite = CU_add_suite("set", NULL, NULL);

	CU_ADD_TEST(suite, set_equals_sorted_array);
	CU_ADD_TEST(suite, rows_may_go_while_walking);
}
