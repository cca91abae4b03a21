/*
 * What it takes to undo a wish: see deed.h.
 */
#include "deed.h"

#include "../base/clock.h"
#include "encode.h"
#include "port.h"
#include "primary.h"
#include "route_wish.h"

#include <errno.h>
#include <net/if.h>
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

static int remember_vlans(
	struct wishes *wishes, uint32_t ifindex, struct deed *deed, unsigned int depth);

/* How deep the kernel lets links run on links (MAX_NEST_DEV). */
#define MAX_NEST 8

/* What goes with link @ifindex when it goes down. */
static int
remember_down(
	struct wishes *wishes, uint32_t ifindex, struct deed *deed, unsigned int depth)
{
	int error = wishes_open(wishes)
			    ?: snapshot_take(&deed->lost, &wishes->route, ifindex);

	return error ? error : remember_vlans(wishes, ifindex, deed, depth + 1);
}

static int
probe_lower(const void *row, const void *ifindex)
{
	return ((const struct stack *)row)->lower < *(const uint32_t *)ifindex ? -1 : 0;
}

/* VLANs go down with their link, and all of them come up with it, those too that somebody
 * had set down (vlan_device_event()). */
static int
remember_vlans(
	struct wishes *wishes, uint32_t ifindex, struct deed *deed, unsigned int depth)
{
	const struct set *rows = &wishes->mirror->inverted;
	const struct stack *row = set_seek(rows, probe_lower, &ifindex);
	int error = 0;

	if (depth > MAX_NEST)
		return 0;
	for (; !error && row && row->lower == ifindex; row = set_next(rows, row)) {
		const struct link *vlan = mirror_link(wishes->mirror, row->higher);
		struct nl_msg *as_it_is;

		if (!vlan || strcmp(vlan->info.kind, "vlan") != 0 ||
			vlan->info.lower != ifindex)
			continue;
		as_it_is = encode_set_link_flags(
			vlan->info.ifindex, IFF_UP, vlan->info.up ? IFF_UP : 0);
		snapshot_keep(&deed->lost, nlmsg_hdr(as_it_is));
		nlmsg_free(as_it_is);
		if (vlan->info.up)
			error = remember_down(wishes, vlan->info.ifindex, deed, depth);
	}
	return error;
}

/* A link that leaves a master loses what it was as its port. A bond, a team and a vrf
 * take their ports down for a moment or longer when these come or go. */
static int
remember_master(
	struct wishes *wishes, const struct link *link, uint32_t next, struct deed *deed)
{
	uint32_t masters[] = { link->info.master, next };
	int error = wishes_open(wishes);
	bool down = false;

	deed->back.number = link->info.master;
	if (!error && link->info.master)
		error = port_remember(&deed->lost, &wishes->route, link->info.ifindex,
			link->info.master);
	for (size_t i = 0; i < sizeof(masters) / sizeof(masters[0]); i++) {
		const struct link *master = mirror_link(wishes->mirror, masters[i]);

		down |= master && strcmp(master->info.kind, "bridge") != 0;
	}
	return error || !down ? error
			      : remember_down(wishes, link->info.ifindex, deed, 0);
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
			error = remember_down(wishes, link->info.ifindex, deed, 0);
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
		return remember_master(wishes, link, deed->back.number, deed);
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
