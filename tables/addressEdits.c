/*
 * What becomes of what is said of an address: see addressEdits.h.
 *
 * RFC 4293 lets a manager write no prefix length. If nmdIpAddrPrefixLength does not say
 * one, a new address has that of the longest prefix of its interface that it is in, and
 * else is alone in its own (/32, /128): never one by its class.
 */
#include "addressEdits.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if_arp.h>
#include <stdio.h>

/* One that was always deprecated and has no end says that it is preferred for ever, with
 * a flag (IPv4). */
uint32_t
address_preferred(const struct addr *addr, uint64_t now)
{
	return addr->flags & ADDR_DEPRECATED
		       ? 0
		       : addr_seconds_left(addr->preferred_until, now);
}

bool
address_is_kept(const struct query *query, const struct addr *addr)
{
	const struct keeper *keeper = mirror_of(query)->keeper;
	struct wish wish = { .what = WISH_ADDR,
		.ifindex = addr->ifindex,
		.address = inet_plain(&addr->address),
		.number = addr->prefix_length };

	return keeper && addr->class == ADDR_UNICAST && keeper->keeps(keeper->arg, &wish);
}

bool
address_is_joined(const struct query *query, const struct addr *addr)
{
	const struct source *source = mirror_of(query)->source;
	struct inet plain = inet_plain(&addr->address);

	return source && source->has_joined(source->arg, addr->ifindex, &plain);
}

static void
copy(const struct query *query, const void *row, void *to)
{
	const struct addr *addr = row;
	struct address_copy *copy = to;

	copy->address = addr->address;
	copy->peer = addr->prefix;
	copy->ifindex = addr->ifindex;
	copy->preferred = address_preferred(addr, query->now);
	copy->deprecated = copy->preferred == 0;
	copy->valid = addr_seconds_left(addr->valid_until, query->now);
	copy->length = addr->prefix_length;
	copy->length_known = true;
	copy->anycast = addr->class == ADDR_ANYCAST;
	copy->fixed = copy->anycast
			      ? !address_is_joined(query, addr)
			      : addr->class != ADDR_UNICAST || addr_is_kernels(addr) ||
					addr_is_advertised(addr);
	copy->has_secondaries = inet_is_v4(&addr->address) &&
				!(addr->flags & ADDR_SECONDARY) && addr->prefix_of &&
				addr->prefix_of->members > 1;
	copy->kept = address_is_kept(query, addr);
}

static bool
same(const void *a, const void *b)
{
	return inet_compare(&((const struct address_copy *)a)->address,
		       &((const struct address_copy *)b)->address) == 0;
}

static bool
moves(const struct edit *edit)
{
	const struct address_copy *before = edit->before, *after = edit->after;

	return edit->exists && before->ifindex != after->ifindex;
}

static uint32_t
zone_of(const struct inet *address)
{
	const uint8_t *zone = address->bytes + address->len - 4;

	if (address->type != INET_IPV4Z && address->type != INET_IPV6Z)
		return 0;
	return (uint32_t)zone[0] << 24 | (uint32_t)zone[1] << 16 |
	       (uint32_t)zone[2] << 8 | zone[3];
}

static uint8_t
length_on(const struct mirror *mirror, uint32_t ifindex, const struct inet *plain)
{
	const struct prefix *prefix = prefix_match(mirror, ifindex, plain);

	return prefix ? prefix->length : (uint8_t)(8 * plain->len);
}

/* Is it the first or the last address of an IPv4 prefix, which are no host's? */
static bool
is_edge(const struct inet *plain, uint8_t length)
{
	uint32_t address, hosts;

	if (!inet_is_v4(plain) || length > 30)
		return false;
	memcpy(&address, plain->bytes, 4);
	hosts = UINT32_MAX >> length;
	address = ntohl(address) & hosts;
	return address == 0 || address == hosts;
}

/* The first interface that has an address shows it without a zone: a row with one can
 * only be a further interface's, which has it not yet. */
static bool
is_further(const struct mirror *mirror, const struct inet *plain, uint32_t ifindex)
{
	const struct addr *first = mirror_addr(mirror, 0, plain);

	return first && first->ifindex < ifindex && !mirror_addr(mirror, ifindex, plain);
}

