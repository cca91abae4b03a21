/*
 * When what is kept is restored and when it is forgotten, with a fake kernel that does at
 * once what is wished for, and a loop that is turned by hand.
 */
#include "unit.h"

#include "../../agent/base/clock.h"
#include "../../agent/base/log.h"
#include "../../agent/mirror/restore.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROUTE4(link, dst, hop)                                                           \
	"route " link " - " dst " via " hop " table 254 tos 0 metric 0 type 1 proto 4 "  \
	"scope 0"

static struct options options;
static struct mirror *mirror;
static struct restore restore;

static struct world {
	loop_timer_fn *timers[4];
	void *args[4];
	struct wish wishes[64];
	size_t n_wishes;
	uint32_t unreachable; /* routes over this gateway's last octet are refused */
	bool may_not;
	unsigned int changes;
} world;

/* The loop. */

static unsigned int
after(unsigned int ms, loop_timer_fn *fn, void *arg)
{
	(void)ms;
	for (unsigned int i = 0; i < N_ELEMENTS(world.timers); i++) {
		if (!world.timers[i]) {
			world.timers[i] = fn;
			world.args[i] = arg;
			return i + 1;
		}
	}
	CU_FAIL_FATAL("too many timers");
	return 0;
}

static void
cancel(unsigned int handle)
{
	world.timers[handle - 1] = NULL;
}

static const struct loop loop = { NULL, NULL, after, cancel };

static void
turn(void)
{
	for (int round = 0; round < 20; round++) {
		for (size_t i = 0; i < N_ELEMENTS(world.timers); i++) {
			loop_timer_fn *fn = world.timers[i];

			world.timers[i] = NULL;
			if (fn)
				fn(world.args[i]);
		}
	}
}

/* The kernel. */

static struct inet
inet_of(const char *text)
{
	uint8_t octets[16] = { 0 };
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;

	inet_pton(family, text, octets);
	return inet_make(family == AF_INET ? INET_IPV4 : INET_IPV6, octets);
}

static struct addr_info
address(uint32_t ifindex, const struct inet *inet, uint8_t length)
{
	return (struct addr_info){ .ifindex = ifindex,
		.local = *inet,
		.prefix = *inet,
		.prefix_length = length,
		.preferred_lifetime = ADDR_FOREVER,
		.valid_lifetime = ADDR_FOREVER };
}

static struct route_info *
route(const struct route_wish *wish)
{
	struct route_info *info = mirror->said;

	memset(info, 0, offsetof(struct route_info, hops) + sizeof(info->hops[0]));
	info->dst = wish->dst;
	info->plen = wish->plen;
	info->table = wish->table;
	info->metric = wish->metric;
	info->lifetime = ROUTER_FOREVER;
	info->type = wish->type;
	info->proto = wish->proto;
	info->n_hops = 1;
	info->hops[0].gateway = wish->gateway;
	info->hops[0].ifindex = wish->ifindex;
	info->id = inet_is_v4(&wish->dst)
			   ? wish->ifindex + 1000u * (wish->gateway.bytes[3] + 1u)
			   : 0;
	return info;
}

static void
make_so(const struct wish *wish)
{
	struct link *link = mirror_link(mirror, wish->ifindex);
	struct addr_info info =
		address(wish->ifindex, &wish->address, (uint8_t)wish->number);
	struct link_info changed;

	switch (wish->what) {
	case WISH_ADDR:
		mirror_put_addr(mirror, &info, FROM_EVENT);
		break;
	case WISH_ADDR_GONE:
		mirror_drop_addr(mirror, &info);
		break;
	case WISH_ROUTE:
		mirror_put_route(mirror, route(&wish->route), FROM_EVENT);
		break;
	case WISH_ROUTE_GONE:
		mirror_drop_route(mirror, route(&wish->route));
		break;
	case WISH_LINK_ALIAS:
		changed = link->info;
		strcpy(changed.alias, wish->text);
		mirror_put_link(mirror, &changed, FROM_EVENT);
		break;
	case WISH_SWITCH:
		mirror->ip.sysctls.default_ttl = optional_of(wish->number);
		break;
	default:
		break;
	}
}

