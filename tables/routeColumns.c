/*
 * What managers can say of a route: the columns of inetCidrRouteTable, ipCidrRouteTable
 * and ipRouteTable as they are set, and read of a row out of service. See routeEdits.h.
 */
#include "routeEdits.h"

#define IPV6_METRIC 1024 /* IP6_RT_PRIO_USER: what the kernel makes of no metric */
#define POLICY_LEN  6  /* of a long one without a source: 0 0 table tos metric ifIndex */
#define SOURCE_LEN  17 /* the length of its prefix, and its octets */

static bool
is_v6(const struct route_copy *copy)
{
	return inet_is_v6(&copy->dst);
}

/* Indexes of routes that are to be. */

/* IPv6: a prefix of packets' sources. */
static bool
take_source(const uint32_t **at, size_t *len, struct route_copy *made)
{
	uint8_t octets[16];
	uint32_t plen, octet;

	if (!index_take(at, len, &plen) || plen < 1 || plen > 128)
		return false;
	for (size_t i = 0; i < sizeof(octets); i++) {
		if (!index_take(at, len, &octet) || octet > UINT8_MAX)
			return false;
		octets[i] = (uint8_t)octet;
	}
	made->src = inet_make(INET_IPV6, octets);
	made->src_plen = (uint8_t)plen;
	return inet_is_v6(&made->dst);
}

/* { 0 0 table tos metric ifIndex }: what the mirror says of a route like that. */
static bool
take_long(const uint32_t **at, size_t *len, struct route_copy *made)
{
	uint32_t tos;

	if (!index_take(at, len, &made->table) || !index_take(at, len, &tos) ||
		!index_take(at, len, &made->metric) ||
		!index_take(at, len, &made->ifindex))
		return false;
	made->tos = (uint8_t)tos;
	made->long_policy = true;
	if (made->table != ROUTE_TABLE_MAIN && made->table != ROUTE_TABLE_DEFAULT)
		return false;
	/* IPv6 knows no TOS, and makes a metric of none. */
	return is_v6(made) ? tos == 0 && made->metric : tos <= UINT8_MAX;
}

/* { 0 0 }, or with more behind it. One with an ordinal comes only to what the kernel
 * tells apart by what no manager can say. */
