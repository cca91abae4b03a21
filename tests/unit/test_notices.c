/*
 * What is told of changes: a mirror, the files of tables/ that watch it, and a sink that
 * writes down the names of what it is given; time and the loop are turned by hand. Each
 * notice is held against the OBJECTS of its notification (tests/facts/).
 */
#include "../../tables/notices.h"
#include "timers.h"
#include "unit.h"

#include "../../agent/base/clock.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALL ((1u << N_NOTICE_TYPES) - 1)

static struct world {
	char told[1000]; /* the names of what was sent, each with a space behind it */
	struct options options;
	struct notify_limits limits; /* that let all through */
	struct mirror *mirror;
	struct notifier *notifier;
	struct notices notices;
} world;

/* The facts. */

struct fact {
	char name[48], oid[64], objects[256];
};

static struct fact facts[1000];
static size_t n_facts;

static void
read_module(const char *module)
{
	char line[8192], path[64];
	FILE *file;

	snprintf(path, sizeof(path), "tests/facts/%s.tsv", module);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file) && n_facts < N_ELEMENTS(facts)) {
		struct fact *fact = &facts[n_facts++];
		char *rest = line, *field;

		line[strcspn(line, "\n")] = '\0';
		for (int i = 0; (field = strsep(&rest, "\t")); i++) {
			if (i == 1)
				snprintf(fact->name, sizeof(fact->name), "%s", field);
			if (i == 3)
				snprintf(fact->oid, sizeof(fact->oid), "%s", field);
			if (i == 11)
				snprintf(fact->objects, sizeof(fact->objects), "%s",
					field);
		}
	}
	if (file)
		fclose(file);
}

static int
read_facts(void)
{
	n_facts = 0;
	read_module("IF-MIB");
	read_module("IP-MIB");
	read_module("IP-FORWARD-MIB");
	read_module("NETMIBD-MIB");
	return n_facts < 300;
}

static const struct fact *
by_name(const char *name)
{
	for (size_t i = 0; i < n_facts; i++) {
		if (strcmp(facts[i].name, name) == 0)
			return &facts[i];
	}
	CU_FAIL_FATAL("no such object");
	return NULL;
}

static void
write_oid(char *text, const uint32_t *sub, size_t len)
{
	*text = '\0';
	for (size_t i = 0; i < len; i++)
		text += sprintf(text, "%s%u", i ? "." : "", sub[i]);
}

static void
agrees(const struct notice *notice)
{
	const struct fact *fact = by_name(notice->what->name);
	const struct notice_varbind *varbind = STAILQ_FIRST(&notice->varbinds);
	char objects[256], *rest = objects, *name, text[OID_MAX * 11];

	write_oid(text, notice->what->oid.sub, notice->what->oid.len);
	CU_ASSERT_STRING_EQUAL(text, fact->oid);
	strcpy(objects, fact->objects);
	while ((name = strsep(&rest, ","))) {
		const char *oid = by_name(name)->oid;

		CU_ASSERT_PTR_NOT_NULL_FATAL(varbind);
		write_oid(text, varbind->oid, varbind->name_len);
		CU_ASSERT_TRUE(
			strncmp(text, oid, strlen(oid)) == 0 && text[strlen(oid)] == '.');
		varbind = STAILQ_NEXT(varbind, next);
	}
}

/* The world. */

static void
pass(unsigned int ms)
{
	timers_pass(ms * NS_PER_MS);
}

static bool
take(void *arg, struct notice *notice)
{
	size_t len = strlen(world.told);

	(void)arg;
	agrees(notice);
	snprintf(world.told + len, sizeof(world.told) - len, "%s ", notice->what->name);
	notice_free(notice);
	return true;
}

static struct notice *
summarize(void *arg)
{
	(void)arg;
	return notices_summary(&world.notices);
}

static const struct notify_sink sink = { take, NULL, summarize, NULL };

static void
is_told(const char *names)
{
	CU_ASSERT_STRING_EQUAL(world.told, names);
	*world.told = '\0';
}

static void
complete(void)
{
	struct mirror *mirror = world.mirror;

	for (enum kind kind = KIND_LINK; kind <= KIND_NEXTHOP; kind++)
		mirror_sweep_end(mirror, kind);
	route_sweep_end(mirror, UINT64_MAX);
	notices_begin(&world.notices);
}

