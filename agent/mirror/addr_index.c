/*
 * The index of addresses: see addr_index.h. A change moves two rows at most: the first
 * one of its address and interface, and that of the next interface.
 */
#include "addr_index.h"

#include "mirror.h"

static int
compare_plain(const struct inet *a, const struct inet *b)
{
	bool v6 = inet_is_v6(a);

	if (v6 != inet_is_v6(b))
		return v6 ? 1 : -1;
	return memcmp(a->bytes, b->bytes, v6 ? 16 : 4);
}

int
addr_compare(const void *a, const void *b)
{
	const struct addr *x = a, *y = b;
	int cmp = compare_plain(&x->address, &y->address)
			  ?: set_order(x->ifindex, y->ifindex) ?: x->class - y->class;

	if (cmp || inet_is_v6(&x->address))
		return cmp;
	return y->prefix_length - x->prefix_length
		       ?: inet_compare(&x->prefix, &y->prefix);
}

static int
compare_index(const void *a, const void *b)
{
	return inet_compare(
		&((const struct addr *)a)->address, &((const struct addr *)b)->address);
}

void
addr_index_init(struct mirror *mirror)
{
	set_init(&mirror->addr_index, offsetof(struct addr, by_index), compare_index);
}

struct place {
	const struct inet *address;
	uint32_t ifindex;
};

static int
probe(const void *row, const void *sought)
{
	const struct addr *addr = row;
	const struct place *place = sought;

	return compare_plain(&addr->address, place->address)
		       ?: set_order(addr->ifindex, place->ifindex);
}

/* The first row of @address at @ifindex or the next higher one. */
static struct addr *
row_from(const struct mirror *mirror, const struct inet *address, uint32_t ifindex)
{
	struct place place = { address, ifindex };
	struct addr *addr = set_seek(&mirror->addrs, probe, &place);
	struct addr *broadcast = set_seek(&mirror->broadcasts, probe, &place);

	if (!addr || (broadcast && addr_compare(broadcast, addr) < 0))
		addr = broadcast;
	return addr && compare_plain(&addr->address, address) == 0 ? addr : NULL;
}

void
addr_hide(struct mirror *mirror, struct addr *addr)
{
	if (addr->shown)
		set_remove(&mirror->addr_index, addr);
	addr->shown = false;
	addr->address = inet_plain(&addr->address);
}

static void
show(struct mirror *mirror, struct addr *addr, bool first)
{
	struct inet plain = inet_plain(&addr->address);
	bool zoned = !first || inet_is_link_local(&plain);

	if (addr->shown && zoned == (addr->address.type != plain.type))
		return;
	addr_hide(mirror, addr);
	if (zoned)
		addr->address = inet_in_zone(&plain, addr->ifindex);
	addr->shown = true;
	set_insert(&mirror->addr_index, addr);
}

/* @row is the first of its address and interface now: if another one was, it is the next.
 */
static void
hide_next(struct mirror *mirror, const struct set *set, struct addr *row)
{
	struct addr *next = set_next(set, row);

	if (next && next->ifindex == row->ifindex &&
		compare_plain(&next->address, &row->address) == 0)
		addr_hide(mirror, next);
}

void
addr_settle(struct mirror *mirror, const struct inet *address, uint32_t ifindex)
{
	struct addr *first = row_from(mirror, address, 0);
	struct addr *row = row_from(mirror, address, ifindex), *broadcast;
	struct place place = { address, ifindex };

	/* Only two can have the plain index: it is free before it is taken. */
	if (row && row->ifindex == ifindex) {
		struct addr *next = row_from(mirror, address, ifindex + 1);

		if (next)
			show(mirror, next, next == first);
		broadcast = set_seek(&mirror->broadcasts, probe, &place);
		if (row->class == ADDR_BROADCAST) {
			hide_next(mirror, &mirror->broadcasts, row);
		} else {
			hide_next(mirror, &mirror->addrs, row);
			if (broadcast && probe(broadcast, &place) == 0)
				addr_hide(mirror, broadcast);
		}
	}
	if (row)
		show(mirror, row, row == first);
}