/* What is said of lifetimes and status, in whatever order. */
static enum set_status
check_lifetimes(struct edit *edit)
{
	const struct address_copy *before = edit->before;
	struct address_copy *after = edit->after;
	bool said = edit_says(edit, EDIT_PREFERRED);

	if (edit_says(edit, EDIT_STATUS)) {
		if (said && after->deprecated != (after->preferred == 0)) {
			edit_blame(edit, EDIT_PREFERRED);
			return edit_refuse(edit, SET_INCONSISTENT_VALUE,
				"ipAddressStatus says otherwise");
		}
		if (!said && after->deprecated)
			after->preferred = 0;
		else if (!said && !before->preferred)
			after->preferred = after->valid;
	}
	if (!edit->exists && !said && after->preferred)
		after->preferred = after->valid;
	if (after->kept && after->valid != ADDR_FOREVER) {
		edit_blame(
			edit, edit_says(edit, EDIT_STORAGE) ? EDIT_STORAGE : EDIT_VALID);
		return edit_refuse(edit, SET_INCONSISTENT_VALUE,
			"what is lent for a time cannot be kept for longer");
	}
	if (after->preferred <= after->valid)
		return SET_OK;
	edit_blame(edit, said ? EDIT_PREFERRED : EDIT_VALID);
	return edit_refuse(edit, SET_INCONSISTENT_VALUE,
		"it would be preferred for longer than it is valid");
}

/* Can it have the length that is said, or found? */
static enum set_status
check_length(const struct mirror *mirror, struct edit *edit)
{
	const struct address_copy *after = edit->after;
	struct inet plain = inet_plain(&after->address);

	edit_blame(edit, EDIT_LENGTH);
	if (inet_compare(&plain, &after->peer) == 0 && is_edge(&plain, after->length))
		return edit_refuse(edit, SET_INCONSISTENT_VALUE,
			"it would be the first or the last one of its prefix");
	if (addr_has(mirror, after->ifindex, &plain, &after->peer, after->length))
		return edit_refuse(edit, SET_INCONSISTENT_VALUE,
			"the interface has it with that length already");
	return SET_OK;
}

/* Can the address be on the link that the edit names? */
static enum set_status
check_link(const struct query *query, struct edit *edit)
{
	const struct mirror *mirror = mirror_of(query);
	const struct address_copy *before = edit->before;
	struct address_copy *after = edit->after;
	const struct link *link = mirror_link(mirror, after->ifindex);
	struct inet plain = inet_plain(&after->address);
	bool loopback = inet_is_v4(&plain)
				? plain.bytes[0] == 127
				: memcmp(plain.bytes, in6addr_loopback.s6_addr, 16) == 0;
	const struct ipif *ipv6;

	edit_blame(edit, edit_says(edit, EDIT_IFINDEX) ? EDIT_IFINDEX : EDIT_FATE);
	if (!link || (loopback && link->info.arphrd != ARPHRD_LOOPBACK))
		return SET_INCONSISTENT_VALUE;
	if (mirror->source) /* disable_ipv6 has no event */
		mirror->source->need(
			mirror->source->arg, after->ifindex, NEED_IPIF_STATE, query->now);
	ipv6 = ipif_find(mirror, IP_V6, after->ifindex);
	if (inet_is_v6(&plain) && (!ipv6 || !ipv6_will_be_on(edit, ipv6)))
		return SET_INCONSISTENT_VALUE;
	/* A zone says the link; without need it is for a second interface only. */
	if (zone_of(&after->address) && zone_of(&after->address) != after->ifindex)
		return SET_INCONSISTENT_VALUE;
	if (!edit->exists && zone_of(&after->address) && !inet_is_link_local(&plain) &&
		!is_further(mirror, &plain, after->ifindex))
		return SET_INCONSISTENT_NAME;
	if (edit->exists && mirror_addr(mirror, after->ifindex, &plain))
		return SET_INCONSISTENT_VALUE; /* it is there already */
	if (edit->exists && options_protects(mirror->options, link->info.name) &&
		before->ifindex != after->ifindex)
		return SET_INCONSISTENT_VALUE;
	if (moves(edit))
		after->peer = plain;
	if (!after->length_known) {
		after->length = length_on(mirror, after->ifindex, &plain);
		after->peer = plain;
	}
	return check_length(mirror, edit);
}

