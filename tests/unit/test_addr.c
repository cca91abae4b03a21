/*
 * Addresses, their index and their prefixes; neighbours.
 *
 * The random test keeps a plain list of what the kernel has, and works out from the whole
 * list, in the words of the rules in mirror/addr.h, what must be shown and which prefixes
 * there must be. The mirror, which only looks at what is next to a change, must agree
 * after each one.
 */
#include "unit.h"

#include "../../agent/base/clock.h"

#include <stdlib.h>
#include <string.h>

#define MODEL_MAX 64

static struct addr_info model[MODEL_MAX];
static size_t n_model;

static struct inet
v4(uint8_t last)
{
	return inet_make(INET_IPV4, (uint8_t[]){ 10, 0, 0, last });
}

static struct inet
v6(uint8_t first, uint8_t second, uint8_t last)
{
	return inet_make(INET_IPV6, (uint8_t[16]){ first, second, [15] = last });
}

static struct addr_info
random_info(void)
{
	static const uint8_t lengths[] = { 24, 28, 32 };
	struct addr_info info = { .ifindex = 1 + pick(4),
		.flags = (uint16_t)((pick(2) ? ADDR_NOPREFIXROUTE : 0) |
				    (pick(2) ? ADDR_MANAGES_TEMP : 0)),
		.proto = (uint8_t)(pick(3) ? 0 : ADDR_PROTO_RA),
		.preferred_lifetime = pick(2) ? ADDR_FOREVER : pick(100),
		.valid_lifetime = pick(2) ? ADDR_FOREVER : 100 + pick(100) };

	if (pick(2)) {
		info.local = v4((uint8_t)(1 + pick(3)));
		info.prefix = pick(4) ? info.local : v4((uint8_t)(17 + pick(2)));
		info.prefix_length = lengths[pick(N_ELEMENTS(lengths))];
		info.has_broadcast = pick(2);
		/* which may be somebody's own */
		info.broadcast = v4((uint8_t)(pick(3) ? 15 : 1));
	} else {
		info.local = pick(2) ? v6(0xfe, 0x80, (uint8_t)(1 + pick(2)))
				     : v6(0x20, 1, (uint8_t)(1 + pick(3)));
		info.class = pick(6) ? ADDR_UNICAST : ADDR_ANYCAST;
		info.prefix_length = pick(2) ? 64 : 128;
		info.prefix = pick(4) ? info.local : v6(0x20, 1, 9);
	}
	return info;
}

static bool
same_key(const struct addr_info *a, const struct addr_info *b)
{
	if (a->ifindex != b->ifindex || a->class != b->class ||
		inet_compare(&a->local, &b->local) != 0)
		return false;
	return inet_is_v6(&a->local) ||
	       (a->prefix_length == b->prefix_length &&
		       inet_compare(&a->prefix, &b->prefix) == 0);
}

static struct addr_info *
model_find(const struct addr_info *info)
{
	for (size_t i = 0; i < n_model; i++) {
		if (same_key(&model[i], info))
			return &model[i];
	}
	return NULL;
}

/* A row as the rules see it. */
struct seen {
	struct inet local, prefix;
	uint32_t ifindex;
	int class, length;
};

static int
order_seen(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	int cmp = inet_compare(&x->local, &y->local);

	if (!cmp)
		cmp = (x->ifindex > y->ifindex) - (x->ifindex < y->ifindex);
	if (!cmp)
		cmp = x->class - y->class;
	if (!cmp && inet_is_v4(&x->local))
		cmp = y->length - x->length;
	return cmp;
}

/* All rows, those of the broadcast addresses too, in the order in which they are
 * preferred. */
static size_t
all_seen(struct seen *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < n_model; i++) {
		const struct addr_info *info = &model[i];

		rows[n++] = (struct seen){ info->local, info->prefix, info->ifindex,
			info->class, info->prefix_length };
		if (info->has_broadcast)
			rows[n++] = (struct seen){ info->broadcast, info->prefix,
				info->ifindex, ADDR_BROADCAST, info->prefix_length };
	}
	qsort(rows, n, sizeof(rows[0]), order_seen);
	return n;
}

