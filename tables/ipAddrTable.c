/*
 * ipAddrTable (IP-MIB, deprecated, and still what most pollers of addresses ask for): the
 * IPv4 unicast addresses, one row each. An address that several interfaces have is shown
 * at the one that has the plain index in ipAddressTable.
 */
#include "tables.h"

/* "The size of the largest IP datagram that this entity can re-assemble": the kernel's
 * limit is that of the protocol. */
#define REASM_MAX_SIZE 65535

static const struct set *
rows(const struct query *query)
{
	return &mirror_of(query)->addr_index;
}

static bool
member(const void *row)
{
	const struct addr *addr = row;

	return addr->address.type == INET_IPV4 && addr->class == ADDR_UNICAST;
}

static bool
get_ipAdEntAddr(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value_set_octets(value, ((const struct addr *)row)->address.bytes, 4);
	return true;
}

static bool
get_ipAdEntNetMask(const struct query *query, const void *row, struct value *value)
{
	static const uint8_t ones[4] = { 255, 255, 255, 255 };
	struct inet all = inet_make(INET_IPV4, ones);
	struct inet mask = inet_prefix(&all, ((const struct addr *)row)->prefix_length);

	(void)query;
	memcpy(value->scratch, mask.bytes, 4);
	value_set_octets(value, value->scratch, 4);
	return true;
}

/* "The value of the least-significant bit in the IP broadcast address ... when the
 * Internet standard all-ones broadcast address is used, the value will be 1." */
static bool
get_ipAdEntBcastAddr(const struct query *query, const void *row, struct value *value)
{
	const struct addr *addr = row;

	(void)query;
	value->number = addr->has_broadcast ? addr->broadcast[3] & 1 : 1;
	return true;
}

static bool
get_ipAdEntReasmMaxSize(const struct query *query, const void *row, struct value *value)
{
	(void)query, (void)row;
	value->number = REASM_MAX_SIZE;
	return true;
}

static const struct column columns[] = {
	{ 1, "ipAdEntAddr", SYNTAX_IPADDRESS, READ_ONLY, .get = get_ipAdEntAddr },
	{ 2, "ipAdEntIfIndex", SYNTAX_INTEGER, READ_ONLY, FIELD(addr, ifindex) },
	{ 3, "ipAdEntNetMask", SYNTAX_IPADDRESS, READ_ONLY, .get = get_ipAdEntNetMask },
	{ 4, "ipAdEntBcastAddr", SYNTAX_INTEGER, READ_ONLY, .get = get_ipAdEntBcastAddr },
	{ 5, "ipAdEntReasmMaxSize", SYNTAX_INTEGER, READ_ONLY,
		.get = get_ipAdEntReasmMaxSize },
};

static const struct index_part by_address[] = {
	{ INDEX_IPADDRESS, offsetof(struct addr, address) },
};

const struct table ipAddrTable_table = {
	.name = "ipAddrTable",
	.root = OID(1, 3, 6, 1, 2, 1, 4, 20),
	.by_column = true, /* as snmpd does */
	.entry = OID(1, 3, 6, 1, 2, 1, 4, 20, 1),
	.rows = rows,
	.member = member,
	INDEX(by_address),
	COLUMNS(columns),
};
