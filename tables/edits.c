/*
 * Edits made of wishes: see edits.h.
 */
#include "edits.h"

#include "../agent/base/alloc.h"
#include "../agent/base/log.h"

#include <errno.h>
#include <stdlib.h>

/* What has been done of an edit, the last one first. */
struct done {
	struct done *next;
	struct deed *deed;
};

int
edit_fulfil(const struct query *query, struct edit *edit, unsigned int field,
	const struct wish *wish, const struct deed_name *name)
{
	const struct source *source = mirror_of(query)->source;
	struct done *done;
	struct deed *deed;
	int error;

	edit_blame(edit, field);
	if (!source)
		return -ENOTSUP;
	error = source->fulfil(source->arg, wish, &deed);
	if (error || !deed) /* or a dry run, which is logged */
		return error;
	done = xcalloc(1, sizeof(*done));
	done->deed = deed;
	done->next = edit->done;
	edit->done = done;
	log_line(LOG_NOTICE, "SET, transaction %u: %s%s%s: %s -> %s", edit->txn,
		name->object, *name->instance ? " of " : "", name->instance, name->from,
		name->to);
	return 0;
}

int
edit_undo(const struct query *query, struct edit *edit)
{
	const struct source *source = mirror_of(query)->source;
	struct done *done = edit->done, *next;
	int first = 0;

	if (done)
		log_line(LOG_NOTICE, "SET, transaction %u: undone", edit->txn);
	for (; done; done = next) {
		int error = source->undo(source->arg, done->deed);

		next = done->next;
		free(done);
		first = first ? first : error;
	}
	edit->done = NULL;
	return first;
}

void
edit_abandon(const struct query *query, struct edit *edit)
{
	edit->stuck = edit_undo(query, edit) < 0;
}

int
edit_settle(const struct query *query)
{
	const struct source *source = mirror_of(query)->source;

	return source ? source->settle(source->arg) : 0;
}

void
edit_keep(const struct query *query, struct edit *edit)
{
	const struct source *source = mirror_of(query)->source;
	struct done *done = edit->done, *next;

	for (; done; done = next) {
		source->keep(source->arg, done->deed);
		next = done->next;
		free(done);
	}
	edit->done = NULL;
}
