/*
 * Fuzz target: an OID into GET and GETNEXT of every table over a mirror of odd rows. Each
 * octet of the input is one sub-identifier; 250 to 255 stand for the large ones.
 *
 * What must hold: GETNEXT gives what a walk of the table gives for that place, GET finds
 * exactly the instances of the walk.
 */
#include "../../tables/tables.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint32_t large[] = { 256, 65536, 0x7ffffffe, 0x7fffffff, 0x80000000,
	UINT32_MAX };

/* Of IPv6 a few, with holes; of IPv4 none. */
static void
put_odd_counters(struct mirror *mirror)
{
	static struct ip_reading reading;

	for (size_t type = 0; type < N_ICMP_TYPES; type += 51) {
		reading.in_types[type] = optional_of(type & 1);
		reading.out_types[255 - type] = optional_of(2);
	}
	reading.ip.in_delivers = optional_of(1);
	reading.icmp.out_errors = optional_of(1);
	ipstats_put(&mirror->ip, IP_V6, &reading, 1);
}

/* Routes that have destination and next hop in common, of both versions, some of another
 * table or by a next hop of the other version; default ones among them. */
static void
put_odd_routes(struct mirror *mirror, uint32_t ifindex)
{
	static const uint8_t octets[16] = { 0xfe, 0x80, 255, [15] = 1 };
	struct route_info *info = mirror->said;

	for (unsigned int i = 0; i < 12; i++) {
		bool v6 = i & 1;

		memset(info, 0,
			offsetof(struct route_info, hops) + sizeof(info->hops[0]));
		info->plen = (uint8_t)(i % 3 ? 0 : v6 ? 128 : 24);
		info->dst = inet_make(v6 ? INET_IPV6 : INET_IPV4, octets);
		info->dst = inet_prefix(&info->dst, info->plen);
		info->table = i % 5 ? ROUTE_TABLE_MAIN : ROUTE_TABLE_DEFAULT;
		info->metric = i / 4 * 0x7fffffff;
		info->tos = (uint8_t)(v6 ? 0 : i & 4);
		info->id = v6 ? 0 : i * 10000 + ifindex % 1000;
		info->lifetime = ROUTER_FOREVER;
		info->type = (uint8_t)(i == 7 ? ROUTE_BLACKHOLE : ROUTE_UNICAST);
		info->n_hops = 1;
		info->hops[0].ifindex = i == 7 ? 0 : ifindex;
		if (i & 2)
			info->hops[0].gateway =
				inet_make(v6 || i == 6 ? INET_IPV6 : INET_IPV4, octets);
		mirror_put_route(mirror, info, FROM_EVENT);
	}
}

static struct mirror *
odd_rows(void)
{
	static const uint32_t indexes[] = { 1, 2, 3, 127, 128, 255, 256, 65536,
		0x7fffffff };
	static struct options options;
	struct mirror *mirror = mirror_new(&options);

	for (size_t i = 0; i < N_ELEMENTS(indexes); i++) {
		struct link_info info = { .ifindex = indexes[i],
			.arphrd = 1,
			.master = i == 2 ? 1 : 0,
			.lower = i == 4 ? 3 : 0 };

		info.address.len = (uint8_t)(1 + 4 * i % LLADDR_MAX);
		memset(info.address.bytes, (int)(40 * i), LLADDR_MAX);
		strcpy(info.name, "x");
		mirror_put_link(mirror, &info, FROM_EVENT);
		mirror_put_ipif(mirror,
			&(struct ipif_said){ .ifindex = indexes[i],
				.v4 = i % 3 ? IPIF_PRESENT : IPIF_ABSENT,
				.v6 = i % 4 ? IPIF_PRESENT : IPIF_ABSENT },
			FROM_EVENT);
		put_odd_routes(mirror, indexes[i]);
	}
	router_refresh(mirror);
	put_odd_counters(mirror);
	return mirror;
}

/* What a walk of the table says: the first instance after the place, and is it one? */
static bool
walked(const struct table *table, struct query *query, const struct oid_buf *place,
	struct oid_buf *next, bool *exact)
{
	struct cursor at;
	struct value value;
	bool more;

	*exact = false;
	for (more = table_next(table, query, NULL, 0, false, &at, &value); more;
		more = table_step(table, query, &at, &value)) {
		int order;

		table_name(table, query, &at, next);
		order = oid_compare(next->sub, next->len, place->sub, place->len);
		*exact = *exact || order == 0;
		if (order > 0)
			return true;
	}
	return false;
}

static void
check(const struct table *table, struct mirror *mirror, const struct oid_buf *place)
{
	struct query query;
	struct cursor at;
	struct value value;
	struct oid_buf want, got;
	bool exact, more;

	query_init(&query, mirror, 2, 1);
	more = walked(table, &query, place, &want, &exact);
	query_init(&query, mirror, 2, 1);
	if (table_next(table, &query, place->sub, place->len, false, &at, &value) != more)
		abort();
	if (more) {
		table_name(table, &query, &at, &got);
		if (oid_compare(got.sub, got.len, want.sub, want.len) != 0)
			abort();
	}
	if ((table_get(table, &query, place->sub, place->len, &value) == FOUND) != exact)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mirror *mirror;
	struct oid_buf place = { .len = 0 };
	uint8_t which = size ? data[0] : 0;
	static size_t n_tables;
	const struct table *table;
	bool deep = which & 0x80; /* the input goes on behind the table's entry */

	if (!mirror)
		mirror = odd_rows();
	while (all_tables[n_tables])
		n_tables++;
	table = all_tables[(which & 0x7f) % n_tables];
	if (deep) {
		memcpy(place.sub, table->entry.sub, table->entry.len * sizeof(uint32_t));
		place.len = table->entry.len;
	}
	for (size_t i = 1; i < size && place.len < OID_MAX; i++)
		place.sub[place.len++] = data[i] < 250 ? data[i] : large[data[i] - 250];
	check(table, mirror, &place);
	return 0;
}
