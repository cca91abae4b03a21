/*
 * SET of what ifTable and ifXTable show of a link: one edit for both.
 */
#include "edits.h"

#include <net/if_arp.h>

enum link_edit {
	EDIT_ADMIN,
	EDIT_PROMISC,
	EDIT_ALIAS,
};

static void
copy(const struct query *query, const void *row, void *to)
{
	(void)query;
	*(struct link_info *)to = ((const struct link *)row)->info;
}

static bool
same(const void *a, const void *b)
{
	return ((const struct link_info *)a)->ifindex ==
	       ((const struct link_info *)b)->ifindex;
}

enum set_status
set_ifAdminStatus(const struct query *query, struct edit *edit, const struct value *value)
{
	struct link_info *after = edit->after;

	(void)query;
	/* testing(3): "A management station ... need not be supported" (ifCompliance3) */
	if (value->number != ADMIN_UP && value->number != ADMIN_DOWN)
		return SET_WRONG_VALUE;
	after->up = value->number == ADMIN_UP;
	edit_say(edit, EDIT_ADMIN);
	return SET_OK;
}

enum set_status
set_ifPromiscuousMode(
	const struct query *query, struct edit *edit, const struct value *value)
{
	const struct link_info *before = edit->before;
	struct link_info *after = edit->after;

	(void)query;
	if (value->number != TRUTH_TRUE && value->number != TRUTH_FALSE)
		return SET_WRONG_VALUE;
	/* The mode is on while anybody wants it: a bridge, a capture. */
	if (value->number == TRUTH_FALSE && before->promiscuity > before->promisc)
		return SET_INCONSISTENT_VALUE;
	after->promisc = value->number == TRUTH_TRUE;
	edit_say(edit, EDIT_PROMISC);
	return SET_OK;
}

/* What is no printable NVT ASCII would not be shown as it is (value_set_display()). */
enum set_status
set_ifAlias(const struct query *query, struct edit *edit, const struct value *value)
{
	struct link_info *after = edit->after;
	const uint8_t *octets = value->octets.data;

	(void)query;
	for (size_t i = 0; i < value->octets.len; i++) {
		if (octets[i] < 0x20 || octets[i] > 0x7e)
			return SET_WRONG_VALUE;
	}
	memcpy(after->alias, octets, value->octets.len);
	after->alias[value->octets.len] = '\0';
	edit_say(edit, EDIT_ALIAS);
	return SET_OK;
}

/* Is the admin status to change? */
static bool
turns(const struct edit *edit)
{
	const struct link_info *before = edit->before, *after = edit->after;

	return edit_says(edit, EDIT_ADMIN) && after->up != before->up;
}

/* lo is what netmibd itself is asked over, among others. */
static enum set_status
check(const struct query *query, struct edit *edit)
{
	const struct link_info *before = edit->before, *after = edit->after;

	if (!turns(edit) || after->up)
		return SET_OK;
	edit_blame(edit, EDIT_ADMIN);
	if (before->arphrd == ARPHRD_LOOPBACK ||
		options_protects(mirror_of(query)->options, before->name))
		return SET_INCONSISTENT_VALUE;
	return SET_OK;
}

static int
rank(const struct edit *edit)
{
	if (!turns(edit))
		return RANK_OTHER;
	return ((const struct link_info *)edit->after)->up ? RANK_LINK_UP
							   : RANK_LINK_DOWN;
}

static int
apply_alias(const struct query *query, struct edit *edit)
{
	const struct link_info *before = edit->before, *after = edit->after;
	struct wish wish = { .what = WISH_LINK_ALIAS, .ifindex = before->ifindex };
	struct deed_name name = { "ifAlias", before->name, before->alias, after->alias };

	if (!edit_says(edit, EDIT_ALIAS) || strcmp(before->alias, after->alias) == 0)
		return 0;
	memcpy(wish.text, after->alias, sizeof(wish.text));
	return edit_fulfil(query, edit, EDIT_ALIAS, &wish, &name);
}

static int
apply_promisc(const struct query *query, struct edit *edit)
{
	const struct link_info *before = edit->before, *after = edit->after;
	struct wish wish = { .what = WISH_LINK_PROMISC,
		.ifindex = before->ifindex,
		.number = after->promisc };
	struct deed_name name = { "ifPromiscuousMode", before->name,
		before->promisc ? "true" : "false", after->promisc ? "true" : "false" };

	if (!edit_says(edit, EDIT_PROMISC) || before->promisc == after->promisc)
		return 0;
	return edit_fulfil(query, edit, EDIT_PROMISC, &wish, &name);
}

static int
apply_admin(const struct query *query, struct edit *edit)
{
	const struct link_info *before = edit->before, *after = edit->after;
	struct wish wish = {
		.what = WISH_LINK_UP, .ifindex = before->ifindex, .number = after->up
	};
	struct deed_name name = { "ifAdminStatus", before->name,
		before->up ? "up" : "down", after->up ? "up" : "down" };

	return turns(edit) ? edit_fulfil(query, edit, EDIT_ADMIN, &wish, &name) : 0;
}

static int
apply(const struct query *query, struct edit *edit)
{
	int error = apply_alias(query, edit);

	if (!error)
		error = apply_promisc(query, edit);
	if (!error)
		error = apply_admin(query, edit);
	if (error)
		edit_abandon(query, edit);
	return error;
}

const struct edit_kind link_edits = {
	.size = sizeof(struct link_info),
	.copy = copy,
	.same = same,
	.check = check,
	.rank = rank,
	.apply = apply,
	.undo = edit_undo,
	.settle = edit_settle,
	.keep = edit_keep,
};
