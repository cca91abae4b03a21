/*
 * Stacking: small cases by hand, then random links against a model that is recomputed
 * from nothing after each change.
 */
#include "unit.h"

#include "../../agent/base/clock.h"

#include <stdio.h>
#include <string.h>

#define N 12

static bool
has(const struct mirror *mirror, uint32_t higher, uint32_t lower)
{
	struct stack key = { .higher = higher, .lower = lower };
	const struct stack *row = set_find(&mirror->stack, &key);

	return row && row->visible;
}

static size_t
visible(const struct set *set)
{
	const struct stack *row = set_first(set);
	size_t n = 0;

	for (; row; row = set_next(set, row))
		n += row->visible;
	return n;
}

static void
put(struct mirror *mirror, uint32_t ifindex, uint32_t master, uint32_t lower)
{
	struct link_info info = plain_link(ifindex, "x");

	info.master = master;
	info.lower = lower;
	mirror_put_link(mirror, &info, FROM_EVENT);
}

static void
a_bridge_its_port_and_a_vlan(void)
{
	struct mirror *mirror = mirror_new(&unit_options);

	clock_freeze(100);
	mirror->sweeps[KIND_LINK].complete = true;
	put(mirror, 1, 0, 0);
	CU_ASSERT_TRUE(has(mirror, 0, 1) && has(mirror, 1, 0));
	CU_ASSERT_EQUAL(mirror->stack_changed, 100);
	/* a port that is heard of before its bridge */
	put(mirror, 2, 3, 0);
	CU_ASSERT_TRUE(has(mirror, 0, 2) && has(mirror, 2, 0) && !has(mirror, 3, 2));
	clock_freeze(200);
	put(mirror, 3, 0, 0);
	CU_ASSERT_TRUE(has(mirror, 3, 2) && has(mirror, 0, 3) && has(mirror, 2, 0));
	CU_ASSERT_TRUE(!has(mirror, 0, 2) && !has(mirror, 3, 0));
	CU_ASSERT_EQUAL(mirror->stack_changed, 200);
	put(mirror, 4, 0, 2); /* a vlan on the port */
	CU_ASSERT_TRUE(has(mirror, 4, 2) && has(mirror, 3, 2) && !has(mirror, 4, 0));
	clock_freeze(300);
	put(mirror, 2, 3, 0); /* the same again: nothing changes */
	CU_ASSERT_EQUAL(mirror->stack_changed, 200);
	mirror_drop_link(mirror, 2);
	CU_ASSERT_TRUE(has(mirror, 3, 0) && has(mirror, 4, 0));
	CU_ASSERT_TRUE(!has(mirror, 3, 2) && !has(mirror, 4, 2) && !has(mirror, 0, 2));
	CU_ASSERT_EQUAL(mirror->stack_changed, 300);
	mirror_free(mirror);
	clock_freeze(0);
}

static unsigned int changes, oper_changes;

static void
count_oper(const struct change *change, void *arg)
{
	(void)arg;
	changes++;
	if (change->old && change->new && change->fields &LINK_OPER)
		oper_changes++;
}

/* lowerLayerDown needs a lower layer: it follows the stack, and its watchers hear of it.
 */
static void
state_follows_the_stack(void)
{
	struct mirror *mirror = mirror_new(&unit_options);
	struct link_info bond = plain_link(5, "bond");

	mirror->sweeps[KIND_LINK].complete = true;
	mirror_watch(mirror, count_oper, NULL);
	oper_changes = 0;
	bond.operstate = OPERSTATE_LOWERLAYERDOWN;
	mirror_put_link(mirror, &bond, FROM_EVENT);
	CU_ASSERT_EQUAL(mirror_link(mirror, 5)->oper, LINK_OPER_DOWN);
	put(mirror, 6, 5, 0);
	CU_ASSERT_EQUAL(mirror_link(mirror, 5)->oper, LINK_OPER_LOWERDOWN);
	CU_ASSERT_EQUAL(oper_changes, 1);
	mirror_drop_link(mirror, 6);
	CU_ASSERT_EQUAL(mirror_link(mirror, 5)->oper, LINK_OPER_DOWN);
	CU_ASSERT_EQUAL(oper_changes, 2);
	/* One that is born with a lower layer is told of once, in its final state. */
	changes = oper_changes = 0;
	bond.ifindex = 7;
	bond.lower = 5;
	mirror_put_link(mirror, &bond, FROM_EVENT);
	CU_ASSERT_EQUAL(mirror_link(mirror, 7)->oper, LINK_OPER_LOWERDOWN);
	CU_ASSERT_EQUAL(changes, 1);
	mirror_drop_link(mirror, 7);
	CU_ASSERT_EQUAL(changes, 2);
	CU_ASSERT_EQUAL(oper_changes, 0);
	mirror_free(mirror);
}

struct model {
	bool present[N + 1];
	uint32_t master[N + 1], lower[N + 1];
};

static bool
on_top(const struct model *model, uint32_t higher, uint32_t lower)
{
	return model->present[higher] && model->present[lower] && higher != lower &&
	       (model->master[lower] == higher || model->lower[higher] == lower);
}

static size_t
check_row(const struct mirror *mirror, const struct model *model, uint32_t higher)
{
	bool above = false, below = false;
	size_t rows = 0;

	for (uint32_t other = 1; other <= N; other++) {
		bool want = on_top(model, higher, other);

		CU_ASSERT_EQUAL(has(mirror, higher, other), want);
		rows += want;
		below = below || want;
		above = above || on_top(model, other, higher);
	}
	CU_ASSERT_EQUAL(has(mirror, higher, 0), model->present[higher] && !below);
	CU_ASSERT_EQUAL(has(mirror, 0, higher), model->present[higher] && !above);
	if (!model->present[higher])
		return rows;
	CU_ASSERT_EQUAL(mirror_link(mirror, higher)->n_lower > 0, below);
	CU_ASSERT_EQUAL(mirror_link(mirror, higher)->n_higher > 0, above);
	return rows + !below + !above;
}

static void
random_stacks_equal_the_model(void)
{
	struct mirror *mirror = mirror_new(&unit_options);
	struct model model;

	memset(&model, 0, sizeof(model));
	mirror->sweeps[KIND_LINK].complete = true;
	for (int step = 0; step < 3000; step++) {
		uint32_t i = 1 + pick(N);
		size_t rows = 0;

		if (model.present[i] && pick(3) == 0) {
			mirror_drop_link(mirror, i);
			model.present[i] = false;
			model.master[i] = model.lower[i] = 0;
		} else {
			model.present[i] = true;
			model.master[i] = pick(2) ? 0 : 1 + pick(N);
			model.lower[i] = pick(2) ? 0 : 1 + pick(N);
			put(mirror, i, model.master[i], model.lower[i]);
		}
		for (uint32_t higher = 1; higher <= N; higher++)
			rows += check_row(mirror, &model, higher);
		CU_ASSERT_EQUAL(visible(&mirror->stack), rows);
		CU_ASSERT_EQUAL(visible(&mirror->inverted), rows);
	}
	mirror_free(mirror);
}

void
suite_stack(void)
{
	CU_pSuite suite = CU_add_suite("stack", NULL, NULL);

	CU_ADD_TEST(suite, a_bridge_its_port_and_a_vlan);
	CU_ADD_TEST(suite, state_follows_the_stack);
	CU_ADD_TEST(suite, random_stacks_equal_the_model);
}
