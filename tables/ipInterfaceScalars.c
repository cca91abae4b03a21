/*
 * The LastChange scalars of IP-MIB (RFC 4293) for the tables of IP interfaces. Each is a
 * table of its own, since each is registered at its own OID. Zero until something changes
 * after the first dump.
 *
 * What changes without an event (is IPv6 switched on, the times of neighbour discovery)
 * is looked for when somebody asks, in all rows at once, at most once within the
 * counters' greatest age: the time of such a change is when it was found.
 */
#include "tables.h"

static void
refresh(const struct query *query, const void *row, uint32_t needs)
{
	const struct source *source = mirror_of(query)->source;

	(void)row;
	if (source)
		source->need(source->arg, 0, needs, query->now);
}

static bool
get_ipv4InterfaceTableLastChange(
	const struct query *query, const void *row, struct value *value)
{
	const struct mirror *mirror = row;

	/* "when a row is added or deleted, or when an ipv4InterfaceReasmMaxSize or an
	 * ipv4InterfaceEnableStatus object is modified": the last two never are. */
	value->number = query_timestamp(query, mirror->ipv4ifs_changed);
	return true;
}

static bool
get_ipv6InterfaceTableLastChange(
	const struct query *query, const void *row, struct value *value)
{
	const struct mirror *mirror = row;

	value->number =
		query_timestamp(query, mirror->ipv6ifs_changed > mirror->ipv6ifs_altered
					       ? mirror->ipv6ifs_changed
					       : mirror->ipv6ifs_altered);
	return true;
}

static bool
get_ipIfStatsTableLastChange(
	const struct query *query, const void *row, struct value *value)
{
	const struct mirror *mirror = row;

	value->number = query_timestamp(query, mirror->ipv6ifs_changed);
	return true;
}

static const struct column ipv4_last_change[] = {
	{ 27, "ipv4InterfaceTableLastChange", SYNTAX_TIMETICKS, READ_ONLY,
		.get = get_ipv4InterfaceTableLastChange, .needs = NEED_IPIF_ROWS },
};

const struct table ipv4InterfaceTableLastChange_table = {
	.name = "ipv4InterfaceTableLastChange",
	.root = OID(1, 3, 6, 1, 2, 1, 4, 27),
	.entry = OID(1, 3, 6, 1, 2, 1, 4),
	.refresh = refresh,
	COLUMNS(ipv4_last_change),
};

static const struct column ipv6_last_change[] = {
	{ 29, "ipv6InterfaceTableLastChange", SYNTAX_TIMETICKS, READ_ONLY,
		.get = get_ipv6InterfaceTableLastChange,
		.needs = NEED_IPIF_ROWS | NEED_IPIF_STATE | NEED_IPIF_NEIGH },
};

const struct table ipv6InterfaceTableLastChange_table = {
	.name = "ipv6InterfaceTableLastChange",
	.root = OID(1, 3, 6, 1, 2, 1, 4, 29),
	.entry = OID(1, 3, 6, 1, 2, 1, 4),
	.refresh = refresh,
	COLUMNS(ipv6_last_change),
};

static const struct column stats_last_change[] = {
	{ 2, "ipIfStatsTableLastChange", SYNTAX_TIMETICKS, READ_ONLY,
		.get = get_ipIfStatsTableLastChange, .needs = NEED_IPIF_ROWS },
};

const struct table ipIfStatsTableLastChange_table = {
	.name = "ipIfStatsTableLastChange",
	.root = OID(1, 3, 6, 1, 2, 1, 4, 31, 2),
	.entry = OID(1, 3, 6, 1, 2, 1, 4, 31),
	.refresh = refresh,
	COLUMNS(stats_last_change),
};
