/*
 * Prefixes: see prefix.h.
 */
#include "prefix.h"

#include "../base/alloc.h"
#include "mirror.h"

#include <stdlib.h>

static int
compare(const void *a, const void *b)
{
	const struct prefix *x = a, *y = b;

	if (x->ifindex != y->ifindex)
		return x->ifindex < y->ifindex ? -1 : 1;
	return inet_compare(&x->prefix, &y->prefix) ?: x->length - y->length;
}

static int
compare_members(const void *a, const void *b)
{
	const struct addr *x = a, *y = b;

	if (x->ifindex != y->ifindex)
		return x->ifindex < y->ifindex ? -1 : 1;
	if (x->prefix_of == y->prefix_of)
		return addr_compare(x, y);
	if (!x->prefix_of || !y->prefix_of)
		return x->prefix_of ? 1 : -1;
	return compare(x->prefix_of, y->prefix_of);
}

void
prefix_init(struct mirror *mirror)
{
	set_init(&mirror->prefixes, offsetof(struct prefix, node), compare);
	set_init(
		&mirror->addr_members, offsetof(struct addr, by_member), compare_members);
}

struct prefix *
prefix_find(const struct mirror *mirror, uint32_t ifindex, const struct inet *address,
	uint8_t length)
{
	struct prefix key = { .ifindex = ifindex,
		.prefix = inet_prefix(address, length),
		.length = length };

	return set_find(&mirror->prefixes, &key);
}

struct prefix *
prefix_match(const struct mirror *mirror, uint32_t ifindex, const struct inet *address)
{
	struct prefix *prefix = NULL;

	for (int length = 8 * address->len; !prefix && length >= 0; length--)
		prefix = prefix_find(mirror, ifindex, address, (uint8_t)length);
	return prefix;
}

void
prefix_join(struct mirror *mirror, struct addr *addr)
{
	struct prefix *prefix =
		prefix_find(mirror, addr->ifindex, &addr->prefix, addr->prefix_length);

	if (!prefix) {
		prefix = xcalloc(1, sizeof(*prefix));
		prefix->ifindex = addr->ifindex;
		prefix->prefix = inet_prefix(&addr->prefix, addr->prefix_length);
		prefix->length = addr->prefix_length;
		set_insert(&mirror->prefixes, prefix);
	}
	prefix->members++;
	prefix->concluded = false;
	addr->prefix_of = prefix;
	set_insert(&mirror->addr_members, addr);
}

void
prefix_leave(struct mirror *mirror, struct addr *addr)
{
	struct prefix *prefix = addr->prefix_of;

	set_remove(&mirror->addr_members, addr);
	addr->prefix_of = NULL;
	prefix->concluded = false;
	if (--prefix->members == 0) {
		set_remove(&mirror->prefixes, prefix);
		free(prefix);
	}
}

void
prefix_touch(struct addr *addr)
{
	addr->prefix_of->concluded = false;
}

static int
probe_prefix(const void *row, const void *sought)
{
	const struct addr *addr = row;
	const struct prefix *prefix = sought;

	if (addr->ifindex != prefix->ifindex)
		return addr->ifindex < prefix->ifindex ? -1 : 1;
	return addr->prefix_of ? compare(addr->prefix_of, prefix) : -1;
}

void
prefix_conclude(struct mirror *mirror, const struct prefix *row)
{
	struct prefix *prefix;
	struct addr *addr;

	if (row->concluded)
		return;
	prefix = set_find(&mirror->prefixes, row);
	prefix->concluded = true;
	prefix->on_link = prefix->autonomous = false;
	prefix->advertised = prefix->leased = false;
	prefix->preferred_until = prefix->valid_until = 0;
	addr = set_seek(&mirror->addr_members, probe_prefix, prefix);
	for (; addr && addr->prefix_of == prefix;
		addr = set_next(&mirror->addr_members, addr)) {
		prefix->on_link |= !(addr->flags & ADDR_NOPREFIXROUTE);
		prefix->advertised |= addr_is_advertised(addr);
		prefix->leased |= addr_is_leased(addr);
		if (addr->preferred_until > prefix->preferred_until)
			prefix->preferred_until = addr->preferred_until;
		if (addr->valid_until > prefix->valid_until)
			prefix->valid_until = addr->valid_until;
	}
	/* The kernel makes an address only of what may be made one of. */
	prefix->autonomous = prefix->advertised;
}
