/*
 * From varbinds to edits: see edit.h. What becomes of them is in txn.c.
 */
#include "edit.h"

#include "../base/alloc.h"
#include "../base/log.h"

#include <stdlib.h>
#include <string.h>

struct txn *
txn_new(void)
{
	return xcalloc(1, sizeof(struct txn));
}

static void
free_edit(struct edit *edit)
{
	draft_free(edit->taken);
	free(edit->before);
	free(edit->after);
	free(edit);
}

void
txn_free(struct txn *txn)
{
	struct edit *edit = txn->edits, *next;

	for (; edit; edit = next) {
		next = edit->next;
		free_edit(edit);
	}
	free(txn->objects);
	free(txn);
}

/* Varbinds. */

static void
name_object(struct txn *txn, unsigned int varbind, const char *name)
{
	if (varbind >= txn->n_objects) {
		txn->objects =
			xrealloc(txn->objects, (varbind + 1) * sizeof(txn->objects[0]));
		while (txn->n_objects <= varbind)
			txn->objects[txn->n_objects++] = NULL;
	}
	txn->objects[varbind] = name;
}

const char *
txn_object(const struct txn *txn, unsigned int varbind)
{
	return varbind < txn->n_objects ? txn->objects[varbind] : NULL;
}

/* An INTEGER of more than 32 bits is none (RFC 2578 section 7.1.1), but the library lets
 * those from 2^31 to 2^32 - 1 through. */
static bool
in_range(const struct column *column, int64_t number)
{
	if (column->syntax == SYNTAX_INTEGER &&
		(number < INT32_MIN || number > INT32_MAX))
		return false;
	return (column->low == 0 && column->high == 0) ||
	       (number >= column->low && number <= column->high);
}

/* RFC 3416 section 4.2.5, (3) to (6), as far as the object's type says. */
static enum set_status
check_value(const struct column *column, const struct value *value)
{
	if (value->syntax != column->syntax)
		return SET_WRONG_TYPE;
	switch (value->syntax) {
	case SYNTAX_OCTETS:
		return in_range(column, (int64_t)value->octets.len) ? SET_OK
								    : SET_WRONG_LENGTH;
	case SYNTAX_INTEGER:
	case SYNTAX_GAUGE32:
		return in_range(column, (int64_t)value->number) ? SET_OK
								: SET_WRONG_VALUE;
	default:
		return SET_OK;
	}
}

static struct edit *
new_edit(const struct txn *txn, const struct edit_kind *kind)
{
	struct edit *edit = xcalloc(1, sizeof(*edit));

	edit->kind = kind;
	edit->before = xcalloc(1, kind->size);
	edit->after = xcalloc(1, kind->size);
	edit->of = txn;
	edit->txn = txn->number;
	return edit;
}

/* The edit of what @edit, a new one, is about: one that is there, or itself at the end.
 */
static struct edit *
join(struct txn *txn, struct edit *edit)
{
	const struct edit_kind *kind = edit->kind;
	struct edit **at = &txn->edits;

	for (; *at; at = &(*at)->next) {
		if ((*at)->kind == kind &&
			(!kind->same || kind->same((*at)->before, edit->before))) {
			void *stale = (*at)->before;

			/* What this column needs is fresh in the new copy only. */
			(*at)->before = edit->before;
			edit->before = stale;
			free_edit(edit);
			return *at;
		}
	}
	*at = edit;
	return edit;
}

/* The edit of what @row shows. */
static struct edit *
edit_of(struct txn *txn, const struct query *query, const struct edit_kind *kind,
	const void *row)
{
	struct edit *edit = new_edit(txn, kind);

	kind->copy(query, row, edit->before);
	kind->copy(query, row, edit->after);
	edit->exists = true;
	return join(txn, edit);
}

/* The place where the row is, or would be, out of service. */
static void
place(struct edit *edit, const struct table *table, const uint32_t *index, size_t len)
{
	edit->table = table;
	edit->index_len = len < OID_MAX ? len : OID_MAX;
	if (len)
		memcpy(edit->index, index, edit->index_len * sizeof(index[0]));
}

/* The edit of a row that is out of service. */
static struct edit *
edit_of_draft(struct txn *txn, const struct edit_kind *kind, const struct draft *draft)
{
	struct edit *edit = new_edit(txn, kind);

	memcpy(edit->before, draft->copy, kind->size);
	memcpy(edit->after, draft->copy, kind->size);
	edit->fields = draft->fields;
	edit->held = true;
	place(edit, draft->table, draft->index, draft->len);
	return join(txn, edit);
}

/* The edit of a row that is not there, by its index; NULL: there cannot be one. */
static struct edit *
edit_of_none(struct txn *txn, const struct query *query, const struct table *table,
	const uint32_t *index, size_t len)
{
	struct edit *edit = new_edit(txn, table->edits);
	const struct draft *draft;

	if (!table->make(query, index, len, edit->before) ||
		!table->make(query, index, len, edit->after)) {
		free_edit(edit);
		return NULL;
	}
	/* Another table may show it out of service. */
	draft = draft_find(query, table->edits, edit->before);
	if (!draft)
		return join(txn, edit);
	free_edit(edit);
	return edit_of_draft(txn, table->edits, draft);
}

