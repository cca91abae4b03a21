/*
 * SET of what ifTable and ifXTable show of a link: one edit for both.
 */
#include "edits.h"

#include <net/if_arp.h>

enum link_edit {
	EDIT_ADMIN,
	EDIT_PROMISC,
	EDIT_ALIAS,
	EDIT_TRAPS,
};

struct link_copy {
	struct link_info info; /* first: most of what is below is about that alone */
	uint8_t traps;	       /* enum link_traps */
	bool sends_traps;
};

static void
copy(const struct query *query, const void *row, void *to)
{
	const struct link *link = row;

	(void)query;
	*(struct link_copy *)to =
		(struct link_copy){ link->info, link->traps, link_sends_traps(link) };
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

enum set_status
set_ifLinkUpDownTrapEnable(
	const struct query *query, struct edit *edit, const struct value *value)
{
	struct link_copy *after = edit->after;

	(void)query;
	if (value->number != TRAPS_ENABLED && value->number != TRAPS_DISABLED)
		return SET_WRONG_VALUE;
	after->sends_traps = value->number == TRAPS_ENABLED;
	after->traps = after->sends_traps ? LINK_TRAPS_ON : LINK_TRAPS_OFF;
	edit_say(edit, EDIT_TRAPS);
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
	struct wish wish = {
		.what = WISH_LINK_ALIAS, .lasting = true, .ifindex = before->ifindex
	};
	struct deed_name name = { "ifAlias", before->name, before->alias, after->alias };

	if (!edit_says(edit, EDIT_ALIAS))
		return 0;
	memcpy(wish.text, after->alias, sizeof(wish.text));
	if (strcmp(before->alias, after->alias) == 0) {
		edit_last(query, &wish);
		return 0;
	}
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

/* No request to the kernel: it is the agent's own. */
static void
apply_traps(const struct query *query, const struct edit *edit)
{
	const struct link_copy *before = edit->before, *after = edit->after;
	uint32_t ifindex = before->info.ifindex;
	struct wish wish = { .what = WISH_LINK_TRAPS,
		.lasting = true,
		.ifindex = ifindex,
		.number = after->sends_traps };
	bool dry = mirror_of(query)->options->write == WRITE_DRY_RUN;

	if (!edit_says(edit, EDIT_TRAPS))
		return;
	if (!dry)
		mirror_set_traps(mirror_of(query), ifindex, after->traps);
	edit_last(query, &wish);
	if (before->sends_traps != after->sends_traps)
		edit_log(query, edit,
			&(struct deed_name){ "ifLinkUpDownTrapEnable", before->info.name,
				before->sends_traps ? "enabled" : "disabled",
				after->sends_traps ? "enabled" : "disabled" });
}

static int
undo(const struct query *query, struct edit *edit)
{
	const struct link_copy *before = edit->before;

	if (edit_says(edit, EDIT_TRAPS))
		mirror_set_traps(mirror_of(query), before->info.ifindex, before->traps);
	return edit_undo(query, edit);
}

static int
apply(const struct query *query, struct edit *edit)
{
	int error = apply_alias(query, edit);

	apply_traps(query, edit);

	if (!error)
		error = apply_promisc(query, edit);
	if (!error)
		error = apply_admin(query, edit);
	if (error)
		undo(query, edit);
	return error;
}

const struct edit_kind link_edits = {
	.size = sizeof(struct link_copy),
	.copy = copy,
	.same = same,
	.check = check,
	.rank = rank,
	.apply = apply,
	.undo = undo,
	.settle = edit_settle,
	.keep = edit_keep,
};
