/*
 * nmdRouteTable (NETMIBD-MIB): what the kernel says of routes in its own numbers. It has
 * the rows of inetCidrRouteTable.
 */
#include "routes.h"

#define NUMBER_OF(member)                                                                \
	static bool get_##member(                                                        \
		const struct query *query, const void *row, struct value *value)         \
	{                                                                                \
		(void)query;                                                             \
		value->number = path_of(row)->member;                                    \
		return true;                                                             \
	}

/* A route has them through its path, so they are no fields of the row. */
NUMBER_OF(type)
NUMBER_OF(table)
NUMBER_OF(tos)
NUMBER_OF(proto)
NUMBER_OF(weight)
NUMBER_OF(nhid)

static const struct column columns[] = {
	{ 1, "nmdRouteKernelType", SYNTAX_INTEGER, READ_ONLY, .get = get_type },
	{ 2, "nmdRouteKernelTable", SYNTAX_GAUGE32, READ_ONLY, .get = get_table },
	{ 3, "nmdRouteTos", SYNTAX_GAUGE32, READ_ONLY, .get = get_tos },
	{ 4, "nmdRouteProtocol", SYNTAX_GAUGE32, READ_ONLY, .get = get_proto },
	{ 5, "nmdRouteWeight", SYNTAX_GAUGE32, READ_ONLY, .get = get_weight },
	{ 6, "nmdRouteNexthopId", SYNTAX_GAUGE32, READ_ONLY, .get = get_nhid },
};

const struct table nmdRouteTable_table = {
	.name = "nmdRouteTable",
	.root = OID(1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 1, 4),
	.entry = OID(1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 1, 4, 1),
	.rows = route_rows,
	.encode = encode_inetCidrRoute,
	COLUMNS(columns),
};
