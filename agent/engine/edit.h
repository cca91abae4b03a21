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

#include "draft.h"

/* RowStatus (RFC 2579). */
enum row_status {
	ROW_STATUS_ACTIVE = 1,
	ROW_STATUS_NOT_IN_SERVICE = 2,
	ROW_STATUS_NOT_READY = 3,
	ROW_STATUS_CREATE_AND_GO = 4,
	ROW_STATUS_CREATE_AND_WAIT = 5,
	ROW_STATUS_DESTROY = 6,
};

/* What can be set of one thing, at most. */
#define EDIT_FIELDS 16

/* What becomes of a row of the kernel's. */
enum fate {
	FATE_NONE, /* it is modified, at most */
	FATE_CREATE,
	FATE_DESTROY,
};

/* What one transaction changes of one thing. */
struct edit {
	const struct edit_kind *kind;
	struct edit *next;
	const struct txn *of;
	unsigned int txn;   /* number of its transaction, for the log */
	unsigned int first; /* the varbind that began it: its place in the PDU, from 1 */
	unsigned int varbind; /* the one that is being added */
	unsigned int blame;   /* the one that is to be named if the edit fails */
	bool exists;	      /* the kernel has such a row */
	enum fate fate;
	bool other; /* the varbind is of another table than the one that shows its draft
		     */
	bool held; /* there is a draft of it (draft.h), which is what the copies are of */
	bool hold; /* there is to be one */
	bool whole;		  /* and it is to be notInService, not notReady */
	bool activates;		  /* a row of the kernel's is set to active */
	bool modifies;		  /* a column other than the RowStatus is set */
	unsigned int said_status; /* the varbind that said so */
	/* What is to be set: a bit for each of the kind's fields, and the varbind that
	 * said so last. */
	uint32_t fields;
	unsigned int said[EDIT_FIELDS];
	/* Copies of the kind's size: as it was, and as it is to be, filled in by struct
	 * column.set. */
	void *before, *after;
	const char *why; /* it is refused, if somebody says; see edit_refuse() */
	void *done;	 /* for the kind: what it needs to undo; NULL: nothing */
	const struct table *table;
	struct draft *taken; /* the draft that was there; NULL: none */
	uint32_t index[OID_MAX];
	size_t index_len;
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
	/* Has enough been said for the row to be active? NULL: rows of this kind are
	 * never out of service. */
	bool (*ready)(const void *copy);
};

struct txn {
	struct edit *edits;
	unsigned int number; /* for the log */
	size_t new_drafts;
	bool checked, applied, undone, kept;
	const char *why;      /* it has failed, if that is known */
	const char **objects; /* the names of what has been added, by their varbinds */
	unsigned int n_objects;
};

/* For struct column.set and edit_kind.check: @status, and why, in a sentence that stays.
 */
static inline enum set_status
edit_refuse(struct edit *edit, enum set_status status, const char *why)
{
	edit->why = why;
	return status;
}

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
	if (edit_says(edit, field) && edit->said[field]) /* in this PDU */
		edit->blame = edit->said[field];
}

/* For check(): the edit of the same PDU that is of @kind, with copies of which @is(copy,
 * @key) is true; NULL: there is none. Things are to be seen as they will be. */
const struct edit *edit_beside(const struct edit *edit, const struct edit_kind *kind,
	bool (*is)(const void *copy, uint32_t key), uint32_t key);

/* For struct column.set: a RowStatus (RFC 2579). createAndWait(5) and notInService(2) are
 * wrongValue for kinds whose rows are never out of service. */
enum set_status set_row_status(
	const struct query *query, struct edit *edit, const struct value *value);

/* An empty one; NULL is not returned. txn_free() undoes nothing. */
struct txn *txn_new(void);
void txn_free(struct txn *txn);

/* The name of the object of varbind number @varbind; NULL: it has none. */
const char *txn_object(const struct txn *txn, unsigned int varbind);

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
