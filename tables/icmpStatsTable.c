/*
 * icmpStatsTable (IP-MIB, RFC 4293): ICMP messages in all, a row for each IP version.
 */
#include "tables.h"

static const struct set *
rows(const struct query *query)
{
	return &mirror_of(query)->ip.stats;
}

#define COUNTER(id, name, member)                                                        \
	{                                                                                \
		id, name, SYNTAX_COUNTER32, READ_ONLY, FIELD(ipstats, icmp.member)       \
	}

static const struct column columns[] = {
	COUNTER(2, "icmpStatsInMsgs", in_msgs),
	COUNTER(3, "icmpStatsInErrors", in_errors),
	COUNTER(4, "icmpStatsOutMsgs", out_msgs),
	COUNTER(5, "icmpStatsOutErrors", out_errors),
};

static const struct index_part by_version[] = {
	{ INDEX_SMALL, offsetof(struct ipstats, version) },
};

const struct table icmpStatsTable_table = {
	.name = "icmpStatsTable",
	.root = OID(1, 3, 6, 1, 2, 1, 5, 29),
	.entry = OID(1, 3, 6, 1, 2, 1, 5, 29, 1),
	.rows = rows,
	.prepare = ip_counters_prepare,
	INDEX(by_version),
	COLUMNS(columns),
};