static int
fulfil(void *arg, const struct wish *wish, struct deed **deed)
{
	(void)arg;
	*deed = NULL;
	CU_ASSERT_NOT_EQUAL(wish->what, WISH_LINK_TRAPS);
	CU_ASSERT_TRUE_FATAL(world.n_wishes < N_ELEMENTS(world.wishes));
	world.wishes[world.n_wishes++] = *wish;
	if (wish->what == WISH_ROUTE && world.unreachable &&
		wish->route.gateway.bytes[3] == world.unreachable)
		return -ENETUNREACH;
	make_so(wish);
	return 0;
}

static void
need(void *arg, uint32_t ifindex, uint32_t needs, uint64_t now)
{
	(void)arg, (void)ifindex, (void)needs, (void)now;
}

static void
need_node(void *arg, uint32_t needs, uint64_t now)
{
	(void)arg, (void)needs, (void)now;
}

static bool
may_write(void *arg)
{
	(void)arg;
	return !world.may_not;
}

static const struct source source = {
	.need = need, .need_node = need_node, .may_write = may_write, .fulfil = fulfil
};

static void
changed(void *arg)
{
	(void)arg;
	world.changes++;
}

static void
be_silent(int priority, const char *text)
{
	(void)priority, (void)text;
}

static bool
debugs_nothing(const char *subject)
{
	(void)subject;
	return false;
}

static void
debug_nothing(const char *subject, const char *text)
{
	(void)subject, (void)text;
}

static const struct log_sink silence = { be_silent, debugs_nothing, debug_nothing };

/* The stage: links a and b, each with an address. */

static void
keep_line(const char *line)
{
	struct words words;

	CU_ASSERT_EQUAL_FATAL(words_split(&words, line, strlen(line)), 0);
	CU_ASSERT_TRUE_FATAL(kept_read(&restore.kept, &words));
	kept_settle(&restore.kept, true);
}

static void
put_address(uint32_t ifindex, const char *text)
{
	struct inet inet = inet_of(text);
	struct addr_info info = address(ifindex, &inet, 24);

	mirror_put_addr(mirror, &info, FROM_EVENT);
}

static void
drop_address(uint32_t ifindex, const char *text)
{
	struct inet inet = inet_of(text);
	struct addr_info info = address(ifindex, &inet, 24);

	mirror_drop_addr(mirror, &info);
}

static void
put_link(uint32_t ifindex, const char *name, bool up, const char *permanent)
{
	struct link_info info = plain_link(ifindex, name);

	info.up = info.lower_up = up;
	if (permanent) {
		info.permanent.len = 6;
		memset(info.permanent.bytes, *permanent, 6);
	}
	mirror_put_link(mirror, &info, FROM_EVENT);
}

static void
begin(void)
{
	memset(&world, 0, sizeof(world));
	clock_freeze(1000 * NS_PER_S);
	log_to(&silence);
	options_init(&options);
	mirror = mirror_new(&options);
	mirror->source = &source;
	put_link(1, "a", true, NULL);
	put_link(2, "b", true, NULL);
	put_address(1, "10.1.0.1");
	put_address(2, "10.2.0.1");
	for (int kind = 0; kind < N_KINDS; kind++)
		mirror->sweeps[kind].complete = true;
	restore_open(&restore, mirror, &loop, changed, NULL);
}

static void
end(void)
{
	restore_close(&restore);
	mirror_free(mirror);
	clock_freeze(0);
	log_to(NULL);
}

static size_t
n_kept(void)
{
	return set_count(&restore.kept.things);
}

static struct route_wish
route4(const char *dst, const char *hop, uint32_t ifindex)
{
	return (struct route_wish){ .dst = inet_of(dst),
		.gateway = inet_of(hop),
		.ifindex = ifindex,
		.table = ROUTE_TABLE_MAIN,
		.plen = 16,
		.type = ROUTE_UNICAST,
		.proto = ROUTE_PROTO_STATIC };
}

