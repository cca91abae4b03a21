/*
 * The tables of routes: what no golden walk shows.
 */
#include "fixture_route.h"

#include "../../agent/base/clock.h"

#include <string.h>

#define NOW (5000 * NS_PER_S)

static struct options options;

static struct mirror *
one_route(const struct fixture_route *what)
{
	struct mirror *mirror = mirror_new(&options);

	memset(&options, 0, sizeof(options));
	clock_freeze(NOW);
	random_routes(mirror, 0);
	fixture_put(mirror, what);
	CU_ASSERT_EQUAL_FATAL(set_count(&mirror->routes), 1);
	return mirror;
}

/* The value of column @id of the first row of @table; INT64_MIN: it has none. */
static int64_t
first_value(const struct table *table, struct mirror *mirror, uint32_t id, uint64_t now)
{
	uint32_t column[OID_MAX];
	struct query query;
	struct cursor at;
	struct value value;

	memcpy(column, table->entry.sub, table->entry.len * sizeof(uint32_t));
	column[table->entry.len] = id;
	query_init(&query, mirror, now, 1);
	if (!table_next(
		    table, &query, column, table->entry.len + 1, false, &at, &value) ||
		at.column->id != id)
		return INT64_MIN;
	return (int64_t)value.number;
}

static int64_t
value_of(const struct table *table, const struct fixture_route *what, uint32_t id)
{
	struct mirror *mirror = one_route(what);
	int64_t value = first_value(table, mirror, id, NOW);

	mirror_free(mirror);
	return value;
}

/* Columns: inetCidrRouteProto, ipCidrRouteProto, ipRouteProto. */
static void
protocols(void)
{
	static const struct {
		uint8_t proto;
		int64_t inet, cidr, rfc1213;
	} known[] = {
		{ ROUTE_PROTO_REDIRECT, 4, 4, 4 },
		{ ROUTE_PROTO_KERNEL, 2, 2, 2 },
		{ ROUTE_PROTO_BOOT, 3, 3, 3 },
		{ ROUTE_PROTO_STATIC, 3, 3, 3 },
		{ ROUTE_PROTO_DHCP, 19, 3, 3 },
		{ ROUTE_PROTO_BGP, 14, 14, 14 },
		{ ROUTE_PROTO_ISIS, 9, 9, 9 },
		{ ROUTE_PROTO_OSPF, 13, 13, 13 },
		{ ROUTE_PROTO_RIP, 8, 8, 8 },
		{ ROUTE_PROTO_EIGRP, 16, 16, 1 },
	};

	for (unsigned int proto = 0; proto < 256; proto++) {
		struct fixture_route what = { "192.0.2.0/24", .proto = (uint8_t)proto,
			.hops = { { .ifindex = 2 } } };
		int64_t inet = 1, cidr = 1, rfc1213 = 1;

		for (size_t i = 0; i < N_ELEMENTS(known); i++) {
			if (known[i].proto != proto)
				continue;
			inet = known[i].inet;
			cidr = known[i].cidr;
			rfc1213 = known[i].rfc1213;
		}
		CU_ASSERT_EQUAL(value_of(&inetCidrRouteTable_table, &what, 9), inet);
		CU_ASSERT_EQUAL(value_of(&ipCidrRouteTable_table, &what, 7), cidr);
		CU_ASSERT_EQUAL(value_of(&ipRouteTable_table, &what, 9), rfc1213);
	}
}

/* Columns: inetCidrRouteType, ipCidrRouteType, ipRouteType. */
static void
types(void)
{
	static const struct {
		uint8_t type;
		const char *gateway;
		int64_t inet, cidr, rfc1213;
	} known[] = {
		{ ROUTE_UNICAST, "198.51.100.1", 4, 4, 4 },
		{ ROUTE_UNICAST, NULL, 3, 3, 3 },
		{ ROUTE_LOCAL, NULL, 3, 3, 3 },
		{ ROUTE_BLACKHOLE, NULL, 5, 2, 1 },
		{ ROUTE_UNREACHABLE, NULL, 2, 2, 1 },
		{ ROUTE_PROHIBIT, NULL, 2, 2, 1 },
	};

	for (size_t i = 0; i < N_ELEMENTS(known); i++) {
		struct fixture_route what = { "192.0.2.0/24", .type = known[i].type,
			.hops = { { .gateway = known[i].gateway, .ifindex = 2 } } };

		CU_ASSERT_EQUAL(
			value_of(&inetCidrRouteTable_table, &what, 8), known[i].inet);
		CU_ASSERT_EQUAL(
			value_of(&ipCidrRouteTable_table, &what, 6), known[i].cidr);
		CU_ASSERT_EQUAL(
			value_of(&ipRouteTable_table, &what, 8), known[i].rfc1213);
	}
}