/* Of the rows of one address, of which rows[0] is the first: which has the plain index?
 */
static size_t
plain_of(const struct seen *rows, size_t n)
{
	for (size_t i = 0; i < n && inet_compare(&rows[i].local, &rows[0].local) == 0;
		i++) {
		if (rows[i].class != ADDR_BROADCAST)
			return i;
	}
	return 0;
}

/* What is shown of these, by the rules; the index of each. */
static size_t
shown(const struct seen *rows, size_t n, struct inet *indexes, struct seen *which)
{
	size_t k = 0, plain = 0;

	for (size_t i = 0; i < n; i++) {
		bool same =
			i > 0 && inet_compare(&rows[i].local, &rows[i - 1].local) == 0;

		if (!same)
			plain = i + plain_of(rows + i, n - i);
		if (same && rows[i].ifindex == rows[i - 1].ifindex)
			continue; /* the interface has shown it */
		which[k] = rows[i];
		indexes[k++] = i != plain || inet_is_link_local(&rows[i].local)
				       ? inet_in_zone(&rows[i].local, rows[i].ifindex)
				       : rows[i].local;
	}
	return k;
}

static void
index_is_by_the_rules(const struct mirror *mirror)
{
	struct seen rows[2 * MODEL_MAX], which[2 * MODEL_MAX];
	struct inet indexes[2 * MODEL_MAX];
	size_t n = shown(rows, all_seen(rows), indexes, which);
	const struct addr *addr, *after, *before = NULL;

	CU_ASSERT_EQUAL(set_count(&mirror->addr_index), n);
	set_for_each (addr, after, &mirror->addr_index) {
		size_t i;

		for (i = 0; i < n && inet_compare(&indexes[i], &addr->address) != 0; i++)
			;
		CU_ASSERT_TRUE_FATAL(i < n);
		CU_ASSERT_EQUAL(addr->ifindex, which[i].ifindex);
		CU_ASSERT_EQUAL(addr->class, which[i].class);
		CU_ASSERT_EQUAL(addr->prefix_length, which[i].length);
		if (before)
			CU_ASSERT_TRUE(
				inet_compare(&before->address, &addr->address) < 0);
		before = addr;
	}
}

/* A row that went and came back unheard of has kept an end that is a second off. */
static bool
is_about(uint32_t until, uint32_t lifetime)
{
	uint32_t left = addr_seconds_left(until, clock_now());

	return llabs((long long)left - lifetime) <= 1;
}

/* What the addresses of one prefix say together. */
static void
prefix_is_by_the_rules(struct mirror *mirror, const struct prefix *prefix)
{
	uint32_t members = 0, preferred = 0, valid = 0;
	bool on_link = false, advertised = false;

	for (size_t i = 0; i < n_model; i++) {
		const struct addr_info *info = &model[i];
		struct inet masked = inet_prefix(&info->prefix, info->prefix_length);

		if (info->class != ADDR_UNICAST || info->ifindex != prefix->ifindex ||
			info->prefix_length != prefix->length ||
			inet_compare(&masked, &prefix->prefix) != 0)
			continue;
		members++;
		on_link |= !(info->flags & ADDR_NOPREFIXROUTE);
		advertised |= inet_is_v6(&info->local) &&
			      (info->proto == ADDR_PROTO_RA ||
				      (info->prefix_length == 64 &&
					      info->flags & ADDR_MANAGES_TEMP &&
					      info->valid_lifetime != ADDR_FOREVER));
		if (info->preferred_lifetime > preferred)
			preferred = info->preferred_lifetime;
		if (info->valid_lifetime > valid)
			valid = info->valid_lifetime;
	}
	prefix_conclude(mirror, prefix);
	CU_ASSERT_TRUE(members > 0);
	CU_ASSERT_EQUAL(prefix->members, members);
	CU_ASSERT_EQUAL(prefix->on_link, on_link);
	CU_ASSERT_EQUAL(prefix->advertised, advertised);
	CU_ASSERT_TRUE(is_about(prefix->preferred_until, preferred));
	CU_ASSERT_TRUE(is_about(prefix->valid_until, valid));
}