static bool
has_route(const char *dst, const char *hop, uint32_t ifindex)
{
	struct route_wish wish = route4(dst, hop, ifindex);

	return restore_route(mirror, &wish) != NULL;
}

static void
drop_route(const char *dst, const char *hop, uint32_t ifindex)
{
	struct route_wish wish = route4(dst, hop, ifindex);

	mirror_drop_route(mirror, route(&wish));
}

static void
in_order_and_once(void)
{
	static const enum wish_what order[] = { WISH_SWITCH, WISH_LINK_ALIAS, WISH_ADDR,
		WISH_ROUTE, WISH_ROUTE };

	begin();
	keep_line(ROUTE4("a", "10.50.0.0/16", "10.1.0.9"));
	keep_line(ROUTE4("\"\"", "10.51.0.0/16", "10.1.0.9"));
	keep_line("address a - 10.1.0.7/24 peer 10.1.0.7 preferred 1");
	keep_line("address a - 10.1.0.1/24 peer 10.1.0.1 preferred 1"); /* is there */
	keep_line("alias a - x");
	keep_line("traps a - 0");
	keep_line("default-ttl 70");
	keep_line("alias c - x");
	turn();
	CU_ASSERT_EQUAL(world.n_wishes, 0); /* not before it begins */
	restore_begin(&restore);
	CU_ASSERT_EQUAL(world.n_wishes, 0); /* from the loop */
	turn();
	CU_ASSERT_EQUAL_FATAL(world.n_wishes, N_ELEMENTS(order));
	for (size_t i = 0; i < N_ELEMENTS(order); i++)
		CU_ASSERT_EQUAL(world.wishes[i].what, order[i]);
	CU_ASSERT_FALSE(link_sends_traps(mirror_link(mirror, 1)));
	CU_ASSERT_TRUE(link_sends_traps(mirror_link(mirror, 2)));
	restore_begin(&restore);
	turn();
	CU_ASSERT_EQUAL(world.n_wishes, N_ELEMENTS(order));
	CU_ASSERT_EQUAL(n_kept(), 8);
	CU_ASSERT_EQUAL(world.changes, 0);
	end();
}

static void
a_link_comes(void)
{
	begin();
	keep_line("alias c - x");
	keep_line("address c - 10.3.0.1/24 peer 10.3.0.1 preferred 1");
	keep_line(ROUTE4("c", "10.50.0.0/16", "10.3.0.9"));
	restore_begin(&restore);
	turn();
	CU_ASSERT_EQUAL(world.n_wishes, 0);
	put_link(7, "c", false, NULL);
	turn();
	CU_ASSERT_EQUAL(world.n_wishes, 2); /* the route waits for it to be up */
	CU_ASSERT_EQUAL(world.wishes[1].ifindex, 7);
	put_link(7, "c", true, NULL);
	turn();
	CU_ASSERT_TRUE(has_route("10.50.0.0", "10.3.0.9", 7));
	mirror_drop_link(mirror, 7);
	turn();
	CU_ASSERT_EQUAL(n_kept(), 3);
	world.n_wishes = 0;
	put_link(8, "other", true, NULL);
	turn();
	CU_ASSERT_EQUAL(world.n_wishes, 0);
	put_link(8, "c", true, NULL); /* by its new name */
	turn();
	CU_ASSERT_EQUAL(world.n_wishes, 3);
	CU_ASSERT_TRUE(has_route("10.50.0.0", "10.3.0.9", 8));
	CU_ASSERT_EQUAL(world.changes, 0);
	end();
}

