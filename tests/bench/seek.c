/*
 * seek: what the mirror and the engine cost without a kernel and without SNMP.
 *
 * It puts IPv4 routes into a mirror as two dumps after one another would, 200 gateways by
 * turns, and then asks the engine for GETNEXT of inetCidrRouteTable at random rows and
 * columns, each a query of its own as each PDU is. CPU time of this process, one line of
 * figures, for each route of the first dump and of the second, and for each GETNEXT:
 *
 *	rows=1000000 put_us=0.812 again_us=0.753 seek_us=1.923
 *
 * usage: seek ROWS
 *
 * Run by routes.py; useful under perf(1), too.
 */
#include "../../agent/base/clock.h"
#include "../../agent/base/options.h"
#include "../../agent/mirror/link.h"
#include "../../agent/mirror/mirror.h"
#include "../../agent/mirror/route.h"
#include "../../tables/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINK	      2
#define GATEWAYS      200
#define FIRST_GATEWAY 0x0a090002u /* 10.9.0.2 */
#define PLACES	      100000	  /* that are asked about, at most */
#define PLACE_MAX     32
#define SEEKS	      400000
#define LIMIT_S	      120
#define FIRST	      0x14000000u /* 20.0.0.0 */
#define STEP	      256u	  /* each is a /24 */

static struct options options;
static struct route_info info;
static struct place {
	size_t len;
	uint32_t sub[PLACE_MAX];
} places[PLACES]; /* packed: what is measured is the cache that the rows miss */
static size_t n_places;
static uint64_t seed = 88172645463325252u;

static uint32_t
random_below(uint32_t limit)
{
	seed ^= seed << 13; /* xorshift64 */
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 32) * limit >> 32);
}

static double
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static struct inet
ipv4(uint32_t address)
{
	const uint8_t octets[] = { (uint8_t)(address >> 24), (uint8_t)(address >> 16),
		(uint8_t)(address >> 8), (uint8_t)address };

	return inet_make(INET_IPV4, octets);
}

static void
put_link(struct mirror *mirror)
{
	struct link_info link = { .ifindex = LINK, .name = "d1", .up = true };

	mirror_put_link(mirror, &link, FROM_EVENT);
}

static void
put_route(struct mirror *mirror, uint32_t i)
{
	uint32_t gateway = i % GATEWAYS;

	info.dst = ipv4(FIRST + i * STEP);
	info.plen = 24;
	info.table = ROUTE_TABLE_MAIN;
	info.type = ROUTE_UNICAST;
	info.proto = ROUTE_PROTO_STATIC;
	info.lifetime = UINT32_MAX;
	info.id = 1 + gateway;
	info.n_hops = 1;
	info.hops[0].gateway = ipv4(FIRST_GATEWAY + gateway);
	info.hops[0].ifindex = LINK;
	mirror_put_route(mirror, &info, FROM_DUMP);
}

/* Returns us for each row. */
static double
take_dump(struct mirror *mirror, uint32_t rows)
{
	double start = cpu_us();

	route_sweep_begin(mirror, 0);
	for (uint32_t i = 0; i < rows; i++)
		put_route(mirror, i);
	while (!route_sweep_end(mirror, UINT64_MAX))
		;
	return (cpu_us() - start) / rows;
}

static const struct table *
find_table(const char *name)
{
	for (size_t i = 0; all_tables[i]; i++)
		if (strcmp(all_tables[i]->name, name) == 0)
			return all_tables[i];
	fprintf(stderr, "seek: no table %s\n", name);
	exit(1);
}

/* The index of route @i, policy { 0 0 }, at a column taken at random. */
static void
note_place(const struct table *table, uint32_t i)
{
	uint32_t to = FIRST + i * STEP, via = FIRST_GATEWAY + i % GATEWAYS;
	const uint32_t index[] = { 1, 4, to >> 24, to >> 16 & 255, to >> 8 & 255,
		to & 255, 24, 2, 0, 0, 1, 4, via >> 24, via >> 16 & 255, via >> 8 & 255,
		via & 255 };
	struct place *place = &places[n_places++];
	size_t len = table->entry.len;

	if (len + 1 + N_ELEMENTS(index) > PLACE_MAX)
		abort();
	memcpy(place->sub, table->entry.sub, len * sizeof place->sub[0]);
	place->sub[len++] = table->columns[random_below((uint32_t)table->n_columns)].id;
	memcpy(place->sub + len, index, sizeof index);
	place->len = len + N_ELEMENTS(index);
}

/* Walks the first column; returns how many rows there are. */
static size_t
count_rows(const struct table *table, struct mirror *mirror)
{
	struct query query;
	struct cursor at;
	struct value value;
	size_t rows = 0;
	bool more;

	query_init(&query, mirror, clock_now(), 0);
	more = table_next(
		table, &query, table->entry.sub, table->entry.len, false, &at, &value);
	for (uint32_t first = more ? at.column->id : 0; more && at.column->id == first;
		more = table_step(table, &query, &at, &value))
		rows++;
	return rows;
}

static double
measure_seeks(const struct table *table, struct mirror *mirror)
{
	uint64_t now = clock_now();
	double start = cpu_us();
	size_t missed = 0;

	for (size_t i = 0; i < SEEKS; i++) {
		const struct place *place = &places[i % n_places];
		struct query query;
		struct cursor at;
		struct value value;

		query_init(&query, mirror, now, 0);
		missed += !table_next(
			table, &query, place->sub, place->len, false, &at, &value);
	}
	start = (cpu_us() - start) / SEEKS;
	if (missed > SEEKS / 100) { /* nothing is behind the last row and column alone */
		fprintf(stderr, "seek: %zu times there was nothing behind a row\n",
			missed);
		exit(1);
	}
	return start;
}

int
main(int argc, char **argv)
{
	uint32_t rows = argc == 2 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
	struct mirror *mirror;
	const struct table *table;
	double put, again;

	if (rows < 2 || rows > 5000000) {
		fputs("usage: seek ROWS\n", stderr);
		return 2;
	}
	alarm(LIMIT_S);
	options_init(&options);
	mirror = mirror_new(&options);
	put_link(mirror);
	put = take_dump(mirror, rows);
	again = take_dump(mirror, rows);
	table = find_table("inetCidrRouteTable");
	if (count_rows(table, mirror) != rows) {
		fputs("seek: not all routes are shown\n", stderr);
		return 1;
	}
	while (n_places < PLACES)
		note_place(table, random_below(rows));
	printf("rows=%u put_us=%.3f again_us=%.3f seek_us=%.3f\n", rows, put, again,
		measure_seeks(table, mirror));
	mirror_free(mirror);
	return 0;
}
