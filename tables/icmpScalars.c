/*
 * The icmp group of RFC 2011 (IP-MIB, deprecated, and still polled): ICMP of IPv4 only.
 *
 * One table for all, each registered at its own OID: snmpd registers the group whole, and
 * the longer registration is the one that answers.
 */
#include "tables.h"

#define COUNTER(id, name, member)                                                        \
	{                                                                                \
		id, name, SYNTAX_COUNTER32, READ_ONLY, FIELD(mirror, ip.v4.icmp.member), \
			.needs = NEED_IP_COUNTERS                                        \
	}

static const struct column columns[] = {
	COUNTER(1, "icmpInMsgs", in_msgs),
	COUNTER(2, "icmpInErrors", in_errors),
	COUNTER(3, "icmpInDestUnreachs", in_dest_unreachs),
	COUNTER(4, "icmpInTimeExcds", in_time_excds),
	COUNTER(5, "icmpInParmProbs", in_parm_probs),
	COUNTER(6, "icmpInSrcQuenchs", in_src_quenchs),
	COUNTER(7, "icmpInRedirects", in_redirects),
	COUNTER(8, "icmpInEchos", in_echos),
	COUNTER(9, "icmpInEchoReps", in_echo_reps),
	COUNTER(10, "icmpInTimestamps", in_timestamps),
	COUNTER(11, "icmpInTimestampReps", in_timestamp_reps),
	COUNTER(12, "icmpInAddrMasks", in_addr_masks),
	COUNTER(13, "icmpInAddrMaskReps", in_addr_mask_reps),
	COUNTER(14, "icmpOutMsgs", out_msgs),
	COUNTER(15, "icmpOutErrors", out_errors),
	COUNTER(16, "icmpOutDestUnreachs", out_dest_unreachs),
	COUNTER(17, "icmpOutTimeExcds", out_time_excds),
	COUNTER(18, "icmpOutParmProbs", out_parm_probs),
	COUNTER(19, "icmpOutSrcQuenchs", out_src_quenchs),
	COUNTER(20, "icmpOutRedirects", out_redirects),
	COUNTER(21, "icmpOutEchos", out_echos),
	COUNTER(22, "icmpOutEchoReps", out_echo_reps),
	COUNTER(23, "icmpOutTimestamps", out_timestamps),
	COUNTER(24, "icmpOutTimestampReps", out_timestamp_reps),
	COUNTER(25, "icmpOutAddrMasks", out_addr_masks),
	COUNTER(26, "icmpOutAddrMaskReps", out_addr_mask_reps),
};

const struct table icmpScalars_table = {
	.name = "icmpScalars",
	.root = OID(1, 3, 6, 1, 2, 1, 5),
	.by_column = true,
	.entry = OID(1, 3, 6, 1, 2, 1, 5),
	.refresh = node_refresh,
	COLUMNS(columns),
};
