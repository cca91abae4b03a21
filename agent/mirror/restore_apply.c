/*
 * Is what is kept there, and making it so: see restore.h.
 */
#include "restore.h"

#include "../base/clock.h"
#include "../base/log.h"
#include "route_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct log_limit refusals;

uint32_t
restore_ifindex(const struct wish *wish)
{
	return kept_class_of(wish) == KEPT_ROUTE ? wish->route.ifindex : wish->ifindex;
}

const struct link *
restore_link(const struct mirror *mirror, const struct kept *kept)
{
	const struct link *link = mirror_link(mirror, restore_ifindex(&kept->wish));

	return link && strcmp(link->info.name, kept->name) == 0 ? link : NULL;
}

bool
restore_is_another(const struct kept *kept, const struct link *link)
{
	return kept->mac.len && link->info.permanent.len &&
	       lladdr_compare(&kept->mac, &link->info.permanent) != 0;
}

/* For the log: the line of the file. */
static void
tell(int priority, const struct kept *kept, const char *what, const char *why)
{
	struct text text = { NULL, 0, 0 };

	kept_write(kept, &text);
	if (priority == LOG_NOTICE)
		log_line(priority, "%s: %.*s", what, (int)text.len - 1, text.data);
	else
		log_limited(&refusals, priority, "%s: %.*s: %s", what, (int)text.len - 1,
			text.data, why);
	free(text.data);
}

static enum restored
refuse(const struct kept *kept, const char *why)
{
	tell(LOG_WARNING, kept, "not restored", why);
	return RESTORE_REFUSED;
}

static enum restored
fulfil(struct mirror *mirror, const struct kept *kept, const struct wish *wish)
{
	const struct source *source = mirror->source;
	struct deed *deed = NULL;
	int error = source->fulfil(source->arg, wish, &deed);

	if (error)
		return refuse(kept, strerror(-error));
	if (deed)
		source->keep(source->arg, deed);
	tell(LOG_NOTICE, kept, "restored", "");
	return RESTORE_DONE;
}

/* Switches, and what is the links' own. */

static bool
is_switched(const struct mirror *mirror, const struct wish *wish)
{
	const struct ip_sysctls *sysctls = &mirror->ip.sysctls;
	const struct optional now[N_SWITCHES] = {
		[SWITCH_FORWARDING] = sysctls->forwarding,
		[SWITCH_DEFAULT_TTL] = sysctls->default_ttl,
		[SWITCH_FORWARDING6] = sysctls->forwarding6,
		[SWITCH_HOP_LIMIT6] = sysctls->hop_limit6,
	};
	const struct optional *at = &now[wish->node];

	if (!at->present)
		return false;
	if (wish->node == SWITCH_FORWARDING || wish->node == SWITCH_FORWARDING6)
		return !at->number == !wish->number; /* any number but 0 is on */
	return at->number == wish->number;
}

static enum restored
apply_switch(struct mirror *mirror, const struct kept *kept)
{
	mirror->source->need_node(mirror->source->arg, NEED_IP_SYSCTLS, clock_now());
	return is_switched(mirror, &kept->wish) ? RESTORE_THERE
						: fulfil(mirror, kept, &kept->wish);
}

static enum restored
apply_notify(struct mirror *mirror, const struct kept *kept)
{
	if (mirror->told.enabled == kept->wish.number)
		return RESTORE_THERE;
	mirror->told.enabled = kept->wish.number;
	tell(LOG_NOTICE, kept, "restored", "");
	return RESTORE_DONE;
}

static enum restored
apply_traps(struct mirror *mirror, const struct kept *kept)
{
	uint8_t traps = kept->wish.number ? LINK_TRAPS_ON : LINK_TRAPS_OFF;

	if (mirror_set_traps(mirror, kept->wish.ifindex, traps) == traps)
		return RESTORE_THERE;
	tell(LOG_NOTICE, kept, "restored", "");
	return RESTORE_DONE;
}

static enum restored
apply_alias(struct mirror *mirror, const struct kept *kept, const struct link *link)
{
	mirror->source->need(
		mirror->source->arg, link->info.ifindex, NEED_ALIAS, clock_now());
	if (strcmp(link->info.alias, kept->wish.text) == 0)
		return RESTORE_THERE;
	return fulfil(mirror, kept, &kept->wish);
}

/* Of the link, made fresh; NULL: it has no IPv6. */
static const struct ipif *
ipv6_of(struct mirror *mirror, uint32_t ifindex)
{
	mirror->source->need(mirror->source->arg, ifindex,
		NEED_IPIF_ROWS | NEED_IPIF_STATE, clock_now());
	return ipif_find(mirror, IP_V6, ifindex);
}

static enum restored
apply_ipv6(struct mirror *mirror, const struct kept *kept)
{
	const struct wish *wish = &kept->wish;
	const struct ipif *ipif = ipv6_of(mirror, wish->ifindex);

	if (!ipif)
		return RESTORE_NOT_NOW;
	if (wish->what == WISH_LINK_IPV6 ? ipif->info.disabled == !wish->number
					 : ipif->info.forwarding == (wish->number != 0))
		return RESTORE_THERE;
	return fulfil(mirror, kept, wish);
}

/* Addresses. */

static const struct addr *
address_of(const struct mirror *mirror, const struct wish *wish)
{
	const struct addr *addr = mirror_addr(mirror, wish->ifindex, &wish->address);

	return addr && addr->class == ADDR_UNICAST ? addr : NULL;
}

