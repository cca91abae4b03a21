/*
 * Notifications of unicast addresses: one that can be used is there, or has gone;
 * somebody else has it (duplicate address detection, which the kernel does for IPv6);
 * its preferred lifetime is over.
 *
 * What an interface has twice (with two prefix lengths) is one row of ipAddressTable, and
 * one address here.
 */
#include "notices.h"

#include "../agent/base/clock.h"

enum { IF_PHYS_ADDRESS = 6 };			       /* ifTable */
enum { ADDRESS_IF_INDEX = 3, ORIGIN = 6, STATUS = 7 }; /* ipAddressTable */
enum { PREFIX_LENGTH = 1, VALID_LIFETIME = 3 };	       /* nmdIpAddrTable */

static const struct notification nmdAddressAdded = {
	.name = "nmdAddressAdded",
	.oid = NMD_NOTIFICATION(4),
	.type = NOTICE_ADDRESS_ADDED,
};

static const struct notification nmdAddressRemoved = {
	.name = "nmdAddressRemoved",
	.oid = NMD_NOTIFICATION(5),
	.type = NOTICE_ADDRESS_REMOVED,
};

static const struct notification nmdAddressDuplicate = {
	.name = "nmdAddressDuplicate",
	.oid = NMD_NOTIFICATION(6),
	.type = NOTICE_ADDRESS_DUPLICATE,
};

static const struct notification nmdAddressDeprecated = {
	.name = "nmdAddressDeprecated",
	.oid = NMD_NOTIFICATION(7),
	.type = NOTICE_ADDRESS_DEPRECATED,
};

static bool
is_usable(const struct addr *addr)
{
	if (addr->flags & ADDR_DADFAILED)
		return false;
	return !(addr->flags & ADDR_TENTATIVE) || addr->flags & ADDR_OPTIMISTIC;
}

/* Has this moment of the clock come, give or take what the kernel's seconds are cut off?
 */
static bool
is_over(uint32_t until)
{
	return until != ADDR_FOREVER && addr_seconds_left(until, clock_now()) <= 1;
}

static void
tell(struct notices *notices, enum notice_topic topic, const struct addr *addr,
	uint64_t state, struct notice *notice)
{
	struct notice_key key = notice_key(addr->ifindex, &addr->address);

	notify_tell(notices->notifier, topic, false, &key, sizeof(key), state, notice);
}

static void
forget(struct notices *notices, enum notice_topic topic, const struct addr *addr)
{
	struct notice_key key = notice_key(addr->ifindex, &addr->address);

	notify_forget(notices->notifier, topic, &key, sizeof(key));
}

static void
tell_presence(struct notices *notices, const struct addr *addr, bool present,
	enum nmd_cause cause)
{
	enum notice_type type = present ? NOTICE_ADDRESS_ADDED : NOTICE_ADDRESS_REMOVED;
	enum notice_type opposite =
		present ? NOTICE_ADDRESS_REMOVED : NOTICE_ADDRESS_ADDED;
	struct notice *notice;
	struct query query = notices_query(notices);

	if (!notices_want(notices, type))
		return;
	notice = notice_new(present ? &nmdAddressAdded : &nmdAddressRemoved);
	notice_add(notice, &query, &ipAddressTable_table, ADDRESS_IF_INDEX, addr);
	notice_add(notice, &query, &nmdIpAddrTable_table, PREFIX_LENGTH, addr);
	notice_add(notice, &query, &ipAddressTable_table, ORIGIN, addr);
	notice_add(notice, &query, &ipAddressTable_table, STATUS, addr);
	notice_add_name(notice, &query, addr->ifindex);
	notice_add_number(notice, NMD_CAUSE, SYNTAX_INTEGER, cause);
	tell(notices, TOPIC_ADDRESS, addr, notices_presence(notices, present, opposite),
		notice);
}

