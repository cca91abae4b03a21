/*
 * Notifications: see notices.h.
 */
#include "notices.h"

#include "../agent/base/clock.h"

#include <string.h>

#define BIT(type) (1u << NOTICE_##type)

/* What is on unless somebody says otherwise; the rest comes often, or is of interest to
 * few. */
#define ENABLED                                                                          \
	(BIT(LINK) | BIT(ADDRESS_DUPLICATE) | BIT(DEFAULT_ROUTE) | BIT(GATEWAY) |        \
		BIT(SUMMARY))

enum { NMD_RESYNCS = 4, NMD_EVENT_LOSSES = 3 }; /* nmdNotify */
enum { NMD_NOTIFY_HELD = 3 };			/* nmdNotifyTable */

/* How long ago an interface may have gone down to be the reason of something. */
#define RECENTLY NS_PER_S

static const struct notification nmdResyncDone = {
	.name = "nmdResyncDone",
	.oid = NMD_NOTIFICATION(16),
	.type = NOTICE_RESYNC_DONE,
};

static const struct notification nmdNotifySummary = {
	.name = "nmdNotifySummary",
	.oid = NMD_NOTIFICATION(17),
	.type = NOTICE_SUMMARY,
};

/* Helpers. */

bool
notices_want(const struct notices *notices, enum notice_type type)
{
	return notices->mirror->told.enabled & 1u << type;
}

/* May have been switched off while it was held back. The bits of a linkUp or linkDown are
 * the ifIndex. */
bool
notices_still_want(const struct notices *notices, const struct notice *notice)
{
	const struct link *link;

	if (!notices_want(notices, (enum notice_type)notice->what->type))
		return false;
	if (notice->what->type != NOTICE_LINK)
		return true;
	link = mirror_link(notices->mirror, notice->bits);
	return !link || link_sends_traps(link);
}

uint64_t
notices_number(struct notices *notices)
{
	return 2 + ++notices->last;
}

uint64_t
notices_presence(struct notices *notices, bool present, enum notice_type opposite)
{
	return notices_want(notices, opposite) ? present : notices_number(notices);
}

/* FNV-1a */
uint64_t
notices_hash(uint64_t hash, const void *octets, size_t len)
{
	const uint8_t *at = octets;

	while (len--)
		hash = (hash ^ *at++) * 0x100000001b3;
	return hash ? hash : 1;
}

struct notice_key
notice_key(uint32_t ifindex, const struct inet *address)
{
	struct notice_key key;

	memset(&key, 0, sizeof(key));
	key.ifindex = ifindex;
	key.address = inet_plain(address);
	return key;
}

static bool
is_down(const struct link *link)
{
	return !link || link->oper == LINK_OPER_DOWN ||
	       link->oper == LINK_OPER_LOWERDOWN || link->oper == LINK_OPER_NOTPRESENT;
}

enum nmd_cause
notices_cause(const struct notices *notices, uint32_t ifindex)
{
	const struct mirror *mirror = notices->mirror;
	const struct link *link = mirror_link(mirror, ifindex);

	if (mirror->told.resyncing)
		return CAUSE_RESYNC;
	if (mirror->told.setting)
		return CAUSE_SNMP;
	if (ifindex && is_down(link) &&
		(!link || clock_now() - link->oper_since < RECENTLY))
		return CAUSE_INTERFACE_DOWN;
	return CAUSE_OTHER;
}

const struct notify_counts *
notices_counts(const struct mirror *mirror)
{
	static const struct notify_counts none;
	const struct notices *notices = mirror->told.notices;

	return notices ? notify_counts(notices->notifier) : &none;
}

struct query
notices_query(const struct notices *notices)
{
	struct query query;

	query_init(&query, notices->mirror, clock_now(), 0);
	return query;
}

static void
add_object(
	struct notice *notice, enum nmd_notify_object object, const struct value *value)
{
	const struct oid oid =
		OID(1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 1, 6, (uint32_t)object);

	notice_add_object(notice, &oid, value);
}

