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

/* @done: by the kernel, just now. */
static void
keep(const struct query *query, const struct wish *wish, bool done)
{
	const struct keeper *keeper = mirror_of(query)->keeper;

	if (!keeper || mirror_of(query)->options->write == WRITE_DRY_RUN)
		return;
	if (wish->lasting)
		keeper->keep(keeper->arg, wish, done);
	else
		keeper->forget(keeper->arg, wish);
}

static void
settle(const struct query *query, bool stays)
{
	const struct keeper *keeper = mirror_of(query)->keeper;

	if (keeper)
		keeper->settle(keeper->arg, stays);
}

void
edit_last(const struct query *query, const struct wish *wish)
{
	keep(query, wish, false);
}

void
edit_log(const struct query *query, const struct edit *edit, const struct deed_name *name)
{
	bool dry = mirror_of(query)->options->write == WRITE_DRY_RUN;

	log_line(LOG_NOTICE, "%sSET, transaction %u: %s%s%s: %s -> %s",
		dry ? "dry run: " : "", edit->txn, name->object,
		*name->instance ? " of " : "", name->instance, name->from, name->to);
}

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
	keep(query, wish, true);
	edit_log(query, edit, name);
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
	settle(query, false);
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
	settle(query, true);
}
