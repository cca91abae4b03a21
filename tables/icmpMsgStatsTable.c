/*
 * icmpMsgStatsTable (IP-MIB, RFC 4293): ICMP messages by type. "A row ... MAY be
 * instantiated before but MUST be instantiated after the first message with a particular
 * type": rows are the types that have been seen, in one direction at least.
 */
#include "tables.h"

static const struct set *
rows(const struct query *query)
{
	return &mirror_of(query)->ip.types;
}

static const struct column columns[] = {
	{ 3, "icmpMsgStatsInPkts", SYNTAX_COUNTER32, READ_ONLY, FIELD(icmp_type, in) },
	{ 4, "icmpMsgStatsOutPkts", SYNTAX_COUNTER32, READ_ONLY, FIELD(icmp_type, out) },
};

static const struct index_part by_version_type[] = {
	{ INDEX_SMALL, offsetof(struct icmp_type, version) },
	{ INDEX_SMALL, offsetof(struct icmp_type, type) },
};

const struct table icmpMsgStatsTable_table = {
	.name = "icmpMsgStatsTable",
	.root = OID(1, 3, 6, 1, 2, 1, 5, 30),
	.entry = OID(1, 3, 6, 1, 2, 1, 5, 30, 1),
	.rows = rows,
	.prepare = ip_counters_prepare,
	INDEX(by_version_type),
	COLUMNS(columns),
};
