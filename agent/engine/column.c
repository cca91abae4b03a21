/*
 * The value of a column: see column.h.
 */
#include "column.h"

#include "draft.h"

#include <string.h>

static struct optional
field_number(const struct field *field, const void *row)
{
	const uint8_t *at = (const uint8_t *)row + field->offset;
	struct optional number = { 0, true };

	switch (field->width) {
	case 1:
		return optional_of(*at);
	case 2:
		return optional_of(*(const uint16_t *)(const void *)at);
	case 4:
		return optional_of(*(const uint32_t *)(const void *)at);
	case 8:
		memcpy(&number.number, at, sizeof(number.number));
		break;
	case sizeof(struct optional):
		memcpy(&number, at, sizeof(number));
		break;
	}
	return number;
}

/* Brings a number into the range of its type. A Counter32 is the low half of the 64-bit
 * counter (RFC 2863 section 3.1.6); an INTEGER or Gauge32 stops at its end. */
static uint64_t
fit(enum syntax syntax, uint64_t number)
{
	switch (syntax) {
	case SYNTAX_INTEGER:
		return number > INT32_MAX ? INT32_MAX : number;
	case SYNTAX_GAUGE32:
		return number > UINT32_MAX ? UINT32_MAX : number;
	case SYNTAX_COUNTER32:
		return (uint32_t)number;
	default:
		return number;
	}
}

bool
column_read(const struct table *table, struct query *query, const struct cursor *at,
	struct value *value)
{
	const struct column *column = at->column;
	struct optional number;

	if (at->draft)
		return draft_value(query, at->draft, column, value);
	value->syntax = column->syntax;
	if (column->needs)
		table->refresh(query, at->row, column->needs);
	if (column->get)
		return column->get(query, at->row, value);
	number = field_number(&column->field, at->row);
	value->number = fit(column->syntax, number.number);
	return number.present;
}

/* The first column whose id is at least @id, or the end of the list. */
const struct column *
column_from(const struct table *table, uint32_t id)
{
	const struct column *column = table->columns;
	const struct column *end = column + table->n_columns;

	while (column < end && column->id < id)
		column++;
	return column;
}
