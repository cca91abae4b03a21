/*
 * The list of tables, and the helpers that several of them share. See tables.h.
 */
#include "tables.h"

const struct table *const all_tables[] = {
	&ifNumber_table,
	&ifTable_table,
	&ifXTable_table,
	&ifStackTable_table,
	&ifRcvAddressTable_table,
	&ifTableLastChange_table,
	&ifStackLastChange_table,
	&ifInvStackTable_table,
	NULL,
};

const struct set *
link_rows(const struct query *query)
{
	return &mirror_of(query)->links;
}

void
link_refresh(const struct query *query, const void *row, uint32_t needs)
{
	const struct source *source = mirror_of(query)->source;
	const struct link *link = row;

	if (source)
		source->need(source->arg, link->info.ifindex, needs, query->now);
}

void
value_set_display(struct value *value, const char *text, size_t max)
{
	size_t len = 0;

	for (; *text && len < max && len < 255; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x20 && c < 0x7f)
			value->scratch[len++] = c;
		else if ((c & 0xc0) != 0x80) /* not the middle of a UTF-8 character */
			value->scratch[len++] = '?';
	}
	value_set_octets(value, value->scratch, len);
}
