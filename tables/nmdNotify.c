/*
 * nmdNotify and nmdNotifyTable (NETMIBD-MIB): which notifications are sent, and how many
 * were.
 */
#include "edits.h"
#include "notices.h"

/* BITS: bit 0 is the highest of the first octet (RFC 3417 section 8). */
static bool
get_nmdNotifyEnable(const struct query *query, const void *row, struct value *value)
{
	uint32_t enabled = ((const struct mirror *)row)->told.enabled;

	(void)query;
	value->scratch[0] = value->scratch[1] = 0;
	for (unsigned int type = 0; type < N_NOTICE_TYPES; type++) {
		if (enabled & 1u << type)
			value->scratch[type / 8] |= (uint8_t)(0x80 >> type % 8);
	}
	value_set_octets(value, value->scratch, 2);
	return true;
}

static const struct column scalars[] = {
	{ 1, "nmdNotifyEnable", SYNTAX_OCTETS, READ_WRITE, .get = get_nmdNotifyEnable,
		.set = set_nmdNotifyEnable },
	{ 3, "nmdEventLosses", SYNTAX_COUNTER32, READ_ONLY, FIELD(mirror, told.losses) },
	{ 4, "nmdResyncs", SYNTAX_COUNTER32, READ_ONLY, FIELD(mirror, told.resyncs) },
};

const struct table nmdNotify_table = {
	.name = "nmdNotify",
	.root = OID(1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 1, 5),
	.by_column = true,
	.entry = OID(1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 1, 5),
	COLUMNS(scalars),
	.edits = &notify_edits,
};

static const struct set *
type_rows(const struct query *query)
{
	return &mirror_of(query)->told.types;
}

static bool
get_nmdNotifySent(const struct query *query, const void *row, struct value *value)
{
	uint32_t number = ((const struct told_type *)row)->number;

	value->number = (uint32_t)notices_counts(mirror_of(query))->sent[number - 1];
	return true;
}

static bool
get_nmdNotifyHeld(const struct query *query, const void *row, struct value *value)
{
	uint32_t number = ((const struct told_type *)row)->number;

	value->number = (uint32_t)notices_counts(mirror_of(query))->held[number - 1];
	return true;
}

static const struct column columns[] = {
	{ 2, "nmdNotifySent", SYNTAX_COUNTER32, READ_ONLY, .get = get_nmdNotifySent },
	{ 3, "nmdNotifyHeld", SYNTAX_COUNTER32, READ_ONLY, .get = get_nmdNotifyHeld },
};

static const struct index_part by_type[] = {
	{ INDEX_INTEGER, offsetof(struct told_type, number) },
};

const struct table nmdNotifyTable_table = {
	.name = "nmdNotifyTable",
	.root = OID(1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 1, 5, 2),
	.entry = OID(1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 1, 5, 2, 1),
	.rows = type_rows,
	INDEX(by_type),
	COLUMNS(columns),
};