static void
put_link(uint32_t ifindex, bool up)
{
	char name[16];
	struct link_info info;

	snprintf(name, sizeof(name), "l%u", ifindex);
	info = plain_link(ifindex, name);
	info.up = info.lower_up = up;
	info.operstate = up ? OPERSTATE_UP : OPERSTATE_DOWN;
	mirror_put_link(world.mirror, &info, FROM_EVENT);
}

static void
begin(uint32_t enabled)
{
	memset(&world, 0, sizeof(world));
	timers_begin(1000 * NS_PER_S);
	world.limits = (struct notify_limits){ .penalty = 0,
		.half_life = 1,
		.suppress = 10,
		.reuse = 5,
		.ceiling = 1,
		.rate = 100000,
		.burst = 100000,
		.window = 1000 };
	options_init(&world.options);
	world.mirror = mirror_new(&world.options);
	world.notifier = notifier_new(&timers_loop, &world.limits, &sink);
	notices_open(&world.notices, world.mirror, world.notifier, &timers_loop);
	world.mirror->told.enabled = enabled;
	for (enum kind kind = KIND_LINK; kind <= KIND_NEXTHOP; kind++)
		mirror_sweep_begin(world.mirror, kind);
	route_sweep_begin(world.mirror, 0);
}

static void
end(void)
{
	notices_close(&world.notices);
	notifier_free(world.notifier);
	mirror_free(world.mirror);
	options_free(&world.options);
	timers_end();
	CU_ASSERT_EQUAL(timers_set(), 0);
}

static struct inet
inet_of(const char *text)
{
	uint8_t octets[16] = { 0 };
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;

	CU_ASSERT_EQUAL_FATAL(inet_pton(family, text, octets), 1);
	return inet_make(family == AF_INET ? INET_IPV4 : INET_IPV6, octets);
}

/* An IPv4 route, or with a gateway of IPv6 one of that; @gateway may be NULL. */
static struct route_info *
route(const char *dst, uint8_t plen, const char *gateway, uint32_t ifindex,
	uint32_t metric)
{
	struct route_info *info = world.mirror->said;

	memset(info, 0, offsetof(struct route_info, hops) + sizeof(info->hops[0]));
	info->dst = inet_of(dst);
	info->plen = plen;
	info->table = ROUTE_TABLE_MAIN;
	info->type = ROUTE_UNICAST;
	info->metric = metric;
	info->lifetime = ROUTER_FOREVER;
	info->n_hops = 1;
	info->hops[0].ifindex = ifindex;
	if (gateway)
		info->hops[0].gateway = inet_of(gateway);
	if (inet_is_v4(&info->dst))
		info->id = 1 + ifindex +
			   (gateway ? 256u * info->hops[0].gateway.bytes[3] : 0);
	return info;
}

static void
put_default(const char *gateway, uint32_t ifindex, uint32_t metric)
{
	mirror_put_route(
		world.mirror, route("0.0.0.0", 0, gateway, ifindex, metric), FROM_EVENT);
}

static void
drop_default(const char *gateway, uint32_t ifindex, uint32_t metric)
{
	mirror_drop_route(world.mirror, route("0.0.0.0", 0, gateway, ifindex, metric));
}

static void
put_neigh(const char *address, uint32_t ifindex, uint8_t state, uint8_t last)
{
	struct neigh_info info = { .ifindex = ifindex,
		.state = state,
		.address = inet_of(address),
		.lladdr = { 6, { 2, 0, 0, 0, 0, last } } };

	if (!last)
		info.lladdr = (struct lladdr){ .len = 0 };
	mirror_put_neigh(world.mirror, &info, FROM_EVENT);
}

static void
drop_neigh(const char *address, uint32_t ifindex)
{
	struct neigh_info info = { .ifindex = ifindex, .address = inet_of(address) };

	mirror_drop_neigh(world.mirror, &info);
}

static struct addr_info
address(const char *text, uint16_t flags)
{
	struct inet inet = inet_of(text);

	return (struct addr_info){ .ifindex = 2,
		.local = inet,
		.prefix = inet,
		.prefix_length = 64,
		.flags = flags,
		.preferred_lifetime = ADDR_FOREVER,
		.valid_lifetime = ADDR_FOREVER };
}

