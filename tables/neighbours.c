/*
 * What the tables of neighbours share: see neighbours.h.
 */
#include "neighbours.h"

const struct set *
neighbour_rows(const struct query *query)
{
	return &mirror_of(query)->neighs;
}

void
neighbour_prepare(const struct query *query)
{
	const struct source *source = mirror_of(query)->source;

	if (source)
		source->need_neighs(source->arg, query->now);
}

bool
neighbour_is_shown(const void *row)
{
	return neigh_is_real(row);
}

bool
neighbour_is_ipv4(const void *row)
{
	return inet_is_v4(&((const struct neigh *)row)->address) && neigh_is_real(row);
}

bool
get_neighbour_type(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	switch (((const struct neigh *)row)->state) {
	case NEIGH_PERMANENT:
		value->number = NEIGHBOUR_STATIC;
		break;
	case NEIGH_FAILED:
		value->number = NEIGHBOUR_INVALID;
		break;
	case NEIGH_NOARP: /* told by somebody else */
		value->number = NEIGHBOUR_OTHER;
		break;
	default:
		value->number = NEIGHBOUR_DYNAMIC;
		break;
	}
	return true;
}

bool
get_neighbour_lladdr(const struct query *query, const void *row, struct value *value)
{
	const struct neigh *neigh = row;

	(void)query;
	value_set_octets(value, neigh->lladdr.bytes, neigh->lladdr.len);
	return true;
}

bool
get_neighbour_ipv4(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value_set_octets(value, ((const struct neigh *)row)->address.bytes, 4);
	return true;
}