static void
metrics(void)
{
	struct fixture_route what = { "192.0.2.0/24", .hops = { { .ifindex = 2 } } };

	CU_ASSERT_EQUAL(value_of(&inetCidrRouteTable_table, &what, 12), 0);
	CU_ASSERT_EQUAL(value_of(&inetCidrRouteTable_table, &what, 13), -1);
	what.metric = 2147483646;
	CU_ASSERT_EQUAL(value_of(&inetCidrRouteTable_table, &what, 12), 2147483646);
	what.metric = 2147483647;
	CU_ASSERT_EQUAL(value_of(&ipCidrRouteTable_table, &what, 11), 2147483647);
	what.metric = 2147483648;
	CU_ASSERT_EQUAL(value_of(&ipRouteTable_table, &what, 3), 2147483647);
	what.metric = UINT32_MAX;
	what.hops[0].weight = 200;
	CU_ASSERT_EQUAL(value_of(&inetCidrRouteTable_table, &what, 12), 2147483647);
	CU_ASSERT_EQUAL(value_of(&inetCidrRouteTable_table, &what, 13), 200);
	CU_ASSERT_EQUAL(value_of(&ipCidrRouteTable_table, &what, 12), 200);
	CU_ASSERT_EQUAL(value_of(&ipRouteTable_table, &what, 4), 200);
	for (uint32_t id = 14; id <= 16; id++)
		CU_ASSERT_EQUAL(value_of(&inetCidrRouteTable_table, &what, id), -1);
}

static void
age_is_as_of_the_query(void)
{
	struct fixture_route what = { "192.0.2.0/24", .hops = { { .ifindex = 2 } } };
	struct mirror *mirror = one_route(&what);
	const struct table *table = &inetCidrRouteTable_table;

	CU_ASSERT_EQUAL(first_value(table, mirror, 10, NOW + 1234 * NS_PER_S), 1234);
	CU_ASSERT_EQUAL(first_value(table, mirror, 10, NOW), 0);
	/* an event came in after the query had begun */
	CU_ASSERT_EQUAL(first_value(table, mirror, 10, NOW - NS_PER_S), 0);
	mirror_free(mirror);
}

static void
who_has_a_row(void)
{
	struct fixture_route what = { "192.0.2.0/24", .hops = { { .ifindex = 2 } } };

	what.table = ROUTE_TABLE_DEFAULT;
	CU_ASSERT_EQUAL(value_of(&inetCidrRouteTable_table, &what, 7), 2);
	CU_ASSERT_EQUAL(value_of(&ipCidrRouteTable_table, &what, 5), INT64_MIN);
	CU_ASSERT_EQUAL(value_of(&ipRouteTable_table, &what, 2), INT64_MIN);
	what.table = ROUTE_TABLE_MAIN;
	CU_ASSERT_EQUAL(value_of(&ipCidrRouteTable_table, &what, 5), 2);
	CU_ASSERT_EQUAL(value_of(&ipRouteTable_table, &what, 2), 2);
	what.hops[0].gateway = "fe80::1";
	CU_ASSERT_EQUAL(value_of(&ipCidrRouteTable_table, &what, 5), INT64_MIN);
	CU_ASSERT_EQUAL(value_of(&ipRouteTable_table, &what, 2), INT64_MIN);
	what.dst = "2001:db8::/64";
	CU_ASSERT_EQUAL(value_of(&inetCidrRouteTable_table, &what, 7), 2);
	CU_ASSERT_EQUAL(value_of(&ipCidrRouteTable_table, &what, 5), INT64_MIN);
	CU_ASSERT_EQUAL(value_of(&ipRouteTable_table, &what, 2), INT64_MIN);
}

/* Is @want, behind inetCidrRouteIfIndex, the name of the mirror's only route? */
static bool
is_named(struct mirror *mirror, const uint32_t *want, size_t len)
{
	const struct table *table = &inetCidrRouteTable_table;
	struct oid_buf name;
	struct query query;
	struct cursor at;
	struct value value;

	query_init(&query, mirror, NOW, 1);
	if (!table_next(table, &query, NULL, 0, false, &at, &value))
		return false;
	table_name(table, &query, &at, &name);
	return oid_compare(name.sub + 11, name.len - 11, want, len) == 0 &&
	       table_get(table, &query, name.sub, name.len, &value) == FOUND;
}

#define IS_NAMED(mirror, ...)                                                            \
	is_named(mirror, (const uint32_t[]){ __VA_ARGS__ },                              \
		sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))

