/*
 * Addresses: see addr.h.
 */
#include "addr.h"
#include "addr_index.h"

#include "../base/alloc.h"
#include "../base/clock.h"
#include "mirror.h"

#include <stdlib.h>

void
addr_init(struct mirror *mirror)
{
	sweep_init(&mirror->sweeps[KIND_ADDR], &mirror->addrs, addr_compare);
	set_init(&mirror->broadcasts, offsetof(struct addr, swept.node), addr_compare);
	addr_index_init(mirror);
	prefix_init(mirror);
}

void
addr_free(struct mirror *mirror)
{
	struct prefix *prefix, *next;
	struct addr *addr, *after;

	set_for_each (addr, after, &mirror->addrs) {
		set_remove(&mirror->addrs, addr);
		free(addr);
	}
	set_for_each (addr, after, &mirror->broadcasts) {
		set_remove(&mirror->broadcasts, addr);
		free(addr);
	}
	set_for_each (prefix, next, &mirror->prefixes) {
		set_remove(&mirror->prefixes, prefix);
		free(prefix);
	}
}

/* Broadcast addresses. */

static struct addr
broadcast_of(const struct addr *addr)
{
	return (struct addr){
		.ifindex = addr->ifindex,
		.class = ADDR_BROADCAST,
		.prefix_length = addr->prefix_length,
		.address = inet_make(INET_IPV4, addr->broadcast),
		.prefix = inet_prefix(&addr->prefix, addr->prefix_length),
	};
}

static void
claim_broadcast(struct mirror *mirror, const struct addr *addr)
{
	struct addr key = broadcast_of(addr), *row;

	if (!addr->has_broadcast)
		return;
	row = set_find(&mirror->broadcasts, &key);
	if (!row) {
		row = xcalloc(1, sizeof(*row));
		*row = key;
		row->created = row->changed = addr->created;
		row->preferred_until = row->valid_until = ADDR_FOREVER;
		set_insert(&mirror->broadcasts, row);
		addr_settle(mirror, &key.address, key.ifindex);
	}
	row->claims++;
}

static void
disclaim_broadcast(struct mirror *mirror, const struct addr *addr)
{
	struct addr key = broadcast_of(addr), *row;

	if (!addr->has_broadcast)
		return;
	row = set_find(&mirror->broadcasts, &key);
	if (--row->claims)
		return;
	addr_hide(mirror, row);
	set_remove(&mirror->broadcasts, row);
	free(row);
	addr_settle(mirror, &key.address, key.ifindex);
}

/* Rows. */

/* A stamp of the kernel, 1/100 s since boot, in ns. It wraps after 497 days. */
static uint64_t
stamp(uint32_t hundredths, uint64_t now)
{
	uint64_t now_cs = now / NS_PER_CS;
	uint32_t age = (uint32_t)now_cs - hundredths;

	if (age > INT32_MAX) /* the kernel's tick is a little ahead of the clock */
		age = 0;
	return now_cs > age ? (now_cs - age) * NS_PER_CS : 1;
}

/* The end of what is left of a lifetime. The kernel says that in whole seconds, so one
 * and the same end comes out as either of two: within a second of the @known one it is
 * that, and a lifetime that really is another by a second is no change. What is over
 * stays as it was. @known of a new row is 0. */
static uint32_t
end_of(uint32_t lifetime, uint64_t now, uint32_t known)
{
	uint64_t end = now / NS_PER_S + lifetime;

	if (lifetime == ADDR_FOREVER || end >= ADDR_FOREVER)
		return ADDR_FOREVER;
	if (known != ADDR_FOREVER && known <= end + 1 &&
		(lifetime == 0 || end <= (uint64_t)known + 1))
		return known;
	return (uint32_t)end;
}

uint32_t
addr_seconds_left(uint32_t until, uint64_t now)
{
	uint64_t seconds = now / NS_PER_S;

	if (until == ADDR_FOREVER)
		return ADDR_FOREVER;
	return until > seconds ? (uint32_t)(until - seconds) : 0;
}

