/*
 * When what is kept is restored, and when it is forgotten: see restore.h.
 */
#include "restore.h"

#include "../base/alloc.h"
#include "../base/clock.h"
#include "../base/log.h"

#include <stdlib.h>
#include <string.h>

/* How long one turn of the loop may take: SNMP is answered in between. */
#define TURN (10 * NS_PER_MS)

/* How long after a loss it is asked who it was. The kernel says first that a link goes
 * down, and then what goes with it; the delay is a reserve. */
#define DOUBT_MS 100

/* The ifIndex of lo, the device of IPv6 routes that lead nowhere. */
#define LO 1

static void work(void *arg);
static void judge(void *arg);

/* What is due. */

static void
make_due(struct restore *restore, struct kept *kept)
{
	kept->again = false;
	kept_move(&restore->kept, kept, KEPT_DUE);
	if (!restore->timer && restore->begun)
		restore->timer = restore->loop->after(1, work, restore);
}

static void
set_ifindex(struct kept *kept, uint32_t ifindex)
{
	if (kept->wish.what == WISH_ROUTE)
		kept->wish.route.ifindex = ifindex;
	else
		kept->wish.ifindex = ifindex;
}

/* A link has come, or has got the name. */
static void
meet_link(struct restore *restore, const struct link *link)
{
	struct kept *kept = kept_first_of(&restore->kept, link->info.name);

	for (; kept; kept = kept_next_of(&restore->kept, kept)) {
		set_ifindex(kept, link->info.ifindex);
		make_due(restore, kept);
	}
}

/* A reason to try again is over for what is there or is judged (KEPT_DOUBTED). @all: also
 * what did not go with the link. */
static void
wake(struct restore *restore, const char *name, bool all)
{
	struct kept *kept = kept_first_of(&restore->kept, name);

	for (; kept; kept = kept_next_of(&restore->kept, kept)) {
		enum kept_class class = kept_class_of(&kept->wish);

		if (kept->state == KEPT_REST && (all || kept->away) &&
			(class == KEPT_ADDR || class == KEPT_ROUTE))
			make_due(restore, kept);
	}
}

/* The link has gone, or down: what has gone before was its doing. */
static void
excuse(struct restore *restore, const char *name)
{
	struct kept *kept = kept_first_of(&restore->kept, name);

	for (; kept; kept = kept_next_of(&restore->kept, kept)) {
		kept->away = true;
		if (kept->state == KEPT_DOUBTED)
			kept_move(&restore->kept, kept, KEPT_REST);
	}
}

/* Routes that lead nowhere are kept without a link. */
static void
lose_link(struct restore *restore, const struct link_info *info)
{
	excuse(restore, info->name);
	if (info->ifindex == LO)
		excuse(restore, "");
}

/* Nothing may be changed? That is said once. */
static bool
refrains(struct restore *restore)
{
	const struct source *source = restore->mirror->source;
	bool may = source && restore->mirror->options->write == WRITE_ON &&
		   source->may_write(source->arg);

	if (!may && !restore->refrained)
		log_line(LOG_NOTICE, "nothing may be written: what was set before the "
				     "start is not restored");
	restore->refrained = !may;
	return !may;
}

static struct kept *
first_due(const struct restore *restore)
{
	for (int class = 0; class < N_KEPT_CLASSES; class ++) {
		struct kept *kept = TAILQ_FIRST(&restore->kept.queues[KEPT_DUE][class]);

		if (kept)
			return kept;
	}
	return NULL;
}

static void
try(struct restore *restore, struct kept *kept)
{
	enum restored done;
	bool again = kept->again;

	kept_move(&restore->kept, kept, KEPT_REST);
	done = restore_apply(restore->mirror, kept);
	kept->away = done == RESTORE_NOT_NOW || done == RESTORE_REFUSED;
	if (done == RESTORE_REFUSED && kept->wish.what == WISH_ROUTE && !again) {
		make_due(restore, kept);
		kept->again = true;
	}
}

/* Does what is due, a turn long. */
static void
work(void *arg)
{
	struct restore *restore = arg;
	uint64_t begin = clock_now();
	struct kept *kept;

	restore->timer = 0;
	while ((kept = first_due(restore))) {
		if (refrains(restore)) {
			kept_move(&restore->kept, kept, KEPT_REST);
			kept->away = true;
			continue;
		}
		if (clock_now() - begin > TURN) {
			restore->timer = restore->loop->after(1, work, restore);
			return;
		}
		try(restore, kept);
	}
}

/* Losses. */

