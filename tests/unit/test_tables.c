/*
 * Every table, by the same tests: its golden walk, the order of its set against the order
 * of its indexes over random rows, and GETNEXT from any place around its instances.
 *
 * golden/NAME.walk is what table NAME answers for the fixture's mirror. After a change
 * that is meant, UPDATE_GOLDEN=1 writes them anew: read the difference.
 */
#include "fixture_route.h"
#include "unit.h"

#include "../../agent/base/clock.h"
#include "../../tables/routeEdits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW   (5000 * NS_PER_S)
#define EPOCH (1000 * NS_PER_S)

static void
print_octets(FILE *to, const struct value *value)
{
	const uint8_t *data = value->octets.data;
	bool text = true;

	for (size_t i = 0; i < value->octets.len; i++)
		text = text && data[i] >= 0x20 && data[i] < 0x7f;
	if (text) {
		fprintf(to, "\"%.*s\"", (int)value->octets.len, (const char *)data);
		return;
	}
	for (size_t i = 0; i < value->octets.len; i++)
		fprintf(to, "%s%02x", i ? ":" : "", data[i]);
}

static void
print_oid(FILE *to, const uint32_t *sub, size_t len)
{
	for (size_t i = 0; i < len; i++)
		fprintf(to, "%s%u", i ? "." : "", sub[i]);
}

static void
print_value(FILE *to, const struct value *value)
{
	static const char *const names[] = { "INTEGER", "Gauge32", "Counter32",
		"Counter64", "TimeTicks", "OCTETS", "OID", "IpAddress" };

	fprintf(to, " %s ", names[value->syntax]);
	if (value->syntax == SYNTAX_OCTETS || value->syntax == SYNTAX_IPADDRESS)
		print_octets(to, value);
	else if (value->syntax == SYNTAX_OBJECT_ID)
		print_oid(to, value->oid.sub, value->oid.len);
	else
		fprintf(to, "%lld", (long long)value->number);
}

/* Walks @table from one instance to the next, as a manager does. */
static void
walk(FILE *to, const struct table *table, struct mirror *mirror)
{
	struct oid_buf at = { .len = 0 };
	struct query query;
	struct cursor cursor;
	struct value value;

	for (;;) {
		query_init(&query, mirror, NOW, EPOCH);
		if (!table_next(table, &query, at.sub, at.len, false, &cursor, &value))
			return;
		table_name(table, &query, &cursor, &at);
		fprintf(to, "%s.", cursor.column->name);
		print_oid(
			to, at.sub + table->entry.len + 1, at.len - table->entry.len - 1);
		print_value(to, &value);
		fputc('\n', to);
	}
}

static char *
read_file(const char *path)
{
	char *text = calloc(1, 1 << 20);
	FILE *file = fopen(path, "re");

	if (file) {
		if (fread(text, 1, (1 << 20) - 1, file) == 0)
			text[0] = '\0';
		fclose(file);
	}
	return text;
}

/* Shows the first line in which the two differ. */
static void
show_difference(const char *path, const char *got, const char *want)
{
	size_t at = 0, line = 0;

	for (; got[at] && got[at] == want[at]; at++) {
		if (got[at] == '\n')
			line = at + 1;
	}
	printf("\n\t%s: got  %.*s\n\t%*s  want %.*s", path,
		(int)strcspn(got + line, "\n"), got + line, (int)strlen(path), "",
		(int)strcspn(want + line, "\n"), want + line);
}

static void
compare_golden(const struct table *table, const char *walked)
{
	char path[128], *golden;

	snprintf(path, sizeof(path), "tests/unit/golden/%s.walk", table->name);
	if (getenv("UPDATE_GOLDEN")) {
		FILE *file = fopen(path, "we");

		fputs(walked, file);
		fclose(file);
	}
	golden = read_file(path);
	CU_ASSERT_STRING_EQUAL(walked, golden);
	if (strcmp(walked, golden) != 0)
		show_difference(path, walked, golden);
	free(golden);
}

