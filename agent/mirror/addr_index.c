/*
 * The index of addresses: see addr_index.h. A change moves three rows at most: the one
 * that its interface shows of its address, the one that had the plain index of it, and
 * the one that has it now.
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

/* The first row of @set with @address at @ifindex; 0: at any interface. NULL: none. */
static struct addr *
row_at(const struct set *set, const struct inet *address, uint32_t ifindex)
{
	struct place place = { address, ifindex };
	struct addr *addr = set_seek(set, probe, &place);

	if (!addr || (ifindex && addr->ifindex != ifindex))
		return NULL;
	return compare_plain(&addr->address, address) == 0 ? addr : NULL;
}

/* The row of @address that @ifindex shows; 0: the one that has the plain index. A
 * broadcast address is the last one for both. */
static struct addr *
best_row(const struct mirror *mirror, const struct inet *address, uint32_t ifindex)
{
	return row_at(&mirror->addrs, address, ifindex)
		       ?: row_at(&mirror->broadcasts, address, ifindex);
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

/* Of @row's interface and address, if they are in @set, those behind @row are not shown:
 * if another one was until now, it is the next. */
static void
hide_next(struct mirror *mirror, const struct set *set, struct addr *row)
{
	struct addr *next = set_next(set, row);

	if (next && next->ifindex == row->ifindex &&
		compare_plain(&next->address, &row->address) == 0)
		addr_hide(mirror, next);
}

static void
hide_others(struct mirror *mirror, struct addr *row)
{
	struct inet plain = inet_plain(&row->address);
	struct addr *broadcast = row_at(&mirror->broadcasts, &plain, row->ifindex);

	if (row->class == ADDR_BROADCAST) {
		hide_next(mirror, &mirror->broadcasts, row);
		return;
	}
	hide_next(mirror, &mirror->addrs, row);
	if (broadcast)
		addr_hide(mirror, broadcast);
}

void
addr_settle(struct mirror *mirror, const struct inet *address, uint32_t ifindex)
{
	struct addr *row = best_row(mirror, address, ifindex);
	struct addr *first = best_row(mirror, address, 0), *holder;
	struct addr key = { .address = *address };

	if (row)
		hide_others(mirror, row);
	/* The plain index is free before it is taken. */
	holder = set_find(&mirror->addr_index, &key);
	if (holder && holder != first)
		show(mirror, holder, false);
	if (first)
		show(mirror, first, true);
	if (row)
		show(mirror, row, row == first);
}

const struct addr *
mirror_addr(const struct mirror *mirror, uint32_t ifindex, const struct inet *address)
{
	return row_at(&mirror->addrs, address, ifindex);
}
