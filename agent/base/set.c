/*
 * The ordered set: see set.h.
 *
 * The generated RB_INSERT and RB_FIND of <sys/tree.h> compare nodes through a macro that
 * knows no context, while the order of a set here is a function of the set. So the
 * descent is written out, and only the balancing (RB_INSERT_COLOR, RB_REMOVE) and the
 * walk are the library's.
 */
#include "set.h"

/* Required by RB_GENERATE, never called: see above. */
static inline int
node_compare(const struct set_node *a, const struct set_node *b)
{
	return (a > b) - (a < b);
}

/* RB_GENERATE_STATIC wants BSD's __unused, which glibc does not have. */
RB_GENERATE_INTERNAL(
	set_tree, set_node, link, node_compare, __attribute__((unused)) static)

static inline struct set_node *
node_of(const struct set *set, const void *row)
{
	/* const is dropped as in strchr(3): the caller's own row comes back to him. */
	return (struct set_node *)((size_t)row + set->offset);
}

static inline void *
row_of(const struct set *set, const struct set_node *node)
{
	return node ? (void *)((size_t)node - set->offset) : NULL;
}

void
set_init(struct set *set, size_t offset, set_compare_fn *compare)
{
	RB_INIT(&set->tree);
	set->offset = offset;
	set->compare = compare;
	set->count = 0;
}

void *
set_insert(struct set *set, void *row)
{
	struct set_node *node = node_of(set, row), *parent = NULL;
	struct set_node **place = &RB_ROOT(&set->tree);

	while (*place) {
		int order = set->compare(row, row_of(set, *place));

		parent = *place;
		if (order == 0)
			return row_of(set, parent);
		place = order < 0 ? &RB_LEFT(parent, link) : &RB_RIGHT(parent, link);
	}
	RB_SET(node, parent, link);
	*place = node;
	set_tree_RB_INSERT_COLOR(&set->tree, node);
	set->count++;
	return NULL;
}

void
set_insert_behind(struct set *set, void *row, void *before)
{
	struct set_node *node = node_of(set, row), *parent = node_of(set, before);
	struct set_node **place = &RB_RIGHT(parent, link);

	if (*place) { /* in front of the first one of what is behind */
		parent = *place;
		while (RB_LEFT(parent, link))
			parent = RB_LEFT(parent, link);
		place = &RB_LEFT(parent, link);
	}
	RB_SET(node, parent, link);
	*place = node;
	set_tree_RB_INSERT_COLOR(&set->tree, node);
	set->count++;
}

void
set_remove(struct set *set, void *row)
{
	RB_REMOVE(set_tree, &set->tree, node_of(set, row));
	set->count--;
}

void *
set_find(const struct set *set, const void *key)
{
	struct set_node *node = RB_ROOT(&set->tree);

	while (node) {
		int order = set->compare(key, row_of(set, node));

		if (order == 0)
			break;
		node = order < 0 ? RB_LEFT(node, link) : RB_RIGHT(node, link);
	}
	return row_of(set, node);
}

void *
set_seek(const struct set *set, set_probe_fn *probe, const void *sought)
{
	struct set_node *node = RB_ROOT(&set->tree), *best = NULL;

	while (node) {
		if (probe(row_of(set, node), sought) >= 0) {
			best = node;
			node = RB_LEFT(node, link);
		} else {
			node = RB_RIGHT(node, link);
		}
	}
	return row_of(set, best);
}

void *
set_first(const struct set *set)
{
	struct set_node *node = RB_ROOT(&set->tree);

	while (node && RB_LEFT(node, link))
		node = RB_LEFT(node, link);
	return row_of(set, node);
}

void *
set_last(const struct set *set)
{
	struct set_node *node = RB_ROOT(&set->tree);

	while (node && RB_RIGHT(node, link))
		node = RB_RIGHT(node, link);
	return row_of(set, node);
}

void *
set_next(const struct set *set, const void *row)
{
	return row_of(set, set_tree_RB_NEXT(node_of(set, row)));
}

void *
set_prev(const struct set *set, const void *row)
{
	return row_of(set, set_tree_RB_PREV(node_of(set, row)));
}