static void
prefixes_are_by_the_rules(struct mirror *mirror)
{
	const struct prefix *prefix, *after;

	set_for_each (prefix, after, &mirror->prefixes)
		prefix_is_by_the_rules(mirror, prefix);
	for (size_t i = 0; i < n_model; i++) {
		if (model[i].class == ADDR_UNICAST)
			CU_ASSERT_PTR_NOT_NULL(prefix_find(mirror, model[i].ifindex,
				&model[i].prefix, model[i].prefix_length));
	}
}

/* One that differs from the one before by a second is the same. */
static uint32_t
lifetime(uint32_t before, uint32_t now)
{
	return llabs((long long)now - before) <= 1 ? before : now;
}

static void
model_put(const struct addr_info *info)
{
	struct addr_info *known = model_find(info);

	if (known) {
		uint32_t preferred = known->preferred_lifetime;
		uint32_t valid = known->valid_lifetime;

		*known = *info;
		known->preferred_lifetime = lifetime(preferred, info->preferred_lifetime);
		known->valid_lifetime = lifetime(valid, info->valid_lifetime);
	} else if (n_model < MODEL_MAX) {
		model[n_model++] = *info;
	}
}

static void
model_drop(const struct addr_info *info)
{
	struct addr_info *known = model_find(info);

	if (known)
		*known = model[--n_model];
}

/* A time of which nothing is heard, and a sweep that finds what is there now. */
static void
sweep(struct mirror *mirror)
{
	for (uint32_t n = pick(6); n; n--) {
		struct addr_info info = random_info();

		if (pick(2))
			model_put(&info);
		else
			model_drop(&info);
	}
	mirror_sweep_begin(mirror, KIND_ADDR);
	for (size_t i = 0; i < n_model; i++)
		mirror_put_addr(mirror, &model[i], FROM_DUMP);
	mirror_sweep_end(mirror, KIND_ADDR);
}

static void
forget(struct mirror *mirror, uint32_t ifindex, bool v6_only)
{
	if (v6_only)
		addr_forget_ipv6(mirror, ifindex);
	else
		addr_forget_link(mirror, ifindex);
	for (size_t i = 0; i < n_model;) {
		if (model[i].ifindex == ifindex &&
			!(v6_only && inet_is_v4(&model[i].local)))
			model[i] = model[--n_model];
		else
			i++;
	}
}

/* A mirror with links 1 to @n. */
static struct mirror *
with_links(uint32_t n)
{
	struct mirror *mirror = mirror_new(&unit_options);

	for (uint32_t i = 1; i <= n; i++) {
		struct link_info link = plain_link(i, "x");

		mirror_put_link(mirror, &link, FROM_EVENT);
	}
	return mirror;
}

static void
random_changes_by_the_rules(void)
{
	struct mirror *mirror = with_links(4);

	clock_freeze(1000 * NS_PER_S);
	n_model = 0;
	for (int i = 0; i < 6000; i++) {
		struct addr_info info = random_info();
		uint32_t what = pick(100);

		if (what < 3) {
			sweep(mirror);
		} else if (what < 5) {
			forget(mirror, info.ifindex, pick(2));
		} else if (what < 55 && n_model < MODEL_MAX) {
			mirror_put_addr(mirror, &info, FROM_EVENT);
			model_put(&info);
		} else {
			mirror_drop_addr(mirror, &info);
			model_drop(&info);
		}
		CU_ASSERT_EQUAL(set_count(&mirror->addrs), n_model);
		index_is_by_the_rules(mirror);
		prefixes_are_by_the_rules(mirror);
	}
	mirror_free(mirror);
	clock_freeze(0);
}

