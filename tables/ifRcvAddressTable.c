/*
 * ifRcvAddressTable (IF-MIB, RFC 2863): the link-layer addresses an interface receives
 * frames for: its own, broadcast, further unicast addresses (macvlan, bridge ports) and
 * multicast groups. Only the first two have events; the others are read when asked.
 */
#include "edits.h"

static const struct set *
rows(const struct query *query)
{
	return &mirror_of(query)->rcvaddrs;
}

static void
prepare(const struct query *query)
{
	const struct source *source = mirror_of(query)->source;

	if (source)
		source->need_rcvaddrs(source->arg, query->now);
}

static bool
get_ifRcvAddressType(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	/* "volatile(2) ... valid ... until the next restart"; the link's own addresses
	 * are neither that nor kept by us: other(1). */
	value->number = ((const struct rcvaddr *)row)->own ? RCV_ADDRESS_OTHER
							   : RCV_ADDRESS_VOLATILE;
	return true;
}

static const struct column columns[] = {
	{ 2, "ifRcvAddressStatus", SYNTAX_INTEGER, READ_CREATE, .get = get_row_active,
		.set = set_row_status },
	{ 3, "ifRcvAddressType", SYNTAX_INTEGER, READ_CREATE, .get = get_ifRcvAddressType,
		.set = set_ifRcvAddressType },
};

static const struct index_part by_ifIndex_address[] = {
	{ INDEX_INTEGER, offsetof(struct rcvaddr, ifindex) },
	{ INDEX_OCTETS, offsetof(struct rcvaddr, address) },
};

const struct table ifRcvAddressTable_table = {
	.name = "ifRcvAddressTable",
	.root = OID(1, 3, 6, 1, 2, 1, 31, 1, 4),
	.entry = OID(1, 3, 6, 1, 2, 1, 31, 1, 4, 1),
	.rows = rows,
	.prepare = prepare,
	INDEX(by_ifIndex_address),
	COLUMNS(columns),
	.edits = &rcvaddr_edits,
	.make = make_ifRcvAddress,
};