static void
another_device(void)
{
	begin();
	keep_line("alias c 01:01:01:01:01:01 x");
	keep_line("alias d 01:01:01:01:01:01 x");
	keep_line("alias e 01:01:01:01:01:01 x");
	keep_line("alias f - x");
	restore_begin(&restore);
	put_link(3, "c", true, "\2");
	put_link(4, "d", true, "\1");
	put_link(5, "e", true, NULL);
	put_link(6, "f", true, "\1");
	turn();
	CU_ASSERT_STRING_EQUAL(mirror_link(mirror, 3)->info.alias, "");
	for (uint32_t i = 4; i <= 6; i++)
		CU_ASSERT_STRING_EQUAL(mirror_link(mirror, i)->info.alias, "x");
	CU_ASSERT_EQUAL(n_kept(), 4);
	/* its addresses are not ours */
	keep_line("address c 01:01:01:01:01:01 10.3.0.1/24 peer 10.3.0.1 preferred 1");
	put_address(3, "10.3.0.1");
	CU_ASSERT_FALSE(
		mirror->keeper->keeps(&restore, &(struct wish){ .what = WISH_ADDR,
							.ifindex = 3,
							.address = inet_of("10.3.0.1"),
							.number = 24 }));
	drop_address(3, "10.3.0.1");
	turn();
	CU_ASSERT_EQUAL(n_kept(), 5);
	end();
}

static void
a_refused_route_is_tried_again(void)
{
	begin();
	keep_line(ROUTE4("a", "10.50.0.0/16", "10.1.0.9"));
	keep_line(ROUTE4("a", "10.51.0.0/16", "10.1.0.8"));
	world.unreachable = 9;
	restore_begin(&restore);
	turn();
	CU_ASSERT_EQUAL(world.n_wishes, 3); /* twice, behind the other one */
	CU_ASSERT_EQUAL(world.wishes[2].route.gateway.bytes[3], 9);
	CU_ASSERT_EQUAL(n_kept(), 2);
	turn();
	CU_ASSERT_EQUAL(world.n_wishes, 3);
	world.unreachable = 0;
	put_address(1, "10.1.0.77"); /* a reason to try */
	turn();
	CU_ASSERT_EQUAL(world.n_wishes, 4);
	CU_ASSERT_TRUE(has_route("10.50.0.0", "10.1.0.9", 1));
	end();
}

static void
another_route_is_in_the_way(void)
{
	struct route_wish theirs = route4("10.50.0.0", "10.1.0.8", 1);

	begin();
	theirs.proto = ROUTE_PROTO_DHCP;
	mirror_put_route(mirror, route(&theirs), FROM_EVENT);
	keep_line(ROUTE4("a", "10.50.0.0/16", "10.1.0.9"));
	restore_begin(&restore);
	turn();
	CU_ASSERT_EQUAL(world.n_wishes, 0);
	mirror_drop_route(mirror, route(&theirs));
	theirs.proto = ROUTE_PROTO_BOOT;
	mirror_put_route(mirror, route(&theirs), FROM_EVENT);
	put_link(1, "a", false, NULL);
	put_link(1, "a", true, NULL);
	put_address(1, "10.1.0.1");
	mirror_put_route(mirror, route(&theirs), FROM_EVENT);
	turn();
	CU_ASSERT_TRUE(world.n_wishes > 0 && world.wishes[0].route.joins);
	CU_ASSERT_EQUAL(world.wishes[0].route.other_link, 1);
	end();
}

static void
what_is_removed_is_forgotten(void)
{
	begin();
	keep_line("address a - 10.1.0.1/24 peer 10.1.0.1 preferred 1");
	keep_line("address a - 10.1.0.7/24 peer 10.1.0.7 preferred 1");
	keep_line(ROUTE4("a", "10.50.0.0/16", "10.1.0.9"));
	keep_line(ROUTE4("a", "10.51.0.0/16", "10.1.0.9"));
	restore_begin(&restore);
	turn();
	/* comes back in time */
	drop_address(1, "10.1.0.7");
	put_address(1, "10.1.0.7");
	drop_route("10.51.0.0", "10.1.0.9", 1);
	mirror_put_route(mirror,
		route(&(struct route_wish){ .dst = inet_of("10.51.0.0"),
			.gateway = inet_of("10.1.0.9"),
			.ifindex = 1,
			.table = ROUTE_TABLE_MAIN,
			.plen = 16,
			.type = ROUTE_UNICAST,
			.proto = ROUTE_PROTO_STATIC }),
		FROM_EVENT);
	turn();
	CU_ASSERT_EQUAL(n_kept(), 4);
	/* and not */
	drop_route("10.50.0.0", "10.1.0.9", 1);
	turn();
	CU_ASSERT_EQUAL(n_kept(), 3);
	CU_ASSERT_EQUAL(world.changes, 1);
	drop_address(1, "10.1.0.1");
	turn();
	CU_ASSERT_EQUAL(n_kept(), 2);
	CU_ASSERT_EQUAL(world.changes, 2);
	CU_ASSERT_TRUE(restore.kept.changes.len > 0);
	end();
}