static struct addr_info
plain_info(uint32_t ifindex, uint8_t last)
{
	return (struct addr_info){ .ifindex = ifindex,
		.local = v4(last),
		.prefix = v4(last),
		.prefix_length = 24,
		.preferred_lifetime = ADDR_FOREVER,
		.valid_lifetime = ADDR_FOREVER };
}

/* Link @ifindex shows 10.0.0.@host as a @class, with the plain index or not. */
static void
expect_at(const struct mirror *mirror, uint32_t ifindex, uint8_t host, int class,
	bool plain)
{
	struct inet address = v4(host);
	struct addr key = { .address =
				    plain ? address : inet_in_zone(&address, ifindex) };
	const struct addr *addr = set_find(&mirror->addr_index, &key);

	CU_ASSERT_PTR_NOT_NULL_FATAL(addr);
	CU_ASSERT_EQUAL(addr->ifindex, ifindex);
	CU_ASSERT_EQUAL(addr->class, class);
}

/* 10.0.0.5 is broadcast on links 1 and 2, and comes to links 4 and 3 as their own. */
static void
an_own_address_has_the_plain_index(void)
{
	struct addr_info one = plain_info(1, 1), two = plain_info(2, 2);
	struct addr_info three = plain_info(3, 5), four = plain_info(4, 5);
	struct mirror *mirror = mirror_new(&unit_options);

	one.has_broadcast = two.has_broadcast = true;
	one.broadcast = two.broadcast = v4(5);
	mirror_put_addr(mirror, &two, FROM_EVENT);
	expect_at(mirror, 2, 5, ADDR_BROADCAST, true);
	mirror_put_addr(mirror, &one, FROM_EVENT);
	expect_at(mirror, 1, 5, ADDR_BROADCAST, true);
	expect_at(mirror, 2, 5, ADDR_BROADCAST, false);
	mirror_put_addr(mirror, &four, FROM_EVENT);
	expect_at(mirror, 1, 5, ADDR_BROADCAST, false);
	expect_at(mirror, 2, 5, ADDR_BROADCAST, false);
	expect_at(mirror, 4, 5, ADDR_UNICAST, true);
	mirror_put_addr(mirror, &three, FROM_EVENT);
	expect_at(mirror, 3, 5, ADDR_UNICAST, true);
	expect_at(mirror, 4, 5, ADDR_UNICAST, false);
	CU_ASSERT_EQUAL(set_count(&mirror->addr_index), 6);
	mirror_drop_addr(mirror, &one); /* which leaves the others as they are */
	expect_at(mirror, 2, 5, ADDR_BROADCAST, false);
	expect_at(mirror, 3, 5, ADDR_UNICAST, true);
	mirror_drop_addr(mirror, &three);
	expect_at(mirror, 4, 5, ADDR_UNICAST, true);
	mirror_drop_addr(mirror, &four);
	expect_at(mirror, 2, 5, ADDR_BROADCAST, true);
	CU_ASSERT_EQUAL(set_count(&mirror->addr_index), 2);
	mirror_free(mirror);
}

