/*
 * SET of routes: see routeEdits.h.
 *
 * A row is a next hop. One that is created beside another one of its destination, policy
 * and metric joins it: a multipath route. "A row entry cannot be modified when the status
 * is marked as active(1)", and each row that is there is active: so rows are created and
 * destroyed, not modified. What is created is of table main and protocol static.
 */
#include "routeEdits.h"

#include "routes.h"

#include <arpa/inet.h>
#include <stdio.h>

#define SCOPE_LINK	253  /* RT_SCOPE_LINK */
#define IPV6_METRIC	1024 /* IP6_RT_PRIO_USER: what the kernel makes of no metric */
#define ROUTE_INDEX_MAX 100

enum route_edit_field {
	EDIT_IFINDEX,
	EDIT_TYPE,
	EDIT_METRIC,
	EDIT_FATE,
};

struct route_copy {
	uint32_t index[ROUTE_INDEX_MAX]; /* what tells rows apart */
	size_t len;
	struct inet dst;     /* a link-local one with its zone */
	struct inet nexthop; /* the same */
	uint32_t ifindex, table, metric;
	enum route_kind kind; /* 0: not said */
	uint8_t plen, type, proto, tos, scope;
	bool is_object; /* over a nexthop object */
	bool several;	/* it has other next hops */
};

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
	copy->several = key->weight != 0;
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

/* { 0 0 } alone: any other policy says what the route is to be, and comes only to one
 * that has { 0 0 } taken. */
static bool
take_policy(const uint32_t **at, size_t *len)
{
	uint32_t n, first, second;

	return index_take(at, len, &n) && n == 2 && index_take(at, len, &first) &&
	       index_take(at, len, &second) && first == 0 && second == 0;
}

/* Is it 0.0.0.0 or ::? */
static bool
is_zero(const struct inet *inet)
{
	static const uint8_t zeros[16];

	return memcmp(inet->bytes, zeros, inet_is_v4(inet) ? 4 : 16) == 0;
}

/* unknown(0) of no octets, or what stands for that; or an address. */
static bool
take_nexthop(const uint32_t **at, size_t *len, bool zero_is_none, struct inet *nexthop)
{
	static const struct inet none;

	if (*len == 2 && (*at)[0] == INET_UNKNOWN && (*at)[1] == 0) {
		*nexthop = none;
		*len = 0;
		return !zero_is_none;
	}
	if (!index_take_inet(at, len, nexthop) || *len)
		return false;
	if (!is_zero(nexthop))
		return true;
	*nexthop = none;
	return zero_is_none;
}

bool
make_inetCidrRoute(const struct query *query, const uint32_t *index, size_t len, void *to)
{
	struct route_copy *made = to;
	uint32_t plen;
	struct inet plain, hop;

	if (len > ROUTE_INDEX_MAX)
		return false;
	made->len = len;
	memcpy(made->index, index, len * sizeof(index[0]));
	if (!index_take_inet(&index, &len, &made->dst) ||
		!index_take(&index, &len, &plen) || !take_policy(&index, &len) ||
		!take_nexthop(&index, &len,
			mirror_of(query)->options->connected_next_hop_zero,
			&made->nexthop))
		return false;
	plain = inet_plain(&made->dst);
	hop = inet_plain(&made->nexthop);
	made->plen = (uint8_t)plen;
	made->table = ROUTE_TABLE_MAIN;
	made->metric = inet_is_v6(&plain) ? IPV6_METRIC : 0;
	made->proto = ROUTE_PROTO_STATIC;
	/* A link-local destination or next hop has a zone, no other one has. */
	return plen <= 8u * plain.len && !inet_is_multicast(&plain) &&
	       inet_is_link_local(&plain) == (made->dst.type != plain.type) &&
	       (made->nexthop.type == INET_UNKNOWN || made->nexthop.type == INET_IPV4 ||
		       made->nexthop.type ==
			       (inet_is_link_local(&hop) ? INET_IPV6Z : INET_IPV6));
}

/* Columns. */

enum set_status
set_inetCidrRouteIfIndex(
	const struct query *query, struct edit *edit, const struct value *value)
{
	struct route_copy *after = edit->after;

	(void)query;
	after->ifindex = (uint32_t)value->number;
	edit_say(edit, EDIT_IFINDEX);
	return edit->exists ? SET_INCONSISTENT_VALUE : SET_OK;
}