static void
move_ipifs(struct mirror *mirror)
{
	struct ipif_said off = { .ifindex = 21, .v4 = IPIF_PRESENT, .v6 = IPIF_ABSENT };
	struct ipif_said gone = { .ifindex = 30, .v4 = IPIF_ABSENT, .v6 = IPIF_ABSENT };
	struct ipif_said on = { .ifindex = 3, .v6 = IPIF_NAMED, .has_forwarding = true };
	struct ip_counters reset = { .in_receives = optional_of(1) };

	clock_freeze(NOW - 15 * NS_PER_S);
	mirror_put_ipif(mirror, &off, FROM_EVENT);
	ipif_set_counters(ipif_find(mirror, IP_V6, 2), &reset, clock_now());
	clock_freeze(NOW - 14 * NS_PER_S);
	on.info.forwarding = true;
	mirror_put_ipif(mirror, &on, FROM_EVENT);
	clock_freeze(NOW - 16 * NS_PER_S);
	mirror_put_ipif(mirror, &gone, FROM_EVENT);
}

/* Things happen to the fixture, so that there are stamps. */
static struct mirror *
lively_mirror(void)
{
	struct mirror *mirror = fixture_mirror(NOW - 60 * NS_PER_S);
	struct link_info info = mirror_link(mirror, 3)->info;
	struct lladdr group = { 6, { 0x33, 0x33, 0, 0, 0, 1 } };
	struct raw_counters reset = { .rx_bytes = 1 };

	clock_freeze(NOW - 30 * NS_PER_S);
	info.operstate = OPERSTATE_UP; /* a cable is plugged in */
	info.lower_up = true;
	mirror_put_link(mirror, &info, FROM_EVENT);
	clock_freeze(NOW - 20 * NS_PER_S);
	mirror_drop_link(mirror, 16);
	mirror_set_counters(mirror_link(mirror, 15), &reset, false, clock_now());
	rcvaddr_sweep_begin(mirror);
	rcvaddr_put(mirror, 2, &group);
	rcvaddr_sweep_end(mirror);
	mirror->ip.v6.discontinuity = NOW - 10 * NS_PER_S;
	writes_note_done(&mirror->writes, 41);
	writes_note_undone(&mirror->writes, 42);
	writes_say(&mirror->writes,
		"what the kernel says of \xc3\xa9\xf0\x9f\x98\x80\xff\n");
	writes_say(&mirror->writes, "not this");
	writes_note_failure(&mirror->writes, 43, 14, 3, "nor this");
	move_ipifs(mirror);
	told_loss(&mirror->told);
	told_resync(&mirror->told);
	mirror->status = (struct status){ .version = "1.2.3",
		.started = NOW - 50 * NS_PER_S,
		.events = 5000000000,
		.requests = 6000000000,
		.sessions = 2,
		.connected = true,
		.connected_since = NOW - 15 * NS_PER_S };
	clock_freeze(NOW);
	return mirror;
}

static void
golden_walks(void)
{
	struct mirror *mirror = lively_mirror();

	for (const struct table *const *table = all_tables; *table; table++) {
		char *walked;
		size_t len;
		FILE *to = open_memstream(&walked, &len);

		walk(to, *table, mirror);
		fclose(to);
		CU_ASSERT_TRUE(len > 0);
		compare_golden(*table, walked);
		free(walked);
	}
	mirror_free(mirror);
	clock_freeze(0);
}

static struct inet
random_inet(void)
{
	uint8_t octets[16];

	/* few values, so that addresses meet again on other links */
	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = pick(4) ? 0xff : (uint8_t)pick(256);
	octets[0] = pick(2) ? 0xfe : 0x20;
	octets[1] = 0x80;
	return inet_make(pick(2) ? INET_IPV4 : INET_IPV6, octets);
}

static void
put_random_addr(struct mirror *mirror, uint32_t ifindex)
{
	struct addr_info info = { .ifindex = ifindex, .local = random_inet() };

	info.prefix = info.local;
	info.prefix_length = (uint8_t)pick(8u * info.local.len + 1);
	if (inet_is_v6(&info.local))
		info.class = pick(4) ? ADDR_UNICAST : ADDR_ANYCAST;
	else
		info.has_broadcast = pick(2);
	info.broadcast = inet_make(INET_IPV4, info.local.bytes);
	info.broadcast.bytes[3] = 255;
	mirror_put_addr(mirror, &info, FROM_EVENT);
}

