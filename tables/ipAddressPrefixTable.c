/*
 * ipAddressPrefixTable (IP-MIB, RFC 4293): the prefixes of the addresses. The ifIndex in
 * the index tells link-local ones apart, so that they are of type ipv6(2), not ipv6z(4).
 */
#include "tables.h"

/* IpAddressPrefixOriginTC */
enum ip_address_prefix_origin {
	ORIGIN_MANUAL = 2,
	ORIGIN_WELLKNOWN = 3,
	ORIGIN_DHCP = 4,
	ORIGIN_ROUTERADV = 5,
};

enum need_of_prefix {
	NEED_CONCLUSION = 1,
};

static const struct set *
rows(const struct query *query)
{
	return &mirror_of(query)->prefixes;
}

static void
refresh(const struct query *query, const void *row, uint32_t needs)
{
	(void)needs;
	prefix_conclude(mirror_of(query), row);
}

/* "link-local prefixes or prefixes that are specified by a standard": fe80::/10,
 * 169.254.0.0/16, 127.0.0.0/8, ::1. */
static bool
is_wellknown(const struct prefix *prefix)
{
	static const uint8_t one[16] = { [15] = 1 };
	const uint8_t *bytes = prefix->prefix.bytes;

	if (prefix->prefix.type == INET_IPV4)
		return (bytes[0] == 127 && prefix->length >= 8) ||
		       (bytes[0] == 169 && bytes[1] == 254 && prefix->length >= 16);
	return inet_is_link_local(&prefix->prefix) ||
	       memcmp(bytes, one, sizeof(one)) == 0;
}

static bool
get_ipAddressPrefixOrigin(const struct query *query, const void *row, struct value *value)
{
	const struct prefix *prefix = row;

	(void)query;
	if (is_wellknown(prefix))
		value->number = ORIGIN_WELLKNOWN;
	else if (prefix->advertised)
		value->number = ORIGIN_ROUTERADV;
	else
		value->number = prefix->leased ? ORIGIN_DHCP : ORIGIN_MANUAL;
	return true;
}

static bool
get_ipAddressPrefixOnLinkFlag(
	const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value->number = ((const struct prefix *)row)->on_link ? TRUTH_TRUE : TRUTH_FALSE;
	return true;
}

static bool
get_ipAddressPrefixAutonomousFlag(
	const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value->number =
		((const struct prefix *)row)->autonomous ? TRUTH_TRUE : TRUTH_FALSE;
	return true;
}

/* The lifetimes run down, so they are computed for the moment of the answer. */
static bool
get_ipAddressPrefixAdvPreferredLifetime(
	const struct query *query, const void *row, struct value *value)
{
	value->number = addr_seconds_left(
		((const struct prefix *)row)->preferred_until, query->now);
	return true;
}

static bool
get_ipAddressPrefixAdvValidLifetime(
	const struct query *query, const void *row, struct value *value)
{
	value->number =
		addr_seconds_left(((const struct prefix *)row)->valid_until, query->now);
	return true;
}

/* ipAddressPrefix points at the first one. */
static const struct column columns[] = {
	{ 5, "ipAddressPrefixOrigin", SYNTAX_INTEGER, READ_ONLY,
		.get = get_ipAddressPrefixOrigin, .needs = NEED_CONCLUSION },
	{ 6, "ipAddressPrefixOnLinkFlag", SYNTAX_INTEGER, READ_ONLY,
		.get = get_ipAddressPrefixOnLinkFlag, .needs = NEED_CONCLUSION },
	{ 7, "ipAddressPrefixAutonomousFlag", SYNTAX_INTEGER, READ_ONLY,
		.get = get_ipAddressPrefixAutonomousFlag, .needs = NEED_CONCLUSION },
	{ 8, "ipAddressPrefixAdvPreferredLifetime", SYNTAX_GAUGE32, READ_ONLY,
		.get = get_ipAddressPrefixAdvPreferredLifetime,
		.needs = NEED_CONCLUSION },
	{ 9, "ipAddressPrefixAdvValidLifetime", SYNTAX_GAUGE32, READ_ONLY,
		.get = get_ipAddressPrefixAdvValidLifetime, .needs = NEED_CONCLUSION },
};

static const struct index_part by_ifIndex_prefix[] = {
	{ INDEX_INTEGER, offsetof(struct prefix, ifindex) },
	{ INDEX_INET, offsetof(struct prefix, prefix) },
	{ INDEX_SMALL, offsetof(struct prefix, length) },
};

const struct table ipAddressPrefixTable_table = {
	.name = "ipAddressPrefixTable",
	.root = OID(1, 3, 6, 1, 2, 1, 4, 32),
	.entry = OID(1, 3, 6, 1, 2, 1, 4, 32, 1),
	.rows = rows,
	.refresh = refresh,
	INDEX(by_ifIndex_prefix),
	COLUMNS(columns),
};
