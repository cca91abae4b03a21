/*
 * nmdStatus (NETMIBD-MIB): the agent itself, and how much it has seen and done.
 */
#include "notices.h"

#include "../agent/base/clock.h"

enum nmd_status_mode {
	MODE_SUBAGENT = 1,
	MODE_STANDALONE = 2,
};

static bool
get_nmdStatusVersion(const struct query *query, const void *row, struct value *value)
{
	const char *version = ((const struct mirror *)row)->status.version;

	(void)query;
	value_set_display(value, version ? version : "", 255);
	return true;
}

static bool
get_nmdStatusMode(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value->number = ((const struct mirror *)row)->status.standalone ? MODE_STANDALONE
									: MODE_SUBAGENT;
	return true;
}

/* TimeTicks begin again after 497 days. */
static bool
get_nmdStatusUpTime(const struct query *query, const void *row, struct value *value)
{
	uint64_t started = ((const struct mirror *)row)->status.started;

	value->number = (uint32_t)((query->now - started) / NS_PER_CS);
	return true;
}

static bool
get_nmdStatusLastResync(const struct query *query, const void *row, struct value *value)
{
	value->number =
		query_timestamp(query, ((const struct mirror *)row)->told.resynced_at);
	return true;
}

static uint32_t
sum(const uint64_t *counts)
{
	uint64_t all = 0;

	for (unsigned int type = 0; type < N_NOTICE_TYPES; type++)
		all += counts[type];
	return (uint32_t)all;
}

static bool
get_nmdStatusNotifySent(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value->number = sum(notices_counts(row)->sent);
	return true;
}

static bool
get_nmdStatusNotifyHeld(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value->number = sum(notices_counts(row)->held);
	return true;
}

static bool
get_nmdStatusSessionTime(const struct query *query, const void *row, struct value *value)
{
	const struct status *status = &((const struct mirror *)row)->status;

	value->number =
		status->connected ? query_timestamp(query, status->connected_since) : 0;
	return true;
}

static const struct column columns[] = {
	{ 1, "nmdStatusVersion", SYNTAX_OCTETS, READ_ONLY, .get = get_nmdStatusVersion },
	{ 2, "nmdStatusMode", SYNTAX_INTEGER, READ_ONLY, .get = get_nmdStatusMode },
	{ 3, "nmdStatusUpTime", SYNTAX_TIMETICKS, READ_ONLY, .get = get_nmdStatusUpTime },
	{ 4, "nmdStatusLinks", SYNTAX_GAUGE32, READ_ONLY, FIELD(mirror, links.count) },
	{ 5, "nmdStatusAddresses", SYNTAX_GAUGE32, READ_ONLY,
		FIELD(mirror, addr_index.count) },
	{ 6, "nmdStatusNeighbors", SYNTAX_GAUGE32, READ_ONLY,
		FIELD(mirror, real_neighs) },
	{ 7, "nmdStatusRoutes", SYNTAX_GAUGE32, READ_ONLY, FIELD(mirror, routes.count) },
	{ 8, "nmdStatusEvents", SYNTAX_COUNTER64, READ_ONLY,
		FIELD(mirror, status.events) },
	{ 9, "nmdStatusLastResync", SYNTAX_TIMETICKS, READ_ONLY,
		.get = get_nmdStatusLastResync },
	{ 10, "nmdStatusRequests", SYNTAX_COUNTER64, READ_ONLY,
		FIELD(mirror, status.requests) },
	{ 11, "nmdStatusNotifySent", SYNTAX_COUNTER32, READ_ONLY,
		.get = get_nmdStatusNotifySent },
	{ 12, "nmdStatusNotifyHeld", SYNTAX_COUNTER32, READ_ONLY,
		.get = get_nmdStatusNotifyHeld },
	{ 13, "nmdStatusSessions", SYNTAX_COUNTER32, READ_ONLY,
		FIELD(mirror, status.sessions) },
	{ 14, "nmdStatusSessionTime", SYNTAX_TIMETICKS, READ_ONLY,
		.get = get_nmdStatusSessionTime },
};

const struct table nmdStatus_table = {
	.name = "nmdStatus",
	.root = OID(1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 1, 7),
	.by_column = true,
	.entry = OID(1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 1, 7),
	COLUMNS(columns),
};