void
notice_add_number(struct notice *notice, enum nmd_notify_object object,
	enum syntax syntax, uint64_t number)
{
	struct value value = { .syntax = syntax, .number = number };

	add_object(notice, object, &value);
}

void
notice_add_octets(struct notice *notice, enum nmd_notify_object object,
	const void *octets, size_t len)
{
	struct value value = { .syntax = SYNTAX_OCTETS };

	value_set_octets(&value, octets, len);
	add_object(notice, object, &value);
}

void
notice_add_name(struct notice *notice, struct query *query, uint32_t ifindex)
{
	const struct link *link = mirror_link(mirror_of(query), ifindex);

	if (link)
		notice_add(notice, query, &ifXTable_table, IF_NAME, link);
}

/* What happens. */

static void
follow(const struct change *change, void *arg)
{
	static void (*const kinds[N_KINDS])(
		struct notices * notices, const struct change *change) = {
		[KIND_LINK] = link_notices,
		[KIND_ADDR] = address_notices,
		[KIND_NEIGH] = neighbour_notices,
		[KIND_ROUTE] = route_notices,
	};
	struct notices *notices = arg;

	/* What is read for the first time has not happened now. */
	if (notices->notifier && mirror_is_complete(notices->mirror, change->kind) &&
		kinds[change->kind])
		kinds[change->kind](notices, change);
}

static void
resynced(void *arg)
{
	struct notices *notices = arg;
	struct query query = notices_query(notices);
	struct notice *notice;

	if (!notices_want(notices, NOTICE_RESYNC_DONE))
		return;
	notice = notice_new(&nmdResyncDone);
	notice_add(notice, &query, &nmdNotify_table, NMD_RESYNCS, notices->mirror);
	notice_add(notice, &query, &nmdNotify_table, NMD_EVENT_LOSSES, notices->mirror);
	notify_tell(notices->notifier, TOPIC_RESYNC, false, "", 0,
		notices_number(notices), notice);
}

void
notices_open(struct notices *notices, struct mirror *mirror, struct notifier *notifier,
	const struct loop *loop)
{
	memset(notices, 0, sizeof(*notices));
	notices->mirror = mirror;
	notices->notifier = notifier;
	notices->loop = loop;
	gateway_notices_init(notices);
	neighbour_notices_init(notices);
	mirror->told.enabled = ENABLED;
	mirror->told.notices = notices;
	mirror->told.resynced = resynced;
	mirror->told.resynced_arg = notices;
	mirror_watch(mirror, follow, notices);
}

void
notices_begin(struct notices *notices)
{
	default_notices_begin(notices);
	notices->begun = true;
}

void
notices_close(struct notices *notices)
{
	if (!notices->notifier)
		return;
	if (notices->default_timer)
		notices->loop->cancel(notices->default_timer);
	gateway_notices_free(notices);
	neighbour_notices_free(notices);
	notices->mirror->told.notices = NULL;
	notices->mirror->told.resynced = NULL;
	notices->notifier = NULL; /* the watcher stays */
}

struct notice *
notices_summary(struct notices *notices)
{
	const struct notify_counts *counts = notify_counts(notices->notifier);
	struct query query = notices_query(notices);
	struct notice *notice = notice_new(&nmdNotifySummary);
	uint64_t before[N_NOTICE_TYPES], all = 0;

	memcpy(before, notices->held, sizeof(before));
	memcpy(notices->held, counts->held, sizeof(notices->held));
	for (int type = 0; type < N_NOTICE_TYPES; type++)
		all += notices->held[type] - before[type];
	if (!all || !notices_want(notices, NOTICE_SUMMARY)) {
		notice_free(notice);
		return NULL;
	}
	notice_add_number(notice, NMD_HELD_BACK, SYNTAX_GAUGE32, all);
	for (int type = 0; type < N_NOTICE_TYPES; type++) {
		if (notices->held[type] != before[type])
			notice_add(notice, &query, &nmdNotifyTable_table, NMD_NOTIFY_HELD,
				&notices->mirror->told.type[type]);
	}
	return notice;
}
