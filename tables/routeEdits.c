/*
 * What becomes of what is said of a route: see routeEdits.h.
 */
#include "routeEdits.h"

#include <arpa/inet.h>
#include <stdio.h>

#define SCOPE_LINK 253 /* RT_SCOPE_LINK */

static void
copy(const struct query *query, const void *row, void *to)
{
	const struct path_key *key = path_of(row);
	const struct route *route = row;
	struct route_copy *copy = to;
	struct oid_buf index = { .len = 0 };

	inetCidrRouteTable_table.encode(query, row, &index);
	copy->len = index.len < ROUTE_INDEX_MAX ? index.len : ROUTE_INDEX_MAX;
	memcpy(copy->index, index.sub, copy->len * sizeof(copy->index[0]));
	copy->dst = route->dst;
	copy->nexthop = key->nexthop;
	copy->ifindex = key->ifindex;
	copy->table = key->table;
	copy->metric = key->metric;
	copy->kind = route_kind_of(key);
	copy->plen = route->plen;
	copy->type = key->type;
	copy->proto = key->proto;
	copy->tos = key->tos;
	copy->scope = key->scope;
	copy->is_object = key->nhid != 0;
	copy->weight = key->weight;
	copy->src = key->src;
	copy->src_plen = key->src_plen;
	copy->long_policy = route->policy != POLICY_DEFAULT;
}

static bool
same(const void *a, const void *b)
{
	const struct route_copy *x = a, *y = b;

	return oid_compare(x->index, x->len, y->index, y->len) == 0;
}

static bool
is_v6(const struct route_copy *copy)
{
	return inet_is_v6(&copy->dst);
}

/* The edit. */

/* Has the address no zone, or that of the link? */
static bool
is_of_link(const struct inet *address, uint32_t ifindex)
{
	struct inet zoned;

	if (address->type != INET_IPV6Z)
		return true;
	zoned = inet_plain(address);
	zoned = inet_in_zone(&zoned, ifindex);
	return inet_compare(&zoned, address) == 0;
}

/* What the manager has not said follows from the next hop. */
static enum set_status
conclude(struct route_copy *route)
{
	bool remote = route->nexthop.type != INET_UNKNOWN;

	if (!route->kind)
		route->kind = remote ? ROUTE_KIND_REMOTE : ROUTE_KIND_LOCAL;
	if (!route->type)
		route->type = ROUTE_UNICAST;
	if (remote != (route->kind == ROUTE_KIND_REMOTE))
		return SET_INCONSISTENT_VALUE;
	if (route->kind == ROUTE_KIND_LOCAL
			? !route->ifindex
			: route->kind != ROUTE_KIND_REMOTE && route->ifindex)
		return SET_INCONSISTENT_VALUE;
	/* A link-local next hop is on the link, and so is such a destination. */
	if (!is_of_link(&route->nexthop, route->ifindex) ||
		!is_of_link(&route->dst, route->ifindex))
		return SET_INCONSISTENT_VALUE;
	route->scope = route->kind == ROUTE_KIND_LOCAL && !is_v6(route) ? SCOPE_LINK : 0;
	return SET_OK;
}

/* Where the index makes no sense. */
static bool
is_odd(const struct mirror *mirror, const struct route_copy *route)
{
	struct inet hop;

	if (route_copy_has_host_bits(route))
		return true;
	if (route->nexthop.type == INET_UNKNOWN)
		return false;
	hop = inet_plain(&route->nexthop);
	return (is_v6(route) && inet_is_v4(&hop)) || inet_is_multicast(&hop) ||
	       addr_is_ours(mirror, &hop);
}

/* Whose is it? Only what somebody has entered by hand may be touched. */
static bool
is_foreign(const struct mirror *mirror, uint8_t proto)
{
	switch (proto) {
	case ROUTE_PROTO_KERNEL:
	case ROUTE_PROTO_RA:
		return true;
	case ROUTE_PROTO_REDIRECT:
	case ROUTE_PROTO_BOOT:
	case ROUTE_PROTO_STATIC:
		return false;
	default:
		return !mirror->options->foreign_routes;
	}
}

/* The rivals of @route, and among them (*@twin) one that is its equal. */
static const struct route *
find_rivals(struct mirror *mirror, const struct route_copy *route, size_t *n, bool *twin)
{
	struct path_key like = { .table = route->table,
		.metric = route->metric,
		.tos = route->tos,
		.src = route->src,
		.src_plen = route->src_plen,
		.nexthop = route->nexthop,
		.ifindex = route->ifindex };

	return mirror_route_rivals(mirror, &route->dst, route->plen, &like, n, twin);
}

static enum set_status
check_new(struct mirror *mirror, struct edit *edit)
{
	struct route_copy *after = edit->after;
	const struct link *link = mirror_link(mirror, after->ifindex);
	const struct route *rival;
	enum set_status status;
	bool twin;
	size_t n;

	if (is_odd(mirror, after)) {
		edit->blame = edit->first;
		return SET_INCONSISTENT_NAME;
	}
	edit_blame(edit, edit_says(edit, EDIT_TYPE)	 ? EDIT_TYPE
			 : edit_says(edit, EDIT_IFINDEX) ? EDIT_IFINDEX
							 : EDIT_FATE);
	status = conclude(after);
	if (status)
		return status;
	if (edit_says(edit, EDIT_IFINDEX))
		edit_blame(edit, EDIT_IFINDEX);
	if (after->ifindex && (!link || !link_will_be_up(edit, link)))
		return SET_INCONSISTENT_VALUE;
	/* IPv4: what it joins must be one route that leads somewhere. */
	edit_blame(edit, EDIT_FATE);
	rival = find_rivals(mirror, after, &n, &twin);
	if (twin) /* it is there, with another policy */
		return SET_INCONSISTENT_VALUE;
	if (rival && !is_v6(after) &&
		(n > 1 || after->type != ROUTE_UNICAST || !after->ifindex ||
			path_of(rival)->type != ROUTE_UNICAST || path_of(rival)->nhid ||
			is_foreign(mirror, path_of(rival)->proto)))
		return SET_INCONSISTENT_VALUE;
	return SET_OK;
}

