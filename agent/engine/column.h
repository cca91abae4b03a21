/*
 * Columns of a table, for the engine alone.
 */
#ifndef NETMIBD_ENGINE_COLUMN_H
#define NETMIBD_ENGINE_COLUMN_H

#include "table.h"

/* The first column whose id is at least @id, or the end of the list. */
const struct column *column_from(const struct table *table, uint32_t id);

/* Reads the value at a place. False: there is none. */
bool column_read(const struct table *table, struct query *query, const struct cursor *at,
	struct value *value);

#endif