/* Does a route over a protected interface prefer it as source, and go with it? */
static bool
is_needed(const struct mirror *mirror, const struct address_copy *copy)
{
	struct inet plain = inet_plain(&copy->address);
	const struct path *path;

	if (!mirror->options->n_protected)
		return false;
	for (path = LIST_FIRST(&mirror->special_paths); path;
		path = LIST_NEXT(path, special)) {
		const struct link *link = mirror_link(mirror, path->key.ifindex);

		if (link && inet_compare(&path->key.prefsrc, &plain) == 0 &&
			options_protects(mirror->options, link->info.name))
			return true;
	}
	return false;
}

/* Can the address be taken away? */
static enum set_status
check_loss(const struct mirror *mirror, struct edit *edit, unsigned int field)
{
	const struct address_copy *before = edit->before;
	const struct link *link = mirror_link(mirror, before->ifindex);
	const struct source *source = mirror->source;

	edit_blame(edit, field);
	if (!link || options_protects(mirror->options, link->info.name))
		return edit_refuse(
			edit, SET_INCONSISTENT_VALUE, "its interface is protected");
	if (is_needed(mirror, before))
		return edit_refuse(edit, SET_INCONSISTENT_VALUE,
			"a route over a protected interface prefers it as source");
	/* Its secondaries would go with it (inet_del_ifa()). */
	if (before->has_secondaries && source &&
		!source->promotes(source->arg, link->info.name))
		return edit_refuse(edit, SET_INCONSISTENT_VALUE,
			"secondary addresses would go with it");
	return SET_OK;
}

/* Is it to be taken away and given again? */
static bool
is_replaced(const struct edit *edit)
{
	const struct address_copy *before = edit->before, *after = edit->after;

	return moves(edit) || (edit->exists && before->length != after->length);
}

/* An anycast address has nothing but itself and a link; and is one, or is none, for good.
 */
static enum set_status
check_anycast(const struct mirror *mirror, struct edit *edit)
{
	static const unsigned int others[] = { EDIT_STATUS, EDIT_STORAGE, EDIT_LENGTH,
		EDIT_PREFERRED, EDIT_VALID };
	const struct address_copy *before = edit->before, *after = edit->after;
	struct inet plain = inet_plain(&after->address);
	const struct ipif *ipv6 = ipif_find(mirror, IP_V6, after->ifindex);

	edit_blame(edit, EDIT_TYPE);
	if (edit->exists && before->anycast != after->anycast)
		return edit_refuse(edit, SET_INCONSISTENT_VALUE,
			"a unicast address cannot become an anycast one, nor the "
			"reverse");
	if (!after->anycast)
		return SET_OK;
	if (!inet_is_v6(&plain))
		return edit_refuse(
			edit, SET_INCONSISTENT_VALUE, "Linux has anycast for IPv6 only");
	if (ipv6 && !ipv6->info.forwarding &&
		!prefix_match(mirror, after->ifindex, &plain))
		return edit_refuse(edit, SET_INCONSISTENT_VALUE,
			"a host can have anycast addresses of its prefixes only");
	for (size_t i = 0; i < N_ELEMENTS(others); i++) {
		bool usual = (others[i] == EDIT_STATUS && !after->deprecated) ||
			     (others[i] == EDIT_STORAGE && !after->kept);

		edit_blame(edit, others[i]);
		if (edit_says(edit, others[i]) && !usual)
			return edit_refuse(edit, SET_INCONSISTENT_VALUE,
				"an anycast address has no such thing");
	}
	return SET_OK;
}