enum set_status
set_inetCidrRouteType(
	const struct query *query, struct edit *edit, const struct value *value)
{
	struct route_copy *after = edit->after;

	(void)query;
	switch (value->number) {
	case ROUTE_KIND_REJECT:
		after->type = ROUTE_UNREACHABLE;
		break;
	case ROUTE_KIND_BLACKHOLE:
		after->type = ROUTE_BLACKHOLE;
		break;
	case ROUTE_KIND_LOCAL:
	case ROUTE_KIND_REMOTE:
		after->type = ROUTE_UNICAST;
		break;
	default:
		return SET_WRONG_VALUE;
	}
	after->kind = (enum route_kind)value->number;
	edit_say(edit, EDIT_TYPE);
	return edit->exists ? SET_INCONSISTENT_VALUE : SET_OK;
}

/* Linux knows no AS of a next hop. */
enum set_status
set_inetCidrRouteNextHopAS(
	const struct query *query, struct edit *edit, const struct value *value)
{
	(void)query;
	if (value->number != 0)
		return SET_WRONG_VALUE;
	return edit->exists ? SET_INCONSISTENT_VALUE : SET_OK;
}

enum set_status
set_inetCidrRouteMetric1(
	const struct query *query, struct edit *edit, const struct value *value)
{
	struct route_copy *after = edit->after;
	int64_t metric = (int64_t)value->number;

	(void)query;
	if (metric < -1)
		return SET_WRONG_VALUE;
	if (metric >= 0)
		after->metric = (uint32_t)metric;
	if (metric == 0 && is_v6(after))
		after->metric = IPV6_METRIC;
	edit_say(edit, EDIT_METRIC);
	return edit->exists ? SET_INCONSISTENT_VALUE : SET_OK;
}

/* The others are not used: -1. */
enum set_status
set_inetCidrRouteMetric(
	const struct query *query, struct edit *edit, const struct value *value)
{
	(void)query;
	if ((int64_t)value->number != -1)
		return SET_WRONG_VALUE;
	return edit->exists ? SET_INCONSISTENT_VALUE : SET_OK;
}

enum set_status
set_inetCidrRouteStatus(
	const struct query *query, struct edit *edit, const struct value *value)
{
	edit_say(edit, EDIT_FATE);
	return set_row_status(query, edit, value);
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
	struct inet plain = inet_plain(&route->dst), masked, hop;

	masked = inet_prefix(&plain, route->plen);
	if (inet_compare(&masked, &plain) != 0)
		return true; /* "an inconsistentName error must be returned" */
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

static enum set_status
check_new(struct mirror *mirror, struct edit *edit)
{
	struct route_copy *after = edit->after;
	const struct link *link = mirror_link(mirror, after->ifindex);
	const struct route *rival;
	enum set_status status;
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
	if (after->ifindex && (!link || !link->info.up))
		return SET_INCONSISTENT_VALUE;
	/* IPv4: what it joins must be one route that leads somewhere. */
	edit_blame(edit, EDIT_FATE);
	rival = mirror_route_rivals(mirror, &after->dst, after->plen, after->table,
		after->metric, after->tos, &n);
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
	size_t n;

	edit_blame(edit, EDIT_FATE);
	if (before->is_object || is_foreign(mirror, before->proto) ||
		(link && options_protects(mirror->options, link->info.name)))
		return SET_INCONSISTENT_VALUE;
	/* Of IPv6 the kernel could take another one: it tells a route without a gateway
	 * by its link only (ip6_route_del()). */
	mirror_route_rivals(mirror, &before->dst, before->plen, before->table,
		before->metric, before->tos, &n);
	if (is_v6(before) && before->nexthop.type == INET_UNKNOWN && n > 1)
		return SET_INCONSISTENT_VALUE;
	/* A next hop leaves an IPv4 route by a request that replaces the first rival. */
	if (!is_v6(before) && before->several && n > 1)
		return SET_INCONSISTENT_VALUE;
	return SET_OK;
}

static enum set_status
check(const struct query *query, struct edit *edit)
{
	if (edit->fate == FATE_DESTROY)
		return check_loss(mirror_of(query), edit);
	return edit->exists ? SET_OK : check_new(mirror_of(query), edit);
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
	struct mirror *mirror = mirror_of(query);
	struct wish wish = { .what = edit->fate == FATE_DESTROY ? WISH_ROUTE_GONE
								: WISH_ROUTE };
	char prefix[INET6_ADDRSTRLEN + 4], address[INET6_ADDRSTRLEN], text[160];
	struct deed_name name = { "route", prefix, "none", text };
	const struct route *rival;
	size_t n;

	if (edit->fate == FATE_NONE)
		return 0;
	rival = mirror_route_rivals(mirror, &route->dst, route->plen, route->table,
		route->metric, route->tos, &n);
	wish.route = (struct route_wish){ .dst = inet_plain(&route->dst),
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
};
