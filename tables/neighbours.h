/*
 * What the tables of neighbours share.
 */
#ifndef NETMIBD_TABLES_NEIGHBOURS_H
#define NETMIBD_TABLES_NEIGHBOURS_H

#include "edits.h"

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

/* For struct table: make; the setters of both tables; and what is read of a row out of
 * service. */
bool make_ipNetToPhysical(
	const struct query *query, const uint32_t *index, size_t len, void *to);
bool make_ipNetToMedia(
	const struct query *query, const uint32_t *index, size_t len, void *to);
enum set_status set_neighbour_lladdr(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_neighbour_type(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_ipNetToMediaType(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_ipNetToMediaIfIndex(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_ipNetToMediaNetAddress(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_atPhysAddress(
	const struct query *query, struct edit *edit, const struct value *value);
bool get_draft_lladdr(const struct query *query, const void *copy, struct value *value);
bool get_draft_neighbour_type(
	const struct query *query, const void *copy, struct value *value);

#endif
