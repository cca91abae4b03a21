/*
 * What the tables of neighbours share.
 */
#ifndef NETMIBD_TABLES_NEIGHBOURS_H
#define NETMIBD_TABLES_NEIGHBOURS_H

#include "tables.h"

/* The types of ipNetToPhysicalType; those of ipNetToMediaType are the same. */
enum neighbour_type {
	NEIGHBOUR_OTHER = 1,
	NEIGHBOUR_INVALID = 2,
	NEIGHBOUR_DYNAMIC = 3,
	NEIGHBOUR_STATIC = 4,
};

/* For struct table. neighbour_is_ipv4: member() of the tables that have no other. */
const struct set *neighbour_rows(const struct query *query);
void neighbour_prepare(const struct query *query);
bool neighbour_is_shown(const void *row);
bool neighbour_is_ipv4(const void *row);

/* Getters: the type; the link-layer address, empty while it is not known; the IPv4
 * address.
 */
bool get_neighbour_type(const struct query *query, const void *row, struct value *value);
bool get_neighbour_lladdr(
	const struct query *query, const void *row, struct value *value);
bool get_neighbour_ipv4(const struct query *query, const void *row, struct value *value);

#endif
