/*
 * ifXTable (IF-MIB, RFC 2863): more about the rows of ifTable, which it augments. The
 * Counter32 and the Counter64 of a pair come from one field, so they cannot disagree.
 */
#include "edits.h"

#define IF_ALIAS_MAX 64 /* SIZE (0..64); the kernel allows 255 */

static bool
get_ifName(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value_set_display(value, ((const struct link *)row)->info.name, 255);
	return true;
}

static bool
get_ifLinkUpDownTrapEnable(
	const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value->number = link_sends_traps(row) ? TRAPS_ENABLED : TRAPS_DISABLED;
	return true;
}

static bool
get_ifPromiscuousMode(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value->number =
		((const struct link *)row)->info.promiscuity ? TRUTH_TRUE : TRUTH_FALSE;
	return true;
}

static bool
get_ifConnectorPresent(const struct query *query, const void *row, struct value *value)
{
	const struct link_info *info = &((const struct link *)row)->info;
	bool radio = strcmp(info->devtype, "wlan") == 0 ||
		     strcmp(info->devtype, "wwan") == 0 ||
		     strcmp(info->devtype, "wpan") == 0 ||
		     strcmp(info->devtype, "bluetooth") == 0 ||
		     strcmp(info->kind, "wwan") == 0;

	(void)query;
	/* A device on a bus has a connector; a radio, a purely virtual one and one that
	 * runs on another have none. */
	value->number =
		info->parent[0] && !info->lower && !radio ? TRUTH_TRUE : TRUTH_FALSE;
	return true;
}

static bool
get_ifAlias(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value_set_display(value, ((const struct link *)row)->info.alias, IF_ALIAS_MAX);
	return true;
}

static bool
get_ifCounterDiscontinuityTime(
	const struct query *query, const void *row, struct value *value)
{
	value->number = query_timestamp(query, ((const struct link *)row)->discontinuity);
	return true;
}

#define COUNTER(bits, id, name, member)                                                  \
	{                                                                                \
		id, name, SYNTAX_COUNTER##bits, READ_ONLY, FIELD(link, counters.member), \
			.needs = NEED_COUNTERS                                           \
	}

static const struct column columns[] = {
	{ 1, "ifName", SYNTAX_OCTETS, READ_ONLY, .get = get_ifName },
	COUNTER(32, 2, "ifInMulticastPkts", in_multicast),
	COUNTER(32, 3, "ifInBroadcastPkts", in_broadcast),
	COUNTER(32, 4, "ifOutMulticastPkts", out_multicast),
	COUNTER(32, 5, "ifOutBroadcastPkts", out_broadcast),
	COUNTER(64, 6, "ifHCInOctets", in_octets),
	COUNTER(64, 7, "ifHCInUcastPkts", in_unicast),
	COUNTER(64, 8, "ifHCInMulticastPkts", in_multicast),
	COUNTER(64, 9, "ifHCInBroadcastPkts", in_broadcast),
	COUNTER(64, 10, "ifHCOutOctets", out_octets),
	COUNTER(64, 11, "ifHCOutUcastPkts", out_unicast),
	COUNTER(64, 12, "ifHCOutMulticastPkts", out_multicast),
	COUNTER(64, 13, "ifHCOutBroadcastPkts", out_broadcast),
	{ 14, "ifLinkUpDownTrapEnable", SYNTAX_INTEGER, READ_WRITE,
		.get = get_ifLinkUpDownTrapEnable, .set = set_ifLinkUpDownTrapEnable },
	{ 15, "ifHighSpeed", SYNTAX_GAUGE32, READ_ONLY, FIELD(link, speed),
		.needs = NEED_SPEED },
	{ 16, "ifPromiscuousMode", SYNTAX_INTEGER, READ_WRITE,
		.get = get_ifPromiscuousMode, .set = set_ifPromiscuousMode },
	{ 17, "ifConnectorPresent", SYNTAX_INTEGER, READ_ONLY,
		.get = get_ifConnectorPresent },
	{ 18, "ifAlias", SYNTAX_OCTETS, READ_WRITE, .get = get_ifAlias,
		.needs = NEED_ALIAS, .set = set_ifAlias, .high = IF_ALIAS_MAX },
	{ 19, "ifCounterDiscontinuityTime", SYNTAX_TIMETICKS, READ_ONLY,
		.get = get_ifCounterDiscontinuityTime, .needs = NEED_COUNTERS },
};

static const struct index_part by_ifIndex[] = {
	{ INDEX_INTEGER, offsetof(struct link, info.ifindex) },
};

const struct table ifXTable_table = {
	.name = "ifXTable",
	.root = OID(1, 3, 6, 1, 2, 1, 31, 1, 1),
	.entry = OID(1, 3, 6, 1, 2, 1, 31, 1, 1, 1),
	.rows = link_rows,
	.refresh = link_refresh,
	INDEX(by_ifIndex),
	COLUMNS(columns),
	.edits = &link_edits,
};
