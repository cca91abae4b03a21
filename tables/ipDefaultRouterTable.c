/*
 * ipDefaultRouterTable (IP-MIB, RFC 4293): the gateways of the default routes, static
 * ones and those of router advertisements, all next hops.
 */
#include "tables.h"

/* "the value 65535 ... should be used for ... no expiry": the range of a Router Lifetime.
 */
#define LIFETIME_MAX 65535

enum ip_default_router_preference {
	PREFERENCE_RESERVED = -2,
	PREFERENCE_LOW = -1,
	PREFERENCE_MEDIUM = 0,
	PREFERENCE_HIGH = 1,
};

static const struct set *
rows(const struct query *query)
{
	return &mirror_of(query)->routers;
}

static void
prepare(const struct query *query)
{
	const struct source *source = mirror_of(query)->source;

	if (source)
		source->need_routers(source->arg, query->now);
}

static bool
get_ipDefaultRouterLifetime(
	const struct query *query, const void *row, struct value *value)
{
	uint32_t left =
		addr_seconds_left(((const struct router *)row)->until, query->now);

	value->number = left < LIFETIME_MAX ? left : LIFETIME_MAX;
	return true;
}

static bool
get_ipDefaultRouterPreference(
	const struct query *query, const void *row, struct value *value)
{
	int preference = PREFERENCE_MEDIUM;

	(void)query;
	switch (((const struct router *)row)->preference) {
	case ROUTER_LOW:
		preference = PREFERENCE_LOW;
		break;
	case ROUTER_HIGH:
		preference = PREFERENCE_HIGH;
		break;
	case ROUTER_INVALID:
		preference = PREFERENCE_RESERVED;
		break;
	}
	value->number = (uint64_t)(int64_t)preference;
	return true;
}

static const struct column columns[] = {
	{ 4, "ipDefaultRouterLifetime", SYNTAX_GAUGE32, READ_ONLY,
		.get = get_ipDefaultRouterLifetime },
	{ 5, "ipDefaultRouterPreference", SYNTAX_INTEGER, READ_ONLY,
		.get = get_ipDefaultRouterPreference },
};

static const struct index_part by_address_ifIndex[] = {
	{ INDEX_INET, offsetof(struct router, gateway) },
	{ INDEX_INTEGER, offsetof(struct router, ifindex) },
};

const struct table ipDefaultRouterTable_table = {
	.name = "ipDefaultRouterTable",
	.root = OID(1, 3, 6, 1, 2, 1, 4, 37),
	.entry = OID(1, 3, 6, 1, 2, 1, 4, 37, 1),
	.rows = rows,
	.prepare = prepare,
	INDEX(by_address_ifIndex),
	COLUMNS(columns),
};
