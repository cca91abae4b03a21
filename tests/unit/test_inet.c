/*
 * Addresses: that they sort as their index sorts, prefixes and zones, and tables that are
 * indexed by them, with rows that have no place in a table of IPv4 addresses.
 */
#include "unit.h"

#include "../../agent/base/inet.h"

#include <string.h>

struct row {
	struct set_node node;
	uint32_t number;
	struct inet inet;
};

static struct set rows;
static struct row some[200];

static int
order(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return inet_compare(&x->inet, &y->inet);
}

static const struct set *
all_rows(const struct query *query)
{
	(void)query;
	return &rows;
}

static bool
is_ipv4(const void *row)
{
	return ((const struct row *)row)->inet.type == INET_IPV4;
}

static bool
get_IpAddress(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value_set_octets(value, ((const struct row *)row)->inet.bytes, 4);
	return true;
}

static const struct column columns[] = {
	{ 1, "address", SYNTAX_IPADDRESS, READ_ONLY, .get = get_IpAddress },
};

static const struct index_part by_inet[] = {
	{ INDEX_INTEGER, offsetof(struct row, number) },
	{ INDEX_INET, offsetof(struct row, inet) },
};
static const struct index_part by_ipaddress[] = {
	{ INDEX_INTEGER, offsetof(struct row, number) },
	{ INDEX_IPADDRESS, offsetof(struct row, inet) },
};
static const struct index_part by_networkaddress[] = {
	{ INDEX_INTEGER, offsetof(struct row, number) },
	{ INDEX_NETWORKADDRESS, offsetof(struct row, inet) },
};

#define TABLE(...)                                                                       \
	{                                                                                \
		.name = "addresses", .root = OID(1, 3, 9), .entry = OID(1, 3, 9, 1),     \
		.rows = all_rows, COLUMNS(columns), __VA_ARGS__                          \
	}

static const struct table tables[] = {
	TABLE(INDEX(by_inet)),
	TABLE(INDEX(by_ipaddress), .member = is_ipv4),
	TABLE(INDEX(by_networkaddress), .member = is_ipv4),
};

static struct inet
random_inet(void)
{
	uint8_t octets[16];
	struct inet inet;

	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = pick(2) ? (uint8_t)pick(256) : (uint8_t)(pick(2) * 255);
	inet = inet_make(pick(2) ? INET_IPV4 : INET_IPV6, octets);
	return pick(4) ? inet : inet_in_zone(&inet, pick(3) ? pick(300) : UINT32_MAX);
}

static void
fill(void)
{
	set_init(&rows, offsetof(struct row, node), order);
	for (size_t i = 0; i < N_ELEMENTS(some); i++) {
		some[i].number = pick(5);
		some[i].inet = random_inet();
		set_insert(&rows, &some[i]);
	}
}

static void
index_order_is_row_order(void)
{
	for (size_t t = 0; t < N_ELEMENTS(tables); t++) {
		struct oid_buf before = { .len = 0 }, index;
		const struct row *row, *after;
		struct query query;

		fill();
		query_init(&query, &rows, 1, 1);
		set_for_each (row, after, &rows) {
			int cmp;

			index.len = 0;
			index_encode(&tables[t], &query, row, &index);
			cmp = oid_compare(before.sub, before.len, index.sub, index.len);
			CU_ASSERT_TRUE(t == 0 || !is_ipv4(row) ? cmp <= 0 : cmp < 0);
			before = index;
		}
	}
}

static void
indexes_are_those_of_the_smi(void)
{
	static const uint8_t octets[16] = { 0xfe, 0x80, 255 };
	static const uint32_t want_inet[] = { 7, 4, 20, 0xfe, 0x80, 255, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4 };
	static const uint32_t want_ipaddress[] = { 7, 0xfe, 0x80, 255, 0 };
	static const uint32_t want_network[] = { 7, 1, 0xfe, 0x80, 255, 0 };
	struct inet v6 = inet_make(INET_IPV6, octets);
	struct row row = { .number = 7, .inet = inet_in_zone(&v6, 0x01020304) };
	struct oid_buf index = { .len = 0 };
	struct query query;

	query_init(&query, &rows, 1, 1);
	index_encode(&tables[0], &query, &row, &index);
	CU_ASSERT_EQUAL(oid_compare(index.sub, index.len, want_inet, 23), 0);
	row.inet = inet_make(INET_IPV4, octets);
	index.len = 0;
	index_encode(&tables[1], &query, &row, &index);
	CU_ASSERT_EQUAL(oid_compare(index.sub, index.len, want_ipaddress, 5), 0);
	index.len = 0;
	index_encode(&tables[2], &query, &row, &index);
	CU_ASSERT_EQUAL(oid_compare(index.sub, index.len, want_network, 6), 0);
}

