/*
 * The engine's writing half: see edit.h.
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
	free(txn);
}

/* Varbinds. */

static bool
in_range(const struct column *column, int64_t number)
{
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

/* The edit of a row that is out of service. */
static struct edit *
edit_of_draft(struct txn *txn, const struct edit_kind *kind, const struct draft *draft)
{
	struct edit *edit = new_edit(txn, kind);

	memcpy(edit->before, draft->copy, kind->size);
	memcpy(edit->after, draft->copy, kind->size);
	edit->fields = draft->fields;
	edit->held = true;
	return join(txn, edit);
}

/* The edit of a row that is not there, by its index; NULL: there cannot be one. */
static struct edit *
edit_of_none(struct txn *txn, const struct query *query, const struct table *table,
	const uint32_t *index, size_t len)
{
	struct edit *edit = new_edit(txn, table->edits);

	if (table->make(query, index, len, edit->before) &&
		table->make(query, index, len, edit->after))
		return join(txn, edit);
	free_edit(edit);
	return NULL;
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

/* The place where the row is, or would be, out of service: that of its RowStatus. */
static void
place_edit(struct edit *edit, const struct table *table, const struct column *column,
	const uint32_t *index, size_t len)
{
	if (edit->table && !column->is_row_status)
		return;
	edit->table = draft_table(table);
	edit->index_len = len < OID_MAX ? len : OID_MAX;
	if (len)
		memcpy(edit->index, index, edit->index_len * sizeof(index[0]));
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

	if (found == NO_OBJECT || !at.column->set)
		return SET_NOT_WRITABLE;
	status = check_value(at.column, value);
	if (status)
		return status;
	edit = find_edit(txn, query, table, found, &at, oid + n, len - n, value, &status);
	if (!edit)
		return status;
	place_edit(edit, table, at.column, oid + n, len - n);
	edit->modifies |= !at.column->is_row_status;
	edit->varbind = varbind;
	if (!edit->first)
		edit->first = varbind;
	status = at.column->set(query, edit, value);
	if (!status)
		edit->blame = varbind;
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

/* The transaction. */

/* Is anything to be asked of the kernel? Not of what is to be destroyed and is not there
 * (RFC 2579), nor of what is and stays out of service. */
static bool
concerns_kernel(const struct edit *edit)
{
	return edit->exists || edit->fate == FATE_CREATE;
}

/* What was out of service becomes active where the kernel has got a row by itself, a
 * neighbour that it has found: it becomes as the draft says, which was hidden, unless
 * this PDU says something else, before its RowStatus or behind it. */
static void
unhide(const struct query *query, struct edit *edit)
{
	const struct draft *draft =
		draft_seek(query, edit->table, AT, edit->index, edit->index_len);

	if (!draft || edit->fate != FATE_NONE)
		return;
	edit->held = true;
	if (edit->modifies)
		return;
	memcpy(edit->after, draft->copy, edit->kind->size);
	edit->fields |= draft->fields;
}

static enum set_status
check_edit(struct txn *txn, const struct query *query, struct edit *edit)
{
	if (edit->activates)
		unhide(query, edit);
	if (!edit->exists && edit->held && edit->fate == FATE_NONE)
		edit->hold = true; /* it is changed where it is */
	if (!edit->exists && edit->fate == FATE_NONE && !edit->hold) {
		edit->blame = edit->first;
		return SET_INCONSISTENT_NAME;
	}
	if (edit->hold && edit->said_status)
		edit->blame = edit->said_status;
	if (edit->hold && edit->whole && !edit->kind->ready(edit->after))
		return SET_INCONSISTENT_VALUE;
	if (edit->hold && !edit->held && !draft_has_room(query, ++txn->new_drafts))
		return SET_RESOURCE_UNAVAILABLE;
	if (!concerns_kernel(edit) || !edit->kind->check)
		return SET_OK;
	return edit->kind->check(query, edit);
}

enum set_status
txn_check(struct txn *txn, const struct query *query, unsigned int *varbind)
{
	struct edit *edit;

	if (txn->checked)
		return SET_OK;
	txn->checked = true;
	for (edit = txn->edits; edit; edit = edit->next) {
		enum set_status status = check_edit(txn, query, edit);

		if (status) {
			*varbind = edit->blame;
			return status;
		}
	}
	return SET_OK;
}

/* Sorts by rank; few as they are. */
static void
sort(struct txn *txn)
{
	struct edit *sorted = NULL, *edit = txn->edits, *next;

	for (; edit; edit = next) {
		struct edit **at = &sorted;

		next = edit->next;
		while (*at && (*at)->kind->rank(*at) <= edit->kind->rank(edit))
			at = &(*at)->next;
		edit->next = *at;
		*at = edit;
	}
	txn->edits = sorted;
}

/* Drafts: they follow the kernel, and go back before it. */

static void
change_draft(const struct query *query, struct edit *edit)
{
	if (!edit->kind->ready || (edit->fate == FATE_NONE && !edit->hold && !edit->held))
		return;
	edit->taken = draft_take(query, edit->table, edit->index, edit->index_len);
	if (!edit->hold)
		return;
	draft_put(query, draft_new(edit->table, edit->index, edit->index_len, edit->after,
				 edit->kind->size, edit->fields));
	log_line(LOG_NOTICE, "SET, transaction %u: a row of %s is %s", edit->txn,
		edit->table->name,
		edit->kind->ready(edit->after) ? "not in service" : "not ready");
}

static void
restore_draft(const struct query *query, struct edit *edit)
{
	if (edit->hold)
		draft_free(draft_take(query, edit->table, edit->index, edit->index_len));
	if (edit->taken)
		draft_put_back(query, edit->taken);
	edit->taken = NULL;
}

static int
apply_edit(const struct query *query, struct edit *edit)
{
	int error = concerns_kernel(edit) ? edit->kind->apply(query, edit) : 0;

	if (!error)
		change_draft(query, edit);
	return error;
}

static int
undo_edit(const struct query *query, struct edit *edit)
{
	restore_draft(query, edit);
	return concerns_kernel(edit) ? edit->kind->undo(query, edit) : 0;
}

/* Undoes from @edit's end of the list back to its beginning; @end is left alone. */
static enum set_status
undo_until(const struct query *query, struct edit *edit, const struct edit *end,
	unsigned int *varbind)
{
	enum set_status status;

	if (!edit || edit == end)
		return SET_OK;
	status = undo_until(query, edit->next, end, varbind);
	if (undo_edit(query, edit) < 0) {
		*varbind = edit->blame;
		status = SET_UNDO_FAILED;
	}
	return status;
}

/* Undoes all edits before @end. */
static enum set_status
undo_all(struct txn *txn, const struct query *query, const struct edit *end,
	unsigned int *varbind)
{
	enum set_status status = undo_until(query, txn->edits, end, varbind);

	/* @end's kind, too: it has undone what it had begun. */
	for (const struct edit *edit = txn->edits; edit; edit = edit->next) {
		if (edit->kind->settle && edit->kind->settle(query) < 0) {
			*varbind = edit->blame;
			status = SET_UNDO_FAILED;
		}
	}
	return status;
}

enum set_status
txn_apply(struct txn *txn, const struct query *query, unsigned int *varbind)
{
	if (txn->applied)
		return SET_OK;
	txn->applied = true;
	sort(txn);
	for (struct edit *edit = txn->edits; edit; edit = edit->next) {
		if (apply_edit(query, edit) == 0)
			continue;
		*varbind = edit->blame;
		txn->undone = true;
		return undo_all(txn, query, edit, varbind) ? SET_UNDO_FAILED
							   : SET_COMMIT_FAILED;
	}
	return SET_OK;
}

enum set_status
txn_undo(struct txn *txn, const struct query *query, unsigned int *varbind)
{
	if (!txn->applied || txn->undone || txn->kept)
		return SET_OK;
	txn->undone = true;
	return undo_all(txn, query, NULL, varbind);
}

void
txn_keep(struct txn *txn, const struct query *query)
{
	if (!txn->applied || txn->undone || txn->kept)
		return;
	txn->kept = true;
	for (struct edit *edit = txn->edits; edit; edit = edit->next) {
		if (concerns_kernel(edit))
			edit->kind->keep(query, edit);
	}
}