static enum set_status
check_loss(struct mirror *mirror, struct edit *edit)
{
	const struct route_copy *before = edit->before;
	const struct link *link = mirror_link(mirror, before->ifindex);
	bool twin;
	size_t n;

	edit_blame(edit, EDIT_FATE);
	if (before->is_object || is_foreign(mirror, before->proto) ||
		(link && options_protects(mirror->options, link->info.name)))
		return SET_INCONSISTENT_VALUE;
	/* Of IPv6 the kernel could take another one: it tells a route without a gateway
	 * by its link only (ip6_route_del()). */
	find_rivals(mirror, before, &n, &twin);
	if (is_v6(before) && before->nexthop.type == INET_UNKNOWN && n > 1)
		return SET_INCONSISTENT_VALUE;
	/* A next hop leaves an IPv4 route by a request that replaces the first rival. */
	if (!is_v6(before) && before->weight && n > 1)
		return SET_INCONSISTENT_VALUE;
	return SET_OK;
}

/* "A row entry cannot be modified when the status is marked as active(1)." */
static enum set_status
check_unmodified(struct edit *edit)
{
	const struct route_copy *before = edit->before, *after = edit->after;

	for (unsigned int field = EDIT_IFINDEX; field < EDIT_FATE; field++) {
		if (edit_says(edit, field) && edit->said[field]) {
			edit_blame(edit, field);
			return SET_INCONSISTENT_VALUE;
		}
	}
	return before->ifindex == after->ifindex && before->kind == after->kind &&
			       before->metric == after->metric
		       ? SET_OK
		       : SET_INCONSISTENT_VALUE;
}

static enum set_status
check(const struct query *query, struct edit *edit)
{
	if (edit->fate == FATE_DESTROY)
		return check_loss(mirror_of(query), edit);
	return edit->exists ? check_unmodified(edit) : check_new(mirror_of(query), edit);
}

static int
rank(const struct edit *edit)
{
	return edit->fate == FATE_DESTROY ? RANK_ROUTE_GONE : RANK_ROUTE;
}

static void
describe(const struct route_copy *route, char *text, size_t size)
{
	static const char *const kinds[] = { "", "other", "reject", "local", "remote",
		"blackhole" };
	char hop[INET6_ADDRSTRLEN] = "-";

	if (route->nexthop.type != INET_UNKNOWN)
		inet_ntop(inet_is_v4(&route->nexthop) ? AF_INET : AF_INET6,
			route->nexthop.bytes, hop, sizeof(hop));
	snprintf(text, size, "%s via %s, ifIndex %u, metric %u", kinds[route->kind], hop,
		route->ifindex, route->metric);
}

static int
apply(const struct query *query, struct edit *edit)
{
	const struct route_copy *route =
		edit->fate == FATE_DESTROY ? edit->before : edit->after;
	struct wish wish = { .what = edit->fate == FATE_DESTROY ? WISH_ROUTE_GONE
								: WISH_ROUTE,
		.lasting = edit->fate != FATE_DESTROY };
	char prefix[INET6_ADDRSTRLEN + 4], address[INET6_ADDRSTRLEN], text[160];
	struct deed_name name = { "route", prefix, "none", text };
	const struct route *rival;
	bool twin;
	size_t n;

	if (edit->fate == FATE_NONE)
		return 0;
	rival = find_rivals(mirror_of(query), route, &n, &twin);
	wish.route = (struct route_wish){ .dst = inet_plain(&route->dst),
		.src = route->src,
		.src_plen = route->src_plen,
		.weight = route->weight,
		.long_policy = route->long_policy,
		.ifindex = route->ifindex,
		.table = route->table,
		.metric = route->metric,
		.plen = route->plen,
		.tos = route->tos,
		.type = route->type,
		.proto = route->proto,
		.scope = route->scope,
		.joins = rival && edit->fate == FATE_CREATE && !is_v6(route),
		.other_link = rival ? path_of(rival)->ifindex : 0 };
	if (route->nexthop.type != INET_UNKNOWN)
		wish.route.gateway = inet_plain(&route->nexthop);
	inet_ntop(is_v6(route) ? AF_INET6 : AF_INET, route->dst.bytes, address,
		sizeof(address));
	snprintf(prefix, sizeof(prefix), "%s/%u", address, route->plen);
	describe(route, text, sizeof(text));
	if (edit->fate == FATE_DESTROY) {
		name.from = text;
		name.to = "none";
	}
	return edit_fulfil(query, edit, EDIT_FATE, &wish, &name);
}

const struct edit_kind route_edits = {
	.size = sizeof(struct route_copy),
	.copy = copy,
	.same = same,
	.check = check,
	.rank = rank,
	.apply = apply,
	.undo = edit_undo,
	.settle = edit_settle,
	.keep = edit_keep,
	.ready = route_copy_is_ready,
};
