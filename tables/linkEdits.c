/*
 * SET of what ifTable, ifXTable and nmdIfTable show of a link: one edit for all.
 */
#include "edits.h"

#include <net/if_arp.h>
#include <stdio.h>

enum link_edit {
	EDIT_ADMIN,
	EDIT_PROMISC,
	EDIT_ALIAS,
	EDIT_MTU,
	EDIT_FORWARDING4,
	EDIT_TRAPS,
};

struct link_copy {
	struct link_info info; /* comes first: most look at no more */
	bool has_ipv4, forwarding4;
	uint8_t traps; /* enum link_traps */
	bool sends_traps;
};

static void
copy(const struct query *query, const void *row, void *to)
{
	const struct link *link = row;
	const struct ipif *ipv4 = ipif_find(mirror_of(query), IP_V4, link->info.ifindex);
	struct link_copy *copy = to;

	copy->info = link->info;
	copy->has_ipv4 = ipv4 != NULL;
	copy->forwarding4 = ipv4 && ipv4->info.forwarding;
	copy->traps = link->traps;
	copy->sends_traps = link_sends_traps(link);
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

enum set_status
set_nmdIfMtu(const struct query *query, struct edit *edit, const struct value *value)
{
	struct link_info *after = edit->after;

	(void)query;
	after->mtu = (uint32_t)value->number;
	edit_say(edit, EDIT_MTU);
	return SET_OK;
}

/* One that has no IPv4 has no such instance. */
enum set_status
set_nmdIfIpv4Forwarding(
	const struct query *query, struct edit *edit, const struct value *value)
{
	const struct link_copy *before = edit->before;
	struct link_copy *after = edit->after;

	(void)query;
	if (value->number != FORWARDING_YES && value->number != FORWARDING_NO)
		return SET_WRONG_VALUE;
	if (!before->has_ipv4)
		return SET_NO_CREATION;
	after->forwarding4 = value->number == FORWARDING_YES;
	edit_say(edit, EDIT_FORWARDING4);
	return SET_OK;
}

/* The MTU. */

/* Where a walk over what is stacked upon @lower goes on. */
static int
probe_above(const void *row, const void *sought)
{
	const struct stack *at = row, *last = sought;

	if (at->lower != last->lower)
		return set_order(at->lower, last->lower);
	return at->higher > last->higher ? 0 : -1;
}

/* The next link behind *@at that runs on at->lower and has a greater MTU than @mtu: the
 * kernel would cut that, too. NULL: there is none. */
static const struct link *
next_cut(const struct mirror *mirror, struct stack *at, uint32_t mtu)
{
	const struct stack *row;

	while ((row = set_seek(&mirror->inverted, probe_above, at)) &&
		row->lower == at->lower) {
		const struct link *link = mirror_link(mirror, row->higher);

		at->higher = row->higher;
		if (link && link->info.lower == at->lower && !link->info.movable &&
			link->info.mtu > mtu)
			return link;
	}
	return NULL;
}

/* How deep the kernel lets links run on links (MAX_NEST_DEV). */
#define MAX_NEST 8

/* May @info have @mtu, and what runs on it, that of it which is cut? */
static const char *
why_not_mtu(const struct mirror *mirror, const struct link_info *info, uint32_t mtu,
	unsigned int depth)
{
	const struct link *master = mirror_link(mirror, info->master), *upper;
	struct stack at = { .lower = info->ifindex };
	const char *why = NULL;

	if (options_protects(mirror->options, info->name))
		return depth ? "an interface that runs on it is protected"
			     : "the interface is protected";
	if (mtu < info->min_mtu || (info->max_mtu && mtu > info->max_mtu))
		return "the device does not take such an MTU";
	if (master && options_protects(mirror->options, master->info.name))
		return "the interface that it is a port of is protected";
	/* The bridge's follows, unless somebody has set it. */
	if (mtu < IPV6_MIN_MTU && master && strcmp(master->info.kind, "bridge") == 0 &&
		ipif_find(mirror, IP_V6, info->master))
		return "the bridge that it is a port of would lose IPv6";
	while (!why && depth < MAX_NEST && (upper = next_cut(mirror, &at, mtu)))
		why = why_not_mtu(mirror, &upper->info, mtu, depth + 1);
	return why;
}

static enum set_status
check_mtu(const struct mirror *mirror, struct edit *edit)
{
	const struct link_info *before = edit->before, *after = edit->after;
	const char *why;

	if (!edit_says(edit, EDIT_MTU) || before->mtu == after->mtu)
		return SET_OK;
	edit_blame(edit, EDIT_MTU);
	why = why_not_mtu(mirror, before, after->mtu, 0);
	return why ? edit_refuse(edit, SET_INCONSISTENT_VALUE, why) : SET_OK;
}

static int
change_mtu(const struct query *query, struct edit *edit, uint32_t ifindex, uint32_t mtu,
	unsigned int depth)
{
	const struct mirror *mirror = mirror_of(query);
	const struct link *link = mirror_link(mirror, ifindex), *upper;
	struct wish wish = { .what = WISH_LINK_MTU, .ifindex = ifindex, .number = mtu };
	struct stack at = { .lower = ifindex };
	char instance[16] = "", from[16] = "none", to[16];
	struct deed_name name = { "nmdIfMtu", instance, from, to };
	int error = 0;

	if (link) { /* which may be gone, or another one, after each wish */
		snprintf(instance, sizeof(instance), "%s", link->info.name);
		snprintf(from, sizeof(from), "%u", link->info.mtu);
	}
	snprintf(to, sizeof(to), "%u", mtu);
	/* The kernel would do that by itself, but not undo it. */
	while (!error && depth < MAX_NEST && (upper = next_cut(mirror, &at, mtu)))
		error = change_mtu(query, edit, upper->info.ifindex, mtu, depth + 1);
	return error ? error : edit_fulfil(query, edit, EDIT_MTU, &wish, &name);
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
		return check_mtu(mirror_of(query), edit);
	edit_blame(edit, EDIT_ADMIN);
	if (before->arphrd == ARPHRD_LOOPBACK ||
		options_protects(mirror_of(query)->options, before->name))
		return edit_refuse(
			edit, SET_INCONSISTENT_VALUE, "the interface is protected");
	return check_mtu(mirror_of(query), edit);
}

static int
rank(const struct edit *edit)
{
	const struct link_info *after = edit->after;

	if (turns(edit) && after->up)
		return RANK_LINK_UP;
	if (edit_says(edit, EDIT_FORWARDING4))
		return RANK_FORWARDING;
	return turns(edit) ? RANK_LINK_DOWN : RANK_OTHER;
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
apply_mtu(const struct query *query, struct edit *edit)
{
	const struct link_info *before = edit->before, *after = edit->after;

	if (!edit_says(edit, EDIT_MTU) || before->mtu == after->mtu)
		return 0;
	return change_mtu(query, edit, before->ifindex, after->mtu, 0);
}

static int
apply_forwarding4(const struct query *query, struct edit *edit)
{
	const struct link_copy *after = edit->after;
	const struct link_info *info = &after->info;
	const struct ipif *ipv4 = ipif_find(mirror_of(query), IP_V4, info->ifindex);
	bool now = ipv4 && ipv4->info.forwarding; /* ipForwarding may have come before */
	struct wish wish = { .what = WISH_LINK_FORWARDING4,
		.ifindex = info->ifindex,
		.number = after->forwarding4 };
	struct deed_name name = { "nmdIfIpv4Forwarding", info->name, now ? "on" : "off",
		after->forwarding4 ? "on" : "off" };

	if (!edit_says(edit, EDIT_FORWARDING4) || now == after->forwarding4)
		return 0;
	return edit_fulfil(query, edit, EDIT_FORWARDING4, &wish, &name);
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
		error = apply_forwarding4(query, edit);
	if (!error)
		error = apply_mtu(query, edit);
	if (!error)
		error = apply_admin(query, edit);
	if (error)
		edit->stuck = undo(query, edit) < 0;
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

static bool
is_of(const void *copy, uint32_t ifindex)
{
	return ((const struct link_info *)copy)->ifindex == ifindex;
}

bool
link_will_be_up(const struct edit *edit, const struct link *link)
{
	const struct edit *beside =
		edit_beside(edit, &link_edits, is_of, link->info.ifindex);

	return beside ? ((const struct link_info *)beside->after)->up : link->info.up;
}