static void
put_address(const char *text, uint16_t flags)
{
	struct addr_info info = address(text, flags);

	mirror_put_addr(world.mirror, &info, FROM_EVENT);
}

/* Everything that can happen, once. */
static void
live(void)
{
	struct addr_info info = address("2001:db8::1", 0);

	put_link(7, true);
	put_link(7, false);
	put_address("2001:db8::1", ADDR_TENTATIVE);
	put_address("2001:db8::1", 0);
	put_address("2001:db8::1", ADDR_DEPRECATED);
	put_address("2001:db8::2", ADDR_TENTATIVE | ADDR_DADFAILED);
	mirror_drop_addr(world.mirror, &info);
	put_default("10.0.0.1", 2, 5);
	pass(100);
	mirror_put_route(
		world.mirror, route("10.9.0.0", 16, "10.0.0.1", 2, 0), FROM_EVENT);
	mirror_drop_route(world.mirror, route("10.9.0.0", 16, "10.0.0.1", 2, 0));
	for (int i = 0; i < 4; i++)
		put_neigh("10.0.0.1", 2, NEIGH_REACHABLE, (uint8_t)(1 + i % 2));
	put_neigh("10.0.0.1", 2, NEIGH_FAILED, 0);
	pass(100);
	put_neigh("10.0.0.1", 2, NEIGH_REACHABLE, 2);
	drop_default("10.0.0.1", 2, 5);
	pass(100);
	mirror_drop_link(world.mirror, 7);
	told_resync(&world.mirror->told);
}

static void
everything(void)
{
	begin(ALL);
	CU_ASSERT_TRUE(options_notify_routes(&world.options, "any"));
	put_link(2, true);
	complete();
	is_told("");
	live();
	is_told("nmdInterfaceAdded linkDown nmdAddressAdded nmdAddressDeprecated "
		"nmdAddressDuplicate nmdAddressRemoved nmdRouteAdded "
		"nmdDefaultRouteChanged nmdRouteAdded nmdRouteRemoved nmdNeighborMoved "
		"nmdNeighborMoved nmdNeighborMoved nmdNeighborConflict "
		"nmdGatewayUnreachable nmdGatewayReachable nmdRouteRemoved "
		"nmdDefaultRouteLost nmdInterfaceRemoved nmdResyncDone ");
	end();
}

static void
nothing_that_is_switched_off(void)
{
	begin(0);
	CU_ASSERT_TRUE(options_notify_routes(&world.options, "any"));
	put_link(2, true);
	complete();
	live();
	pass(2000);
	is_told("");
	end();
}

static void
nothing_before_the_start(void)
{
	begin(ALL);
	put_link(2, true);
	live();
	told_resync(&world.mirror->told);
	is_told("nmdResyncDone nmdResyncDone "); /* which nobody calls before */
	complete();
	pass(200);
	is_told("");
	end();
}

/* One of two in each pair is off: the other one is told each time. */
static void
without_its_opposite(void)
{
	begin(1u << NOTICE_INTERFACE_REMOVED | 1u << NOTICE_ADDRESS_ADDED);
	put_link(2, true);
	complete();
	for (int i = 0; i < 2; i++) {
		struct addr_info info = address("2001:db8::1", 0);

		put_link(7, false);
		mirror_drop_link(world.mirror, 7);
		put_address("2001:db8::1", 0);
		mirror_drop_addr(world.mirror, &info);
	}
	is_told("nmdInterfaceRemoved nmdAddressAdded nmdInterfaceRemoved "
		"nmdAddressAdded ");
	end();
}