static void
put_random_neigh(struct mirror *mirror, uint32_t ifindex)
{
	struct neigh_info info = { .ifindex = ifindex,
		.state = pick(4) ? NEIGH_STALE : NEIGH_NOARP,
		.address = random_inet() };

	mirror_put_neigh(mirror, &info, FROM_EVENT);
}

static struct optional
odd_number(void)
{
	return (struct optional){ pick(3), pick(4) > 0 };
}

/* Counters of which any may be missing. */
static void
put_odd_counters(struct ip_node *node, enum ip_version version)
{
	struct ip_reading reading;
	struct optional *at = (void *)&reading;

	memset(&reading, 0, sizeof(reading));
	for (size_t i = 0; i < sizeof(reading) / sizeof(*at); i++)
		at[i] = odd_number();
	ipstats_put(node, version, &reading, 1);
}

/* Every other one a default route, by a gateway mostly. */
static void
put_random_route(struct mirror *mirror, uint32_t ifindex)
{
	static const uint32_t tables[] = { 254, 254, 254, 253, 1, 0xffffffff };
	struct route_info *info = mirror->said;
	struct inet gateway = random_inet();
	bool v6 = inet_is_v6(&gateway);

	memset(info, 0, offsetof(struct route_info, hops) + 2 * sizeof(info->hops[0]));
	info->plen = (uint8_t)(pick(2) ? 0 : pick(v6 ? 129 : 33));
	do
		info->dst = random_inet();
	while (inet_is_v6(&info->dst) != v6);
	info->dst = inet_prefix(&info->dst, info->plen);
	if (v6 && !pick(4)) {
		info->src_plen = (uint8_t)(1 + pick(128));
		info->src = inet_make(INET_IPV6, gateway.bytes);
		info->src = inet_prefix(&info->src, info->src_plen);
	}
	info->table = tables[pick(N_ELEMENTS(tables))];
	info->metric = pick(2) ? pick(3) : (uint32_t)-1;
	info->tos = (uint8_t)(v6 ? 0 : 4 * pick(2));
	info->type = (uint8_t)(pick(4) ? ROUTE_UNICAST : 1 + pick(9));
	info->proto = (uint8_t)pick(256);
	info->lifetime = ROUTER_FOREVER;
	info->id = v6 ? 0 : pick(100000);
	info->n_hops = 1 + pick(2);
	for (size_t i = 0; i < info->n_hops; i++) {
		info->hops[i].ifindex = ifindex;
		info->hops[i].weight = (uint16_t)(info->n_hops - 1);
		if (pick(4))
			info->hops[i].gateway = gateway;
		if (i && !v6) /* an IPv6 gateway of an IPv4 route, too */
			info->hops[i].gateway = random_inet();
	}
	mirror_put_route(mirror, info, FROM_EVENT);
}

static struct mirror *
random_mirror(void)
{
	static struct options options;
	struct mirror *mirror = mirror_new(&options);
	static const uint32_t odd[] = { 1, 2, 127, 128, 255, 256, 65535, 65536,
		0x7fffffff };

	for (int i = 0; i < 200; i++) {
		struct link_info info = plain_link(1, "x");
		struct lladdr address;

		info.ifindex =
			pick(3) ? 1 + pick(0x7fffffff) : odd[pick(N_ELEMENTS(odd))];
		info.master = pick(2) ? 0 : 1 + pick(300);
		info.lower = pick(2) ? 0 : odd[pick(N_ELEMENTS(odd))];
		info.address.len = (uint8_t)(1 + pick(LLADDR_MAX));
		for (size_t k = 0; k < LLADDR_MAX; k++)
			info.address.bytes[k] = (uint8_t)pick(256);
		mirror_put_link(mirror, &info, FROM_EVENT);
		mirror_put_ipif(mirror,
			&(struct ipif_said){ .ifindex = info.ifindex,
				.v4 = IPIF_PRESENT,
				.v6 = IPIF_PRESENT },
			FROM_EVENT);
		address = info.address;
		for (int n = 0; n < 5; n++) {
			address.len = (uint8_t)(1 + pick(LLADDR_MAX));
			address.bytes[pick(LLADDR_MAX)] = (uint8_t)pick(256);
			mirror->rcvaddr_sweep = 1;
			rcvaddr_put(mirror, info.ifindex, &address);
		}
		put_random_addr(mirror, info.ifindex);
		put_random_neigh(mirror, info.ifindex);
		for (int n = 0; n < 4; n++)
			put_random_route(mirror, info.ifindex);
	}
	options.connected_next_hop_zero = pick(2);
	random_routes(mirror, 1000);
	mirror->ip.discarded_routes = optional_of(1);
	put_odd_counters(&mirror->ip, IP_V4);
	put_odd_counters(&mirror->ip, IP_V6);
	router_refresh(mirror);
	return mirror;
}

