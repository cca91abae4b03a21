/*
 * An ordered set of rows.
 *
 * The rows are plain structs that carry a struct set_node for every set they are in (a
 * stack entry is in two). The tree is the red-black tree of libbsd's <sys/tree.h>; what
 * is added here is the seek: descend by a probe function instead of a key, so that a
 * table can compare the index of each visited row with an asked OID without decoding it.
 *
 * A set never allocates and never frees: whoever inserts a row owns it.
 * Everything but set_init() and set_count() costs O(log rows).
 */
#ifndef NETMIBD_BASE_SET_H
#define NETMIBD_BASE_SET_H

#include <bsd/sys/tree.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/cdefs.h>

struct set_node {
	RB_ENTRY(set_node) link;
};

RB_HEAD(set_tree, set_node);

/* The order of two rows: < 0, 0, > 0 like memcmp(3). */
typedef int set_compare_fn(const void *a, const void *b);

/* For such a function: the order of two numbers. */
static inline int
set_order(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

/* Where a row stands against the sought place: < 0 before it, >= 0 at or after it. */
typedef int set_probe_fn(const void *row, const void *sought);

struct set {
	struct set_tree tree;
	size_t offset; /* of the struct set_node in the row */
	set_compare_fn *compare;
	size_t count;
};

/* Makes an empty set of rows that hold their node at @offset and are ordered by @compare.
 */
void set_init(struct set *set, size_t offset, set_compare_fn *compare);

/* Adds @row. Returns NULL, or the row of equal key that is in the set already; then @row
 * was not added. */
void *set_insert(struct set *set, void *row);

/* The same for a row that is known to stand right behind @before, a row of the set:
 * without a search. Whether it does is not checked. */
void set_insert_behind(struct set *set, void *row, void *before);

/* Takes @row out, which must be in the set. The row itself is left alone. */
void set_remove(struct set *set, void *row);

/* The row whose key equals that of @key (a row of which only the key is filled in), or
 * NULL. */
void *set_find(const struct set *set, const void *key);

/* The first row, in order, for which @probe(row, @sought) >= 0, or NULL. */
void *set_seek(const struct set *set, set_probe_fn *probe, const void *sought);

/* The first and the last row, and the ones after and before @row; NULL at the end. */
void *set_first(const struct set *set);
void *set_last(const struct set *set);
void *set_next(const struct set *set, const void *row);
void *set_prev(const struct set *set, const void *row);

static inline size_t
set_count(const struct set *set)
{
	return set->count;
}

/* Walks the set; @row may be removed and freed in the body, its successor may not. */
#define set_for_each(row, after, set)                                                    \
	for ((row) = set_first(set); (row) && ((after) = set_next((set), (row)), 1);     \
		(row) = (after))

#endif
