/*
 * linkDown and linkUp (RFC 2863): "ifOperStatus ... is about to enter the down state from
 * some other state (but not from the notPresent state)", and the reverse. What is
 * lowerLayerDown is down, for a reason that is known: an interface on top of another one
 * sends nothing unless somebody asks for it (ifLinkUpDownTrapEnable).
 */
#include "notices.h"

#include "../agent/base/clock.h"

#include <string.h>

/* ifTable, ifXTable */
enum { IF_INDEX = 1, IF_TYPE = 3, IF_ADMIN_STATUS = 7, IF_OPER_STATUS = 8 };
enum { IF_NAME = 1, IF_ALIAS = 18 };

static const struct notification linkDown = {
	.name = "linkDown",
	.oid = OID(1, 3, 6, 1, 6, 3, 1, 1, 5, 3),
	.type = NOTICE_LINK,
};

static const struct notification linkUp = {
	.name = "linkUp",
	.oid = OID(1, 3, 6, 1, 6, 3, 1, 1, 5, 4),
	.type = NOTICE_LINK,
};

static bool
is_down(uint8_t oper)
{
	return oper == LINK_OPER_DOWN || oper == LINK_OPER_LOWERDOWN;
}

/* @oper is what ifOperStatus says. */
static struct notice *
make(struct notices *notices, const struct notification *what, const struct link *link,
	uint8_t oper)
{
	struct notice *notice = notice_new(what);
	struct link shown = *link;
	struct query query;

	shown.oper = oper;
	query_init(&query, notices->mirror, clock_now(), 0);
	notice_add(notice, &query, &ifTable_table, IF_INDEX, &shown);
	notice_add(notice, &query, &ifTable_table, IF_ADMIN_STATUS, &shown);
	notice_add(notice, &query, &ifTable_table, IF_OPER_STATUS, &shown);
	notice_add(notice, &query, &ifXTable_table, IF_NAME, &shown);
	notice_add(notice, &query, &ifXTable_table, IF_ALIAS, &shown);
	notice_add(notice, &query, &ifTable_table, IF_TYPE, &shown);
	return notice;
}

static void
tell(struct notices *notices, const struct link *link, uint8_t from, uint8_t to)
{
	bool down = is_down(to);
	/* The RFC's words are that the old state is said, the custom is the new one. */
	uint8_t said = down && notices->mirror->options->link_down_says_old ? from : to;

	if (!link_sends_traps(link) || !notices_want(notices, NOTICE_LINK))
		return;
	notify_tell(notices->notifier, TOPIC_LINK, true, &link->info.ifindex,
		sizeof(link->info.ifindex), down,
		make(notices, down ? &linkDown : &linkUp, link, said));
}

void
link_notices(struct notices *notices, const struct change *change)
{
	const struct link *old = change->old, *new = change->new;
	uint8_t from, to;

	if (!old)
		return;
	from = old->oper;
	to = new ? new->oper : LINK_OPER_DOWN; /* one that goes goes down first */
	if (is_down(from) == is_down(to) || from == LINK_OPER_NOTPRESENT ||
		to == LINK_OPER_NOTPRESENT)
		return;
	tell(notices, new ? new : old, from, to);
}