/* The order of two rows that follow each other: what the set promises for the table. */
static bool
order_is_right(const struct table *table, const void *row, const struct oid_buf *before,
	const struct oid_buf *index)
{
	size_t group = table->group ? table->group : OID_MAX;
	size_t a = before->len < group ? before->len : group;
	size_t b = index->len < group ? index->len : group;
	int cmp = oid_compare(before->sub, a, index->sub, b);

	/* only what has no place in the table may share one, or a group does */
	return cmp < 0 ||
	       (cmp == 0 && (table->group || (table->member && !table->member(row))));
}

static void
key_order_is_index_order(void)
{
	struct mirror *mirror = random_mirror();

	for (const struct table *const *at = all_tables; *at; at++) {
		struct oid_buf before = { .len = 0 }, index;
		const struct set *set;
		struct query query;

		if (!(*at)->rows)
			continue;
		query_init(&query, mirror, NOW, EPOCH);
		set = (*at)->rows(&query);
		CU_ASSERT_TRUE(set_count(set) > 100 || set == &mirror->ip.stats ||
			       set == &mirror->told.types);
		for (void *row = set_first(set); row; row = set_next(set, row)) {
			index.len = 0;
			index_encode(*at, &query, row, &index);
			CU_ASSERT_TRUE(order_is_right(*at, row, &before, &index));
			before = index;
		}
	}
	mirror_free(mirror);
}

struct instances {
	struct oid_buf *names;
	size_t n;
};

static struct instances
list(const struct table *table, struct mirror *mirror)
{
	struct instances all = { NULL, 0 };
	struct query query;
	struct cursor at;
	struct value value;
	bool more;

	query_init(&query, mirror, NOW, EPOCH);
	for (more = table_next(table, &query, NULL, 0, false, &at, &value); more;
		more = table_step(table, &query, &at, &value)) {
		if ((all.n & (all.n - 1)) == 0) /* the sanitizer's realloc() copies */
			all.names =
				realloc(all.names, (2 * all.n + 1) * sizeof(*all.names));
		table_name(table, &query, &at, &all.names[all.n++]);
		if (all.n > 1)
			CU_ASSERT_TRUE(oid_compare(all.names[all.n - 2].sub,
					       all.names[all.n - 2].len,
					       all.names[all.n - 1].sub,
					       all.names[all.n - 1].len) < 0);
	}
	return all;
}

static void
shake(struct oid_buf *place)
{
	static const uint32_t odd[] = { 0, 1, 255, 256, 0x7fffffff, 0x80000000,
		UINT32_MAX };

	for (uint32_t changes = pick(4); changes; changes--) {
		uint32_t at = pick((uint32_t)place->len);

		switch (pick(4)) {
		case 0:
			place->len = at + 1;
			break;
		case 1: /* over-long, up to the limit */
			for (uint32_t n = 1 + pick(pick(2) ? 3 : OID_MAX);
				n && place->len < OID_MAX; n--)
				place->sub[place->len++] = odd[pick(N_ELEMENTS(odd))];
			break;
		case 2:
			place->sub[at] = odd[pick(N_ELEMENTS(odd))];
			break;
		case 3:
			place->sub[at] += pick(2) ? 1 : UINT32_MAX;
			break;
		}
	}
}

