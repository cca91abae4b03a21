/*
 * Notifications of neighbours: one has another link-layer address than before, or goes to
 * and fro between two, which is what two hosts with one address look like.
 */
#include "notices.h"

#include "../agent/base/alloc.h"
#include "../agent/base/clock.h"

#include <stdlib.h>

enum { PHYS_ADDRESS = 4 }; /* ipNetToPhysicalTable */

/* So many moves between the same two addresses in so long a time (ns) are a conflict. */
#define CONFLICT_MOVES	3
#define CONFLICT_WINDOW (60 * NS_PER_S)

/* How many of one neighbour's are counted, and how many neighbours are remembered. */
#define MOVES_MAX  16
#define MOVERS_MAX 1024

static const struct notification nmdNeighborMoved = {
	.name = "nmdNeighborMoved",
	.oid = NMD_NOTIFICATION(12),
	.type = NOTICE_NEIGHBOR_MOVED,
};

static const struct notification nmdNeighborConflict = {
	.name = "nmdNeighborConflict",
	.oid = NMD_NOTIFICATION(13),
	.type = NOTICE_NEIGHBOR_CONFLICT,
};

struct notice_mover {
	struct set_node node;
	TAILQ_ENTRY(notice_mover) entry;
	struct notice_key key;
	uint64_t touched;	 /* clock_now() when it was needed last */
	struct lladdr lost;	 /* what it had before it failed; of length 0: nothing */
	struct lladdr low, high; /* the two addresses */
	uint64_t at[MOVES_MAX];	 /* clock_now() of the moves between them, */
	unsigned int n_moves;	 /* of which there were so many; they go round */
};

static int
compare(const void *a, const void *b)
{
	return memcmp(&((const struct notice_mover *)a)->key,
		&((const struct notice_mover *)b)->key, sizeof(struct notice_key));
}

void
neighbour_notices_init(struct notices *notices)
{
	set_init(&notices->movers, offsetof(struct notice_mover, node), compare);
	TAILQ_INIT(&notices->recent);
}

static void
drop(struct notices *notices, struct notice_mover *mover)
{
	set_remove(&notices->movers, mover);
	TAILQ_REMOVE(&notices->recent, mover, entry);
	free(mover);
}

void
neighbour_notices_free(struct notices *notices)
{
	struct notice_mover *mover;

	while ((mover = TAILQ_FIRST(&notices->recent)))
		drop(notices, mover);
}

/* What is remembered of the neighbour, made if there is nothing. The oldest ones make
 * room. */
static struct notice_mover *
recall(struct notices *notices, const struct notice_key *key, uint64_t now)
{
	struct notice_mover sought = { .key = *key };
	struct notice_mover *mover, *oldest;

	while ((oldest = TAILQ_FIRST(&notices->recent)) &&
		(now - oldest->touched > CONFLICT_WINDOW ||
			set_count(&notices->movers) >= MOVERS_MAX))
		drop(notices, oldest);
	mover = set_find(&notices->movers, &sought);
	if (mover) {
		TAILQ_REMOVE(&notices->recent, mover, entry);
	} else {
		mover = xcalloc(1, sizeof(*mover));
		mover->key = *key;
		set_insert(&notices->movers, mover);
	}
	mover->touched = now;
	TAILQ_INSERT_TAIL(&notices->recent, mover, entry);
	return mover;
}

/* Counts a move, and returns how many there were between these two within the window. */
static unsigned int
count_move(struct notices *notices, const struct notice_key *key, const struct lladdr *a,
	const struct lladdr *b)
{
	uint64_t now = clock_now();
	struct notice_mover *mover = recall(notices, key, now);
	bool in_order = lladdr_compare(a, b) < 0;
	const struct lladdr *low = in_order ? a : b, *high = in_order ? b : a;
	unsigned int n = 0;

	if (lladdr_compare(&mover->low, low) != 0 ||
		lladdr_compare(&mover->high, high) != 0) {
		mover->low = *low;
		mover->high = *high;
		mover->n_moves = 0;
	}
	mover->at[mover->n_moves++ % MOVES_MAX] = now;
	for (unsigned int i = 0; i < MOVES_MAX && i < mover->n_moves; i++)
		n += now - mover->at[i] <= CONFLICT_WINDOW;
	return n;
}