static void
default_routes(void)
{
	begin(1u << NOTICE_DEFAULT_ROUTE);
	put_link(2, true);
	put_link(3, true);
	put_default("10.0.0.1", 2, 5);
	complete();
	put_default("10.0.0.1", 2, 9); /* the same once more, and then another metric */
	drop_default("10.0.0.1", 2, 5);
	put_default("10.0.0.2", 3, 10);
	pass(100);
	is_told("");
	put_default("10.0.0.3", 3, 1);
	pass(1);
	is_told("nmdDefaultRouteChanged ");
	drop_default("10.0.0.3", 3, 1);
	drop_default("10.0.0.1", 2, 9);
	drop_default("10.0.0.2", 3, 10);
	pass(40);
	is_told("");
	put_default("10.0.0.3", 3, 7); /* that was none */
	pass(100);
	is_told("");
	drop_default("10.0.0.3", 3, 7);
	pass(49);
	is_told("");
	pass(5);
	is_told("nmdDefaultRouteLost ");
	pass(200);
	is_told("");
	put_default("10.0.0.3", 3, 7);
	pass(1);
	is_told("nmdDefaultRouteChanged ");
	world.mirror->said = route("0.0.0.0", 0, NULL, 0, 0);
	world.mirror->said->type = ROUTE_BLACKHOLE;
	mirror_put_route(world.mirror, world.mirror->said, FROM_EVENT);
	pass(60);
	is_told("nmdDefaultRouteLost ");
	end();
}

/* Changes that never stop put nothing off. */
static void
default_routes_in_a_storm(void)
{
	begin(1u << NOTICE_DEFAULT_ROUTE);
	put_link(2, true);
	put_default("10.0.0.1", 2, 5);
	complete();
	drop_default("10.0.0.1", 2, 5);
	for (int i = 0; i < 200; i++) {
		mirror_put_route(
			world.mirror, route("::", 0, "2001:db8::1", 2, 1), FROM_EVENT);
		mirror_drop_route(world.mirror, route("::", 0, "2001:db8::1", 2, 1));
		timers_pass(NS_PER_MS / 2);
	}
	is_told("nmdDefaultRouteLost ");
	end();
}

static void
conflicts(void)
{
	begin(1u << NOTICE_NEIGHBOR_CONFLICT);
	put_link(2, true);
	complete();
	put_neigh("10.0.0.1", 2, NEIGH_STALE, 1);
	put_neigh("10.0.0.1", 2, NEIGH_STALE, 2);
	put_neigh("10.0.0.1", 2, NEIGH_STALE, 1);
	pass(61000);
	put_neigh("10.0.0.1", 2, NEIGH_STALE, 2); /* too late for both */
	pass(40000);
	put_neigh("10.0.0.1", 2, NEIGH_STALE, 1);
	pass(21000);
	put_neigh("10.0.0.1", 2, NEIGH_STALE, 2); /* for the first of them */
	put_neigh("10.0.0.1", 2, NEIGH_STALE, 3); /* other ones */
	put_neigh("10.0.0.1", 2, NEIGH_STALE, 1);
	put_neigh("10.0.0.1", 2, NEIGH_STALE, 2);
	put_neigh("10.0.0.1", 2, NEIGH_FAILED, 0); /* where from is remembered */
	put_neigh("10.0.0.1", 2, NEIGH_STALE, 1);
	is_told("");
	put_neigh("10.0.0.1", 2, NEIGH_STALE, 2);
	is_told("nmdNeighborConflict ");
	put_neigh("10.0.0.1", 2, NEIGH_FAILED, 0);
	put_neigh("10.0.0.1", 2, NEIGH_STALE, 2); /* as it was */
	is_told("");
	for (unsigned int i = 0; i < 3000; i++) {
		char text[16];

		snprintf(text, sizeof(text), "10.1.%u.%u", i / 250, i % 250);
		for (uint8_t last = 1; last < 3; last++)
			put_neigh(text, 2, NEIGH_STALE, last);
	}
	CU_ASSERT_TRUE(set_count(&world.notices.movers) <= 1024);
	end();
}

