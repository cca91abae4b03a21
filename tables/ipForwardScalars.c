/*
 * The scalars of IP-FORWARD-MIB (RFC 4292). Each is a table of its own, since the tables
 * of routes are registered between them.
 */
#include "routes.h"

static bool
get_inetCidrRouteNumber(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value->number = set_count(&((const struct mirror *)row)->routes);
	return true;
}

static const struct column cidr_number[] = {
	{ 3, "ipCidrRouteNumber", SYNTAX_GAUGE32, READ_ONLY, FIELD(mirror, cidr_routes) },
};

const struct table ipCidrRouteNumber_table = {
	.name = "ipCidrRouteNumber",
	.root = OID(1, 3, 6, 1, 2, 1, 4, 24, 3),
	.entry = OID(1, 3, 6, 1, 2, 1, 4, 24),
	COLUMNS(cidr_number),
};

static const struct column inet_number[] = {
	{ 6, "inetCidrRouteNumber", SYNTAX_GAUGE32, READ_ONLY,
		.get = get_inetCidrRouteNumber },
};

const struct table inetCidrRouteNumber_table = {
	.name = "inetCidrRouteNumber",
	.root = OID(1, 3, 6, 1, 2, 1, 4, 24, 6, 0), /* the instance, as snmpd does */
	.entry = OID(1, 3, 6, 1, 2, 1, 4, 24),
	COLUMNS(inet_number),
};

/* Valid routes that were given up, as for want of room. Linux counts those of IPv6 only;
 * the object is mandatory, so without IPv6 it is 0 (kernel/node). */
static const struct column discards[] = {
	{ 8, "inetCidrRouteDiscards", SYNTAX_COUNTER32, READ_ONLY,
		FIELD(mirror, ip.discarded_routes), .needs = NEED_IP_COUNTERS },
};

const struct table inetCidrRouteDiscards_table = {
	.name = "inetCidrRouteDiscards",
	.root = OID(1, 3, 6, 1, 2, 1, 4, 24, 8),
	.entry = OID(1, 3, 6, 1, 2, 1, 4, 24),
	.refresh = node_refresh,
	COLUMNS(discards),
};
