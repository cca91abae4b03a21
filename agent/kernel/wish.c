/*
 * Wishes come true: see wish.h.
 */
#include "wish.h"

#include "../base/alloc.h"
#include "../base/clock.h"
#include "../base/log.h"
#include "encode.h"
#include "route_wish.h"
#include "snapshot.h"
#include "switch.h"
#include "wish_text.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>

#define IPV6_MIN_MTU 1280 /* RFC 8200 section 5 */

struct deed {
	struct wish back; /* what undoes it, but for what is remembered besides */
	struct snapshot lost;
	struct switch_memory overwritten;
};

void
wishes_init(struct wishes *wishes, struct mirror *mirror)
{
	cap_t caps = cap_get_proc();
	cap_flag_value_t value = CAP_CLEAR;

	memset(wishes, 0, sizeof(*wishes));
	wishes->mirror = mirror;
	wishes->proc = "/proc";
	wishes->route.fd = -1;
	anycasts_init(&wishes->anycasts);
	if (caps && cap_get_flag(caps, CAP_NET_ADMIN, CAP_EFFECTIVE, &value) == 0)
		wishes->permitted = value == CAP_SET;
	cap_free(caps);
	if (!wishes->permitted)
		log_line(LOG_NOTICE, "no CAP_NET_ADMIN: nothing can be written");
}

void
wishes_close(struct wishes *wishes)
{
	snapshot_forget(&wishes->left);
	anycasts_close(&wishes->anycasts);
	channel_close(&wishes->route);
}

bool
wishes_may(const struct wishes *wishes)
{
	return wishes->permitted && wishes->mirror->options->write != WRITE_OFF;
}

static void
complain(struct wishes *wishes, const struct wish *wish, int error, const char *why)
{
	char text[384], words[640];

	wish_text(wish, text, sizeof(text));
	log_line(LOG_NOTICE, "the kernel refuses: %s: %s%s%s", text, strerror(-error),
		*why ? ": " : "", why);
	snprintf(words, sizeof(words), "the kernel refuses: %s%s%s (%s)",
		strerror(-error), *why ? ": " : "", why, text);
	writes_say(&wishes->mirror->writes, words);
}

/* Doing. */

static struct nl_msg *
encode(const struct wish *wish, const struct deed *deed)
{
	switch (wish->what) {
	case WISH_LINK_UP:
		return encode_set_link_flags(
			wish->ifindex, IFF_UP, wish->number ? IFF_UP : 0);
	case WISH_LINK_PROMISC:
		return encode_set_link_flags(
			wish->ifindex, IFF_PROMISC, wish->number ? IFF_PROMISC : 0);
	case WISH_LINK_ALIAS:
		return encode_set_link_alias(wish->ifindex, wish->text);
	case WISH_LINK_MTU:
		return encode_set_link_mtu(wish->ifindex, wish->number);
	case WISH_LINK_MASTER:
		return encode_set_link_master(wish->ifindex, wish->number);
	case WISH_RCVADDR:
		return encode_set_rcvaddr(wish->ifindex, &wish->lladdr);
	case WISH_RCVADDR_GONE:
		return encode_drop_rcvaddr(wish->ifindex, &wish->lladdr);
	case WISH_NEIGH:
		return encode_set_neigh(wish->ifindex, &wish->address, &wish->lladdr,
			(uint16_t)wish->number, wish->flags);
	case WISH_NEIGH_GONE:
		return encode_drop_neigh(wish->ifindex, &wish->address);
	case WISH_ADDR:
		if (deed->lost.len)
			return encode_renewed((const void *)deed->lost.messages,
				wish->preferred, wish->valid);
		return encode_set_addr(wish->ifindex, &wish->address, &wish->peer,
			(uint8_t)wish->number, wish->preferred, wish->valid);
	case WISH_ADDR_GONE:
		return encode_drop_addr(wish->ifindex, &wish->address, &wish->peer,
			(uint8_t)wish->number);
	case WISH_ROUTE:
	case WISH_ROUTE_GONE:
		return route_wish_encode(
			&wish->route, wish->what == WISH_ROUTE_GONE, &deed->lost);
	case WISH_LINK_IPV6:
	case WISH_LINK_FORWARDING4:
	case WISH_LINK_FORWARDING6:
	case WISH_LINK_TRAPS:
	case WISH_ANYCAST:
	case WISH_ANYCAST_GONE:
	case WISH_NOTIFY:
	case WISH_SWITCH:
		break;
	}
	return NULL;
}

