/*
 * What a manager has set and what is to last: wishes, by what they are about. A link is
 * known by its name and its permanent address, for an ifindex is not the same after a
 * restart; the names of links that are not there are kept as well.
 *
 * The set says what there is; restore.h has to do with when it is done.
 */
#ifndef NETMIBD_MIRROR_KEPT_H
#define NETMIBD_MIRROR_KEPT_H

#include "../base/lladdr.h"
#include "../base/set.h"
#include "../base/words.h"
#include "wish.h"

#include <bsd/sys/queue.h>
#include <stdbool.h>

/* Some 12 MB as lines. */
#define KEPT_MAX 100000

/* In this order all is done. */
enum kept_class {
	KEPT_SWITCH,
	KEPT_LINK,
	KEPT_ADDR,
	KEPT_ROUTE,
	N_KEPT_CLASSES,
};

/* What is to be done about one of them. */
enum kept_state {
	KEPT_REST,
	KEPT_DUE,     /* to be restored, unless it is there */
	KEPT_DOUBTED, /* it went, and who has done that is to be found out */
	N_KEPT_STATES,
};

struct kept {
	struct set_node node;
	TAILQ_ENTRY(kept) queue; /* of its state, unless that is KEPT_REST */
	uint8_t state;		 /* enum kept_state */
	bool away;	  /* it went with its link or address, or could not be restored */
	bool again;	  /* it is due for the second time */
	uint64_t lost_at; /* clock_now(), if doubted */
	char name[16];	  /* of its link; empty: it has none */
	struct lladdr mac; /* the permanent one; of length 0: not known */
	struct wish wish;  /* with the ifindex that the link has had last */
};

TAILQ_HEAD(kept_queue, kept);

struct kept_set {
	struct set things; /* struct kept, by name, class, and what it is about */
	size_t n_class[N_KEPT_CLASSES];
	struct kept_queue queues[N_KEPT_STATES][N_KEPT_CLASSES];
	struct kept_event *journal; /* of the transaction, the last one first */
	struct text changes;	    /* as lines, since the owner has taken them */
};

void kept_init(struct kept_set *set);
void kept_free(struct kept_set *set);

/* Can such a thing be kept at all? */
bool kept_can(const struct wish *wish);
enum kept_class kept_class_of(const struct wish *wish);

/* Keeps @wish, of the link @name (or ""), in the place of what was kept of the same
 * thing. NULL: there is no room for more. */
struct kept *kept_keep(struct kept_set *set, const struct wish *wish, const char *name,
	const struct lladdr *mac);

/* Forgets what is kept of that thing, if there is any. */
void kept_forget(struct kept_set *set, const struct wish *wish, const char *name);

/* Takes @kept out and frees it, whatever becomes of a transaction. */
void kept_drop(struct kept_set *set, struct kept *kept);

/* What is kept of that thing, or NULL. */
struct kept *kept_find(
	const struct kept_set *set, const struct wish *wish, const char *name);

/* What is kept of the link of that name: the first one, and the one after @kept; NULL at
 * the end. */
struct kept *kept_first_of(const struct kept_set *set, const char *name);
struct kept *kept_next_of(const struct kept_set *set, const struct kept *kept);

/* Puts @kept into the queue of a state, at its end, or into none. */
void kept_move(struct kept_set *set, struct kept *kept, enum kept_state state);

/* What was kept and forgotten since the last call stays, or is as before. */
void kept_settle(struct kept_set *set, bool stays);

/* kept_text.c: takes the words of a line; false: they make no sense, or there is no room.
 * Writes one as a line of words, with its end; and one that says it is no more. */
bool kept_read(struct kept_set *set, const struct words *words);
void kept_write(const struct kept *kept, struct text *text);
void kept_write_gone(const struct kept *kept, struct text *text);

#endif
