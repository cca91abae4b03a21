/*
 * SET of ipv6InterfaceTable: IPv6 on a link, switched on and off, and its forwarding.
 */
#include "edits.h"

#include <net/if_arp.h>

enum ipv6if_field {
	EDIT_ENABLE,
	EDIT_FORWARDING,
};

struct ipv6if_copy {
	uint32_t ifindex;
	bool on, forwarding;
};

static void
copy(const struct query *query, const void *row, void *to)
{
	const struct ipif *ipif = row;

	(void)query;
	*(struct ipv6if_copy *)to = (struct ipv6if_copy){ ipif->ifindex,
		!ipif->info.disabled, ipif->info.forwarding };
}

static bool
same(const void *a, const void *b)
{
	return ((const struct ipv6if_copy *)a)->ifindex ==
	       ((const struct ipv6if_copy *)b)->ifindex;
}

enum set_status
set_ipv6InterfaceEnableStatus(
	const struct query *query, struct edit *edit, const struct value *value)
{
	struct ipv6if_copy *after = edit->after;

	(void)query;
	if (value->number != IP_STATUS_UP && value->number != IP_STATUS_DOWN)
		return SET_WRONG_VALUE;
	after->on = value->number == IP_STATUS_UP;
	edit_say(edit, EDIT_ENABLE);
	return SET_OK;
}

enum set_status
set_ipv6InterfaceForwarding(
	const struct query *query, struct edit *edit, const struct value *value)
{
	struct ipv6if_copy *after = edit->after;

	(void)query;
	if (value->number != FORWARDING_YES && value->number != FORWARDING_NO)
		return SET_WRONG_VALUE;
	after->forwarding = value->number == FORWARDING_YES;
	edit_say(edit, EDIT_FORWARDING);
	return SET_OK;
}

static bool
turns(const struct edit *edit)
{
	const struct ipv6if_copy *before = edit->before, *after = edit->after;

	return edit_says(edit, EDIT_ENABLE) && before->on != after->on;
}

static enum set_status
check(const struct query *query, struct edit *edit)
{
	const struct ipv6if_copy *after = edit->after;
	const struct link *link = mirror_link(mirror_of(query), after->ifindex);

	if (!turns(edit) || after->on)
		return SET_OK;
	edit_blame(edit, EDIT_ENABLE);
	return !link || link->info.arphrd == ARPHRD_LOOPBACK ||
			       options_protects(
				       mirror_of(query)->options, link->info.name)
		       ? SET_INCONSISTENT_VALUE
		       : SET_OK;
}

static int
rank(const struct edit *edit)
{
	if (!turns(edit))
		return edit_says(edit, EDIT_FORWARDING) ? RANK_FORWARDING : RANK_OTHER;
	return ((const struct ipv6if_copy *)edit->after)->on ? RANK_LINK_UP
							     : RANK_LINK_DOWN;
}

static int
turn(const struct query *query, struct edit *edit, unsigned int field,
	enum wish_what what, bool from, bool to)
{
	const struct ipv6if_copy *before = edit->before;
	const struct link *link = mirror_link(mirror_of(query), before->ifindex);
	struct wish wish = {
		.what = what, .lasting = true, .ifindex = before->ifindex, .number = to
	};
	struct deed_name name = { field == EDIT_ENABLE ? "ipv6InterfaceEnableStatus"
						       : "ipv6InterfaceForwarding",
		link ? link->info.name : "", from ? "on" : "off", to ? "on" : "off" };

	if (!edit_says(edit, field))
		return 0;
	if (from == to) {
		edit_last(query, &wish);
		return 0;
	}
	return edit_fulfil(query, edit, field, &wish, &name);
}

static int
apply(const struct query *query, struct edit *edit)
{
	const struct ipv6if_copy *before = edit->before, *after = edit->after;
	const struct ipif *now = ipif_find(mirror_of(query), IP_V6, before->ifindex);
	/* that of all links may just have overwritten it */
	int error = turn(query, edit, EDIT_FORWARDING, WISH_LINK_FORWARDING6,
		now ? now->info.forwarding : before->forwarding, after->forwarding);

	if (!error)
		error = turn(
			query, edit, EDIT_ENABLE, WISH_LINK_IPV6, before->on, after->on);
	if (error)
		edit_abandon(query, edit);
	return error;
}

const struct edit_kind ipv6if_edits = {
	.size = sizeof(struct ipv6if_copy),
	.copy = copy,
	.same = same,
	.check = check,
	.rank = rank,
	.apply = apply,
	.undo = edit_undo,
	.settle = edit_settle,
	.keep = edit_keep,
};

static bool
is_of(const void *copy, uint32_t ifindex)
{
	return ((const struct ipv6if_copy *)copy)->ifindex == ifindex;
}

bool
ipv6_will_be_on(const struct edit *edit, const struct ipif *ipif)
{
	const struct edit *beside =
		edit_beside(edit, &ipv6if_edits, is_of, ipif->ifindex);

	return beside ? ((const struct ipv6if_copy *)beside->after)->on
		      : !ipif->info.disabled;
}