static void
what_goes_with_its_link_stays(void)
{
	begin();
	keep_line("address a - 10.1.0.7/24 peer 10.1.0.7 preferred 1");
	keep_line(ROUTE4("a", "10.50.0.0/16", "10.1.0.9"));
	restore_begin(&restore);
	turn();
	/* down and up again before anybody looks, in the order of the kernel, */
	put_link(1, "a", false, NULL);
	drop_address(1, "10.1.0.7");
	drop_route("10.50.0.0", "10.1.0.9", 1);
	put_link(1, "a", true, NULL);
	turn();
	CU_ASSERT_TRUE(has_route("10.50.0.0", "10.1.0.9", 1));
	/* and in the other one */
	drop_address(1, "10.1.0.7");
	drop_route("10.50.0.0", "10.1.0.9", 1);
	put_link(1, "a", false, NULL);
	put_link(1, "a", true, NULL);
	turn();
	CU_ASSERT_EQUAL(n_kept(), 2);
	CU_ASSERT_TRUE(has_route("10.50.0.0", "10.1.0.9", 1));
	/* a route with the last address */
	drop_address(1, "10.1.0.1");
	drop_address(1, "10.1.0.7");
	drop_route("10.50.0.0", "10.1.0.9", 1);
	turn();
	CU_ASSERT_EQUAL(n_kept(), 1);
	put_address(1, "10.1.0.1");
	turn();
	CU_ASSERT_TRUE(has_route("10.50.0.0", "10.1.0.9", 1));
	end();
}

static void
what_a_resync_loses_stays(void)
{
	begin();
	keep_line("address a - 10.1.0.7/24 peer 10.1.0.7 preferred 1");
	restore_begin(&restore);
	turn();
	mirror_sweep_begin(mirror, KIND_ADDR);
	drop_address(1, "10.1.0.7");
	mirror_sweep_end(mirror, KIND_ADDR);
	turn();
	CU_ASSERT_EQUAL(n_kept(), 1);
	CU_ASSERT_EQUAL(world.n_wishes, 1);
	put_link(1, "a", false, NULL);
	put_link(1, "a", true, NULL);
	turn();
	CU_ASSERT_EQUAL(world.n_wishes, 2);
	end();
}

static void
nothing_may_be_written(void)
{
	begin();
	keep_line("alias a - x");
	keep_line("traps a - 0");
	options.write = WRITE_OFF;
	restore_begin(&restore);
	turn();
	options.write = WRITE_DRY_RUN;
	restore_begin(&restore);
	turn();
	options.write = WRITE_ON;
	world.may_not = true;
	restore_begin(&restore);
	turn();
	CU_ASSERT_EQUAL(world.n_wishes, 0);
	CU_ASSERT_TRUE(link_sends_traps(mirror_link(mirror, 1)));
	CU_ASSERT_EQUAL(n_kept(), 2);
	world.may_not = false;
	restore_begin(&restore);
	turn();
	CU_ASSERT_EQUAL(world.n_wishes, 1);
	end();
}

/* As a SET has it done. */
static void
set(const struct wish *wish)
{
	const struct keeper *keeper = mirror->keeper;

	make_so(wish);
	if (wish->lasting)
		keeper->keep(keeper->arg, wish, true);
	else
		keeper->forget(keeper->arg, wish);
}

