/*
 * The scalars of IP-MIB (RFC 4293): the node's switches, and the counters of the ip group
 * of RFC 2011 (deprecated, and still polled), which are those of IPv4.
 *
 * One table for all, each registered at its own OID: snmpd registers the group whole and
 * some of its scalars by themselves, and the longer registration is the one that answers.
 * The LastChange stamps stand beside the tables that they speak of.
 */
#include "edits.h"

static bool
set_forwarding(struct value *value, struct optional on)
{
	value->number = on.number ? FORWARDING_YES : FORWARDING_NO;
	return on.present;
}

static bool
get_ipForwarding(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	return set_forwarding(value, ((const struct mirror *)row)->ip.sysctls.forwarding);
}

static bool
get_ipv6IpForwarding(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	return set_forwarding(
		value, ((const struct mirror *)row)->ip.sysctls.forwarding6);
}

static bool
get_ipRoutingDiscards(const struct query *query, const void *row, struct value *value)
{
	(void)query, (void)row;
	/* Valid routes "chosen to be discarded", to make room: Linux never does so. */
	value->number = 0;
	return true;
}

/* ipAddressSpinLock is a TestAndIncr: managers that agree to do so read it, and put it
 * first into the SET that depends on what they have read; the SET fails if another one
 * came in between. So it must not be what it was before a restart, or a manager that
 * slept through it would be let through: it starts at "a pseudo-randomly generated value"
 * (RFC 2579). */
#define SPIN_LOCK FIELD(mirror, ip.address_spin_lock)

#define COUNTER(id, name, member)                                                        \
	{                                                                                \
		id, name, SYNTAX_COUNTER32, READ_ONLY, FIELD(mirror, ip.v4.ip.member),   \
			.needs = NEED_IP_COUNTERS                                        \
	}
static const struct column columns[] = {
	{ 1, "ipForwarding", SYNTAX_INTEGER, READ_WRITE, .get = get_ipForwarding,
		.needs = NEED_IP_SYSCTLS, .set = set_ipForwarding },
	{ 2, "ipDefaultTTL", SYNTAX_INTEGER, READ_WRITE,
		FIELD(mirror, ip.sysctls.default_ttl), .needs = NEED_IP_SYSCTLS,
		.set = set_ipDefaultTTL, .low = 1, .high = 255 },
	COUNTER(3, "ipInReceives", in_receives),
	COUNTER(4, "ipInHdrErrors", in_hdr_errors),
	COUNTER(5, "ipInAddrErrors", in_addr_errors),
	COUNTER(6, "ipForwDatagrams", out_forw_datagrams),
	COUNTER(7, "ipInUnknownProtos", in_unknown_protos),
	COUNTER(8, "ipInDiscards", in_discards),
	COUNTER(9, "ipInDelivers", in_delivers),
	COUNTER(10, "ipOutRequests", out_requests),
	COUNTER(11, "ipOutDiscards", out_discards),
	COUNTER(12, "ipOutNoRoutes", out_no_routes),
	{ 13, "ipReasmTimeout", SYNTAX_INTEGER, READ_ONLY,
		FIELD(mirror, ip.sysctls.frag_time), .needs = NEED_IP_SYSCTLS },
	COUNTER(14, "ipReasmReqds", reasm_reqds),
	COUNTER(15, "ipReasmOKs", reasm_oks),
	COUNTER(16, "ipReasmFails", reasm_fails),
	COUNTER(17, "ipFragOKs", frag_oks),
	COUNTER(18, "ipFragFails", frag_fails),
	COUNTER(19, "ipFragCreates", frag_creates),
	{ 23, "ipRoutingDiscards", SYNTAX_COUNTER32, READ_ONLY,
		.get = get_ipRoutingDiscards },
	{ 25, "ipv6IpForwarding", SYNTAX_INTEGER, READ_WRITE, .get = get_ipv6IpForwarding,
		.needs = NEED_IP_SYSCTLS, .set = set_ipv6IpForwarding },
	{ 26, "ipv6IpDefaultHopLimit", SYNTAX_INTEGER, READ_WRITE,
		FIELD(mirror, ip.sysctls.hop_limit6), .needs = NEED_IP_SYSCTLS,
		.set = set_ipv6IpDefaultHopLimit, .high = 255 },
	{ 33, "ipAddressSpinLock", SYNTAX_INTEGER, READ_WRITE, SPIN_LOCK,
		.set = set_ipAddressSpinLock, .high = INT32_MAX },
};

const struct table ipScalars_table = {
	.name = "ipScalars",
	.root = OID(1, 3, 6, 1, 2, 1, 4),
	.by_column = true,
	.entry = OID(1, 3, 6, 1, 2, 1, 4),
	.refresh = node_refresh,
	COLUMNS(columns),
	.edits = &node_edits,
};
