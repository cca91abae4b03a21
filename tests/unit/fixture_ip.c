/*
 * The texts of /proc that the fixture's IP counters are made of: those of a 6.18 kernel,
 * with every number another one. More than 16 ICMP types, so that the kernel needs two
 * pairs of lines for them.
 */
#include "unit.h"

#include <string.h>

const char *const proc_texts[N_PROC_FILES] = {
	[PROC_SNMP] =
		"Ip: Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors "
		"ForwDatagrams InUnknownProtos InDiscards InDelivers OutRequests "
		"OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs ReasmFails "
		"FragOKs FragFails FragCreates OutTransmits\n"
		"Ip: 1 64 5000000001 1002 1003 1004 1005 1006 5000000007 5000000008 1009 "
		"1010 0 1012 1013 1014 1015 1016 1017 5000000018\n"
		"Icmp: InMsgs InErrors InCsumErrors InDestUnreachs InTimeExcds "
		"InParmProbs InSrcQuenchs InRedirects InEchos InEchoReps InTimestamps "
		"InTimestampReps InAddrMasks InAddrMaskReps OutMsgs OutErrors "
		"OutRateLimitGlobal OutRateLimitHost OutDestUnreachs OutTimeExcds "
		"OutParmProbs OutSrcQuenchs OutRedirects OutEchos OutEchoReps "
		"OutTimestamps OutTimestampReps OutAddrMasks OutAddrMaskReps\n"
		"Icmp: 2001 2002 9 2003 2011 2012 2004 2005 2008 2000 2013 2014 2017 "
		"2018 "
		"2114 2115 9 9 2103 2111 2112 2104 2105 2108 2100 2113 2114 2117 2118\n"
		"IcmpMsg: InType0 InType3 InType4 InType5 InType8 InType11 InType12 "
		"InType13 InType14 InType17 InType18 InType40 InType255 OutType0 "
		"OutType3 OutType4\n"
		"IcmpMsg: 2000 2003 2004 2005 2008 2011 2012 2013 2014 2017 2018 2040 "
		"5000002255 2100 2103 2104\n"
		"IcmpMsg: OutType5 OutType8 OutType9 OutType11 OutType12\n"
		"IcmpMsg: 2105 2108 2109 2111 2112\n"
		"Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens\n"
		"Tcp: 1 200 120000 -1 15\n"
		"Udp: InDatagrams NoPorts\n"
		"Udp: 32 0\n",
	[PROC_NETSTAT] =
		"TcpExt: SyncookiesSent SyncookiesRecv TCPPrequeued\n"
		"TcpExt: 0 7 0\n"
		"IpExt: InNoRoutes InTruncatedPkts InMcastPkts OutMcastPkts InBcastPkts "
		"OutBcastPkts InOctets OutOctets InMcastOctets OutMcastOctets "
		"InBcastOctets OutBcastOctets InCsumErrors InNoECTPkts InECT1Pkts "
		"InECT0Pkts InCEPkts ReasmOverlaps\n"
		"IpExt: 3001 3002 5000003003 3004 3005 3006 5000003007 5000003008 3009 "
		"3010 3011 3012 3013 3014 3015 3016 3017 3018\n"
		"MPTcpExt: MPCapableSYNRX\n"
		"MPTcpExt: 0\n",
	[PROC_SNMP6] = "Ip6InReceives                   \t5000004001\n"
		       "Ip6InHdrErrors                  \t4002\n"
		       "Ip6InTooBigErrors               \t4003\n"
		       "Ip6InNoRoutes                   \t4004\n"
		       "Ip6InAddrErrors                 \t4005\n"
		       "Ip6InUnknownProtos              \t4006\n"
		       "Ip6InTruncatedPkts              \t4007\n"
		       "Ip6InDiscards                   \t4008\n"
		       "Ip6InDelivers                   \t4009\n"
		       "Ip6OutForwDatagrams             \t4010\n"
		       "Ip6OutRequests                  \t4011\n"
		       "Ip6OutDiscards                  \t4012\n"
		       "Ip6OutNoRoutes                  \t4013\n"
		       "Ip6ReasmTimeout                 \t4014\n"
		       "Ip6ReasmReqds                   \t4015\n"
		       "Ip6ReasmOKs                     \t4016\n"
		       "Ip6ReasmFails                   \t4017\n"
		       "Ip6FragOKs                      \t4018\n"
		       "Ip6FragFails                    \t4019\n"
		       "Ip6FragCreates                  \t4020\n"
		       "Ip6InMcastPkts                  \t4021\n"
		       "Ip6OutMcastPkts                 \t4022\n"
		       "Ip6InOctets                     \t5000004023\n"
		       "Ip6OutOctets                    \t4024\n"
		       "Ip6InMcastOctets                \t4025\n"
		       "Ip6OutMcastOctets               \t4026\n"
		       "Ip6InBcastOctets                \t4027\n"
		       "Ip6OutBcastOctets               \t4028\n"
		       "Ip6InNoECTPkts                  \t4029\n"
		       "Ip6OutTransmits                 \t4033\n"
		       "Icmp6InMsgs                     \t4101\n"
		       "Icmp6InErrors                   \t4102\n"
		       "Icmp6OutMsgs                    \t4103\n"
		       "Icmp6OutErrors                  \t4104\n"
		       "Icmp6InCsumErrors               \t4105\n"
		       "Icmp6InDestUnreachs             \t4106\n"
		       "Icmp6InType1                    \t4201\n"
		       "Icmp6InType128                  \t4228\n"
		       "Icmp6OutType1                   \t4301\n"
		       "Icmp6OutType135                 \t4335\n"
		       "Icmp6OutType143                 \t4343\n"
		       "Udp6InDatagrams                 \t1\n",
};

void
fixture_readings(struct ip_reading *v4, struct ip_reading *v6)
{
	memset(v4, 0, sizeof(*v4));
	memset(v6, 0, sizeof(*v6));
	for (enum proc_file file = 0; file < N_PROC_FILES; file++)
		CU_ASSERT_TRUE(procstats_parse(file, proc_texts[file],
			strlen(proc_texts[file]), file == PROC_SNMP6 ? v6 : v4));
}

void
fixture_ip(struct ip_node *node, uint64_t now)
{
	struct ip_reading v4, v6;

	fixture_readings(&v4, &v6);
	ipstats_put(node, IP_V4, &v4, now);
	ipstats_put(node, IP_V6, &v6, now);
	node->sysctls = (struct ip_sysctls){ .forwarding = optional_of(1),
		.default_ttl = optional_of(63),
		.frag_time = optional_of(30),
		.forwarding6 = optional_of(0),
		.hop_limit6 = optional_of(62) };
	node->discarded_routes = optional_of(4321);
	node->address_spin_lock = 1234567;
}