static void
tell_duplicate(struct notices *notices, const struct addr *addr)
{
	const struct link *link = mirror_link(notices->mirror, addr->ifindex);
	struct query query = notices_query(notices);
	struct notice *notice;

	if (!notices_want(notices, NOTICE_ADDRESS_DUPLICATE))
		return;
	notice = notice_new(&nmdAddressDuplicate);
	notice_add(notice, &query, &ipAddressTable_table, STATUS, addr);
	notice_add(notice, &query, &ipAddressTable_table, ADDRESS_IF_INDEX, addr);
	if (link)
		notice_add(notice, &query, &ifTable_table, IF_PHYS_ADDRESS, link);
	notice_add_name(notice, &query, addr->ifindex);
	tell(notices, TOPIC_DUPLICATE, addr, notices_number(notices), notice);
}

static void
tell_deprecated(struct notices *notices, const struct addr *addr)
{
	enum nmd_cause cause = notices_cause(notices, 0);
	struct query query = notices_query(notices);
	struct notice *notice;

	if (!notices_want(notices, NOTICE_ADDRESS_DEPRECATED))
		return;
	if (cause == CAUSE_OTHER && addr->preferred_until &&
		is_over(addr->preferred_until))
		cause = CAUSE_LIFETIME;
	notice = notice_new(&nmdAddressDeprecated);
	notice_add(notice, &query, &ipAddressTable_table, STATUS, addr);
	notice_add(notice, &query, &ipAddressTable_table, ADDRESS_IF_INDEX, addr);
	notice_add(notice, &query, &nmdIpAddrTable_table, VALID_LIFETIME, addr);
	notice_add_name(notice, &query, addr->ifindex);
	notice_add_number(notice, NMD_CAUSE, SYNTAX_INTEGER, cause);
	tell(notices, TOPIC_DEPRECATED, addr, notices_number(notices), notice);
}

static void
follow_flags(struct notices *notices, const struct addr *old, const struct addr *new)
{
	uint16_t was = old ? old->flags : 0;

	if (new->flags & ADDR_DADFAILED && !(was & ADDR_DADFAILED))
		tell_duplicate(notices, new);
	if (was & ADDR_DADFAILED && !(new->flags &ADDR_DADFAILED))
		forget(notices, TOPIC_DUPLICATE, new);
	if (!old)
		return;
	if (new->flags & ADDR_DEPRECATED && !(was & ADDR_DEPRECATED))
		tell_deprecated(notices, new);
	if (was & ADDR_DEPRECATED && !(new->flags &ADDR_DEPRECATED))
		forget(notices, TOPIC_DEPRECATED, new);
}

/* The row of an address that has gone, as it was: it has been taken out of the index. */
static struct addr
as_shown(const struct mirror *mirror, const struct addr *old)
{
	const struct addr *first = mirror_addr(mirror, 0, &old->address);
	struct addr shown = *old;

	if (inet_is_link_local(&old->address) || (first && first->ifindex < old->ifindex))
		shown.address = inet_in_zone(&old->address, old->ifindex);
	return shown;
}

static void
lose(struct notices *notices, const struct addr *old)
{
	enum nmd_cause cause = notices_cause(notices, old->ifindex);
	struct addr shown = as_shown(notices->mirror, old);

	/* with another prefix length */
	if (mirror_addr(notices->mirror, old->ifindex, &old->address))
		return;
	if (cause == CAUSE_OTHER && is_over(old->valid_until))
		cause = CAUSE_LIFETIME;
	forget(notices, TOPIC_DUPLICATE, old);
	forget(notices, TOPIC_DEPRECATED, old);
	if (is_usable(old))
		tell_presence(notices, &shown, false, cause);
}

void
address_notices(struct notices *notices, const struct change *change)
{
	const struct addr *old = change->old, *new = change->new;

	if ((new ? new : old)->class != ADDR_UNICAST)
		return;
	if (!new) {
		lose(notices, old);
		return;
	}
	if (!new->shown)
		return;
	follow_flags(notices, old, new);
	if (is_usable(new) && !(old && is_usable(old)))
		tell_presence(notices, new, true, notices_cause(notices, 0));
}
