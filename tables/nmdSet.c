/*
 * nmdSet (NETMIBD-MIB): what has become of SETs, and why the last one has failed.
 */
#include "tables.h"

enum nmd_set_mode {
	SET_MODE_OFF = 1,
	SET_MODE_DRY_RUN = 2,
	SET_MODE_ON = 3,
};

static bool
get_nmdSetMode(const struct query *query, const void *row, struct value *value)
{
	const struct mirror *mirror = row;
	const struct source *source = mirror->source;

	(void)query;
	value->number = !source || !source->may_write(source->arg) ? SET_MODE_OFF
			: mirror->options->write == WRITE_DRY_RUN  ? SET_MODE_DRY_RUN
								   : SET_MODE_ON;
	return true;
}

static bool
get_nmdSetLastErrorText(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value_set_display(value, ((const struct mirror *)row)->writes.failure.text, 255);
	return true;
}

static bool
get_nmdSetLastErrorTime(const struct query *query, const void *row, struct value *value)
{
	value->number =
		query_timestamp(query, ((const struct mirror *)row)->writes.failure.when);
	return true;
}

static const struct column columns[] = {
	{ 1, "nmdSetMode", SYNTAX_INTEGER, READ_ONLY, .get = get_nmdSetMode },
	{ 2, "nmdSetTransactions", SYNTAX_COUNTER32, READ_ONLY,
		FIELD(mirror, writes.done) },
	{ 3, "nmdSetFailures", SYNTAX_COUNTER32, READ_ONLY,
		FIELD(mirror, writes.failed) },
	{ 4, "nmdSetUndone", SYNTAX_COUNTER32, READ_ONLY, FIELD(mirror, writes.undone) },
	{ 5, "nmdSetLastNumber", SYNTAX_GAUGE32, READ_ONLY, FIELD(mirror, writes.last) },
	{ 6, "nmdSetLastErrorNumber", SYNTAX_GAUGE32, READ_ONLY,
		FIELD(mirror, writes.failure.number) },
	{ 7, "nmdSetLastErrorStatus", SYNTAX_INTEGER, READ_ONLY,
		FIELD(mirror, writes.failure.status) },
	{ 8, "nmdSetLastErrorIndex", SYNTAX_GAUGE32, READ_ONLY,
		FIELD(mirror, writes.failure.index) },
	{ 9, "nmdSetLastErrorText", SYNTAX_OCTETS, READ_ONLY,
		.get = get_nmdSetLastErrorText },
	{ 10, "nmdSetLastErrorTime", SYNTAX_TIMETICKS, READ_ONLY,
		.get = get_nmdSetLastErrorTime },
};

const struct table nmdSet_table = {
	.name = "nmdSet",
	.root = OID(1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 1, 1),
	.by_column = true,
	.entry = OID(1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 1, 1),
	COLUMNS(columns),
};
