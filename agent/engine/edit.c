/*
 * The engine's writing half: see edit.h.
 */
#include "edit.h"

#include "../base/alloc.h"

#include <stdlib.h>

struct txn *
txn_new(void)
{
	return xcalloc(1, sizeof(struct txn));
}

static void
free_edit(struct edit *edit)
{
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

enum set_status
txn_add(struct txn *txn, struct query *query, const struct table *table,
	const uint32_t *oid, size_t len, const struct value *value, unsigned int varbind)
{
	struct cursor at;
	enum found found = table_find(table, query, oid, len, &at);
	enum set_status status;
	struct edit *edit;

	if (found == NO_OBJECT || !at.column->set)
		return SET_NOT_WRITABLE;
	status = check_value(at.column, value);
	if (status)
		return status;
	if (found == FOUND) {
		if (at.column->needs) /* as it is now */
			table->refresh(query, at.row, at.column->needs);
		edit = edit_of(txn, query, table->edits, at.row);
	} else {
		size_t n = table->entry.len + 1;

		status = check_for_none(txn, query, table->edits, at.column, value);
		if (status != SET_NO_CREATION || at.column->access != READ_CREATE ||
			!table->make)
			return status;
		edit = edit_of_none(txn, query, table, oid + n, len - n);
		if (!edit)
			return SET_NO_CREATION;
	}
	edit->varbind = varbind;
	if (!edit->first)
		edit->first = varbind;
	status = at.column->set(query, edit, value);
	if (!status)
		edit->blame = varbind;
	return status;
}

enum set_status
set_row_status(const struct query *query, struct edit *edit, const struct value *value)
{
	enum { ACTIVE = 1, CREATE_AND_GO = 4, DESTROY = 6 };

	(void)query;
	switch (value->number) {
	case ACTIVE:
		return edit->exists || edit->fate == FATE_CREATE ? SET_OK
								 : SET_INCONSISTENT_VALUE;
	case CREATE_AND_GO:
		if (edit->exists || edit->fate == FATE_DESTROY)
			return SET_INCONSISTENT_VALUE;
		edit->fate = FATE_CREATE;
		return SET_OK;
	case DESTROY:
		edit->fate = FATE_DESTROY;
		return SET_OK;
	default:
		return SET_WRONG_VALUE;
	}
}

/* The transaction. */

/* Is there nothing to do: is what is to be destroyed not there (RFC 2579)? */
static bool
is_idle(const struct edit *edit)
{
	return !edit->exists && edit->fate == FATE_DESTROY;
}

static enum set_status
check_edit(const struct query *query, struct edit *edit)
{
	if (is_idle(edit))
		return SET_OK;
	if (!edit->exists && edit->fate != FATE_CREATE) {
		edit->blame = edit->first;
		return SET_INCONSISTENT_NAME;
	}
	return edit->kind->check ? edit->kind->check(query, edit) : SET_OK;
}

enum set_status
txn_check(struct txn *txn, const struct query *query, unsigned int *varbind)
{
	struct edit *edit;

	if (txn->checked)
		return SET_OK;
	txn->checked = true;
	for (edit = txn->edits; edit; edit = edit->next) {
		enum set_status status = check_edit(query, edit);

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

/* Undoes from @edit's end of the list back to its beginning; @end is left alone. */
static enum set_status
undo_until(const struct query *query, struct edit *edit, const struct edit *end,
	unsigned int *varbind)
{
	enum set_status status;

	if (!edit || edit == end)
		return SET_OK;
	status = undo_until(query, edit->next, end, varbind);
	if (!is_idle(edit) && edit->kind->undo(query, edit) < 0) {
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

	if (end && end->stuck) {
		*varbind = end->blame;
		status = SET_UNDO_FAILED;
	}
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
		if (is_idle(edit) || edit->kind->apply(query, edit) == 0)
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
		if (!is_idle(edit))
			edit->kind->keep(query, edit);
	}
}