/* A value for a row that is not there: what no row could have is said first (RFC 3416
 * section 4.2.5, (6) before (7)). set() sees a copy of zeros. */
static enum set_status
check_for_none(const struct txn *txn, const struct query *query,
	const struct edit_kind *kind, const struct column *column,
	const struct value *value)
{
	struct edit *edit = new_edit(txn, kind);
	enum set_status status = column->set(query, edit, value);

	free_edit(edit);
	return status >= SET_WRONG_TYPE && status <= SET_WRONG_VALUE ? status
								     : SET_NO_CREATION;
}

/* The edit that the varbind at @at, of which @found says more, is about; or NULL, and
 * *@status says why there is none. */
static struct edit *
find_edit(struct txn *txn, const struct query *query, const struct table *table,
	enum found found, const struct cursor *at, const uint32_t *index, size_t len,
	const struct value *value, enum set_status *status)
{
	struct edit *edit;

	if (found == FOUND && at->draft)
		return edit_of_draft(txn, table->edits, at->draft);
	if (found == FOUND) {
		if (at->column->needs) /* as it is now */
			table->refresh(query, at->row, at->column->needs);
		edit = edit_of(txn, query, table->edits, at->row);
		edit->activates |=
			at->column->is_row_status && value->number == ROW_STATUS_ACTIVE;
		return edit;
	}
	*status = check_for_none(txn, query, table->edits, at->column, value);
	if (*status != SET_NO_CREATION || at->column->access != READ_CREATE ||
		!table->make)
		return NULL;
	edit = edit_of_none(txn, query, table, index, len);
	if (edit)
		*status = SET_OK;
	return edit;
}

enum set_status
txn_add(struct txn *txn, struct query *query, const struct table *table,
	const uint32_t *oid, size_t len, const struct value *value, unsigned int varbind)
{
	struct cursor at;
	enum found found = table_find(table, query, oid, len, &at);
	size_t n = table->entry.len + 1; /* the index stands behind the column */
	enum set_status status;
	struct edit *edit;

	if (found == NO_OBJECT)
		return SET_NOT_WRITABLE;
	name_object(txn, varbind, at.column->name);
	if (!at.column->set)
		return SET_NOT_WRITABLE;
	status = check_value(at.column, value);
	if (status)
		return status;
	edit = find_edit(txn, query, table, found, &at, oid + n, len - n, value, &status);
	if (!edit)
		return status;
	/* That of its RowStatus, but where it is out of service already. */
	if (!edit->table || (at.column->is_row_status && !edit->held))
		place(edit, draft_table(table), oid + n, len - n);
	edit->modifies |= !at.column->is_row_status;
	edit->other = edit->held && edit->table != draft_table(table);
	edit->varbind = varbind;
	if (!edit->first)
		edit->first = varbind;
	status = at.column->set(query, edit, value);
	if (!status)
		edit->blame = varbind;
	else
		txn->why = edit->why;
	return status;
}

/* RowStatus. */

/* Another column has said so (ipNetToPhysicalType): what follows is a contradiction. */
static bool
is_to_go(const struct edit *edit)
{
	return edit->fate == FATE_DESTROY && !edit->hold;
}

static enum set_status
create(struct edit *edit, bool wait)
{
	/* Where it is not shown it can be created: that puts it in service. */
	if (edit->held && edit->other && !wait && edit->fate != FATE_DESTROY) {
		edit->fate = FATE_CREATE;
		return SET_OK;
	}
	if (edit->exists || edit->held || is_to_go(edit) ||
		(wait ? edit->fate == FATE_CREATE : edit->hold))
		return SET_INCONSISTENT_VALUE;
	if (wait)
		edit->hold = true;
	else
		edit->fate = FATE_CREATE;
	return SET_OK;
}

static enum set_status
activate(struct edit *edit)
{
	if ((!edit->exists && !edit->held && edit->fate != FATE_CREATE) || is_to_go(edit))
		return SET_INCONSISTENT_VALUE;
	if (!edit->exists)
		edit->fate = FATE_CREATE;
	return SET_OK;
}

static enum set_status
take_out_of_service(struct edit *edit)
{
	if ((!edit->exists && !edit->held) || is_to_go(edit))
		return SET_INCONSISTENT_VALUE;
	edit->hold = edit->whole = true;
	edit->fate = edit->exists ? FATE_DESTROY : FATE_NONE;
	return SET_OK;
}

enum set_status
set_row_status(const struct query *query, struct edit *edit, const struct value *value)
{
	(void)query;
	edit->said_status = edit->varbind;
	switch (value->number) {
	case ROW_STATUS_ACTIVE:
		return activate(edit);
	case ROW_STATUS_CREATE_AND_GO:
		return create(edit, false);
	case ROW_STATUS_CREATE_AND_WAIT:
		return edit->kind->ready ? create(edit, true) : SET_WRONG_VALUE;
	case ROW_STATUS_NOT_IN_SERVICE:
		return edit->kind->ready ? take_out_of_service(edit) : SET_WRONG_VALUE;
	case ROW_STATUS_DESTROY:
		edit->fate = FATE_DESTROY;
		edit->hold = false;
		return SET_OK;
	default:
		return SET_WRONG_VALUE;
	}
}
