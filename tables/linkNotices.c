/*
 * linkDown and linkUp (RFC 2863): "ifOperStatus ... is about to enter the down state from
 * some other state (but not from the notPresent state)", and the reverse. What is
 * lowerLayerDown is down, for a reason that is known: an interface on top of another one
 * sends nothing unless somebody asks for it (ifLinkUpDownTrapEnable).
 *
 * And interfaces that come, go, or change what managers know them by.
 */
#include "notices.h"

#include "../agent/base/clock.h"

#include <string.h>

/* ifTable, ifXTable */
enum { IF_INDEX = 1, IF_TYPE = 3, IF_ADMIN_STATUS = 7, IF_OPER_STATUS = 8 };
enum { IF_ALIAS = 18 };

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

static const struct notification nmdInterfaceAdded = {
	.name = "nmdInterfaceAdded",
	.oid = NMD_NOTIFICATION(1),
	.type = NOTICE_INTERFACE_ADDED,
};

static const struct notification nmdInterfaceRemoved = {
	.name = "nmdInterfaceRemoved",
	.oid = NMD_NOTIFICATION(2),
	.type = NOTICE_INTERFACE_REMOVED,
};

static const struct notification nmdInterfaceChanged = {
	.name = "nmdInterfaceChanged",
	.oid = NMD_NOTIFICATION(3),
	.type = NOTICE_INTERFACE_CHANGED,
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
	notice->bits = link->info.ifindex;
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

/* linkUp and linkDown. */
static void
follow_state(struct notices *notices, const struct link *old, const struct link *new)
{
	uint8_t from = old->oper;
	uint8_t to = new ? new->oper : LINK_OPER_DOWN; /* one that goes goes down first */

	if (is_down(from) == is_down(to) || from == LINK_OPER_NOTPRESENT ||
		to == LINK_OPER_NOTPRESENT)
		return;
	tell(notices, new ? new : old, from, to);
}

static struct notice *
describe(
	struct notices *notices, const struct notification *what, const struct link *link)
{
	struct notice *notice = notice_new(what);
	struct query query = notices_query(notices);

	notice_add(notice, &query, &ifTable_table, IF_INDEX, link);
	notice_add(notice, &query, &ifXTable_table, IF_NAME, link);
	notice_add(notice, &query, &ifTable_table, IF_TYPE, link);
	notice_add(notice, &query, &ifTable_table, IF_OPER_STATUS, link);
	return notice;
}

static void
add_cause(struct notices *notices, struct notice *notice)
{
	notice_add_number(notice, NMD_CAUSE, SYNTAX_INTEGER, notices_cause(notices, 0));
}

static void
tell_presence(struct notices *notices, const struct link *link, bool present)
{
	enum notice_type type =
		present ? NOTICE_INTERFACE_ADDED : NOTICE_INTERFACE_REMOVED;
	enum notice_type opposite =
		present ? NOTICE_INTERFACE_REMOVED : NOTICE_INTERFACE_ADDED;
	struct notice *notice;

	if (!notices_want(notices, type))
		return;
	notice = describe(
		notices, present ? &nmdInterfaceAdded : &nmdInterfaceRemoved, link);
	add_cause(notices, notice);
	notify_tell(notices->notifier, TOPIC_INTERFACE, false, &link->info.ifindex,
		sizeof(link->info.ifindex), notices_presence(notices, present, opposite),
		notice);
}

/* BITS: the first one is the highest. */
static uint8_t
change_bits(uint32_t fields)
{
	return (uint8_t)((fields & LINK_NAME ? 0x80 : 0) |
			 (fields & LINK_MTU ? 0x40 : 0) |
			 (fields & LINK_ADDRESS ? 0x20 : 0) |
			 (fields & LINK_STACKING ? 0x10 : 0));
}

static uint64_t
hash_of(const struct link_info *info)
{
	uint64_t hash = notices_hash(NOTICES_HASH, info->name, strlen(info->name));

	hash = notices_hash(hash, &info->mtu, sizeof(info->mtu));
	hash = notices_hash(hash, info->address.bytes, info->address.len);
	hash = notices_hash(hash, &info->master, sizeof(info->master));
	return notices_hash(hash, &info->lower, sizeof(info->lower));
}

static void
tell_change(struct notices *notices, const struct link *link, uint32_t fields)
{
	uint32_t key = link->info.ifindex;
	const struct notice *held =
		notify_held(notices->notifier, TOPIC_CHANGED, &key, sizeof(key));
	/* with what the one has said that it takes the place of */
	uint8_t bits = (uint8_t)(change_bits(fields) | (held ? held->bits : 0));
	struct notice *notice;

	if (!change_bits(fields) || !notices_want(notices, NOTICE_INTERFACE_CHANGED))
		return;
	notice = describe(notices, &nmdInterfaceChanged, link);
	notice->bits = bits;
	notice_add_octets(notice, NMD_CHANGE_BITS, &bits, sizeof(bits));
	add_cause(notices, notice);
	notify_tell(notices->notifier, TOPIC_CHANGED, false, &key, sizeof(key),
		hash_of(&link->info), notice);
}

void
link_notices(struct notices *notices, const struct change *change)
{
	const struct link *old = change->old, *new = change->new;

	if (old)
		follow_state(notices, old, new);
	if (old && new) {
		tell_change(notices, new, change->fields);
		return;
	}
	if (old) {
		uint32_t key = old->info.ifindex;

		notify_release(notices->notifier, TOPIC_LINK, &key, sizeof(key));
		notify_forget(notices->notifier, TOPIC_CHANGED, &key, sizeof(key));
	}
	tell_presence(notices, new ? new : old, new != NULL);
}
