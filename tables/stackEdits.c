/*
 * SET of ifStackTable: an interface becomes a port of a bridge, bond, team or vrf, or is
 * released. What runs on another interface (vlan, macvlan ...) was made so.
 */
#include "edits.h"

#define ETHERNET_MTU 1500 /* of a bridge without ports */

#include <stdio.h>
#include <string.h>

struct stack_copy {
	uint32_t higher, lower;
};

static void
copy(const struct query *query, const void *row, void *to)
{
	const struct stack *stack = row;

	(void)query;
	*(struct stack_copy *)to = (struct stack_copy){ stack->higher, stack->lower };
}

static bool
same(const void *a, const void *b)
{
	const struct stack_copy *x = a, *y = b;

	return x->higher == y->higher && x->lower == y->lower;
}

bool
make_ifStack(const struct query *query, const uint32_t *index, size_t len, void *to)
{
	struct stack_copy *made = to;

	(void)query;
	return index_take(&index, &len, &made->higher) &&
	       index_take(&index, &len, &made->lower) && !len && made->higher &&
	       made->higher <= INT32_MAX && made->lower && made->lower <= INT32_MAX;
}

/* Can it have ports? */
static bool
is_master(const struct link *link)
{
	static const char *const kinds[] = { "bridge", "bond", "team", "vrf" };

	for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
		if (strcmp(link->info.kind, kinds[i]) == 0)
			return true;
	}
	return false;
}

/* The MTU of a bridge follows those of its ports. */
static const char *
why_not(const struct mirror *mirror, const struct link *lower, const struct link *higher,
	bool joins)
{
	bool other = lower->info.mtu != higher->info.mtu ||
		     (!joins && lower->info.mtu < ETHERNET_MTU);

	if (options_protects(mirror->options, lower->info.name))
		return "the interface is protected";
	if (strcmp(higher->info.kind, "bridge") != 0)
		return NULL;
	if (other && options_protects(mirror->options, higher->info.name))
		return "the bridge is protected, and would get another MTU";
	if (joins && lower->info.mtu < IPV6_MIN_MTU &&
		ipif_find(mirror, IP_V6, higher->info.ifindex))
		return "the bridge would lose IPv6 with the MTU of that port";
	return NULL;
}

/* Another edit of the PDU, of @lower as a port, that has that fate; of all masters if
 * @higher is 0. NULL: there is none. */
static const struct edit *
other_edit(const struct edit *edit, enum fate fate, uint32_t higher, uint32_t lower)
{
	const struct edit *at = edit->of->edits;

	for (; at; at = at->next) {
		const struct stack_copy *copy = at->before;

		if (at != edit && at->kind == &stack_edits && at->fate == fate &&
			copy->lower == lower && (!higher || copy->higher == higher))
			break;
	}
	return at;
}

/* Will @lower have no master but that which @edit gives it? */
static bool
is_free(const struct edit *edit, const struct link *lower)
{
	uint32_t ifindex = lower->info.ifindex, master = lower->info.master;

	return (!master || other_edit(edit, FATE_DESTROY, master, ifindex)) &&
	       !other_edit(edit, FATE_CREATE, 0, ifindex);
}

static enum set_status
check(const struct query *query, struct edit *edit)
{
	const struct stack_copy *copy = edit->before;
	const struct mirror *mirror = mirror_of(query);
	const struct link *lower = mirror_link(mirror, copy->lower);
	const struct link *higher = mirror_link(mirror, copy->higher);
	const char *why;

	if (edit->fate == FATE_NONE)
		return SET_OK;
	if (!edit->exists && (!lower || !higher || lower == higher)) {
		edit->blame = edit->first;
		return SET_INCONSISTENT_NAME;
	}
	if (!lower || !higher)
		return SET_INCONSISTENT_VALUE;
	why = why_not(mirror, lower, higher, edit->fate == FATE_CREATE);
	if (why)
		return edit_refuse(edit, SET_INCONSISTENT_VALUE, why);
	if (edit->fate == FATE_DESTROY)
		return lower->info.master == copy->higher ? SET_OK
							  : SET_INCONSISTENT_VALUE;
	return is_master(higher) && is_free(edit, lower) ? SET_OK
							 : SET_INCONSISTENT_VALUE;
}

static int
rank(const struct edit *edit)
{
	return edit->fate == FATE_DESTROY ? RANK_LEAVE : RANK_ENSLAVE;
}

static int
apply(const struct query *query, struct edit *edit)
{
	const struct stack_copy *copy = edit->before;
	bool joins = edit->fate == FATE_CREATE;
	struct wish wish = { .what = WISH_LINK_MASTER,
		.ifindex = copy->lower,
		.number = joins ? copy->higher : 0 };
	char instance[16], master[16];
	struct deed_name name = { "the master of ifIndex", instance,
		joins ? "none" : master, joins ? master : "none" };

	if (edit->fate == FATE_NONE)
		return 0;
	snprintf(instance, sizeof(instance), "%u", copy->lower);
	snprintf(master, sizeof(master), "%u", copy->higher);
	return edit_fulfil(query, edit, 0, &wish, &name);
}

const struct edit_kind stack_edits = {
	.size = sizeof(struct stack_copy),
	.copy = copy,
	.same = same,
	.check = check,
	.rank = rank,
	.apply = apply,
	.undo = edit_undo,
	.settle = edit_settle,
	.keep = edit_keep,
};