static int
open_route(struct wishes *wishes)
{
	return wishes->route.sock ? 0 : channel_open(&wishes->route, NETLINK_ROUTE, true);
}

static bool
is_of_file(const struct wish *wish)
{
	return wish->what == WISH_LINK_IPV6 || wish->what == WISH_LINK_FORWARDING4 ||
	       wish->what == WISH_LINK_FORWARDING6;
}

/* Its name is as new as the events that have been read. */
static int
change_file(struct wishes *wishes, const struct wish *wish, struct deed *deed)
{
	const struct link *link = mirror_link(wishes->mirror, wish->ifindex);
	bool off = wish->what == WISH_LINK_IPV6;
	uint32_t before;
	int error;

	if (!link)
		return -ENODEV;
	error = switch_turn_link(wishes->proc,
		wish->what == WISH_LINK_FORWARDING4 ? "ipv4" : "ipv6", link->info.name,
		off ? "disable_ipv6" : "forwarding", off ? !wish->number : wish->number,
		&before);
	if (!error)
		deed->back.number = off ? !before : before;
	return error;
}

/* The prefix route of an IPv6 address that has an end would stay until then
 * (ipv6_del_addr()): before it goes it is made one without. */
static int
make_endless(
	struct wishes *wishes, const struct wish *wish, struct deed *deed, char why[128])
{
	struct wish endless = *wish;

	if (wish->what != WISH_ADDR_GONE || !inet_is_v6(&wish->address) ||
		wish->valid == ADDR_FOREVER)
		return 0;
	endless.what = WISH_ADDR;
	endless.preferred = endless.valid = ADDR_FOREVER;
	return channel_change(&wishes->route, encode(&endless, deed), why, 128);
}

static int
change(struct wishes *wishes, const struct wish *wish, struct deed *deed)
{
	char why[128] = "";
	int error;

	if (wish->what == WISH_SWITCH) {
		error = switch_turn(
			wishes->proc, wish->node, wish->number, &deed->overwritten);
	} else if (wish->what == WISH_ANYCAST) {
		error = anycast_join(&wishes->anycasts, wish->ifindex, &wish->address);
	} else if (wish->what == WISH_ANYCAST_GONE) {
		error = anycast_leave(&wishes->anycasts, wish->ifindex, &wish->address);
	} else if (is_of_file(wish)) {
		error = change_file(wishes, wish, deed);
	} else {
		error = open_route(wishes) ?: make_endless(wishes, wish, deed, why);
		if (!error)
			error = channel_change(
				&wishes->route, encode(wish, deed), why, sizeof(why));
		if (error == -EPROTO) /* the answer may come yet, to somebody else */
			channel_close(&wishes->route);
	}
	if (error)
		complain(wishes, wish, error, why);
	return error;
}

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
	return open_route(wishes)
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
	return open_route(wishes)
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

/* What it takes to go back, as the mirror knows it; and what a link loses when it goes
 * down. */
static int
prepare(struct wishes *wishes, const struct wish *wish, struct deed *deed)
{
	const struct link *link = mirror_link(wishes->mirror, wish->ifindex);

	deed->back = *wish;
	if (wish->what == WISH_SWITCH)
		return 0;
	if (wish->what == WISH_ROUTE || wish->what == WISH_ROUTE_GONE)
		return open_route(wishes)
			       ?: route_wish_look(&wish->route,
					  wish->what == WISH_ROUTE_GONE, &wishes->route,
					  &deed->lost);
	if (!link)
		return -ENODEV;
	switch (wish->what) {
	case WISH_LINK_UP:
		deed->back.number = link->info.up;
		if (wish->number || !link->info.up)
			return 0;
		return open_route(wishes)
			       ?: snapshot_take(
					  &deed->lost, &wishes->route, wish->ifindex);
	case WISH_LINK_PROMISC:
		deed->back.number = link->info.promisc;
		return 0;
	case WISH_LINK_MASTER:
		deed->back.number = link->info.master;
		return 0;
	case WISH_LINK_MTU:
		return remember_mtu(wishes, link, deed);
	case WISH_LINK_FORWARDING4:
	case WISH_LINK_FORWARDING6:
		return 0; /* change_file() knows */
	case WISH_LINK_IPV6:
		return wish->number ? 0
				    : open_route(wishes)
					      ?: snapshot_take_ipv6(&deed->lost,
							 &wishes->route, wish->ifindex);
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
	case WISH_ADDR_GONE: /* it is in what is lost */
		return open_route(wishes)
			       ?: snapshot_take_address(&deed->lost, &wishes->route,
					  wish->ifindex, &wish->address,
					  (uint8_t)wish->number,
					  is_last(wishes->mirror, wish),
					  is_source(wishes->mirror, &wish->address));
	default:
		memcpy(deed->back.text, link->info.alias, sizeof(deed->back.text));
		return 0;
	}
}