static void
gateways(void)
{
	begin(1u << NOTICE_GATEWAY);
	put_link(2, true);
	put_default("10.0.0.1", 2, 5);
	put_neigh("10.0.0.1", 2, NEIGH_REACHABLE, 1);
	complete();
	put_neigh("10.0.0.9", 2, NEIGH_FAILED, 0); /* no gateway */
	put_neigh("10.0.0.1", 2, NEIGH_FAILED, 1); /* deleted by somebody */
	pass(5);
	drop_neigh("10.0.0.1", 2);
	pass(100);
	is_told("");
	put_neigh("10.0.0.1", 2, NEIGH_FAILED, 0);
	pass(10);
	is_told("nmdGatewayUnreachable ");
	drop_neigh("10.0.0.1", 2);
	put_neigh("10.0.0.1", 2, NEIGH_INCOMPLETE, 0);
	put_neigh("10.0.0.1", 2, NEIGH_FAILED, 0);
	pass(100);
	is_told("");
	put_neigh("10.0.0.1", 2, NEIGH_STALE, 1);
	is_told("nmdGatewayReachable ");
	put_default("10.0.0.9", 2, 9); /* which has failed already */
	pass(10);
	is_told("nmdGatewayUnreachable ");
	drop_default("10.0.0.9", 2, 9);
	pass(10);
	put_neigh("10.0.0.9", 2, NEIGH_REACHABLE, 9); /* it is none any more */
	pass(100);
	is_told("");
	CU_ASSERT_EQUAL(set_count(&world.notices.gateways), 0);
	end();
}

static void
filters(void)
{
	static const char *const good[] = { "any", "any proto 4", "10.0.0.0/8",
		"10.1.2.3", "::/0", "2001:db8::/32 proto 255", "0.0.0.0/0" };
	static const char *const bad[] = { "", "all", "10.0.0.1/8", "10.0.0.0/33", "10/8",
		"10.0.0.0/", "10.0.0.0/x", "::/129", "any proto", "any 4",
		"any proto 256", "any proto -1", "any proto 4 5", "10.0.0.0/8 any",
		"proto 4" };

	begin(1u << NOTICE_ROUTE);
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		CU_ASSERT_FALSE(options_notify_routes(&world.options, bad[i]));
	CU_ASSERT_EQUAL(world.options.n_notify_routes, 0);
	for (size_t i = 0; i < N_ELEMENTS(good); i++)
		CU_ASSERT_TRUE(options_notify_routes(&world.options, good[i]));
	CU_ASSERT_EQUAL(world.options.n_notify_routes, N_ELEMENTS(good));
	options_init(&world.options);
	CU_ASSERT_TRUE(options_notify_routes(&world.options, "10.8.0.0/14 proto 0"));
	put_link(2, true);
	complete();
	mirror_put_route(world.mirror, route("10.7.0.0", 16, NULL, 2, 0), FROM_EVENT);
	mirror_put_route(world.mirror, route("10.8.0.0", 13, NULL, 2, 0), FROM_EVENT);
	mirror_put_route(world.mirror, route("::", 8, NULL, 2, 0), FROM_EVENT);
	is_told("");
	mirror_put_route(world.mirror, route("10.11.0.0", 16, NULL, 2, 0), FROM_EVENT);
	is_told("nmdRouteAdded ");
	mirror_drop_route(world.mirror, route("10.11.0.0", 16, NULL, 2, 0));
	is_told("nmdRouteRemoved ");
	end();
}

static void
summaries(void)
{
	begin(1u << NOTICE_LINK | 1u << NOTICE_SUMMARY);
	world.limits.penalty = 1;
	world.limits.half_life = 100000;
	world.limits.suppress = 2;
	world.limits.reuse = 1;
	world.limits.ceiling = 200000;
	put_link(2, true);
	complete();
	for (int i = 0; i < 9; i++)
		put_link(2, i % 2);
	is_told("linkDown linkUp ");
	pass(1200);
	is_told("nmdNotifySummary ");
	CU_ASSERT_EQUAL(notify_counts(world.notifier)->held[NOTICE_LINK], 6);
	end();
}

void
suite_notices(void)
{
	CU_pSuite suite = CU_add_suite("notices", read_facts, NULL);

	CU_ADD_TEST(suite, everything);
	CU_ADD_TEST(suite, nothing_that_is_switched_off);
	CU_ADD_TEST(suite, nothing_before_the_start);
	CU_ADD_TEST(suite, without_its_opposite);
	CU_ADD_TEST(suite, default_routes);
	CU_ADD_TEST(suite, default_routes_in_a_storm);
	CU_ADD_TEST(suite, conflicts);
	CU_ADD_TEST(suite, gateways);
	CU_ADD_TEST(suite, filters);
	CU_ADD_TEST(suite, summaries);
}