/* An address or route has gone from link @ifindex. During a resync nobody can tell why.
 */
static void
lose(struct restore *restore, enum kind kind, struct kept *kept, uint32_t ifindex)
{
	const struct mirror *mirror = restore->mirror;
	const struct link *link = mirror_link(mirror, ifindex);

	if (!kept || kept->state != KEPT_REST || (link && restore_is_another(kept, link)))
		return;
	if ((ifindex && (!link || !link->info.up)) ||
		(mirror->sweeps[kind].running &&
			(kind != KIND_ROUTE || !mirror->confirming))) {
		kept->away = true;
		return;
	}
	kept->lost_at = clock_now();
	kept_move(&restore->kept, kept, KEPT_DOUBTED);
	if (!restore->doubt_timer)
		restore->doubt_timer = restore->loop->after(DOUBT_MS, judge, restore);
}

/* Returns whether it is forgotten. */
static bool
judge_one(struct restore *restore, struct kept *kept)
{
	struct text text = { NULL, 0, 0 };

	kept_move(&restore->kept, kept, KEPT_REST);
	if (restore_is_there(restore->mirror, kept))
		return false;
	if (restore_was_reset(restore->mirror, kept)) {
		make_due(restore, kept);
		return false;
	}
	if (!restore_could_stay(restore->mirror, kept)) {
		kept->away = true;
		return false;
	}
	kept_write(kept, &text);
	log_line(LOG_NOTICE, "removed by somebody, and not kept any more: %.*s",
		(int)text.len - 1, text.data);
	free(text.data);
	kept_drop(&restore->kept, kept);
	return true;
}

static void
judge(void *arg)
{
	struct restore *restore = arg;
	bool changed = false;

	restore->doubt_timer = 0;
	for (int class = 0; class < N_KEPT_CLASSES; class ++) {
		struct kept *kept;

		while ((kept = TAILQ_FIRST(&restore->kept.queues[KEPT_DOUBTED][class])))
			changed |= judge_one(restore, kept);
	}
	if (changed)
		restore->changed(restore->arg);
}

/* Watching. */

static void
follow_link(struct restore *restore, const struct change *change)
{
	const struct link *old = change->old, *new = change->new;

	if (!old) {
		meet_link(restore, new);
		return;
	}
	if (!new || (old->info.up && !new->info.up))
		lose_link(restore, &old->info);
	if (!new)
		return;
	if (change->fields & LINK_NAME)
		meet_link(restore, new);
	if ((new->info.up && !old->info.up) ||
		(new->info.lower_up && !old->info.lower_up)) {
		wake(restore, new->info.name, true);
		wake(restore, "", false);
	}
}

/* What is kept of the address @addr. */
static struct kept *
kept_address(const struct restore *restore, const struct addr *addr, const char *name)
{
	struct wish wish = { .what = WISH_ADDR,
		.address = inet_plain(&addr->address),
		.number = addr->prefix_length };

	return kept_find(&restore->kept, &wish, name);
}

static void
follow_addr(struct restore *restore, const struct change *change)
{
	const struct addr *old = change->old, *new = change->new;
	const struct addr *any = new ? new : old;
	const struct link *link = mirror_link(restore->mirror, any->ifindex);

	if (!link || any->class != ADDR_UNICAST || (old && new))
		return;
	if (new) {
		/* The link has IPv4, or IPv6, now: its routes may be possible again. */
		wake(restore, link->info.name, false);
		return;
	}
	lose(restore, KIND_ADDR, kept_address(restore, old, link->info.name),
		old->ifindex);
}

/* What is kept of the route of a row. */
static struct kept *
kept_route(const struct restore *restore, const struct route *row)
{
	const struct path_key *key = &row->path->key;
	const struct link *link = mirror_link(restore->mirror, key->ifindex);
	struct wish wish = { .what = WISH_ROUTE,
		.route = { .dst = inet_plain(&row->dst),
			.plen = row->plen,
			.table = key->table,
			.tos = key->tos,
			.src = key->src,
			.src_plen = key->src_plen,
			.metric = key->metric } };

	if (key->nexthop.len)
		wish.route.gateway = inet_plain(&key->nexthop);
	return kept_find(&restore->kept, &wish, link ? link->info.name : "");
}

static void
follow_route(struct restore *restore, const struct change *change)
{
	const struct route *old = change->old;
	struct kept *kept = old ? kept_route(restore, old) : NULL;
	uint32_t ifindex;

	if (!kept)
		return;
	ifindex = old->path->key.ifindex;
	if (!ifindex && inet_is_v6(&old->dst))
		ifindex = LO;
	if (*kept->name && inet_is_v4(&old->dst) &&
		!addr_count_ipv4(restore->mirror, ifindex))
		kept->away = true;
	else
		lose(restore, KIND_ROUTE, kept, ifindex);
}

