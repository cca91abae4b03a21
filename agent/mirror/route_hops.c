/*
 * Next hops of a message: see route_message.h.
 */
#include "route_message.h"

#include <stdlib.h>
#include <string.h>

static struct inet
zoned(const struct inet *inet, uint32_t ifindex)
{
	return inet_is_link_local(inet) ? inet_in_zone(inet, ifindex) : *inet;
}

/* Of many routes over few links: the last answer is kept, until any link changes. */
static bool
is_down(struct mirror *mirror, uint32_t ifindex)
{
	const struct link *link;

	if (mirror->hop_link != ifindex) {
		link = mirror_link(mirror, ifindex);
		mirror->hop_link = ifindex;
		mirror->hop_link_down = link && !link->info.up;
	}
	return mirror->hop_link_down;
}

/* A dump may have been filled before its link went down, or may see routes that are about
 * to go (route_silent.h). None leads over a link that is down. */
bool
message_left_behind(const struct route_message *message, const struct hop_info *hop)
{
	const struct route_info *info = message->info;

	return message->origin == FROM_DUMP && !info->nhid && hop->ifindex &&
	       info->scope != ROUTE_SCOPE_HOST &&
	       (info->dst.type == INET_IPV4 || hop->gateway.len) &&
	       is_down(message->mirror, hop->ifindex);
}

struct path_key
message_key(const struct route_message *message, const struct hop_info *hop)
{
	const struct route_info *info = message->info;
	struct path_key key = { 0 };

	key.ifindex = hop->ifindex;
	key.nhid = info->nhid;
	key.generation = message->generation;
	key.table = info->table;
	key.metric = info->metric;
	key.id = info->id;
	key.encap = hop->encap;
	key.nexthop = zoned(&hop->gateway, hop->ifindex);
	key.src = info->src;
	/* An IPv6 route outlives the address that its packets come from. */
	if (info->dst.type == INET_IPV4)
		key.prefsrc = info->prefsrc;
	key.weight = hop->weight;
	key.src_plen = info->src_plen;
	key.v6 = info->dst.type == INET_IPV6;
	key.tos = info->tos;
	key.type = info->type;
	key.proto = info->proto;
	key.scope = info->scope;
	key.preference = info->preference;
	key.dead = hop->dead || message_left_behind(message, hop);
	return key;
}

/* Nexthop objects. */

static void
expand_member(struct route_info *info, const struct nexthop *nexthop, uint16_t weight)
{
	struct hop_info *hop = &info->hops[info->n_hops++];

	memset(hop, 0, sizeof(*hop));
	hop->gateway = nexthop->gateway;
	hop->ifindex = nexthop->ifindex;
	hop->weight = weight;
	hop->dead = nexthop->dead;
}

/* The kernel says blackhole of any route whose object is one (fib_dump_info(),
 * rt6_fill_node()), and says the route's own type again when it is none any more. That is
 * not known then; unicast is what it nearly always is. */
static void
take_type(const struct mirror *mirror, struct route_info *info,
	const struct nexthop *object)
{
	const struct nexthop *member = object;

	if (object->n_members) /* a blackhole is alone in its group */
		member = mirror_nexthop(mirror, object->members[0].id);
	if (member && member->blackhole)
		info->type = ROUTE_BLACKHOLE;
	else if (info->type == ROUTE_BLACKHOLE)
		info->type = ROUTE_UNICAST;
	if (member && member->blackhole) {
		memset(&info->hops[0], 0, sizeof(info->hops[0]));
		info->n_hops = 1;
	}
}

/* Puts what its object leads over in the place of @info's next hops, if it is known.
 * Returns the generation of the object's content, 0 if it is not. */
uint32_t
message_expand(const struct mirror *mirror, struct route_info *info)
{
	const struct nexthop *object =
		info->nhid ? mirror_nexthop(mirror, info->nhid) : NULL;
	size_t n = 0;

	if (!object || !nexthop_is_known(mirror, object))
		return 0; /* it comes later, or its members do */
	take_type(mirror, info, object);
	if (info->type != ROUTE_UNICAST)
		return object->generation; /* one next hop, which leads nowhere */
	for (size_t i = 0; i < object->n_members; i++)
		n += mirror_nexthop(mirror, object->members[i].id) != NULL;
	info->n_hops = 0;
	if (!object->n_members)
		expand_member(info, object, 0);
	for (size_t i = 0; i < object->n_members; i++) {
		const struct nexthop *member =
			mirror_nexthop(mirror, object->members[i].id);

		if (member)
			expand_member(
				info, member, n > 1 ? object->members[i].weight : 0);
	}
	return object->generation;
}

/* One order of next hops for both sides. */

int
order_hops(const void *a, const void *b)
{
	const struct hop_info *x = a, *y = b;
	int order = set_order(x->ifindex, y->ifindex);

	order = order ? order : set_order(x->encap, y->encap);
	return order ? order : inet_compare(&x->gateway, &y->gateway);
}

struct hop_info
hop_of(const struct route *route)
{
	const struct path_key *key = &route->path->key;
	struct hop_info hop = { .ifindex = key->ifindex, .encap = key->encap };

	hop.gateway = key->nexthop.len ? inet_plain(&key->nexthop) : key->nexthop;
	return hop;
}

int
order_rows(const void *a, const void *b)
{
	struct hop_info x = hop_of(*(struct route *const *)a),
			y = hop_of(*(struct route *const *)b);

	return order_hops(&x, &y);
}

struct hop_info *
message_names(const struct route_message *message, const struct route *route)
{
	struct hop_info hop = hop_of(route);

	return bsearch(&hop, message->hops, message->n_hops, sizeof(hop), order_hops);
}
