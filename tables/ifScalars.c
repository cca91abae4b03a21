/*
 * The scalars of IF-MIB (RFC 2863): ifNumber, ifTableLastChange, ifStackLastChange. Each
 * is a table of its own, since each is registered at its own OID.
 *
 * A LastChange is zero until something changes after the first dump: what was there
 * before us is not a change.
 */
#include "tables.h"

static bool
get_ifNumber(const struct query *query, const void *row, struct value *value)
{
	const struct mirror *mirror = row;

	(void)query;
	value->number = set_count(&mirror->links);
	return true;
}

static bool
get_ifTableLastChange(const struct query *query, const void *row, struct value *value)
{
	const struct mirror *mirror = row;

	value->number = query_timestamp(query, mirror->links_changed);
	return true;
}

static bool
get_ifStackLastChange(const struct query *query, const void *row, struct value *value)
{
	const struct mirror *mirror = row;

	stack_prepare(query);
	value->number = query_timestamp(query, mirror->stack_changed);
	return true;
}

static const struct column interfaces[] = {
	{ 1, "ifNumber", SYNTAX_INTEGER, READ_ONLY, .get = get_ifNumber },
};

const struct table ifNumber_table = {
	.name = "ifNumber",
	.root = OID(1, 3, 6, 1, 2, 1, 2, 1),
	.entry = OID(1, 3, 6, 1, 2, 1, 2),
	COLUMNS(interfaces),
};

static const struct column table_last_change[] = {
	{ 5, "ifTableLastChange", SYNTAX_TIMETICKS, READ_ONLY,
		.get = get_ifTableLastChange },
};

const struct table ifTableLastChange_table = {
	.name = "ifTableLastChange",
	.root = OID(1, 3, 6, 1, 2, 1, 31, 1, 5),
	.entry = OID(1, 3, 6, 1, 2, 1, 31, 1),
	COLUMNS(table_last_change),
};

static const struct column stack_last_change[] = {
	{ 6, "ifStackLastChange", SYNTAX_TIMETICKS, READ_ONLY,
		.get = get_ifStackLastChange },
};

const struct table ifStackLastChange_table = {
	.name = "ifStackLastChange",
	.root = OID(1, 3, 6, 1, 2, 1, 31, 1, 6),
	.entry = OID(1, 3, 6, 1, 2, 1, 31, 1),
	COLUMNS(stack_last_change),
};