static void
fill_in(struct addr *addr, const struct addr_info *info, uint64_t now)
{
	addr->prefix_length = info->prefix_length;
	addr->prefix = info->prefix;
	addr->proto = info->proto;
	addr->flags = info->flags;
	addr->has_broadcast = info->has_broadcast;
	memcpy(addr->broadcast, info->broadcast.bytes, sizeof(addr->broadcast));
	addr->preferred_until =
		end_of(info->preferred_lifetime, now, addr->preferred_until);
	addr->valid_until = end_of(info->valid_lifetime, now, addr->valid_until);
}

/* What the kernel's stamps say if they are not those that are known already. They are of
 * a clock of its own, some tenths of a second off; an event tells the time better. */
static void
take_stamps(struct addr *addr, const struct addr_info *info, uint64_t now, bool live)
{
	if (!info->has_stamps)
		return;
	if (info->created != addr->kernel_created)
		addr->created = live ? now : stamp(info->created, now);
	if (info->changed != addr->kernel_changed)
		addr->changed = live ? now : stamp(info->changed, now);
	addr->kernel_created = info->created;
	addr->kernel_changed = info->changed;
}

static uint32_t
diff(const struct addr *a, const struct addr *b)
{
	uint32_t fields = 0;

	if (a->flags != b->flags)
		fields |= ADDR_FLAGS;
	if (a->preferred_until != b->preferred_until || a->valid_until != b->valid_until)
		fields |= ADDR_LIFETIME;
	if (a->prefix_length != b->prefix_length || a->proto != b->proto ||
		inet_compare(&a->prefix, &b->prefix) != 0 ||
		a->has_broadcast != b->has_broadcast ||
		memcmp(a->broadcast, b->broadcast, sizeof(a->broadcast)) != 0)
		fields |= ADDR_OTHER;
	return fields;
}

static struct addr
key_of(const struct addr_info *info)
{
	return (struct addr){ .ifindex = info->ifindex,
		.class = info->class,
		.prefix_length = info->prefix_length,
		.address = info->local,
		.prefix = info->prefix };
}

/* Makes all follow that is derived from a row. */
static void
attach(struct mirror *mirror, struct addr *addr)
{
	if (addr->class == ADDR_UNICAST)
		prefix_join(mirror, addr);
	else
		set_insert(&mirror->addr_members, addr);
	claim_broadcast(mirror, addr);
}

static void
detach(struct mirror *mirror, struct addr *addr)
{
	if (addr->class == ADDR_UNICAST)
		prefix_leave(mirror, addr);
	else
		set_remove(&mirror->addr_members, addr);
	disclaim_broadcast(mirror, addr);
}

static void
add_addr(struct mirror *mirror, const struct addr_info *info, enum origin origin)
{
	struct sweep *sweep = &mirror->sweeps[KIND_ADDR];
	struct addr *addr = xcalloc(1, sizeof(*addr));
	bool live = sweep->complete && origin == FROM_EVENT;
	struct change change = { KIND_ADDR, NULL, addr, ADDR_ALL };
	uint64_t now = clock_now();

	*addr = key_of(info);
	fill_in(addr, info, now);
	if (live)
		addr->created = addr->changed = now;
	take_stamps(addr, info, now, live);
	sweep_add(sweep, &addr->swept, origin);
	addr_settle(mirror, &info->local, info->ifindex);
	attach(mirror, addr);
	ipif_review_identifier(mirror, addr->ifindex);
	mirror_publish(mirror, &change);
}

static void
update_addr(struct mirror *mirror, struct addr *addr, const struct addr_info *info,
	enum origin origin)
{
	bool live = mirror_is_complete(mirror, KIND_ADDR) && origin == FROM_EVENT;
	struct addr old = *addr, next = *addr;
	struct change change = { KIND_ADDR, &old, addr, 0 };
	uint64_t now = clock_now();

