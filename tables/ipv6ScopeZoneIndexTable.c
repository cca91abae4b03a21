/*
 * ipv6ScopeZoneIndexTable (IP-MIB, RFC 4293): which zone of each scope an interface is
 * in. To Linux every link is a link-local zone of its own, numbered by its ifIndex as in
 * the scope ids of sockets, and the node is one zone of each wider scope: the default
 * zone.
 */
#include "tables.h"

static bool
get_default_zone(const struct query *query, const void *row, struct value *value)
{
	(void)query, (void)row;
	value->number = 0; /* RFC 4007 section 6: "the default zone of that scope" */
	return true;
}

#define ONE_ZONE(id, name)                                                               \
	{                                                                                \
		id, name, SYNTAX_GAUGE32, READ_ONLY, .get = get_default_zone             \
	}

static const struct column columns[] = {
	{ 2, "ipv6ScopeZoneIndexLinkLocal", SYNTAX_GAUGE32, READ_ONLY,
		FIELD(ipif, ifindex) },
	ONE_ZONE(3, "ipv6ScopeZoneIndex3"),
	ONE_ZONE(4, "ipv6ScopeZoneIndexAdminLocal"),
	ONE_ZONE(5, "ipv6ScopeZoneIndexSiteLocal"),
	ONE_ZONE(6, "ipv6ScopeZoneIndex6"),
	ONE_ZONE(7, "ipv6ScopeZoneIndex7"),
	ONE_ZONE(8, "ipv6ScopeZoneIndexOrganizationLocal"),
	ONE_ZONE(9, "ipv6ScopeZoneIndex9"),
	ONE_ZONE(10, "ipv6ScopeZoneIndexA"),
	ONE_ZONE(11, "ipv6ScopeZoneIndexB"),
	ONE_ZONE(12, "ipv6ScopeZoneIndexC"),
	ONE_ZONE(13, "ipv6ScopeZoneIndexD"),
};

static const struct index_part by_ifIndex[] = {
	{ INDEX_INTEGER, offsetof(struct ipif, ifindex) },
};

const struct table ipv6ScopeZoneIndexTable_table = {
	.name = "ipv6ScopeZoneIndexTable",
	.root = OID(1, 3, 6, 1, 2, 1, 4, 36),
	.entry = OID(1, 3, 6, 1, 2, 1, 4, 36, 1),
	.rows = ipv6if_rows,
	.prepare = ipif_prepare,
	INDEX(by_ifIndex),
	COLUMNS(columns),
};
