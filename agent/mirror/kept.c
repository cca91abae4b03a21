/*
 * What is kept: see kept.h.
 */
#include "kept.h"

#include "../base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One of a thing was put in, or taken out, in the transaction that is under way. */
struct kept_event {
	struct kept_event *next;
	struct kept *kept; /* taken out: the owner of it is this */
	bool put;	   /* and this is a copy of what was put in */
};

/* Order. */

/* Within its class. */
static int
order_of(const struct wish *wish)
{
	return wish->what == WISH_SWITCH ? (int)wish->node : (int)wish->what;
}

static int
compare_routes(const struct route_wish *a, const struct route_wish *b)
{
	int order = inet_compare(&a->dst, &b->dst);

	order = order ? order : set_order(a->plen, b->plen);
	order = order ? order : set_order(a->table, b->table);
	order = order ? order : set_order(a->tos, b->tos);
	order = order ? order : set_order(a->metric, b->metric);
	order = order ? order : set_order(a->src_plen, b->src_plen);
	order = order ? order : inet_compare(&a->src, &b->src);
	return order ? order : inet_compare(&a->gateway, &b->gateway);
}

static int
compare(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;
	enum kept_class class = kept_class_of(&x->wish);
	int order = strcmp(x->name, y->name);

	order = order ? order : (int)class - (int)kept_class_of(&y->wish);
	if (order)
		return order;
	if (class == KEPT_ROUTE)
		return compare_routes(&x->wish.route, &y->wish.route);
	if (class != KEPT_ADDR)
		return order_of(&x->wish) - order_of(&y->wish);
	order = inet_compare(&x->wish.address, &y->wish.address);
	return order ? order : set_order(x->wish.number, y->wish.number);
}

bool
kept_can(const struct wish *wish)
{
	switch (wish->what) {
	case WISH_SWITCH:
	case WISH_NOTIFY:
	case WISH_LINK_ALIAS:
	case WISH_LINK_TRAPS:
	case WISH_LINK_IPV6:
	case WISH_LINK_FORWARDING6:
	case WISH_ADDR:
	case WISH_ADDR_GONE:
	case WISH_ROUTE:
	case WISH_ROUTE_GONE:
		return true;
	default:
		return false;
	}
}

enum kept_class
kept_class_of(const struct wish *wish)
{
	switch (wish->what) {
	case WISH_SWITCH:
	case WISH_NOTIFY: /* its number is behind those of the switches */
		return KEPT_SWITCH;
	case WISH_ADDR:
	case WISH_ADDR_GONE:
		return KEPT_ADDR;
	case WISH_ROUTE:
	case WISH_ROUTE_GONE:
		return KEPT_ROUTE;
	default:
		return KEPT_LINK;
	}
}

void
kept_init(struct kept_set *set)
{
	memset(set, 0, sizeof(*set));
	set_init(&set->things, offsetof(struct kept, node), compare);
	for (int state = 0; state < N_KEPT_STATES; state++) {
		for (int class = 0; class < N_KEPT_CLASSES; class ++)
			TAILQ_INIT(&set->queues[state][class]);
	}
}

void
kept_free(struct kept_set *set)
{
	struct kept *kept, *after;

	kept_settle(set, true);
	set_for_each (kept, after, &set->things) {
		set_remove(&set->things, kept);
		free(kept);
	}
	free(set->changes.data);
}

void
kept_move(struct kept_set *set, struct kept *kept, enum kept_state state)
{
	enum kept_class class = kept_class_of(&kept->wish);

	if (kept->state == state)
		return;
	if (kept->state != KEPT_REST)
		TAILQ_REMOVE(&set->queues[kept->state][class], kept, queue);
	kept->state = (uint8_t)state;
	if (state != KEPT_REST)
		TAILQ_INSERT_TAIL(&set->queues[state][class], kept, queue);
}

/* Of what is not in the set (any more). */
static void
note(struct kept_set *set, struct kept *kept, bool put)
{
	struct kept_event *event = xcalloc(1, sizeof(*event));

	event->kept = kept;
	event->put = put;
	event->next = set->journal;
	set->journal = event;
}

/* Takes @kept out. The caller owns it. */
static void
take_out(struct kept_set *set, struct kept *kept)
{
	kept_move(set, kept, KEPT_REST);
	set_remove(&set->things, kept);
	set->n_class[kept_class_of(&kept->wish)]--;
	kept_write_gone(kept, &set->changes);
}

static void
put_in(struct kept_set *set, struct kept *kept)
{
	set_insert(&set->things, kept);
	set->n_class[kept_class_of(&kept->wish)]++;
	kept_write(kept, &set->changes);
}

static void
fill_in(struct kept *key, const struct wish *wish, const char *name)
{
	key->wish = *wish;
	snprintf(key->name, sizeof(key->name), "%s", name);
}

struct kept *
kept_find(const struct kept_set *set, const struct wish *wish, const char *name)
{
	struct kept key;

	fill_in(&key, wish, name);
	return set_find(&set->things, &key);
}

void
kept_drop(struct kept_set *set, struct kept *kept)
{
	take_out(set, kept);
	free(kept);
}

void
kept_forget(struct kept_set *set, const struct wish *wish, const char *name)
{
	struct kept *kept = kept_find(set, wish, name);

	if (!kept)
		return;
	take_out(set, kept);
	note(set, kept, false);
}

struct kept *
kept_keep(struct kept_set *set, const struct wish *wish, const char *name,
	const struct lladdr *mac)
{
	struct kept *kept, *copy;

	kept_forget(set, wish, name);
	if (set_count(&set->things) >= KEPT_MAX)
		return NULL;
	kept = xcalloc(1, sizeof(*kept));
	fill_in(kept, wish, name);
	if (mac)
		kept->mac = *mac;
	copy = xcalloc(1, sizeof(*copy));
	*copy = *kept;
	put_in(set, kept);
	note(set, copy, true);
	return kept;
}

void
kept_settle(struct kept_set *set, bool stays)
{
	struct kept_event *event = set->journal, *next;

	set->journal = NULL;
	for (; event; event = next) {
		struct kept *now = set_find(&set->things, event->kept);

		next = event->next;
		if (!stays && now) {
			take_out(set, now);
			free(now);
		}
		if (!stays && !event->put)
			put_in(set, event->kept);
		else
			free(event->kept);
		free(event);
	}
}

/* Links. */

static int
probe_name(const void *row, const void *name)
{
	return strcmp(((const struct kept *)row)->name, name);
}

static struct kept *
of_same(struct kept *kept, const char *name)
{
	return kept && strcmp(kept->name, name) == 0 ? kept : NULL;
}

struct kept *
kept_first_of(const struct kept_set *set, const char *name)
{
	return of_same(set_seek(&set->things, probe_name, name), name);
}

struct kept *
kept_next_of(const struct kept_set *set, const struct kept *kept)
{
	return of_same(set_next(&set->things, kept), kept->name);
}