	fill_in(&next, info, now);
	change.fields = diff(&old, &next);
	take_stamps(addr, info, now, live);
	if (!change.fields)
		return;
	if (change.fields & ADDR_OTHER)
		detach(mirror, addr);
	fill_in(addr, info, now);
	if (change.fields & ADDR_OTHER) {
		attach(mirror, addr);
		ipif_review_identifier(mirror, addr->ifindex);
	} else if (addr->prefix_of) {
		prefix_touch(addr);
	}
	/* Duplicate address detection ends without a stamp. */
	if (live && change.fields & (ADDR_FLAGS | ADDR_OTHER))
		addr->changed = now;
	mirror_publish(mirror, &change);
}

/* Has the address gone since the dump named it? Anycast addresses go unannounced with
 * their link and with its IPv6 (6.18), and what was not known then is not buried. What
 * is there again, or of a new link, has an event. */
static bool
is_overtaken(const struct mirror *mirror, const struct addr_info *info)
{
	const struct sweep *sweep = &mirror->sweeps[KIND_ADDR];
	const struct link *link = mirror_link(mirror, info->ifindex);

	if (!sweep->running)
		return false;
	return !link || (inet_is_v6(&info->local) && link->ipv6_lost == sweep->number);
}

void
mirror_put_addr(struct mirror *mirror, const struct addr_info *info, enum origin origin)
{
	struct addr key = key_of(info), *addr = set_find(&mirror->addrs, &key);

	if (origin == FROM_DUMP && is_overtaken(mirror, info))
		return;
	if (!sweep_admit(
		    &mirror->sweeps[KIND_ADDR], &key, addr ? &addr->swept : NULL, origin))
		return;
	if (addr)
		update_addr(mirror, addr, info, origin);
	else
		add_addr(mirror, info, origin);
}

void
addr_remove(struct mirror *mirror, struct addr *addr)
{
	struct change change = { KIND_ADDR, addr, NULL, ADDR_ALL };
	struct inet address = inet_plain(&addr->address);

	/* First, for what is settled then must not find it. */
	set_remove(&mirror->addrs, addr);
	addr_hide(mirror, addr);
	detach(mirror, addr);
	addr_settle(mirror, &address, addr->ifindex);
	ipif_review_identifier(mirror, addr->ifindex);
	mirror_publish(mirror, &change);
}

void
mirror_drop_addr(struct mirror *mirror, const struct addr_info *info)
{
	struct sweep *sweep = &mirror->sweeps[KIND_ADDR];
	struct addr key = key_of(info), *addr = set_find(&mirror->addrs, &key);

	if (addr) {
		addr_remove(mirror, addr);
	} else if (sweep->running) {
		addr = xcalloc(1, sizeof(*addr));
		*addr = key;
	}
	if (addr)
		sweep_bury(sweep, &addr->swept);
}

static int
probe_ifindex(const void *row, const void *ifindex)
{
	return ((const struct addr *)row)->ifindex < *(const uint32_t *)ifindex ? -1 : 0;
}

unsigned int
addr_count_ipv4(const struct mirror *mirror, uint32_t ifindex)
{
	const struct addr *addr =
		set_seek(&mirror->addr_members, probe_ifindex, &ifindex);
	unsigned int n = 0;

	/* they come before those of IPv6 */
	while (n < 2 && addr && addr->ifindex == ifindex && inet_is_v4(&addr->address)) {
		n++;
		addr = set_next(&mirror->addr_members, addr);
	}
	return n;
}

static void
forget(struct mirror *mirror, uint32_t ifindex, bool v6_only)
{
	struct addr *addr = set_seek(&mirror->addr_members, probe_ifindex, &ifindex);
	struct addr *after;

	for (; addr && addr->ifindex == ifindex; addr = after) {
		after = set_next(&mirror->addr_members, addr);
		if (v6_only && !inet_is_v6(&addr->address))
			continue;
		addr_remove(mirror, addr);
		sweep_bury(&mirror->sweeps[KIND_ADDR], &addr->swept);
	}
}

void
addr_forget_link(struct mirror *mirror, uint32_t ifindex)
{
	forget(mirror, ifindex, false);
}