/* The first instance behind @place, by a binary search of its own. */
static size_t
successor(const struct instances *all, const struct oid_buf *place)
{
	size_t low = 0, high = all->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (oid_compare(all->names[mid].sub, all->names[mid].len, place->sub,
			    place->len) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void
getnext_from_any_place(void)
{
	struct mirror *mirror = random_mirror();

	for (const struct table *const *table = all_tables; *table; table++) {
		struct instances all = list(*table, mirror);

		CU_ASSERT_TRUE_FATAL(all.n > 0);
		for (int i = 0; i < 3000; i++) {
			struct oid_buf place = all.names[pick((uint32_t)all.n)], got;
			struct query query;
			struct cursor at;
			struct value value;
			size_t want;
			bool found;

			shake(&place);
			want = successor(&all, &place);
			query_init(&query, mirror, NOW, EPOCH);
			found = table_next(
				*table, &query, place.sub, place.len, false, &at, &value);
			CU_ASSERT_EQUAL(found, want < all.n);
			if (!found || want == all.n)
				continue;
			table_name(*table, &query, &at, &got);
			CU_ASSERT_EQUAL(oid_compare(got.sub, got.len, all.names[want].sub,
						all.names[want].len),
				0);
		}
		free(all.names);
	}
	mirror_free(mirror);
}

static void
display(const char *text, size_t max, const char *want)
{
	struct value value;

	value_set_display(&value, text, max);
	CU_ASSERT_EQUAL(value.octets.len, strlen(want));
	CU_ASSERT_EQUAL(memcmp(value.octets.data, want, strlen(want)), 0);
}

static void
display_strings(void)
{
	char longest[300];

	display("", 64, "");
	display("plain ~", 64, "plain ~");
	display("caf\xc3\xa9", 64, "caf?"); /* one character, two octets */
	display("\xe2\x82\xac\xf0\x9f\x90\xa7x", 64, "??x"); /* euro, penguin */
	display("a\x01\x7f\tb", 64, "a???b");
	display("\xff\xfe", 64, "??");	     /* not UTF-8 at all */
	display("\x80\x81", 64, "??");	     /* must not become the empty name */
	display("\xe2\x82x\xc3", 64, "?x?"); /* cut characters */
	display("\xc3\xa9\xa9", 64, "??");
	display("1234567", 4, "1234");
	memset(longest, 'x', sizeof(longest));
	longest[299] = '\0';
	longest[255] = '\0';
	display(longest, 9999, longest);
}

/* Can a route to 10.2.0.0/16 be made by { 0 0 254 0 5 @ifindex }, with that next hop? */
static bool
can_be_made(uint32_t ifindex, const uint32_t *hop, size_t n)
{
	uint32_t index[30] = { 1, 4, 10, 2, 0, 0, 16, 6, 0, 0, 254, 0, 5, ifindex };
	struct route_copy copy = { 0 };
	struct mirror *mirror = fixture_mirror(NOW);
	struct query query;
	bool can;

	query_init(&query, mirror, NOW, EPOCH);
	memcpy(index + 14, hop, n * sizeof(hop[0]));
	can = make_inetCidrRoute(&query, index, 14 + n, &copy);
	CU_ASSERT_TRUE(!can || (copy.long_policy && copy.ifindex == ifindex));
	mirror_free(mirror);
	return can;
}

static void
a_long_policy_names_the_link_of_a_gateway(void)
{
	static const uint32_t gateway[] = { 1, 4, 192, 0, 2, 9 }, none[] = { 0, 0 };

	CU_ASSERT_TRUE(can_be_made(2, gateway, 6));
	CU_ASSERT_FALSE(can_be_made(0, gateway, 6)); /* it would be shown as another's */
	CU_ASSERT_TRUE(can_be_made(2, none, 2));
	CU_ASSERT_TRUE(can_be_made(0, none, 2)); /* a blackhole */
}

void
suite_tables(void)
{
	CU_pSuite suite = CU_add_suite("tables", NULL, NULL);

	CU_ADD_TEST(suite, golden_walks);
	CU_ADD_TEST(suite, key_order_is_index_order);
	CU_ADD_TEST(suite, getnext_from_any_place);
	CU_ADD_TEST(suite, display_strings);
	CU_ADD_TEST(suite, a_long_policy_names_the_link_of_a_gateway);
}
