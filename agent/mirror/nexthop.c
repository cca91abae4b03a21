/*
 * Nexthop objects: see nexthop.h.
 */
#include "nexthop.h"

#include "../base/alloc.h"
#include "mirror.h"
#include "route_silent.h"

#include <stdlib.h>
#include <string.h>

static int
compare(const void *a, const void *b)
{
	const struct nexthop *x = a, *y = b;

	return set_order(x->id, y->id);
}

void
nexthop_init(struct mirror *mirror)
{
	sweep_init(&mirror->sweeps[KIND_NEXTHOP], &mirror->nexthops, compare);
}

static void
free_nexthop(struct nexthop *nexthop)
{
	free(nexthop->members);
	free(nexthop);
}

void
nexthop_free(struct mirror *mirror)
{
	struct nexthop *nexthop, *after;

	set_for_each (nexthop, after, &mirror->nexthops) {
		set_remove(&mirror->nexthops, nexthop);
		free_nexthop(nexthop);
	}
}

struct nexthop *
mirror_nexthop(const struct mirror *mirror, uint32_t id)
{
	struct nexthop key;

	key.id = id;
	return set_find(&mirror->nexthops, &key);
}

bool
nexthop_is_known(const struct mirror *mirror, const struct nexthop *nexthop)
{
	for (size_t i = 0; i < nexthop->n_members; i++) {
		if (mirror_nexthop(mirror, nexthop->members[i].id))
			return true;
	}
	return !nexthop->n_members;
}

static bool
is_in(const struct nexthop *group, uint32_t id)
{
	for (size_t i = 0; i < group->n_members; i++) {
		if (group->members[i].id == id)
			return true;
	}
	return false;
}

/* What leads over the object, and over the groups it is in, is to follow it. */
static void
alter(struct mirror *mirror, struct nexthop *nexthop)
{
	nexthop->generation = ++mirror->nexthop_generation;
	route_follow_nexthop(mirror, nexthop->id);
}

static void
alter_groups_of(struct mirror *mirror, uint32_t id)
{
	struct nexthop *group, *after;

	set_for_each (group, after, &mirror->nexthops) {
		if (is_in(group, id))
			alter(mirror, group);
	}
}

static bool
says_the_same(const struct nexthop *nexthop, const struct nexthop_info *info)
{
	return nexthop->ifindex == info->ifindex &&
	       nexthop->blackhole == info->blackhole && nexthop->dead == info->dead &&
	       inet_compare(&nexthop->gateway, &info->gateway) == 0 &&
	       nexthop->n_members == info->n_members &&
	       (!info->n_members ||
		       memcmp(nexthop->members, info->members,
			       info->n_members * sizeof(info->members[0])) == 0);
}

static void
fill_in(struct nexthop *nexthop, const struct nexthop_info *info)
{
	size_t size = info->n_members * sizeof(info->members[0]);

	free(nexthop->members);
	nexthop->members = NULL;
	if (size) {
		nexthop->members = xcalloc(1, size);
		memcpy(nexthop->members, info->members, size);
	}
	nexthop->n_members = info->n_members;
	nexthop->ifindex = info->ifindex;
	nexthop->blackhole = info->blackhole;
	nexthop->dead = info->dead;
	nexthop->gateway = info->gateway;
}

void
mirror_put_nexthop(
	struct mirror *mirror, const struct nexthop_info *info, enum origin origin)
{
	struct nexthop key = { .id = info->id };
	struct sweep *sweep = &mirror->sweeps[KIND_NEXTHOP];
	struct nexthop *nexthop = mirror_nexthop(mirror, info->id);

	if (!sweep_admit(sweep, &key, nexthop ? &nexthop->swept : NULL, origin) ||
		(nexthop && says_the_same(nexthop, info)))
		return;
	if (!nexthop) {
		nexthop = xcalloc(1, sizeof(*nexthop));
		nexthop->id = info->id;
		sweep_add(sweep, &nexthop->swept, origin);
	}
	fill_in(nexthop, info);
	alter(mirror, nexthop);
	alter_groups_of(mirror, info->id);
}

static bool
is_going(const struct mirror *mirror, uint32_t id)
{
	const struct nexthop *nexthop = mirror_nexthop(mirror, id);

	return nexthop && nexthop->going;
}

/* Takes the members that go out of their groups. A group without its last one goes, too
 * (remove_nexthop_from_groups()). */
static void
leave_groups(struct mirror *mirror)
{
	struct nexthop *group, *after;

	set_for_each (group, after, &mirror->nexthops) {
		size_t n = 0;

		for (size_t i = 0; i < group->n_members; i++) {
			if (!is_going(mirror, group->members[i].id))
				group->members[n++] = group->members[i];
		}
		if (n == group->n_members)
			continue;
		group->n_members = n;
		group->going = n == 0;
		/* A dump that was filled before would bring the members back. */
		sweep_admit(
			&mirror->sweeps[KIND_NEXTHOP], group, &group->swept, FROM_EVENT);
		alter(mirror, group);
	}
}

/* Takes it out; what is left of it is a key, which the caller frees. */
static void
remove_nexthop(struct mirror *mirror, struct nexthop *nexthop)
{
	set_remove(&mirror->nexthops, nexthop);
	route_follow_nexthop(mirror, nexthop->id);
	free(nexthop->members);
	nexthop->members = NULL;
}

/* All that go at once, for each look at the groups is one at all objects. */
static void
bury_going(struct mirror *mirror)
{
	struct nexthop *nexthop, *after;

	leave_groups(mirror);
	set_for_each (nexthop, after, &mirror->nexthops) {
		if (!nexthop->going)
			continue;
		remove_nexthop(mirror, nexthop);
		sweep_bury(&mirror->sweeps[KIND_NEXTHOP], &nexthop->swept);
	}
}

void
mirror_drop_nexthop(struct mirror *mirror, uint32_t id)
{
	struct nexthop *nexthop = mirror_nexthop(mirror, id);

	if (nexthop) {
		nexthop->going = true;
		bury_going(mirror);
	} else {
		nexthop = xcalloc(1, sizeof(*nexthop));
		nexthop->id = id;
		sweep_bury(&mirror->sweeps[KIND_NEXTHOP], &nexthop->swept);
	}
}

bool
nexthop_forget_link(struct mirror *mirror, uint32_t ifindex)
{
	struct nexthop *nexthop, *after;
	bool any = false;

	set_for_each (nexthop, after, &mirror->nexthops) {
		if (ifindex && nexthop->ifindex == ifindex)
			any = nexthop->going = true;
	}
	if (any)
		bury_going(mirror);
	return any;
}

void
nexthop_sweep_drop(void *mirror, struct swept *row)
{
	/* A group that has lost it has been named by the dump without it. */
	remove_nexthop(mirror, (struct nexthop *)row);
	free(row);
}