static void
forget(struct deed *deed)
{
	snapshot_forget(&deed->lost);
	switch_forget(&deed->overwritten);
	free(deed);
}

/* The mirror is told what is about to come by an event. */
static void
announce(struct wishes *wishes, const struct wish *wish)
{
	bool is_route = wish->what == WISH_ROUTE || wish->what == WISH_ROUTE_GONE;

	wishes->mirror->route_wished = is_route ? wish->route : (struct route_wish){ 0 };
}

int
wishes_fulfil(struct wishes *wishes, const struct wish *wish, struct deed **deed)
{
	int error;

	*deed = NULL;
	announce(wishes, wish);
	if (wishes->mirror->options->write == WRITE_DRY_RUN) {
		char text[384];

		wish_text(wish, text, sizeof(text));
		log_line(LOG_NOTICE, "dry run: %s", text);
		return 0;
	}
	*deed = xcalloc(1, sizeof(**deed));
	error = prepare(wishes, wish, *deed);
	if (error)
		complain(wishes, wish, error, "it cannot be looked at before");
	else
		error = change(wishes, wish, *deed);
	if (error) {
		forget(*deed);
		*deed = NULL;
	}
	return error;
}

/* A route comes back by the message that it was, not with others. */
static int
undo_route(struct wishes *wishes, struct deed *deed)
{
	const struct wish *wish = &deed->back;
	char why[128] = "";
	int error = open_route(wishes);

	if (!error)
		error = channel_change(&wishes->route,
			route_wish_back(
				&wish->route, wish->what == WISH_ROUTE_GONE, &deed->lost),
			why, sizeof(why));
	if (error)
		complain(wishes, wish, error, why);
	return error;
}

static int
undo(struct wishes *wishes, struct deed *deed)
{
	int error = 0;

	switch (deed->back.what) {
	case WISH_SWITCH:
		return switch_restore(&deed->overwritten);
	case WISH_ROUTE:
	case WISH_ROUTE_GONE:
		return undo_route(wishes, deed);
	case WISH_ADDR:
		return change(wishes, &deed->back, deed);
	case WISH_ADDR_GONE:
		if (deed->lost.len) /* it is in that */
			break;
		/* fallthrough */
	default:
		error = change(wishes, &deed->back, deed);
		if (!error && deed->back.what == WISH_LINK_MTU)
			error = switch_restore(&deed->overwritten);
	}
	if (!error)
		snapshot_restore(&deed->lost, &wishes->route, &wishes->left);
	if (deed->back.what == WISH_LINK_MTU || deed->back.what == WISH_LINK_IPV6)
		anycast_join_again(&wishes->anycasts, deed->back.ifindex);
	return error;
}

/* A route may lead over an address that another deed has taken away. */
static void
try_again(struct wishes *wishes)
{
	struct snapshot left = wishes->left;

	if (!left.len)
		return;
	memset(&wishes->left, 0, sizeof(wishes->left));
	snapshot_restore(&left, &wishes->route, &wishes->left);
	snapshot_forget(&left);
}

int
wishes_settle(struct wishes *wishes)
{
	bool any;

	try_again(wishes);
	any = wishes->left.len > 0;
	if (any)
		snapshot_complain(&wishes->left, &wishes->route);
	snapshot_forget(&wishes->left);
	return any ? -EIO : 0;
}

int
wishes_undo(struct wishes *wishes, struct deed *deed)
{
	int error;

	if (!deed)
		return 0;
	announce(wishes, &deed->back);
	error = undo(wishes, deed);
	try_again(wishes);
	if (error)
		log_line(LOG_ERR, "undo has failed: %s", strerror(-error));
	forget(deed);
	return error;
}

void
wishes_keep(struct deed *deed)
{
	if (deed)
		forget(deed);
}
