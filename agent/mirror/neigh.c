/*
 * Neighbours: see neigh.h.
 */
#include "neigh.h"

#include "../base/alloc.h"
#include "../base/clock.h"
#include "mirror.h"

#include <stdlib.h>

static int
compare(const void *a, const void *b)
{
	const struct neigh *x = a, *y = b;

	if (x->ifindex != y->ifindex)
		return x->ifindex < y->ifindex ? -1 : 1;
	return inet_compare(&x->address, &y->address);
}

void
neigh_init(struct mirror *mirror)
{
	sweep_init(&mirror->sweeps[KIND_NEIGH], &mirror->neighs, compare);
}

void
neigh_free(struct mirror *mirror)
{
	struct neigh *neigh, *after;

	set_for_each (neigh, after, &mirror->neighs) {
		set_remove(&mirror->neighs, neigh);
		free(neigh);
	}
}

const struct neigh *
mirror_neigh(const struct mirror *mirror, uint32_t ifindex, const struct inet *address)
{
	struct neigh key = { .ifindex = ifindex, .address = *address };

	return set_find(&mirror->neighs, &key);
}

static uint32_t
diff(const struct neigh *a, const struct neigh *b)
{
	uint32_t fields = 0;

	if (lladdr_compare(&a->lladdr, &b->lladdr) != 0)
		fields |= NEIGH_LLADDR;
	if (a->state != b->state)
		fields |= NEIGH_STATE;
	if (a->flags != b->flags)
		fields |= NEIGH_FLAGS;
	return fields;
}

static void
fill_in(struct neigh *neigh, const struct neigh_info *info)
{
	uint64_t now = clock_now(), age = info->age * NS_PER_CS;

	neigh->updated = now > age ? now - age : 1;
	neigh->state = info->state;
	neigh->flags = info->flags;
	neigh->lladdr = info->lladdr;
}

/* Each message tells the same time by its age, which is cut to hundredths and as late as
 * it is read. A stamp that moves would look like an update. */
static bool
is_about(uint64_t a, uint64_t b)
{
	return (a > b ? a - b : b - a) <= 5 * NS_PER_CS;
}

void
mirror_put_neigh(struct mirror *mirror, const struct neigh_info *info, enum origin origin)
{
	struct neigh key = { .ifindex = info->ifindex, .address = info->address };
	struct sweep *sweep = &mirror->sweeps[KIND_NEIGH];
	struct neigh *neigh = set_find(&mirror->neighs, &key);
	struct change change = { KIND_NEIGH, NULL, NULL, NEIGH_ALL };

	if (!sweep_admit(sweep, &key, neigh ? &neigh->swept : NULL, origin))
		return;
	if (neigh) {
		key = *neigh;
		mirror->real_neighs -= neigh_is_real(neigh);
		fill_in(neigh, info);
		change.old = &key;
		change.fields = diff(&key, neigh);
		if (!change.fields && is_about(key.updated, neigh->updated))
			neigh->updated = key.updated;
	} else {
		neigh = xcalloc(1, sizeof(*neigh));
		neigh->ifindex = info->ifindex;
		neigh->address = info->address;
		fill_in(neigh, info);
		sweep_add(sweep, &neigh->swept, origin);
	}
	mirror->real_neighs += neigh_is_real(neigh);
	change.new = neigh;
	if (change.fields)
		mirror_publish(mirror, &change);
}

void
neigh_remove(struct mirror *mirror, struct neigh *neigh)
{
	struct change change = { KIND_NEIGH, neigh, NULL, NEIGH_ALL };

	mirror->real_neighs -= neigh_is_real(neigh);
	set_remove(&mirror->neighs, neigh);
	mirror_publish(mirror, &change);
}

void
mirror_drop_neigh(struct mirror *mirror, const struct neigh_info *info)
{
	struct neigh key = { .ifindex = info->ifindex, .address = info->address };
	struct sweep *sweep = &mirror->sweeps[KIND_NEIGH];
	struct neigh *neigh = set_find(&mirror->neighs, &key);

	if (neigh) {
		neigh_remove(mirror, neigh);
	} else if (sweep->running) {
		neigh = xcalloc(1, sizeof(*neigh));
		neigh->ifindex = info->ifindex;
		neigh->address = info->address;
	}
	if (neigh)
		sweep_bury(sweep, &neigh->swept);
}

static int
probe_ifindex(const void *row, const void *ifindex)
{
	return ((const struct neigh *)row)->ifindex < *(const uint32_t *)ifindex ? -1 : 0;
}

void
neigh_forget_link(struct mirror *mirror, uint32_t ifindex)
{
	struct neigh *neigh = set_seek(&mirror->neighs, probe_ifindex, &ifindex), *after;

	for (; neigh && neigh->ifindex == ifindex; neigh = after) {
		after = set_next(&mirror->neighs, neigh);
		neigh_remove(mirror, neigh);
		sweep_bury(&mirror->sweeps[KIND_NEIGH], &neigh->swept);
	}
}

bool
neigh_is_real(const struct neigh *neigh)
{
	if (neigh->state & NEIGH_NOARP && !(neigh->flags & NEIGH_EXT_LEARNED))
		return false;
	return neigh->state != NEIGH_NONE && !inet_is_multicast(&neigh->address);
}