/* netmibdConnectedNextHop, also while the agent runs. */
static void
next_hop_of_connected_routes(void)
{
	struct fixture_route what = { "192.0.2.0/24", .hops = { { .ifindex = 2 } } };
	struct mirror *mirror = one_route(&what);

	CU_ASSERT_TRUE(IS_NAMED(mirror, 1, 4, 192, 0, 2, 0, 24, 2, 0, 0, 0, 0));
	options.connected_next_hop_zero = true;
	CU_ASSERT_TRUE(
		IS_NAMED(mirror, 1, 4, 192, 0, 2, 0, 24, 2, 0, 0, 1, 4, 0, 0, 0, 0));
	mirror_free(mirror);
	what.type = ROUTE_BLACKHOLE;
	what.dst = "::/0";
	mirror = one_route(&what);
	CU_ASSERT_TRUE(IS_NAMED(mirror, 2, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 2, 0, 0, 0, 0));
	options.connected_next_hop_zero = true;
	CU_ASSERT_TRUE(IS_NAMED(mirror, 2, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 2, 0, 0, 2, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
	mirror_free(mirror);
	/* a gateway is what it is, in any case */
	what.type = ROUTE_UNICAST;
	what.dst = "192.0.2.0/24";
	what.hops[0].gateway = "198.51.100.1";
	mirror = one_route(&what);
	options.connected_next_hop_zero = true;
	CU_ASSERT_TRUE(
		IS_NAMED(mirror, 1, 4, 192, 0, 2, 0, 24, 2, 0, 0, 1, 4, 198, 51, 100, 1));
	mirror_free(mirror);
}

static int64_t
count_rows(const struct table *table, struct mirror *mirror)
{
	struct query query;
	struct cursor at;
	struct value value;
	int64_t n = 0;

	query_init(&query, mirror, NOW, 1);
	for (bool more = table_next(table, &query, NULL, 0, false, &at, &value);
		more && at.column == table->columns;
		more = table_step(table, &query, &at, &value))
		n++;
	return n;
}

static void
numbers_are_those_of_the_rows(void)
{
	struct mirror *mirror = mirror_new(&unit_options);

	for (int i = 0; i < 20; i++) {
		random_routes(mirror, pick(300));
		CU_ASSERT_EQUAL(count_rows(&inetCidrRouteTable_table, mirror),
			first_value(&inetCidrRouteNumber_table, mirror, 6, NOW));
		CU_ASSERT_EQUAL(count_rows(&ipCidrRouteTable_table, mirror),
			first_value(&ipCidrRouteNumber_table, mirror, 3, NOW));
	}
	mirror_free(mirror);
}

static bool
same_index(const struct table *table, const struct query *query, const void *a,
	const void *b)
{
	struct oid_buf x = { .len = 0 }, y = { .len = 0 };

	index_encode(table, query, a, &x);
	index_encode(table, query, b, &y);
	return oid_compare(x.sub, x.len, y.sub, y.len) == 0;
}

/* Of the routes with one index the shown one has the lowest metric; of these, the
 * shortest prefix; every index that a route has is shown. */
static void
the_lowest_metric_is_shown(void)
{
	static const struct table *const tables[] = { &ipCidrRouteTable_table,
		&ipRouteTable_table };
	struct mirror *mirror = mirror_new(&unit_options);

	random_routes(mirror, 400);
	for (size_t t = 0; t < N_ELEMENTS(tables); t++) {
		const struct route *route, *after;
		struct query query;

		query_init(&query, mirror, NOW, 1);
		set_for_each (route, after, &mirror->routes) {
			struct cursor at = { tables[t]->columns, route, NULL };
			const struct route *shown;
			struct oid_buf name;
			struct value value;

			if (!tables[t]->member(route))
				continue;
			table_name(tables[t], &query, &at, &name);
			CU_ASSERT_TRUE_FATAL(table_next(tables[t], &query, name.sub,
				name.len, true, &at, &value));
			shown = at.row;
			CU_ASSERT_TRUE(same_index(tables[t], &query, route, shown));
			CU_ASSERT_TRUE(
				shown->path->key.metric < route->path->key.metric ||
				(shown->path->key.metric == route->path->key.metric &&
					shown->plen <= route->plen));
		}
	}
	mirror_free(mirror);
}

void
suite_routes(void)
{
	CU_pSuite suite = CU_add_suite("routes", NULL, NULL);

	CU_ADD_TEST(suite, protocols);
	CU_ADD_TEST(suite, types);
	CU_ADD_TEST(suite, metrics);
	CU_ADD_TEST(suite, age_is_as_of_the_query);
	CU_ADD_TEST(suite, who_has_a_row);
	CU_ADD_TEST(suite, next_hop_of_connected_routes);
	CU_ADD_TEST(suite, numbers_are_those_of_the_rows);
	CU_ADD_TEST(suite, the_lowest_metric_is_shown);
}