static void
settle(bool stays)
{
	mirror->keeper->settle(mirror->keeper->arg, stays);
}

static void
sets(void)
{
	struct wish alias = {
		.what = WISH_LINK_ALIAS, .lasting = true, .ifindex = 1, .text = "x"
	};
	struct wish up = { .what = WISH_LINK_UP, .ifindex = 1 };
	struct wish route = { .what = WISH_ROUTE,
		.lasting = true,
		.route = route4("10.50.0.0", "10.1.0.9", 1) };
	struct wish gone = { .what = WISH_ROUTE_GONE, .route = route.route };
	struct wish address = { .what = WISH_ADDR,
		.lasting = true,
		.ifindex = 1,
		.address = inet_of("10.1.0.7"),
		.peer = inet_of("10.1.0.7"),
		.number = 24,
		.preferred = ADDR_FOREVER,
		.valid = ADDR_FOREVER };
	const struct keeper *keeper;

	begin();
	restore_begin(&restore);
	keeper = mirror->keeper;
	set(&up);
	set(&alias);
	make_so(&route);
	route.route.ifindex = 0; /* the kernel has found it */
	keeper->keep(keeper->arg, &route, true);
	set(&address);
	settle(true);
	turn();
	CU_ASSERT_EQUAL(n_kept(), 3);
	CU_ASSERT_TRUE(keeper->keeps(keeper->arg, &address));
	CU_ASSERT_PTR_NOT_NULL(kept_find(&restore.kept, &route, "a"));
	/* undone: the loss was no one's */
	set(&gone);
	address.lasting = false;
	set(&address);
	CU_ASSERT_EQUAL(n_kept(), 1);
	CU_ASSERT_FALSE(keeper->keeps(keeper->arg, &address));
	gone.route.ifindex = 1;
	make_so(&(struct wish){ .what = WISH_ROUTE, .route = gone.route });
	settle(false);
	turn();
	CU_ASSERT_EQUAL(n_kept(), 3);
	set(&gone);
	settle(true);
	turn();
	CU_ASSERT_EQUAL(n_kept(), 2);
	CU_ASSERT_EQUAL(world.changes, 0);
	alias.ifindex = 99; /* has gone meanwhile */
	keeper->keep(keeper->arg, &alias, true);
	CU_ASSERT_EQUAL(n_kept(), 2);
	CU_ASSERT_EQUAL(world.n_wishes, 0);
	end();
}

static void
forwarding_of_all(void)
{
	struct wish one = {
		.what = WISH_LINK_FORWARDING6, .lasting = true, .ifindex = 1, .number = 1
	};
	struct wish all = {
		.what = WISH_SWITCH, .lasting = true, .node = SWITCH_FORWARDING6
	};
	const struct keeper *keeper;

	begin();
	keeper = mirror->keeper;
	keeper->keep(keeper->arg, &one, true);
	keeper->keep(keeper->arg, &all, false); /* was so: has overwritten nothing */
	settle(true);
	CU_ASSERT_EQUAL(n_kept(), 2);
	keeper->keep(keeper->arg, &all, true);
	CU_ASSERT_EQUAL(n_kept(), 1);
	settle(false);
	CU_ASSERT_EQUAL(n_kept(), 2);
	end();
}

void
suite_restore(void)
{
	CU_pSuite suite = CU_add_suite("restore", NULL, NULL);

	CU_ADD_TEST(suite, in_order_and_once);
	CU_ADD_TEST(suite, a_link_comes);
	CU_ADD_TEST(suite, another_device);
	CU_ADD_TEST(suite, a_refused_route_is_tried_again);
	CU_ADD_TEST(suite, another_route_is_in_the_way);
	CU_ADD_TEST(suite, what_is_removed_is_forgotten);
	CU_ADD_TEST(suite, what_goes_with_its_link_stays);
	CU_ADD_TEST(suite, what_a_resync_loses_stays);
	CU_ADD_TEST(suite, nothing_may_be_written);
	CU_ADD_TEST(suite, sets);
	CU_ADD_TEST(suite, forwarding_of_all);
}