static bool
take_policy(const uint32_t **at, size_t *len, struct route_copy *made)
{
	uint32_t n, first, second;

	if (!index_take(at, len, &n) || !index_take(at, len, &first) ||
		!index_take(at, len, &second) || first || second)
		return false;
	if (n == 2)
		return true;
	if ((n != POLICY_LEN && n != POLICY_LEN + SOURCE_LEN) ||
		!take_long(at, len, made))
		return false;
	return n == POLICY_LEN || take_source(at, len, made);
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

/* What leads to a gateway leads over a link: the kernel finds it where a policy does not
 * name one, and none is shown by a long policy that names none. */
static bool
has_right_link(const struct route_copy *made)
{
	return !made->long_policy || made->ifindex || made->nexthop.type == INET_UNKNOWN;
}

/* A link-local destination or next hop has a zone, no other one has. */
static bool
has_right_zones(const struct route_copy *made)
{
	struct inet plain = inet_plain(&made->dst), hop = inet_plain(&made->nexthop);

	if (inet_is_link_local(&plain) != (made->dst.type != plain.type))
		return false;
	return made->nexthop.type == INET_UNKNOWN || made->nexthop.type == INET_IPV4 ||
	       made->nexthop.type == (inet_is_link_local(&hop) ? INET_IPV6Z : INET_IPV6);
}

static void
begin_route(struct route_copy *made)
{
	made->table = ROUTE_TABLE_MAIN;
	made->metric = is_v6(made) ? IPV6_METRIC : 0;
	made->proto = ROUTE_PROTO_STATIC;
}

bool
make_inetCidrRoute(const struct query *query, const uint32_t *index, size_t len, void *to)
{
	struct route_copy *made = to;
	bool zero = mirror_of(query)->options->connected_next_hop_zero;
	uint32_t plen;

	if (len > ROUTE_INDEX_MAX)
		return false;
	made->len = len;
	memcpy(made->index, index, len * sizeof(index[0]));
	if (!index_take_inet(&index, &len, &made->dst) ||
		!index_take(&index, &len, &plen))
		return false;
	begin_route(made);
	if (!take_policy(&index, &len, made) ||
		!take_nexthop(&index, &len, zero, &made->nexthop))
		return false;
	made->plen = (uint8_t)plen;
	return plen <= (inet_is_v4(&made->dst) ? 32 : 128) &&
	       !inet_is_multicast(&made->dst) && has_right_zones(made) &&
	       has_right_link(made);
}

/* The length of a mask; -1: it is none. */
static int
length_of(const struct inet *mask)
{
	uint32_t bits = 0;
	int len = 0;

	for (int i = 0; i < 4; i++)
		bits = bits << 8 | mask->bytes[i];
	for (; bits & UINT32_C(1) << 31; bits <<= 1)
		len++;
	return bits ? -1 : len;
}

/* The same index in inetCidrRouteTable, for what is one route to be one. */
static void
note_index(struct route_copy *made)
{
	struct oid_buf index = { .len = 0 };

	index_add_inet(&index, &made->dst);
	index_add(&index, made->plen);
	index_add(&index, 2);
	index_add(&index, 0);
	index_add(&index, 0);
	index_add_inet(&index, &made->nexthop);
	if (made->tos)
		index_add(&index, made->tos);
	made->len = index.len;
	memcpy(made->index, index.sub, index.len * sizeof(index.sub[0]));
}

bool
make_ipCidrRoute(const struct query *query, const uint32_t *index, size_t len, void *to)
{
	struct route_copy *made = to;
	struct inet mask, none = { 0 };
	uint32_t tos;
	int plen;

	(void)query;
	if (!index_take_ipaddress(&index, &len, &made->dst) ||
		!index_take_ipaddress(&index, &len, &mask) ||
		!index_take(&index, &len, &tos) ||
		!index_take_ipaddress(&index, &len, &made->nexthop) || len)
		return false;
	plen = length_of(&mask);
	if (plen < 0 || tos > UINT8_MAX || inet_is_multicast(&made->dst))
		return false;
	begin_route(made);
	made->plen = (uint8_t)plen;
	made->tos = (uint8_t)tos;
	if (is_zero(&made->nexthop))
		made->nexthop = none;
	note_index(made);
	return true;
}

/* Columns. */

enum set_status
set_route_ifindex(const struct query *query, struct edit *edit, const struct value *value)
{
	const struct route_copy *before = edit->before;
	struct route_copy *after = edit->after;

	(void)query;
	if ((int64_t)value->number < 0)
		return SET_WRONG_VALUE; /* an Integer32 in ipCidrRouteTable */
	edit_say(edit, EDIT_IFINDEX);
	if (before->long_policy && value->number != before->ifindex)
		return SET_INCONSISTENT_VALUE;
	after->ifindex = (uint32_t)value->number;
	return SET_OK;
}

static void
say_kind(struct edit *edit, enum route_kind kind, uint8_t type)
{
	const struct route_copy *before = edit->before;
	struct route_copy *after = edit->after;

	/* prohibit(8) is a reject, too: it stays one */
	after->type = kind == before->kind ? before->type : type;
	after->kind = kind;
	edit_say(edit, EDIT_TYPE);
}

enum set_status
set_inetCidrRouteType(
	const struct query *query, struct edit *edit, const struct value *value)
{
	(void)query;
	switch (value->number) {
	case ROUTE_KIND_REJECT:
		say_kind(edit, ROUTE_KIND_REJECT, ROUTE_UNREACHABLE);
		return SET_OK;
	case ROUTE_KIND_BLACKHOLE:
		say_kind(edit, ROUTE_KIND_BLACKHOLE, ROUTE_BLACKHOLE);
		return SET_OK;
	case ROUTE_KIND_LOCAL:
	case ROUTE_KIND_REMOTE:
		say_kind(edit, (enum route_kind)value->number, ROUTE_UNICAST);
		return SET_OK;
	default:
		return SET_WRONG_VALUE;
	}
}

/* It has no word for a blackhole: that is a reject. */
enum set_status
set_ipCidrRouteType(
	const struct query *query, struct edit *edit, const struct value *value)
{
	const struct route_copy *before = edit->before;

	if (value->number == ROUTE_KIND_BLACKHOLE)
		return SET_WRONG_VALUE;
	if (value->number == ROUTE_KIND_REJECT && before->kind == ROUTE_KIND_BLACKHOLE) {
		edit_say(edit, EDIT_TYPE);
		return SET_OK;
	}
	return set_inetCidrRouteType(query, edit, value);
}

/* "Setting this object to the value invalid(2) has the effect of invalidating the
 * corresponding entry" (RFC 1213). */
enum set_status
set_ipRouteType(const struct query *query, struct edit *edit, const struct value *value)
{
	enum { OTHER = 1, INVALID = 2, INDIRECT = 4 };

	(void)query;
	if (value->number < OTHER || value->number > INDIRECT)
		return SET_WRONG_VALUE;
	if (value->number != INVALID)
		return SET_INCONSISTENT_VALUE;
	edit->fate = FATE_DESTROY;
	edit_say(edit, EDIT_FATE);
	return SET_OK;
}

/* "If this information is not present ... set to the OBJECT IDENTIFIER { 0 0 }". */
enum set_status
set_ipCidrRouteInfo(
	const struct query *query, struct edit *edit, const struct value *value)
{
	(void)query;
	edit_say(edit, EDIT_OTHER);
	return value->oid.len == 2 && !value->oid.sub[0] && !value->oid.sub[1]
		       ? SET_OK
		       : SET_WRONG_VALUE;
}

/* Linux knows no AS of a next hop. */
enum set_status
set_route_next_hop_as(
	const struct query *query, struct edit *edit, const struct value *value)
{
	(void)query;
	edit_say(edit, EDIT_OTHER);
	return value->number == 0 ? SET_OK : SET_WRONG_VALUE;
}

enum set_status
set_route_metric1(const struct query *query, struct edit *edit, const struct value *value)
{
	const struct route_copy *before = edit->before;
	struct route_copy *after = edit->after;
	int64_t metric = (int64_t)value->number;

	(void)query;
	if (metric < -1)
		return SET_WRONG_VALUE;
	edit_say(edit, EDIT_METRIC);
	if (metric == -1)
		return SET_OK; /* as it is, or what the kernel makes of none */
	if (metric == 0 && is_v6(after))
		metric = IPV6_METRIC;
	if (before->long_policy && metric != before->metric)
		return SET_INCONSISTENT_VALUE;
	after->metric = (uint32_t)metric;
	return SET_OK;
}

/* The others are not used: -1. */
enum set_status
set_route_no_metric(
	const struct query *query, struct edit *edit, const struct value *value)
{
	(void)query;
	edit_say(edit, EDIT_OTHER);
	return (int64_t)value->number == -1 ? SET_OK : SET_WRONG_VALUE;
}

bool
route_copy_has_host_bits(const struct route_copy *route)
{
	struct inet plain = inet_plain(&route->dst);
	struct inet masked = inet_prefix(&plain, route->plen);

	return inet_compare(&masked, &plain) != 0;
}

/* "An inconsistentName error must be returned on SET or CREATE requests" (RFC 4292): also
 * of a row that is to wait, which is checked when it becomes active only. */
enum set_status
set_route_status(const struct query *query, struct edit *edit, const struct value *value)
{
	enum set_status status = set_row_status(query, edit, value);

	edit_say(edit, EDIT_FATE);
	if (!status && edit->hold && route_copy_has_host_bits(edit->after))
		return SET_INCONSISTENT_NAME;
	return status;
}

/* Rows out of service. */

/* What is not said follows from the next hop, or is needed: which of those without one it
 * is, and the link of one that leads over a link. */
bool
route_copy_is_ready(const void *copy)
{
	const struct route_copy *route = copy;

	if (route->nexthop.type == INET_IPV6Z)
		return route->ifindex != 0;
	if (route->nexthop.type != INET_UNKNOWN)
		return true;
	return route->ifindex || (route->kind != 0 && route->kind != ROUTE_KIND_LOCAL);
}

bool
get_draft_route_ifindex(const struct query *query, const void *copy, struct value *value)
{
	(void)query;
	value->number = ((const struct route_copy *)copy)->ifindex;
	return true;
}

bool
get_draft_inetCidrRouteType(
	const struct query *query, const void *copy, struct value *value)
{
	(void)query;
	value->number = ((const struct route_copy *)copy)->kind;
	return value->number != 0;
}

bool
get_draft_ipCidrRouteType(
	const struct query *query, const void *copy, struct value *value)
{
	bool said = get_draft_inetCidrRouteType(query, copy, value);

	if (value->number == ROUTE_KIND_BLACKHOLE)
		value->number = ROUTE_KIND_REJECT;
	return said;
}

bool
get_draft_route_metric1(const struct query *query, const void *copy, struct value *value)
{
	uint32_t metric = ((const struct route_copy *)copy)->metric;

	(void)query;
	value->number = metric < INT32_MAX ? metric : INT32_MAX;
	return true;
}

bool
get_draft_route_metric2(const struct query *query, const void *copy, struct value *value)
{
	get_route_no_metric(query, NULL, value);
	if (((const struct route_copy *)copy)->weight)
		value->number = ((const struct route_copy *)copy)->weight;
	return true;
}