/* What both notifications begin with. */
static struct notice *
describe(struct notices *notices, const struct notification *what,
	const struct lladdr *old, const struct neigh *new)
{
	struct notice *notice = notice_new(what);
	struct query query = notices_query(notices);

	notice_add(notice, &query, &ipNetToPhysicalTable_table, PHYS_ADDRESS, new);
	notice_add_octets(notice, NMD_OLD_PHYS_ADDRESS, old->bytes, old->len);
	notice_add_name(notice, &query, new->ifindex);
	return notice;
}

static void
tell_moved(struct notices *notices, const struct notice_key *key,
	const struct lladdr *old, const struct neigh *new)
{
	uint64_t state = notices_hash(NOTICES_HASH, new->lladdr.bytes, new->lladdr.len);
	struct notice *notice;

	if (!notices_want(notices, NOTICE_NEIGHBOR_MOVED))
		return;
	notice = describe(notices, &nmdNeighborMoved, old, new);
	notice_add_number(notice, NMD_CAUSE, SYNTAX_INTEGER, notices_cause(notices, 0));
	notify_tell(notices->notifier, TOPIC_NEIGHBOR, false, key, sizeof(*key), state,
		notice);
}

/* One that goes on is no other one. */
static void
tell_conflict(struct notices *notices, const struct notice_key *key,
	const struct lladdr *old, const struct neigh *new)
{
	uint64_t x = notices_hash(NOTICES_HASH, old->bytes, old->len);
	uint64_t y = notices_hash(NOTICES_HASH, new->lladdr.bytes, new->lladdr.len);
	struct notice *notice;
	unsigned int n;

	if (!notices_want(notices, NOTICE_NEIGHBOR_CONFLICT))
		return;
	n = count_move(notices, key, old, &new->lladdr);
	if (n < CONFLICT_MOVES)
		return;
	notice = describe(notices, &nmdNeighborConflict, old, new);
	notice_add_number(notice, NMD_MOVE_COUNT, SYNTAX_GAUGE32, n);
	notify_tell(notices->notifier, TOPIC_CONFLICT, false, key, sizeof(*key), x ^ y,
		notice);
}

/* The kernel forgets the address of a neighbour that fails: it may come back with another
 * one, which is how most take an address over. Returns what it had, or NULL. */
static const struct lladdr *
find_old(struct notices *notices, const struct notice_key *key, const struct neigh *old,
	const struct neigh *new)
{
	struct notice_mover sought = { .key = *key }, *mover;

	if (old->lladdr.len && new->lladdr.len)
		return &old->lladdr;
	if (old->lladdr.len) {
		recall(notices, key, clock_now())->lost = old->lladdr;
		return NULL;
	}
	mover = set_find(&notices->movers, &sought);
	if (!mover || !mover->lost.len || lladdr_compare(&mover->lost, &new->lladdr) == 0)
		return NULL;
	return &mover->lost;
}

void
neighbour_notices(struct notices *notices, const struct change *change)
{
	const struct neigh *old = change->old, *new = change->new;
	const struct lladdr *before;
	struct notice_key key;
	struct lladdr copy;

	if (!new)
		return;
	if (change->fields & NEIGH_STATE)
		gateway_notices(notices, new);
	if (!old || !(change->fields & NEIGH_LLADDR) || !neigh_is_real(new) ||
		!(notices_want(notices, NOTICE_NEIGHBOR_MOVED) ||
			notices_want(notices, NOTICE_NEIGHBOR_CONFLICT)))
		return;
	key = notice_key(new->ifindex, &new->address);
	before = find_old(notices, &key, old, new);
	if (!before)
		return;
	copy = *before; /* which counting may push out */
	tell_moved(notices, &key, &copy, new);
	tell_conflict(notices, &key, &copy, new);
}