static enum restored
apply_address(struct mirror *mirror, const struct kept *kept)
{
	const struct wish *wish = &kept->wish;
	const struct addr *addr = address_of(mirror, wish);

	if (addr && addr->prefix_length != wish->number)
		return refuse(kept, "it is there with another length");
	/* One that somebody has lent for a time is his. */
	if (addr && (addr->valid_until != ADDR_FOREVER ||
			    !(addr->flags & ADDR_DEPRECATED) == (wish->preferred != 0)))
		return RESTORE_THERE;
	if (!addr && inet_is_v6(&wish->address)) {
		const struct ipif *ipif = ipv6_of(mirror, wish->ifindex);

		if (!ipif || ipif->info.disabled)
			return RESTORE_NOT_NOW;
	}
	return fulfil(mirror, kept, wish);
}

/* Routes. */

/* As the rows have it. */
static struct inet
destination(const struct route_wish *route)
{
	return inet_is_link_local(&route->dst) ? inet_in_zone(&route->dst, route->ifindex)
					       : route->dst;
}

static bool
is_row_of(const struct path_key *key, const struct route_wish *route)
{
	static const struct inet none;
	struct inet gateway = key->nexthop.len ? inet_plain(&key->nexthop) : none;

	return key->metric == route->metric && key->tos == route->tos &&
	       key->src_plen == route->src_plen &&
	       inet_compare(&key->src, &route->src) == 0 &&
	       (!route->ifindex || key->ifindex == route->ifindex) &&
	       key->type == route->type && inet_compare(&gateway, &route->gateway) == 0;
}

const struct route *
restore_route(struct mirror *mirror, const struct route_wish *wish)
{
	struct inet dst = destination(wish);
	struct route_group group;
	const struct route *route;

	route_group_begin(mirror, &group, &dst, wish->plen, wish->table);
	while ((route = route_group_next(mirror, &group))) {
		if (is_row_of(&route->path->key, wish))
			return route;
	}
	return NULL;
}

/* Can a next hop join the route of @rival, of which there are @n (IPv4)? As for a SET:
 * it must be one that leads somewhere, and nobody else's. */
static bool
can_join(const struct mirror *mirror, const struct route *rival, size_t n,
	const struct wish *wish)
{
	const struct path_key *key = &rival->path->key;

	return n == 1 && key->type == ROUTE_UNICAST &&
	       wish->route.type == ROUTE_UNICAST && wish->route.ifindex && !key->nhid &&
	       (key->proto == ROUTE_PROTO_STATIC || key->proto == ROUTE_PROTO_BOOT ||
		       mirror->options->foreign_routes);
}

static enum restored
apply_route(struct mirror *mirror, const struct kept *kept, const struct link *link)
{
	struct wish wish = kept->wish;
	struct inet dst = destination(&wish.route);
	const struct route_wish *route = &wish.route;
	const struct path_key like = { .table = route->table,
		.metric = route->metric,
		.tos = route->tos,
		.src = route->src,
		.src_plen = route->src_plen };
	const struct route *rival;
	bool twin;
	size_t n;

	if (link && !link->info.up)
		return RESTORE_NOT_NOW;
	if (restore_route(mirror, &wish.route))
		return RESTORE_THERE;
	rival = mirror_route_rivals(mirror, &dst, route->plen, &like, &n, &twin);
	if (rival && inet_is_v4(&dst)) {
		if (!can_join(mirror, rival, n, &wish))
			return refuse(kept, "another route is in its place");
		wish.route.joins = true;
		wish.route.other_link = rival->path->key.ifindex;
	}
	return fulfil(mirror, kept, &wish);
}

/* All. */

enum restored
restore_apply(struct mirror *mirror, const struct kept *kept)
{
	const struct link *link = restore_link(mirror, kept);

	if (kept->wish.what == WISH_SWITCH)
		return apply_switch(mirror, kept);
	if (kept->wish.what == WISH_NOTIFY)
		return apply_notify(mirror, kept);
	if (*kept->name && !link)
		return RESTORE_NOT_NOW;
	if (link && restore_is_another(kept, link))
		return refuse(kept, "the interface of that name is another one now");
	switch (kept->wish.what) {
	case WISH_LINK_TRAPS:
		return apply_traps(mirror, kept);
	case WISH_LINK_ALIAS:
		return apply_alias(mirror, kept, link);
	case WISH_ADDR:
		return apply_address(mirror, kept);
	case WISH_ROUTE:
		return apply_route(mirror, kept, link);
	default:
		return apply_ipv6(mirror, kept);
	}
}

bool
restore_is_there(struct mirror *mirror, const struct kept *kept)
{
	const struct addr *addr;

	if (kept->wish.what == WISH_ROUTE)
		return restore_route(mirror, &kept->wish.route) != NULL;
	addr = address_of(mirror, &kept->wish);
	return addr && addr->prefix_length == kept->wish.number;
}

static bool
is_v6(const struct kept *kept)
{
	return inet_is_v6(kept->wish.what == WISH_ROUTE ? &kept->wish.route.dst
							: &kept->wish.address);
}

bool
restore_was_reset(const struct mirror *mirror, const struct kept *kept)
{
	uint32_t ifindex = restore_ifindex(&kept->wish);
	const struct addr *addr =
		is_v6(kept) ? addr_first_link_local(mirror, ifindex) : NULL;

	return addr && addr->created > kept->lost_at;
}

bool
restore_could_stay(struct mirror *mirror, const struct kept *kept)
{
	const struct link *link = restore_link(mirror, kept);
	bool is_route = kept->wish.what == WISH_ROUTE;
	bool v6 = is_v6(kept);

	if (*kept->name && (!link || !link->info.up))
		return false;
	if (link && v6 && mirror->source) {
		const struct ipif *ipif = ipv6_of(mirror, link->info.ifindex);

		return ipif && !ipif->info.disabled;
	}
	return !link || v6 || !is_route || addr_count_ipv4(mirror, link->info.ifindex);
}