static enum set_status
check(const struct query *query, struct edit *edit)
{
	const struct address_copy *before = edit->before, *after = edit->after;
	const struct mirror *mirror = mirror_of(query);
	enum set_status status;

	if (edit->fate == FATE_DESTROY)
		return check_loss(mirror, edit, EDIT_FATE);
	if (!edit->exists && !address_copy_is_ready(edit->after))
		return edit_refuse(edit, SET_INCONSISTENT_VALUE,
			"a new address needs an ipAddressIfIndex");
	/* What was said of it out of service was said before it was the kernel's. */
	if (edit->exists && before->fixed &&
		(is_replaced(edit) || before->preferred != after->preferred ||
			before->valid != after->valid))
		return edit_refuse(edit, SET_INCONSISTENT_VALUE,
			"the kernel has made such an address meanwhile");
	status = check_anycast(mirror, edit);
	if (!status)
		status = check_lifetimes(edit);
	if (!status && is_replaced(edit))
		status = check_loss(
			mirror, edit, moves(edit) ? EDIT_IFINDEX : EDIT_LENGTH);
	if (!status && edit->exists && after->valid < before->valid)
		status = check_loss(mirror, edit, EDIT_VALID); /* it will go by itself */
	if (!status && (!edit->exists || moves(edit)))
		status = check_link(query, edit);
	else if (!status && is_replaced(edit))
		status = check_length(mirror, edit);
	return status;
}

static int
rank(const struct edit *edit)
{
	return edit->fate == FATE_DESTROY ? RANK_ADDR_GONE : RANK_ADDR;
}

static struct wish
wish_for(const struct address_copy *copy, enum wish_what what)
{
	return (struct wish){ .what = what,
		.lasting = what == WISH_ADDR && copy->kept,
		.ifindex = copy->ifindex,
		.address = inet_plain(&copy->address),
		.peer = copy->peer,
		.number = copy->length,
		.preferred = copy->preferred,
		.valid = copy->valid };
}

static void
describe(const struct address_copy *copy, bool there, char *text, size_t size)
{
	if (there)
		snprintf(text, size, "ifIndex %u, /%u, %s%s", copy->ifindex, copy->length,
			copy->preferred ? "preferred" : "deprecated",
			copy->valid == ADDR_FOREVER ? "" : ", for a time");
	else
		snprintf(text, size, "none");
}

static int
apply(const struct query *query, struct edit *edit)
{
	const struct address_copy *before = edit->before, *after = edit->after;
	bool gone = edit->fate == FATE_DESTROY, taken = gone || is_replaced(edit);
	struct wish take =
		wish_for(before, before->anycast ? WISH_ANYCAST_GONE : WISH_ADDR_GONE);
	struct wish give = wish_for(after, after->anycast ? WISH_ANYCAST : WISH_ADDR);
	char instance[INET6_ADDRSTRLEN], from[64], to[64];
	struct deed_name name = { "address", instance, from, to };
	unsigned int field = gone || !edit->exists	       ? EDIT_FATE
			     : moves(edit)		       ? EDIT_IFINDEX
			     : taken			       ? EDIT_LENGTH
			     : edit_says(edit, EDIT_PREFERRED) ? EDIT_PREFERRED
			     : edit_says(edit, EDIT_VALID)     ? EDIT_VALID
							       : EDIT_STATUS;
	int error = 0;

	inet_ntop(inet_is_v4(&after->address) ? AF_INET : AF_INET6, after->address.bytes,
		instance, sizeof(instance));
	describe(before, edit->exists, from, sizeof(from));
	describe(after, !gone, to, sizeof(to));
	if (taken)
		error = edit_fulfil(query, edit, field, &take, &name);
	if (!error && !gone &&
		(taken || !edit->exists || before->preferred != after->preferred ||
			before->valid != after->valid))
		error = edit_fulfil(query, edit, field, &give, &name);
	else if (!error && !gone && edit_says(edit, EDIT_STORAGE))
		edit_last(query, &give);
	if (error)
		edit_abandon(query, edit);
	return error;
}

const struct edit_kind address_edits = {
	.size = sizeof(struct address_copy),
	.copy = copy,
	.same = same,
	.check = check,
	.rank = rank,
	.apply = apply,
	.undo = edit_undo,
	.settle = edit_settle,
	.keep = edit_keep,
	.ready = address_copy_is_ready,
};
