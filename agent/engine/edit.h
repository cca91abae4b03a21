/*
 * SET: the varbinds of one PDU become edits, one for each thing that they change, and the
 * edits a transaction, of which all happens or nothing.
 *
 *	RESERVE1   txn_add()	one varbind into the copy of its row
 *	RESERVE2   txn_check()	each edit as a whole
 *	ACTION     txn_apply()	by rank; if one fails, all are undone
 *	UNDO       txn_undo()	another part of the PDU has failed
 *
 * Several tables may show one thing (ifTable and ifXTable show a link): their columns
 * meet in one edit, by its kind and its copy. An edit holds copies and keys, no pointer
 * into the rows, which may go at any time. It says in the kernel's words what is to be
 * done (struct edit_kind.apply); the engine knows no kernel.
 */
#ifndef NETMIBD_ENGINE_EDIT_H
#define NETMIBD_ENGINE_EDIT_H

#include "table.h"

/* What can be set of one thing, at most. */
#define EDIT_FIELDS 16

/* What becomes of a row. */
enum fate {
	FATE_NONE, /* it is modified, at most */
	FATE_CREATE,
	FATE_DESTROY,
};

/* What one transaction changes of one thing. */
struct edit {
	const struct edit_kind *kind;
	struct edit *next;
	unsigned int txn;   /* number of its transaction, for the log */
	unsigned int first; /* the varbind that began it: its place in the PDU, from 1 */
	unsigned int varbind; /* the one that is being added */
	unsigned int blame;   /* the one that is to be named if the edit fails */
	bool exists;	      /* there is such a row */
	enum fate fate;
	/* What is to be set: a bit for each of the kind's fields, and the varbind that
	 * said so last. */
	uint32_t fields;
	unsigned int said[EDIT_FIELDS];
	/* Copies of the kind's size: as it was, and as it is to be, filled in by struct
	 * column.set. */
	void *before, *after;
	void *done; /* for the kind: what it needs to undo; NULL: nothing */
	bool stuck; /* its apply() has failed and could not undo what it had begun */
};

/* A kind of things that can be changed. const, like a table. */
struct edit_kind {
	size_t size; /* of a copy */
	/* Fills in a copy, of zeros, of @row. */
	void (*copy)(const struct query *query, const void *row, void *copy);
	/* Are they copies of one thing? NULL: there is but one. */
	bool (*same)(const void *a, const void *b);
	/* Is the edit as a whole possible, as far as can be foreseen? NULL: always. A row
	 * that is not there is to be created, then. If it is not possible, edit_blame()
	 * says why; else its last varbind is to blame. */
	enum set_status (*check)(const struct query *query, struct edit *edit);
	/* Edits are applied by ascending rank, equal ones in the order of the PDU. */
	int (*rank)(const struct edit *edit);
	/* Makes it so: 0, or -errno with nothing done, or edit->stuck. */
	int (*apply)(const struct query *query, struct edit *edit);
	/* Makes it as it was; *@edit is forgotten: 0, or -errno. */
	int (*undo)(const struct query *query, struct edit *edit);
	/* All that was done has been undone, of all edits: 0, or -errno if something is
	 * missing still. NULL: nothing can be. */
	int (*settle)(const struct query *query);
	/* It stays: frees what edit->done is. */
	void (*keep)(const struct query *query, struct edit *edit);
};

struct txn {
	struct edit *edits;
	unsigned int number; /* for the log */
	bool checked, applied, undone, kept;
};

/* For struct column.set: @field of the edit's kind is to be set. */
static inline void
edit_say(struct edit *edit, unsigned int field)
{
	edit->fields |= 1u << field;
	edit->said[field] = edit->varbind;
}

static inline bool
edit_says(const struct edit *edit, unsigned int field)
{
	return edit->fields & 1u << field;
}

/* For check() and apply(): what is to be set of @field is to blame. */
static inline void
edit_blame(struct edit *edit, unsigned int field)
{
	if (edit_says(edit, field))
		edit->blame = edit->said[field];
}

/* For struct column.set: a RowStatus (RFC 2579), of a row that the kernel has (active) or
 * that is created at once: createAndWait(5) and notInService(2) are wrongValue. */
enum set_status set_row_status(
	const struct query *query, struct edit *edit, const struct value *value);

/* An empty one; NULL is not returned. txn_free() undoes nothing. */
struct txn *txn_new(void);
void txn_free(struct txn *txn);

/* Adds varbind number @varbind of the PDU: @oid is to become @value, whose syntax is what
 * it came with. */
enum set_status txn_add(struct txn *txn, struct query *query, const struct table *table,
	const uint32_t *oid, size_t len, const struct value *value, unsigned int varbind);

/* Checks the edits. If that is not SET_OK, *@varbind is the one to blame. */
enum set_status txn_check(
	struct txn *txn, const struct query *query, unsigned int *varbind);

/* Applies them. SET_COMMIT_FAILED: *@varbind is to blame, and all has been undone;
 * SET_UNDO_FAILED: that could not be undone. A second call does nothing. */
enum set_status txn_apply(
	struct txn *txn, const struct query *query, unsigned int *varbind);

/* Undoes what has been applied, the last one first. A second call does nothing. */
enum set_status txn_undo(
	struct txn *txn, const struct query *query, unsigned int *varbind);

/* What has been applied stays. A second call, or txn_undo() after it, does nothing. */
void txn_keep(struct txn *txn, const struct query *query);

#endif
