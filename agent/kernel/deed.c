/*
 * What it takes to undo a wish: see deed.h.
 */
#include "deed.h"

#include "../base/clock.h"
#include "encode.h"
#include "primary.h"
#include "route_wish.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define IPV6_MIN_MTU 1280 /* RFC 8200 section 5 */

/* A small MTU takes IPv6 off a link, with what hangs on it; any other one overwrites that
 * of IPv6. */
static int
remember_mtu(struct wishes *wishes, const struct link *link, struct deed *deed)
{
	bool loses = deed->back.number < IPV6_MIN_MTU && link->info.mtu >= IPV6_MIN_MTU;

	deed->back.number = link->info.mtu;
	switch_remember_ipv6(&deed->overwritten, wishes->proc, link->info.name, loses);
	if (!loses)
		return 0;
	return wishes_open(wishes)
		       ?: snapshot_take_ipv6(
				  &deed->lost, &wishes->route, link->info.ifindex);
}

/* The way back to how a neighbour is now: one that is not resolved will be asked for
 * again. */
static void
remember_neigh(const struct mirror *mirror, struct wish *back)
{
	const struct neigh *neigh = mirror_neigh(mirror, back->ifindex, &back->address);

	back->what = WISH_NEIGH_GONE;
	if (!neigh || !neigh->lladdr.len || neigh->state == NEIGH_FAILED)
		return;
	back->what = WISH_NEIGH;
	back->lladdr = neigh->lladdr;
	back->flags = neigh->flags;
	back->number = neigh->state;
	if (neigh->state == NEIGH_DELAY || neigh->state == NEIGH_PROBE)
		back->number = NEIGH_STALE; /* which these come of */
}

/* The way back to an address as it is now. What the kernel has of it besides stays. */
static int
remember_addr(struct wishes *wishes, struct deed *deed)
{
	struct wish *back = &deed->back;
	const struct addr *addr =
		mirror_addr(wishes->mirror, back->ifindex, &back->address);
	uint64_t now = clock_now();

	back->what = WISH_ADDR_GONE;
	if (!addr || addr->class != ADDR_UNICAST || addr->prefix_length != back->number)
		return 0;
	back->what = WISH_ADDR;
	back->preferred = addr->flags & ADDR_DEPRECATED
				  ? 0
				  : addr_seconds_left(addr->preferred_until, now);
	back->valid = addr_seconds_left(addr->valid_until, now);
	return wishes_open(wishes)
		       ?: snapshot_take_one(&deed->lost, &wishes->route, back->ifindex,
				  &back->address, (uint8_t)back->number);
}

/* Does a route prefer that source? They go with it wherever they lead, or lose it (IPv6:
 * the mirror does not say which). */
static bool
is_source(const struct mirror *mirror, const struct inet *address)
{
	const struct path *path;

	if (inet_is_v6(address))
		return mirror->ipv6_sources;
	LIST_FOREACH(path, &mirror->special_paths, special)
	{
		if (inet_compare(&path->key.prefsrc, address) == 0)
			return true;
	}
	return false;
}

/* Is it the last IPv4 address of its link, which takes the routes along? Of IPv6 none
 * does. */
static bool
is_last(const struct mirror *mirror, const struct wish *wish)
{
	return inet_is_v4(&wish->address) && addr_count_ipv4(mirror, wish->ifindex) < 2;
}

/* An address, which is in what is lost, and what goes with it. */
static int
remember_loss(struct wishes *wishes, const struct wish *wish, struct deed *deed)
{
	const struct mirror *mirror = wishes->mirror;
	const struct addr *addr = mirror_addr(mirror, wish->ifindex, &wish->address);
	uint8_t plen = (uint8_t)wish->number;
	int error = wishes_open(wishes)
			    ?: snapshot_take_address(&deed->lost, &wishes->route,
				       wish->ifindex, &wish->address, plen,
				       is_last(mirror, wish),
				       is_source(mirror, &wish->address));

	if (error || !addr || !inet_is_v4(&wish->address) || !addr->prefix_of ||
		addr->prefix_of->members < 2)
		return error;
	return primary_remember(
		&deed->behind, &wishes->route, wish->ifindex, &wish->address, plen);
}

/* A link that goes down, or loses IPv6, loses more. */
static int
remember_link(struct wishes *wishes, const struct link *link, struct deed *deed)
{
	bool goes = !deed->back.number;
	int error = 0;

	switch (deed->back.what) {
	case WISH_LINK_UP:
		deed->back.number = link->info.up;
		if (goes && link->info.up)
			error = wishes_open(wishes)
					?: snapshot_take(&deed->lost, &wishes->route,
						   link->info.ifindex);
		return error;
	case WISH_LINK_IPV6:
		if (goes)
			error = wishes_open(wishes)
					?: snapshot_take_ipv6(&deed->lost, &wishes->route,
						   link->info.ifindex);
		return error;
	case WISH_LINK_PROMISC:
		deed->back.number = link->info.promisc;
		return 0;
	case WISH_LINK_MASTER:
		deed->back.number = link->info.master;
		return 0;
	default:
		memcpy(deed->back.text, link->info.alias, sizeof(deed->back.text));
		return 0;
	}
}

/* What it takes to go back, as the mirror knows it; and what is lost by the wish. */
int
deed_prepare(struct wishes *wishes, const struct wish *wish, struct deed *deed)
{
	const struct link *link = mirror_link(wishes->mirror, wish->ifindex);

	deed->back = *wish;
	if (wish->what == WISH_SWITCH)
		return 0;
	if (wish->what == WISH_ROUTE || wish->what == WISH_ROUTE_GONE)
		return wishes_open(wishes)
			       ?: route_wish_look(&wish->route,
					  wish->what == WISH_ROUTE_GONE, &wishes->route,
					  &deed->lost);
	if (!link)
		return -ENODEV;
	switch (wish->what) {
	case WISH_LINK_MTU:
		return remember_mtu(wishes, link, deed);
	case WISH_LINK_FORWARDING4:
	case WISH_LINK_FORWARDING6:
		return 0; /* change_file() knows */
	case WISH_ANYCAST:
		deed->back.what = WISH_ANYCAST_GONE;
		return 0;
	case WISH_ANYCAST_GONE:
		deed->back.what = WISH_ANYCAST;
		return 0;
	case WISH_RCVADDR:
		deed->back.what = WISH_RCVADDR_GONE;
		return 0;
	case WISH_RCVADDR_GONE:
		deed->back.what = WISH_RCVADDR;
		return 0;
	case WISH_NEIGH:
	case WISH_NEIGH_GONE:
		remember_neigh(wishes->mirror, &deed->back);
		return 0;
	case WISH_ADDR:
		return remember_addr(wishes, deed);
	case WISH_ADDR_GONE:
		return remember_loss(wishes, wish, deed);
	default:
		return remember_link(wishes, link, deed);
	}
}

void
deed_forget(struct deed *deed)
{
	snapshot_forget(&deed->lost);
	snapshot_forget(&deed->behind);
	switch_forget(&deed->overwritten);
	free(deed);
}