/* GETNEXT, GETBULK's steps and GET see the IPv4 rows, all of them, and no other. */
static void
others_are_passed_over(void)
{
	for (size_t t = 0; t < N_ELEMENTS(tables); t++) {
		const struct row *row, *after;
		struct query query;
		struct cursor at;
		struct value value;
		bool more;

		fill();
		query_init(&query, &rows, 1, 1);
		more = table_next(&tables[t], &query, NULL, 0, false, &at, &value);
		set_for_each (row, after, &rows) {
			struct oid_buf name;

			if (t > 0 && !is_ipv4(row))
				continue;
			CU_ASSERT_TRUE_FATAL(more);
			CU_ASSERT_PTR_EQUAL(at.row, row);
			table_name(&tables[t], &query, &at, &name);
			CU_ASSERT_EQUAL(
				table_get(&tables[t], &query, name.sub, name.len, &value),
				FOUND);
			more = pick(2) ? table_step(&tables[t], &query, &at, &value)
				       : table_next(&tables[t], &query, name.sub,
						 name.len, false, &at, &value);
		}
		CU_ASSERT_FALSE(more);
	}
}

static void
a_place_out_of_the_table_is_none(void)
{
	static const uint32_t out[] = { 1, 3, 9, 1, 1, 2, OUT_OF_TABLE };
	static const uint8_t octets[16] = { 1 };
	struct row v6 = { .number = 2, .inet = inet_make(INET_IPV6, octets) };
	struct query query;
	struct cursor at;
	struct value value;

	set_init(&rows, offsetof(struct row, node), order);
	set_insert(&rows, &v6);
	query_init(&query, &rows, 1, 1);
	CU_ASSERT_EQUAL(table_get(&tables[1], &query, out, 7, &value), NO_INSTANCE);
	CU_ASSERT_FALSE(table_next(&tables[1], &query, out, 7, true, &at, &value));
	CU_ASSERT_FALSE(table_next(&tables[1], &query, NULL, 0, false, &at, &value));
}

static void
prefixes(void)
{
	static const uint8_t ones[16] = { 255, 255, 255, 255, 255, 255, 255, 255, 255,
		255, 255, 255, 255, 255, 255, 255 };

	for (unsigned int type = INET_IPV4; type <= INET_IPV6; type++) {
		struct inet all = inet_make(type, ones);

		for (unsigned int length = 0; length <= 8u * all.len; length++) {
			struct inet prefix = inet_prefix(&all, length);
			unsigned int bits = 0;

			for (unsigned int i = 0; i < all.len; i++)
				bits += (unsigned int)__builtin_popcount(prefix.bytes[i]);
			CU_ASSERT_EQUAL(bits, length);
			/* the bits that are kept are the first ones */
			if (length)
				CU_ASSERT_TRUE(prefix.bytes[(length - 1) / 8] &
					       (0x80 >> ((length - 1) % 8)));
		}
	}
}

static void
kinds_of_addresses(void)
{
	static const uint8_t low[16] = { 0xfe, 0x80 }, high[16] = { 0xfe, 0xbf },
			     beyond[16] = { 0xfe, 0xc0 }, group[16] = { 0xff, 2 },
			     v4[4] = { 224 }, v4high[4] = { 239 }, v4beyond[4] = { 240 };
	struct inet inet = inet_make(INET_IPV6, low);

	CU_ASSERT_TRUE(inet_is_link_local(&inet));
	inet = inet_make(INET_IPV6, high);
	CU_ASSERT_TRUE(inet_is_link_local(&inet));
	CU_ASSERT_FALSE(inet_is_multicast(&inet));
	inet = inet_make(INET_IPV6, beyond);
	CU_ASSERT_FALSE(inet_is_link_local(&inet));
	inet = inet_make(INET_IPV6, group);
	CU_ASSERT_TRUE(inet_is_multicast(&inet));
	inet = inet_make(INET_IPV4, v4);
	CU_ASSERT_TRUE(inet_is_multicast(&inet));
	inet = inet_make(INET_IPV4, v4high);
	CU_ASSERT_TRUE(inet_is_multicast(&inet));
	inet = inet_make(INET_IPV4, v4beyond);
	CU_ASSERT_FALSE(inet_is_multicast(&inet));
	CU_ASSERT_FALSE(inet_is_link_local(&inet));
}

void
suite_inet(void)
{
	CU_pSuite suite = CU_add_suite("inet", NULL, NULL);

	CU_ADD_TEST(suite, index_order_is_row_order);
	CU_ADD_TEST(suite, indexes_are_those_of_the_smi);
	CU_ADD_TEST(suite, others_are_passed_over);
	CU_ADD_TEST(suite, a_place_out_of_the_table_is_none);
	CU_ADD_TEST(suite, prefixes);
	CU_ADD_TEST(suite, kinds_of_addresses);
}
