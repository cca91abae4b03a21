/*
 * Transactions: edits are checked, applied, undone or kept. See edit.h.
 */
#include "edit.h"

#include "../base/alloc.h"
#include "../base/log.h"

#include <stdlib.h>

const struct edit *
edit_beside(const struct edit *edit, const struct edit_kind *kind,
	bool (*is)(const void *copy, uint32_t key), uint32_t key)
{
	const struct edit *at = edit->of->edits;

	while (at && (at->kind != kind || !is(at->after, key)))
		at = at->next;
	return at;
}

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
			txn->why = edit->why;
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

/* The draft that another table would show of it, when the kernel's row hides it no more.
 */
static void
take_other(const struct query *query, struct edit *edit)
{
	const struct draft *other = draft_find(query, edit->kind, edit->before);

	if (other)
		edit->taken = draft_take(query, other->table, other->index, other->len);
}

static void
change_draft(const struct query *query, struct edit *edit)
{
	if (!edit->kind->ready || (edit->fate == FATE_NONE && !edit->hold && !edit->held))
		return;
	edit->taken = draft_take(query, edit->table, edit->index, edit->index_len);
	if (!edit->taken && edit->fate != FATE_NONE)
		take_other(query, edit);
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