void
addr_forget_ipv6(struct mirror *mirror, uint32_t ifindex)
{
	struct link *link = mirror_link(mirror, ifindex);

	if (link)
		link->ipv6_lost = mirror->sweeps[KIND_ADDR].number;
	forget(mirror, ifindex, true);
}

static int
probe_link_local(const void *row, const void *ifindex)
{
	static const uint8_t octets[16] = { 0xfe, 0x80 };
	const struct inet from = inet_make(INET_IPV6, octets);
	const struct addr *addr = row;
	int cmp = set_order(addr->ifindex, *(const uint32_t *)ifindex);

	if (cmp)
		return cmp;
	return addr->prefix_of ? inet_compare(&addr->prefix_of->prefix, &from) : -1;
}

static struct addr *
if_link_local(struct addr *addr, uint32_t ifindex)
{
	struct inet plain;

	if (!addr || addr->ifindex != ifindex)
		return NULL;
	plain = inet_plain(&addr->address);
	return inet_is_link_local(&plain) ? addr : NULL;
}

struct addr *
addr_first_link_local(const struct mirror *mirror, uint32_t ifindex)
{
	return if_link_local(
		set_seek(&mirror->addr_members, probe_link_local, &ifindex), ifindex);
}

struct addr *
addr_next_link_local(const struct mirror *mirror, const struct addr *addr)
{
	return if_link_local(set_next(&mirror->addr_members, addr), addr->ifindex);
}

static bool
is_loopback(const struct inet *address)
{
	static const uint8_t one[16] = { [15] = 1 };

	return inet_is_v4(address) ? address->bytes[0] == 127
				   : memcmp(address->bytes, one, sizeof(one)) == 0;
}

bool
addr_is_kernels(const struct addr *addr)
{
	return addr->class == ADDR_ANYCAST || addr->proto == ADDR_PROTO_LO ||
	       addr->proto == ADDR_PROTO_LL || is_loopback(&addr->address);
}

bool
addr_is_leased(const struct addr *addr)
{
	if (addr->class != ADDR_UNICAST || addr->valid_until == ADDR_FOREVER)
		return false;
	/* A client of DHCP gives the address the lease's lifetime; that of DHCPv6 has no
	 * prefix. */
	return inet_is_v4(&addr->address) ||
	       (addr->prefix_length == 128 && addr->proto != ADDR_PROTO_RA);
}

bool
addr_is_advertised(const struct addr *addr)
{
	if (addr->class != ADDR_UNICAST || !inet_is_v6(&addr->address))
		return false;
	/* Before 5.18 the kernel did not say who had made an address, but what it makes
	 * of an advertisement has 64 bits, a lifetime and these marks. Somebody else's
	 * may have a lifetime, too. */
	return addr->proto == ADDR_PROTO_RA ||
	       (addr->proto == ADDR_PROTO_UNSPEC && addr->prefix_length == 64 &&
		       addr->valid_until != ADDR_FOREVER &&
		       addr->flags & (ADDR_MANAGES_TEMP | ADDR_TEMPORARY));
}

static int
probe_address(const void *row, const void *sought)
{
	struct inet plain = inet_plain(&((const struct addr *)row)->address);

	return inet_compare(&plain, sought) < 0 ? -1 : 0;
}

bool
addr_has(const struct mirror *mirror, uint32_t ifindex, const struct inet *address,
	const struct inet *prefix, uint8_t length)
{
	struct addr key = { .ifindex = ifindex,
		.class = ADDR_UNICAST,
		.prefix_length = length,
		.address = *address,
		.prefix = *prefix };
	const struct addr *found = set_find(&mirror->addrs, &key);

	return found && found->prefix_length == length; /* no part of the key of IPv6 */
}

bool
addr_is_ours(const struct mirror *mirror, const struct inet *address)
{
	const struct addr *addr = set_seek(&mirror->addrs, probe_address, address);
	struct inet plain;

	if (!addr)
		return false;
	plain = inet_plain(&addr->address);
	return inet_compare(&plain, address) == 0;
}