static void
follow(const struct change *change, void *arg)
{
	struct restore *restore = arg;

	if (!restore->begun)
		return;
	if (change->kind == KIND_LINK && set_count(&restore->kept.things))
		follow_link(restore, change);
	if (change->kind == KIND_ADDR &&
		(restore->kept.n_class[KEPT_ADDR] || restore->kept.n_class[KEPT_ROUTE]))
		follow_addr(restore, change);
	if (change->kind == KIND_ROUTE && restore->kept.n_class[KEPT_ROUTE])
		follow_route(restore, change);
}

/* The keeper. */

static const struct link *
link_of(const struct restore *restore, const struct wish *wish)
{
	return mirror_link(restore->mirror, restore_ifindex(wish));
}

/* The kernel has given all links this value. */
static void
forget_forwarding(struct restore *restore)
{
	struct kept *kept, *after;

	set_for_each (kept, after, &restore->kept.things) {
		if (kept->wish.what == WISH_LINK_FORWARDING6)
			kept_forget(&restore->kept, &kept->wish, kept->name);
	}
}

static void
keep(void *arg, const struct wish *from, bool done)
{
	static struct log_limit limit;
	struct restore *restore = arg;
	struct wish wish = *from;
	const struct link *link;

	if (!kept_can(&wish))
		return;
	/* The kernel has found the link that the next hop is on. */
	if (wish.what == WISH_ROUTE && !wish.route.ifindex && wish.route.gateway.len) {
		const struct route *row = restore_route(restore->mirror, &wish.route);

		wish.route.ifindex = row ? row->path->key.ifindex : 0;
	}
	wish.route.joins = false;
	link = link_of(restore, &wish);
	if (restore_ifindex(&wish) && !link)
		return; /* it has gone meanwhile */
	if (!kept_keep(&restore->kept, &wish, link ? link->info.name : "",
		    link ? &link->info.permanent : NULL))
		log_limited(&limit, LOG_ERR,
			"%u things are kept already: what is set now will not outlive "
			"the next start",
			KEPT_MAX);
	if (done && wish.what == WISH_SWITCH && wish.node == SWITCH_FORWARDING6)
		forget_forwarding(restore);
}

static void
forget(void *arg, const struct wish *wish)
{
	struct restore *restore = arg;
	const struct link *link;

	if (!kept_can(wish))
		return;
	link = link_of(restore, wish);
	if (link)
		kept_forget(&restore->kept, wish, link->info.name);
	if (wish->what == WISH_ROUTE_GONE)
		kept_forget(&restore->kept, wish, "");
}

static void
settle(void *arg, bool stays)
{
	kept_settle(&((struct restore *)arg)->kept, stays);
}

static bool
keeps(void *arg, const struct wish *wish)
{
	const struct restore *restore = arg;
	const struct link *link = link_of(restore, wish);
	const struct kept *kept =
		link ? kept_find(&restore->kept, wish, link->info.name) : NULL;

	return kept && !restore_is_another(kept, link);
}

void
restore_open(struct restore *restore, struct mirror *mirror, const struct loop *loop,
	void (*changed)(void *arg), void *arg)
{
	memset(restore, 0, sizeof(*restore));
	kept_init(&restore->kept);
	restore->mirror = mirror;
	restore->loop = loop;
	restore->changed = changed;
	restore->arg = arg;
	restore->keeper = (struct keeper){ keep, forget, settle, keeps, restore };
	mirror->keeper = &restore->keeper;
	mirror_watch(mirror, follow, restore);
}

void
restore_begin(struct restore *restore)
{
	struct kept *kept = kept_first_of(&restore->kept, "");
	const struct link *link;

	restore->begun = true;
	for (; kept; kept = kept_next_of(&restore->kept, kept))
		make_due(restore, kept);
	for (link = set_first(&restore->mirror->links); link;
		link = set_next(&restore->mirror->links, link))
		meet_link(restore, link);
}

void
restore_close(struct restore *restore)
{
	if (restore->timer)
		restore->loop->cancel(restore->timer);
	if (restore->doubt_timer)
		restore->loop->cancel(restore->doubt_timer);
	restore->timer = restore->doubt_timer = 0;
	restore->begun = false; /* the watcher stays */
	restore->mirror->keeper = NULL;
	kept_free(&restore->kept);
}
