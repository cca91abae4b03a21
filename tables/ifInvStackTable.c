/*
 * ifInvStackTable (IF-INVERTED-STACK-MIB, RFC 2864): the rows of ifStackTable by lower
 * interface first. The same rows in the mirror's other order.
 */
#include "tables.h"

static const struct set *
rows(const struct query *query)
{
	return &mirror_of(query)->inverted;
}

static bool
member(const void *row)
{
	return ((const struct stack *)row)->visible;
}

static const struct column columns[] = {
	{ 1, "ifInvStackStatus", SYNTAX_INTEGER, READ_ONLY, .get = get_row_active },
};

static const struct index_part by_lower_higher[] = {
	{ INDEX_INTEGER, offsetof(struct stack, lower) },
	{ INDEX_INTEGER, offsetof(struct stack, higher) },
};

const struct table ifInvStackTable_table = {
	.name = "ifInvStackTable",
	.root = OID(1, 3, 6, 1, 2, 1, 77, 1, 1),
	.entry = OID(1, 3, 6, 1, 2, 1, 77, 1, 1, 1),
	.rows = rows,
	.prepare = stack_prepare,
	.member = member,
	INDEX(by_lower_higher),
	COLUMNS(columns),
};
