/*
 * Notifications of gateways: the next hop of a default route does not answer any more, as
 * the kernel has found out when it had something to send; or is heard of again.
 *
 * A neighbour that somebody deletes fails first, too (neigh_delete(), 6.18), so one that
 * fails is looked at again a moment later.
 *
 * Those that are unreachable are remembered, for the kernel may forget a neighbour that
 * has failed before it answers again.
 */
#include "notices.h"

#include "../agent/base/alloc.h"

#include <stdlib.h>

enum { STATE = 7 }; /* ipNetToPhysicalTable */

static const struct notification nmdGatewayUnreachable = {
	.name = "nmdGatewayUnreachable",
	.oid = NMD_NOTIFICATION(14),
	.type = NOTICE_GATEWAY,
};

static const struct notification nmdGatewayReachable = {
	.name = "nmdGatewayReachable",
	.oid = NMD_NOTIFICATION(15),
	.type = NOTICE_GATEWAY,
};

/* That moment, in ms. */
#define REVIEW_MS 10

/* One that is unreachable. */
struct gateway {
	struct set_node node;
	struct notice_key key;
};

static int
compare(const void *a, const void *b)
{
	return memcmp(&((const struct gateway *)a)->key,
		&((const struct gateway *)b)->key, sizeof(struct notice_key));
}

void
gateway_notices_init(struct notices *notices)
{
	set_init(&notices->gateways, offsetof(struct gateway, node), compare);
}

static void
drop(struct notices *notices, struct gateway *gateway)
{
	set_remove(&notices->gateways, gateway);
	free(gateway);
}

void
gateway_notices_free(struct notices *notices)
{
	struct gateway *gateway;

	while ((gateway = set_first(&notices->gateways)))
		drop(notices, gateway);
}

static struct inet
next_hop_of(uint32_t ifindex, const struct inet *address)
{
	return inet_is_link_local(address) ? inet_in_zone(address, ifindex) : *address;
}

static bool
is_gateway(struct mirror *mirror, uint32_t ifindex, const struct inet *address)
{
	struct router key = { .ifindex = ifindex };

	key.gateway = next_hop_of(ifindex, address);
	router_refresh(mirror);
	return set_find(&mirror->routers, &key) != NULL;
}

static void
tell(struct notices *notices, const struct neigh *neigh, bool reachable)
{
	struct inet hop = next_hop_of(neigh->ifindex, &neigh->address);
	struct notice_key key = notice_key(neigh->ifindex, &neigh->address);
	const struct route *route =
		default_route_by(notices->mirror, neigh->ifindex, &hop);
	struct query query = notices_query(notices);
	struct notice *notice;

	if (!notices_want(notices, NOTICE_GATEWAY))
		return;
	notice = notice_new(reachable ? &nmdGatewayReachable : &nmdGatewayUnreachable);
	notice_add(notice, &query, &ipNetToPhysicalTable_table, STATE, neigh);
	if (route)
		notice_add(
			notice, &query, &inetCidrRouteTable_table, ROUTE_IF_INDEX, route);
	notice_add_name(notice, &query, neigh->ifindex);
	notify_tell(notices->notifier, TOPIC_GATEWAY, true, &key, sizeof(key), reachable,
		notice);
}

/* Remembers it. False: it is known already. */
static bool
add(struct notices *notices, const struct neigh *neigh)
{
	struct gateway *gateway = xcalloc(1, sizeof(*gateway));

	gateway->key = notice_key(neigh->ifindex, &neigh->address);
	if (!set_insert(&notices->gateways, gateway))
		return true;
	free(gateway);
	return false;
}

static bool
is_heard_of(const struct neigh *neigh)
{
	switch (neigh->state) {
	case NEIGH_REACHABLE:
	case NEIGH_STALE:
	case NEIGH_DELAY:
	case NEIGH_PERMANENT:
	case NEIGH_NOARP:
		return true;
	default:
		return false;
	}
}

void
gateway_notices(struct notices *notices, const struct neigh *neigh)
{
	struct gateway sought = { .key = notice_key(neigh->ifindex, &neigh->address) };
	struct gateway *gateway;

	if (!notices->begun)
		return;
	if (neigh->state == NEIGH_FAILED &&
		is_gateway(notices->mirror, neigh->ifindex, &neigh->address))
		default_notices_soon(notices, REVIEW_MS);
	gateway = is_heard_of(neigh) ? set_find(&notices->gateways, &sought) : NULL;
	if (!gateway)
		return;
	drop(notices, gateway);
	if (is_gateway(notices->mirror, neigh->ifindex, &neigh->address))
		tell(notices, neigh, true);
}

/* Those that are none any more; and those that had failed before they were one. */
void
gateway_notices_review(struct notices *notices)
{
	struct mirror *mirror = notices->mirror;
	struct gateway *gateway, *after;
	const struct router *router;

	set_for_each (gateway, after, &notices->gateways) {
		if (is_gateway(mirror, gateway->key.ifindex, &gateway->key.address))
			continue;
		notify_forget(notices->notifier, TOPIC_GATEWAY, &gateway->key,
			sizeof(gateway->key));
		drop(notices, gateway);
	}
	router_refresh(mirror);
	for (router = set_first(&mirror->routers); router;
		router = set_next(&mirror->routers, router)) {
		struct inet address = inet_plain(&router->gateway);
		const struct neigh *neigh =
			mirror_neigh(mirror, router->ifindex, &address);

		if (neigh && neigh->state == NEIGH_FAILED && add(notices, neigh) &&
			notices->begun)
			tell(notices, neigh, false);
	}
}
