/*
 * Notifications of the routes that the configuration names (netmibdNotifyRoutes). There
 * may be millions of others, which cost a look at a bit.
 */
#include "notices.h"
#include "routes.h"

enum { TYPE = 8, PROTO = 9, METRIC1 = 12 }; /* inetCidrRouteTable */

static const struct notification nmdRouteAdded = {
	.name = "nmdRouteAdded",
	.oid = NMD_NOTIFICATION(10),
	.type = NOTICE_ROUTE,
};

static const struct notification nmdRouteRemoved = {
	.name = "nmdRouteRemoved",
	.oid = NMD_NOTIFICATION(11),
	.type = NOTICE_ROUTE,
};

static bool
matches(const struct notify_route *filter, const struct route *route)
{
	struct inet dst = inet_plain(&route->dst);

	if (!filter->any_proto && filter->proto != path_of(route)->proto)
		return false;
	if (filter->any)
		return true;
	if (filter->prefix.type != dst.type || route->plen < filter->plen)
		return false;
	dst = inet_prefix(&dst, filter->plen);
	return inet_compare(&dst, &filter->prefix) == 0;
}

static bool
is_wanted(const struct notices *notices, const struct route *route)
{
	const struct options *options = notices->mirror->options;

	for (size_t i = 0; i < options->n_notify_routes; i++) {
		if (matches(&options->notify_routes[i], route))
			return true;
	}
	return false;
}

/* What tells the rows of inetCidrRouteTable apart. */
struct key {
	struct inet dst;
	uint8_t plen, policy;
	uint8_t path[8];
};

static struct key
key_of(const struct route *route)
{
	const struct path_key *path = path_of(route);
	struct key key = { route->dst, route->plen, route->policy, { 0 } };
	uint64_t hash = notices_hash(NOTICES_HASH, &path->nexthop, sizeof(path->nexthop));

	hash = notices_hash(hash, &path->table, sizeof(path->table));
	hash = notices_hash(hash, &path->metric, sizeof(path->metric));
	hash = notices_hash(hash, &path->ifindex, sizeof(path->ifindex));
	hash = notices_hash(hash, &path->tos, sizeof(path->tos));
	memcpy(key.path, &hash, sizeof(key.path));
	return key;
}

static void
tell(struct notices *notices, const struct route *route, bool present)
{
	struct key key = key_of(route);
	struct notice *notice = notice_new(present ? &nmdRouteAdded : &nmdRouteRemoved);
	struct query query = notices_query(notices);
	enum nmd_cause cause =
		notices_cause(notices, present ? 0 : path_of(route)->ifindex);

	_Static_assert(sizeof(key) <= NOTIFY_KEY_MAX, "it is not cut");
	notice_add(notice, &query, &inetCidrRouteTable_table, ROUTE_IF_INDEX, route);
	notice_add(notice, &query, &inetCidrRouteTable_table, TYPE, route);
	notice_add(notice, &query, &inetCidrRouteTable_table, PROTO, route);
	notice_add(notice, &query, &inetCidrRouteTable_table, METRIC1, route);
	notice_add_number(notice, NMD_CAUSE, SYNTAX_INTEGER, cause);
	notify_tell(notices->notifier, TOPIC_ROUTE, false, &key, sizeof(key), present,
		notice);
}

void
route_notices(struct notices *notices, const struct change *change)
{
	const struct route *old = change->old, *new = change->new;
	const struct route *route = new ? new : old;

	if (route->plen == 0)
		default_notices(notices, change);
	if (old && new)
		return;
	if (notices_want(notices, NOTICE_ROUTE) && is_wanted(notices, route))
		tell(notices, route, new != NULL);
}
