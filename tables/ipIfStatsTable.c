/*
 * ipIfStatsTable (IP-MIB, RFC 4293): traffic statistics of IP interfaces. Linux keeps
 * them for IPv6 only, so all rows are of IPv6. Broadcasts, which IPv6 does not have, are
 * in no row. What is forwarded Linux counts on the interface where it goes out: of the
 * datagrams that come in to be forwarded each one is counted, too, but on that interface.
 *
 * The Counter32 and the Counter64 of a pair come from one field.
 */
#include "tables.h"

static bool
get_ipIfStatsDiscontinuityTime(
	const struct query *query, const void *row, struct value *value)
{
	value->number = query_timestamp(query, ((const struct ipif *)row)->discontinuity);
	return true;
}

static bool
get_ipIfStatsRefreshRate(const struct query *query, const void *row, struct value *value)
{
	(void)row;
	value->number = mirror_of(query)->options->counter_max_age_ms;
	return true;
}

#define COUNTER(bits, id, name, member)                                                  \
	{                                                                                \
		id, "ipIfStats" name, SYNTAX_COUNTER##bits, READ_ONLY,                   \
			FIELD(ipif, counters.member), .needs = NEED_IPIF_COUNTERS        \
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
	{ 46, "ipIfStatsDiscontinuityTime", SYNTAX_TIMETICKS, READ_ONLY,
		.get = get_ipIfStatsDiscontinuityTime, .needs = NEED_IPIF_COUNTERS },
	{ 47, "ipIfStatsRefreshRate", SYNTAX_GAUGE32, READ_ONLY,
		.get = get_ipIfStatsRefreshRate },
};

static const struct index_part by_version_ifIndex[] = {
	{ INDEX_SMALL, offsetof(struct ipif, version) },
	{ INDEX_INTEGER, offsetof(struct ipif, ifindex) },
};

const struct table ipIfStatsTable_table = {
	.name = "ipIfStatsTable",
	.root = OID(1, 3, 6, 1, 2, 1, 4, 31, 3),
	.entry = OID(1, 3, 6, 1, 2, 1, 4, 31, 3, 1),
	.rows = ipv6if_rows,
	.prepare = ipif_prepare,
	.refresh = ipif_refresh,
	INDEX(by_version_ifIndex),
	COLUMNS(columns),
};
