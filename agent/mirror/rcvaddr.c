/*
 * Receive addresses: see rcvaddr.h.
 */
#include "rcvaddr.h"

#include "../base/alloc.h"
#include "mirror.h"

#include <stdlib.h>

static int
compare(const void *a, const void *b)
{
	const struct rcvaddr *x = a, *y = b;

	if (x->ifindex != y->ifindex)
		return x->ifindex < y->ifindex ? -1 : 1;
	return lladdr_compare(&x->address, &y->address);
}

void
rcvaddr_init(struct mirror *mirror)
{
	set_init(&mirror->rcvaddrs, offsetof(struct rcvaddr, node), compare);
}

static void delete (struct mirror *mirror, struct rcvaddr *row)
{
	set_remove(&mirror->rcvaddrs, row);
	free(row);
}

void
rcvaddr_free(struct mirror *mirror)
{
	struct rcvaddr *row, *after;

	set_for_each (row, after, &mirror->rcvaddrs)
		delete (mirror, row);
}

static struct rcvaddr *
find(struct mirror *mirror, uint32_t ifindex, const struct lladdr *address)
{
	struct rcvaddr key = { .ifindex = ifindex, .address = *address };

	return set_find(&mirror->rcvaddrs, &key);
}

static struct rcvaddr *
find_or_add(struct mirror *mirror, uint32_t ifindex, const struct lladdr *address)
{
	struct rcvaddr *row = find(mirror, ifindex, address);

	if (!row) {
		row = xcalloc(1, sizeof(*row));
		row->ifindex = ifindex;
		row->address = *address;
		set_insert(&mirror->rcvaddrs, row);
	}
	return row;
}

static void
disown(struct mirror *mirror, uint32_t ifindex, const struct lladdr *address)
{
	struct rcvaddr *row = find(mirror, ifindex, address);

	if (!row)
		return;
	row->own = false;
	if (!row->mark)
		delete (mirror, row);
}

static int
probe_ifindex(const void *row, const void *ifindex)
{
	return ((const struct rcvaddr *)row)->ifindex < *(const uint32_t *)ifindex ? -1
										   : 0;
}

static void
delete_all_of(struct mirror *mirror, uint32_t ifindex)
{
	struct rcvaddr *row, *after;

	row = set_seek(&mirror->rcvaddrs, probe_ifindex, &ifindex);
	for (; row && row->ifindex == ifindex; row = after) {
		after = set_next(&mirror->rcvaddrs, row);
		delete (mirror, row);
	}
}

void
rcvaddr_follow_link(struct mirror *mirror, const struct link_info *before,
	const struct link_info *now)
{
	if (!now) {
		delete_all_of(mirror, before->ifindex);
		return;
	}
	if (before) {
		disown(mirror, before->ifindex, &before->address);
		disown(mirror, before->ifindex, &before->broadcast);
	}
	if (!link_has_lladdr(now))
		return;
	find_or_add(mirror, now->ifindex, &now->address)->own = true;
	if (now->broadcast.len)
		find_or_add(mirror, now->ifindex, &now->broadcast)->own = true;
}

void
rcvaddr_sweep_begin(struct mirror *mirror)
{
	mirror->rcvaddr_sweep++;
}

void
rcvaddr_put(struct mirror *mirror, uint32_t ifindex, const struct lladdr *address)
{
	struct link *link = mirror_link(mirror, ifindex);

	if (link && link_has_lladdr(&link->info) && address->len)
		find_or_add(mirror, ifindex, address)->mark = mirror->rcvaddr_sweep;
}

void
rcvaddr_sweep_end(struct mirror *mirror)
{
	struct rcvaddr *row, *after;

	set_for_each (row, after, &mirror->rcvaddrs) {
		if (row->mark == mirror->rcvaddr_sweep)
			continue;
		row->mark = 0;
		if (!row->own)
			delete (mirror, row);
	}
}