static void
stamps_of_the_kernel_and_of_events(void)
{
	struct mirror *mirror = with_links(1);
	struct addr_info info = plain_info(1, 1);
	const struct addr *addr;

	/* The kernel's stamps count 1/100 s in 32 bits: this one is of before the wrap.
	 */
	clock_freeze((UINT64_C(0x100000000) + 300) * NS_PER_CS + 7);
	info.has_stamps = true;
	info.created = 0xffffff00;
	info.changed = 100;
	mirror_sweep_begin(mirror, KIND_ADDR);
	mirror_put_addr(mirror, &info, FROM_DUMP);
	mirror_sweep_end(mirror, KIND_ADDR);
	addr = set_first(&mirror->addrs);
	CU_ASSERT_EQUAL(addr->created, UINT64_C(0xffffff00) * NS_PER_CS);
	CU_ASSERT_EQUAL(addr->changed, UINT64_C(0x100000064) * NS_PER_CS);
	/* the same at another moment does not tremble */
	clock_freeze((UINT64_C(0x100000000) + 301) * NS_PER_CS);
	mirror_put_addr(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(addr->created, UINT64_C(0xffffff00) * NS_PER_CS);
	/* the end of duplicate address detection has no stamp, but an event */
	info.flags = ADDR_DADFAILED;
	clock_freeze(UINT64_C(0x100001000) * NS_PER_CS);
	mirror_put_addr(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(addr->changed, UINT64_C(0x100001000) * NS_PER_CS);
	CU_ASSERT_EQUAL(addr->created, UINT64_C(0xffffff00) * NS_PER_CS);
	/* a stamp that comes with an event is of now; a dump that repeats it says nothing
	 */
	info.changed = 0xff0;
	mirror_put_addr(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(addr->changed, UINT64_C(0x100001000) * NS_PER_CS);
	clock_freeze(UINT64_C(0x100002000) * NS_PER_CS);
	mirror_put_addr(mirror, &info, FROM_DUMP);
	CU_ASSERT_EQUAL(addr->changed, UINT64_C(0x100001000) * NS_PER_CS);
	/* a tick ahead of the clock is now, not 497 days ago */
	info.changed = 0x2002;
	mirror_put_addr(mirror, &info, FROM_DUMP);
	CU_ASSERT_TRUE(clock_now() - addr->changed < NS_PER_S);
	mirror_free(mirror);
	clock_freeze(0);
}

static void
lifetimes_run_down(void)
{
	CU_ASSERT_EQUAL(addr_seconds_left(ADDR_FOREVER, 5 * NS_PER_S), ADDR_FOREVER);
	CU_ASSERT_EQUAL(addr_seconds_left(100, 5 * NS_PER_S), 95);
	CU_ASSERT_EQUAL(addr_seconds_left(100, 100 * NS_PER_S), 0);
	CU_ASSERT_EQUAL(addr_seconds_left(100, 200 * NS_PER_S), 0);
}

static struct change last;
static unsigned int n_changes;

static void
count_changes(const struct change *change, void *arg)
{
	(void)arg;
	last = *change;
	n_changes++;
}

/* What a message at @at seconds says of an address leads to so many changes, and ends. */
static void
expect_lifetimes(struct mirror *mirror, uint32_t at, uint32_t preferred, uint32_t valid,
	unsigned int changes, uint32_t preferred_until, uint32_t valid_until)
{
	struct addr_info info = plain_info(1, 1);
	const struct addr *addr;

	clock_freeze(at * NS_PER_S + NS_PER_S / 2);
	info.preferred_lifetime = preferred;
	info.valid_lifetime = valid;
	n_changes = 0;
	mirror_put_addr(mirror, &info, FROM_DUMP);
	CU_ASSERT_EQUAL(n_changes, changes);
	if (changes)
		CU_ASSERT_TRUE(last.fields & ADDR_LIFETIME);
	addr = set_first(&mirror->addrs);
	CU_ASSERT_EQUAL(addr->preferred_until, preferred_until);
	CU_ASSERT_EQUAL(addr->valid_until, valid_until);
}

/* Whole seconds that are left of one lifetime do not add up to one end. */
static void
lifetimes_do_not_tremble(void)
{
	struct mirror *mirror = mirror_new(&unit_options);
	const uint32_t forever = ADDR_FOREVER;

	mirror_watch(mirror, count_changes, NULL);
	expect_lifetimes(mirror, 1000, 100, 200, 1, 1100, 1200);
	expect_lifetimes(mirror, 1010, 91, 190, 0, 1100, 1200);
	expect_lifetimes(mirror, 1010, 89, 191, 0, 1100, 1200);
	/* by as much from the first one, not from the last one */
	expect_lifetimes(mirror, 1020, 82, 180, 1, 1102, 1200);
	expect_lifetimes(mirror, 1020, 83, 180, 0, 1102, 1200);
	expect_lifetimes(mirror, 1020, 82, 178, 1, 1102, 1198);
	/* what is over is over, until it is not */
	expect_lifetimes(mirror, 1101, 0, 97, 0, 1102, 1198);
	expect_lifetimes(mirror, 1150, 0, 48, 0, 1102, 1198);
	expect_lifetimes(mirror, 1150, 5, 48, 1, 1155, 1198);
	expect_lifetimes(mirror, 1150, 0, 48, 1, 1150, 1198);
	/* no end is no end that is far away */
	expect_lifetimes(mirror, 1150, forever, forever, 1, forever, forever);
	expect_lifetimes(mirror, 1150, forever - 1151, 48, 1, forever - 1, 1198);
	expect_lifetimes(mirror, 1150, forever, 48, 1, forever, 1198);
	mirror_free(mirror);
	clock_freeze(0);
}

static void
changes_are_told(void)
{
	struct mirror *mirror = mirror_new(&unit_options);
	struct addr_info info = plain_info(1, 1);

	n_changes = 0;
	mirror_watch(mirror, count_changes, NULL);
	mirror_put_addr(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(n_changes, 1);
	CU_ASSERT_EQUAL(last.kind, KIND_ADDR);
	CU_ASSERT_PTR_NULL(last.old);
	mirror_put_addr(mirror, &info, FROM_EVENT); /* says nothing new */
	CU_ASSERT_EQUAL(n_changes, 1);
	info.flags = ADDR_DEPRECATED;
	mirror_put_addr(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(n_changes, 2);
	CU_ASSERT_EQUAL(last.fields, ADDR_FLAGS);
	mirror_drop_addr(mirror, &info);
	CU_ASSERT_EQUAL(n_changes, 3);
	CU_ASSERT_PTR_NULL(last.new);
	mirror_drop_addr(mirror, &info);
	CU_ASSERT_EQUAL(n_changes, 3);
	mirror_free(mirror);
}

/* Neighbours. */

static struct neigh_info
plain_neigh(uint32_t ifindex, uint8_t host)
{
	return (struct neigh_info){ .ifindex = ifindex,
		.state = NEIGH_REACHABLE,
		.address = v4(host),
		.lladdr = { 6, { 2, 0, 0, 0, 0, host } } };
}

static void
neighbours_come_change_and_go(void)
{
	struct mirror *mirror = mirror_new(&unit_options);
	struct neigh_info info = plain_neigh(2, 1), other = plain_neigh(1, 9);
	const struct neigh *neigh;

	clock_freeze(1000 * NS_PER_CS);
	n_changes = 0;
	mirror_watch(mirror, count_changes, NULL);
	info.age = 10;
	mirror_put_neigh(mirror, &info, FROM_EVENT);
	mirror_put_neigh(mirror, &other, FROM_EVENT);
	CU_ASSERT_EQUAL(n_changes, 2);
	neigh = set_next(&mirror->neighs, set_first(&mirror->neighs));
	CU_ASSERT_EQUAL(neigh->ifindex, 2);
	CU_ASSERT_EQUAL(neigh->updated, 990 * NS_PER_CS);
	/* the same once more, read a little later: its stamp does not tremble, but it
	 * moves */
	clock_freeze(1004 * NS_PER_CS);
	mirror_put_neigh(mirror, &info, FROM_DUMP);
	CU_ASSERT_EQUAL(neigh->updated, 990 * NS_PER_CS);
	clock_freeze(1010 * NS_PER_CS);
	mirror_put_neigh(mirror, &info, FROM_DUMP);
	CU_ASSERT_EQUAL(neigh->updated, 1000 * NS_PER_CS);
	info.lladdr.bytes[0] = 6;
	info.state = NEIGH_STALE;
	mirror_put_neigh(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(last.fields, NEIGH_LLADDR | NEIGH_STATE);
	CU_ASSERT_EQUAL(((const struct neigh *)last.new)->lladdr.bytes[0], 6);
	mirror_put_neigh(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(n_changes, 3);
	/* those that are not shown are not counted */
	CU_ASSERT_EQUAL(mirror->real_neighs, 2);
	info.state = NEIGH_NOARP;
	mirror_put_neigh(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(mirror->real_neighs, 1);
	info.state = NEIGH_STALE;
	mirror_put_neigh(mirror, &info, FROM_EVENT);
	CU_ASSERT_EQUAL(mirror->real_neighs, 2);
	/* a sweep does not undo what an event says, and takes what is not there */
	mirror_sweep_begin(mirror, KIND_NEIGH);
	mirror_drop_neigh(mirror, &info);
	mirror_put_neigh(mirror, &info, FROM_DUMP);
	CU_ASSERT_EQUAL(set_count(&mirror->neighs), 1);
	mirror_sweep_end(mirror, KIND_NEIGH);
	CU_ASSERT_EQUAL(set_count(&mirror->neighs), 0);
	CU_ASSERT_EQUAL(mirror->real_neighs, 0);
	mirror_free(mirror);
	clock_freeze(0);
}

static void
what_is_on_a_link_goes_with_it(void)
{
	struct mirror *mirror = with_links(3);

	for (uint32_t i = 1; i <= 3; i++) {
		struct neigh_info neigh = plain_neigh(i, 7);
		struct addr_info addr = plain_info(i, 1);

		addr.has_broadcast = true;
		addr.broadcast = v4(255);
		mirror_put_neigh(mirror, &neigh, FROM_EVENT);
		mirror_put_addr(mirror, &addr, FROM_EVENT);
	}
	mirror_drop_link(mirror, 2);
	CU_ASSERT_EQUAL(set_count(&mirror->addr_index), 4);
	CU_ASSERT_EQUAL(set_count(&mirror->broadcasts), 2);
	CU_ASSERT_EQUAL(set_count(&mirror->prefixes), 2);
	CU_ASSERT_EQUAL(set_count(&mirror->neighs), 2);
	CU_ASSERT_EQUAL(mirror->real_neighs, 2);
	mirror_free(mirror);
}

/* Anycast addresses have no event when their link goes: a dump that is older than the
 * link's end and is read later must not bring them back. */
static void
a_dump_brings_nothing_of_a_link_that_is_gone(void)
{
	struct addr_info info = {
		.ifindex = 2, .class = ADDR_ANYCAST, .prefix_length = 128
	};
	struct mirror *mirror = with_links(2);

	info.local = info.prefix = v6(0x20, 1, 9);
	mirror_sweep_begin(mirror, KIND_ADDR);
	mirror_drop_link(mirror, 2);
	mirror_put_addr(mirror, &info, FROM_DUMP);
	CU_ASSERT_EQUAL(set_count(&mirror->addrs), 0);
	info.ifindex = 1;
	mirror_put_addr(mirror, &info, FROM_DUMP);
	mirror_sweep_end(mirror, KIND_ADDR);
	CU_ASSERT_EQUAL(set_count(&mirror->addrs), 1);
	mirror_free(mirror);
}

static void
only_real_neighbours_are_shown(void)
{
	struct neigh neigh = { .state = NEIGH_REACHABLE, .address = v4(1) };

	CU_ASSERT_TRUE(neigh_is_real(&neigh));
	neigh.state = NEIGH_FAILED;
	CU_ASSERT_TRUE(neigh_is_real(&neigh));
	neigh.state = NEIGH_NOARP;
	CU_ASSERT_FALSE(neigh_is_real(&neigh));
	neigh.flags = NEIGH_EXT_LEARNED;
	CU_ASSERT_TRUE(neigh_is_real(&neigh));
	neigh.state = NEIGH_NONE;
	CU_ASSERT_FALSE(neigh_is_real(&neigh));
	neigh.state = NEIGH_PERMANENT;
	neigh.address = v6(0xff, 2, 1);
	CU_ASSERT_FALSE(neigh_is_real(&neigh));
}

/* A table of neighbours that counts the rows it looks at. */
static unsigned int n_looked_at;

static bool
look_at(const void *row)
{
	n_looked_at++;
	return ipNetToMediaTable_table.member(row);
}

/* On link 1 some that are not shown, IPv4 and IPv6; on link 2 one that is. */
static struct mirror *
with_hidden_neighbours(uint32_t n)
{
	struct mirror *mirror = mirror_new(&unit_options);
	struct neigh_info info = plain_neigh(2, 1);

	mirror_put_neigh(mirror, &info, FROM_EVENT);
	info.ifindex = 1;
	info.state = NEIGH_NOARP;
	for (uint32_t i = 0; i < n; i++) {
		uint8_t high = (uint8_t)(i >> 8), low = (uint8_t)i;

		info.address = inet_make(INET_IPV4, (uint8_t[]){ 10, 0, high, low });
		mirror_put_neigh(mirror, &info, FROM_EVENT);
		info.address = inet_make(
			INET_IPV6, (uint8_t[16]){ 0x20, 1, [14] = high, [15] = low });
		mirror_put_neigh(mirror, &info, FROM_EVENT);
	}
	return mirror;
}

/* Those of one index (all IPv6 of a link, for a table of IPv4) are not looked at one by
 * one, nor is anything twice in a query, nor what is behind the row that is asked for. */
static void
hidden_neighbours_are_passed_over(void)
{
	static const uint32_t first[] = { 1, 3, 6, 1, 2, 1, 4, 22, 1, 2, 1 };
	static const uint32_t hidden[] = { 1, 3, 6, 1, 2, 1, 4, 22, 1, 2, 1, 10, 0, 0,
		0 };
	struct mirror *mirror = with_hidden_neighbours(1000);
	struct table table = ipNetToMediaTable_table;
	struct query query;
	struct cursor at;
	struct value value;

	table.member = look_at;
	n_looked_at = 0;
	query_init(&query, mirror, 1, 0);
	for (int i = 0; i < 3; i++) {
		CU_ASSERT_TRUE_FATAL(table_next(
			&table, &query, first, N_ELEMENTS(first), false, &at, &value));
		CU_ASSERT_EQUAL(((const struct neigh *)at.row)->ifindex, 2);
		CU_ASSERT_TRUE(n_looked_at > 1000 && n_looked_at < 1200);
	}
	n_looked_at = 0;
	CU_ASSERT_EQUAL(table_get(&table, &query, hidden, N_ELEMENTS(hidden), &value),
		NO_INSTANCE);
	CU_ASSERT_EQUAL(n_looked_at, 1);
	/* also when the table is asked for as a whole, for each column */
	n_looked_at = 0;
	query_init(&query, mirror, 1, 0);
	for (int i = 0; i < 3; i++) {
		CU_ASSERT_TRUE_FATAL(
			table_next(&table, &query, first, 9, false, &at, &value));
		CU_ASSERT_TRUE(n_looked_at > 1000 && n_looked_at < 1200);
	}
	mirror_free(mirror);
}

void
suite_addr(void)
{
	CU_pSuite suite = CU_add_suite("addr", NULL, NULL);

	CU_ADD_TEST(suite, random_changes_by_the_rules);
	CU_ADD_TEST(suite, an_own_address_has_the_plain_index);
	CU_ADD_TEST(suite, stamps_of_the_kernel_and_of_events);
	CU_ADD_TEST(suite, lifetimes_run_down);
	CU_ADD_TEST(suite, lifetimes_do_not_tremble);
	CU_ADD_TEST(suite, changes_are_told);
	CU_ADD_TEST(suite, neighbours_come_change_and_go);
	CU_ADD_TEST(suite, what_is_on_a_link_goes_with_it);
	CU_ADD_TEST(suite, a_dump_brings_nothing_of_a_link_that_is_gone);
	CU_ADD_TEST(suite, only_real_neighbours_are_shown);
	CU_ADD_TEST(suite, hidden_neighbours_are_passed_over);
}
