/*
 * ifStackTable (IF-MIB, RFC 2863): which interface runs on top of which. What the mirror
 * makes of the kernel's master and lower links is in mirror/stack.h; a veth is not on top
 * of its peer, and the index of another namespace is none of ours.
 */
#include "edits.h"

static const struct set *
rows(const struct query *query)
{
	return &mirror_of(query)->stack;
}

static bool
member(const void *row)
{
	return ((const struct stack *)row)->visible;
}

static const struct column columns[] = {
	{ 3, "ifStackStatus", SYNTAX_INTEGER, READ_CREATE, .get = get_row_active,
		.set = set_row_status },
};

static const struct index_part by_higher_lower[] = {
	{ INDEX_INTEGER, offsetof(struct stack, higher) },
	{ INDEX_INTEGER, offsetof(struct stack, lower) },
};

const struct table ifStackTable_table = {
	.name = "ifStackTable",
	.root = OID(1, 3, 6, 1, 2, 1, 31, 1, 2),
	.entry = OID(1, 3, 6, 1, 2, 1, 31, 1, 2, 1),
	.rows = rows,
	.prepare = stack_prepare,
	.member = member,
	INDEX(by_higher_lower),
	COLUMNS(columns),
	.edits = &stack_edits,
	.make = make_ifStack,
};
