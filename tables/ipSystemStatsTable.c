/*
 * ipSystemStatsTable (IP-MIB, RFC 4293): the node's IP counters, a row for each version.
 * The Counter32 and the Counter64 of a pair are one field, so they cannot disagree. A
 * column that Linux does not count for a version is not in its row: the broadcasts of
 * IPv6, which has none.
 */
#include "tables.h"

static const struct set *
rows(const struct query *query)
{
	return &mirror_of(query)->ip.stats;
}

static bool
member(const void *row)
{
	return ((const struct ipstats *)row)->known;
}

static bool
get_ipSystemStatsDiscontinuityTime(
	const struct query *query, const void *row, struct value *value)
{
	value->number =
		query_timestamp(query, ((const struct ipstats *)row)->discontinuity);
	return true;
}

static bool
get_ipSystemStatsRefreshRate(
	const struct query *query, const void *row, struct value *value)
{
	(void)row;
	/* "The minimum reasonable polling interval for this entry", in ms: a younger
	 * reading is answered again. */
	value->number = mirror_of(query)->options->counter_max_age_ms;
	return true;
}

#define COUNTER(bits, id, name, member)                                                  \
	{                                                                                \
		id, "ipSystemStats" name, SYNTAX_COUNTER##bits, READ_ONLY,               \
			FIELD(ipstats, ip.member)                                        \
	}

static const struct column columns[] = {
	COUNTER(32, 3, "InReceives", in_receives),
	COUNTER(64, 4, "HCInReceives", in_receives),
	COUNTER(32, 5, "InOctets", in_octets),
	COUNTER(64, 6, "HCInOctets", in_octets),
	COUNTER(32, 7, "InHdrErrors", in_hdr_errors),
	COUNTER(32, 8, "InNoRoutes", in_no_routes),
	COUNTER(32, 9, "InAddrErrors", in_addr_errors),
	COUNTER(32, 10, "InUnknownProtos", in_unknown_protos),
	COUNTER(32, 11, "InTruncatedPkts", in_truncated_pkts),
	COUNTER(32, 12, "InForwDatagrams", in_forw_datagrams),
	COUNTER(64, 13, "HCInForwDatagrams", in_forw_datagrams),
	COUNTER(32, 14, "ReasmReqds", reasm_reqds),
	COUNTER(32, 15, "ReasmOKs", reasm_oks),
	COUNTER(32, 16, "ReasmFails", reasm_fails),
	COUNTER(32, 17, "InDiscards", in_discards),
	COUNTER(32, 18, "InDelivers", in_delivers),
	COUNTER(64, 19, "HCInDelivers", in_delivers),
	COUNTER(32, 20, "OutRequests", out_requests),
	COUNTER(64, 21, "HCOutRequests", out_requests),
	COUNTER(32, 22, "OutNoRoutes", out_no_routes),
	COUNTER(32, 23, "OutForwDatagrams", out_forw_datagrams),
	COUNTER(64, 24, "HCOutForwDatagrams", out_forw_datagrams),
	COUNTER(32, 25, "OutDiscards", out_discards),
	COUNTER(32, 26, "OutFragReqds", frag_reqds),
	COUNTER(32, 27, "OutFragOKs", frag_oks),
	COUNTER(32, 28, "OutFragFails", frag_fails),
	COUNTER(32, 29, "OutFragCreates", frag_creates),
	COUNTER(32, 30, "OutTransmits", out_transmits),
	COUNTER(64, 31, "HCOutTransmits", out_transmits),
	COUNTER(32, 32, "OutOctets", out_octets),
	COUNTER(64, 33, "HCOutOctets", out_octets),
	COUNTER(32, 34, "InMcastPkts", in_mcast_pkts),
	COUNTER(64, 35, "HCInMcastPkts", in_mcast_pkts),
	COUNTER(32, 36, "InMcastOctets", in_mcast_octets),
	COUNTER(64, 37, "HCInMcastOctets", in_mcast_octets),
	COUNTER(32, 38, "OutMcastPkts", out_mcast_pkts),
	COUNTER(64, 39, "HCOutMcastPkts", out_mcast_pkts),
	COUNTER(32, 40, "OutMcastOctets", out_mcast_octets),
	COUNTER(64, 41, "HCOutMcastOctets", out_mcast_octets),
	COUNTER(32, 42, "InBcastPkts", in_bcast_pkts),
	COUNTER(64, 43, "HCInBcastPkts", in_bcast_pkts),
	COUNTER(32, 44, "OutBcastPkts", out_bcast_pkts),
	COUNTER(64, 45, "HCOutBcastPkts", out_bcast_pkts),
	{ 46, "ipSystemStatsDiscontinuityTime", SYNTAX_TIMETICKS, READ_ONLY,
		.get = get_ipSystemStatsDiscontinuityTime },
	{ 47, "ipSystemStatsRefreshRate", SYNTAX_GAUGE32, READ_ONLY,
		.get = get_ipSystemStatsRefreshRate },
};

static const struct index_part by_version[] = {
	{ INDEX_SMALL, offsetof(struct ipstats, version) },
};

const struct table ipSystemStatsTable_table = {
	.name = "ipSystemStatsTable",
	.root = OID(1, 3, 6, 1, 2, 1, 4, 31, 1),
	.entry = OID(1, 3, 6, 1, 2, 1, 4, 31, 1, 1),
	.rows = rows,
	.prepare = ip_counters_prepare,
	.member = member,
	INDEX(by_version),
	COLUMNS(columns),
};
