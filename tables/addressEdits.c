/*
 * SET of addresses: see addressEdits.h.
 *
 * RFC 4293 lets a manager write no prefix length. A new address has that of the longest
 * prefix of its interface that it is in, and else is alone in its own (/32, /128): never
 * one by its class.
 */
#include "addressEdits.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if_arp.h>
#include <stdio.h>

enum address_field {
	EDIT_IFINDEX,
	EDIT_TYPE,
	EDIT_STATUS,
	EDIT_STORAGE,
	EDIT_FATE,
};

struct address_copy {
	struct inet address; /* as in the index */
	struct inet peer;    /* whose first bits are the prefix */
	uint32_t ifindex;
	uint32_t preferred, valid; /* seconds from now; ADDR_FOREVER */
	uint8_t length;
	bool fixed; /* nobody can change it: the kernel's, a router's, no unicast */
	bool has_secondaries;
};

static void
copy(const struct query *query, const void *row, void *to)
{
	const struct addr *addr = row;
	struct address_copy *copy = to;

	copy->address = addr->address;
	copy->peer = addr->prefix;
	copy->ifindex = addr->ifindex;
	/* One that was always deprecated and has no end says that it is preferred for
	 * ever, with a flag (IPv4). */
	copy->preferred = addr->flags & ADDR_DEPRECATED
				  ? 0
				  : addr_seconds_left(addr->preferred_until, query->now);
	copy->valid = addr_seconds_left(addr->valid_until, query->now);
	copy->length = addr->prefix_length;
	copy->fixed = addr->class != ADDR_UNICAST || addr_is_kernels(addr) ||
		      addr_is_advertised(addr);
	copy->has_secondaries = inet_is_v4(&addr->address) &&
				!(addr->flags & ADDR_SECONDARY) && addr->prefix_of &&
				addr->prefix_of->members > 1;
}

static bool
same(const void *a, const void *b)
{
	return inet_compare(&((const struct address_copy *)a)->address,
		       &((const struct address_copy *)b)->address) == 0;
}

/* Can that ever be an address of a host? The kernel would take more. */
static bool
is_possible(const struct inet *address)
{
	const uint8_t *bytes = address->bytes;

	if (inet_is_multicast(address))
		return false;
	if (inet_is_v4(address)) /* this network; reserved, with limited broadcast */
		return bytes[0] != 0 && bytes[0] < 240;
	for (int i = 0; i < 16; i++) {
		if (bytes[i])
			return true;
	}
	return false; /* :: */
}

bool
make_ipAddress(const struct query *query, const uint32_t *index, size_t len, void *to)
{
	struct address_copy *made = to;
	struct inet plain;

	(void)query;
	if (!index_take_inet(&index, &len, &made->address) || len)
		return false;
	plain = inet_plain(&made->address);
	made->peer = plain;
	made->preferred = made->valid = ADDR_FOREVER;
	/* "must use an InetAddressType of ipv6z" */
	return is_possible(&plain) &&
	       (!inet_is_link_local(&plain) || made->address.type == INET_IPV6Z);
}

/* Columns. */

enum set_status
set_ipAddressIfIndex(
	const struct query *query, struct edit *edit, const struct value *value)
{
	const struct address_copy *before = edit->before;
	struct address_copy *after = edit->after;

	(void)query;
	if (before->fixed)
		return SET_NOT_WRITABLE;
	after->ifindex = (uint32_t)value->number;
	edit_say(edit, EDIT_IFINDEX);
	return SET_OK;
}

/* An anycast address is made by a socket's option only (IPV6_JOIN_ANYCAST). */
enum set_status
set_ipAddressType(const struct query *query, struct edit *edit, const struct value *value)
{
	const struct address_copy *before = edit->before;

	(void)query;
	if (value->number != ADDRESS_UNICAST)
		return SET_WRONG_VALUE;
	edit_say(edit, EDIT_TYPE);
	return before->fixed ? SET_NOT_WRITABLE : SET_OK;
}

enum set_status
set_ipAddressStatus(
	const struct query *query, struct edit *edit, const struct value *value)
{
	const struct address_copy *before = edit->before;
	struct address_copy *after = edit->after;

	(void)query;
	if (value->number != STATUS_PREFERRED && value->number != STATUS_DEPRECATED)
		return SET_WRONG_VALUE;
	if (before->fixed)
		return SET_NOT_WRITABLE;
	after->preferred = value->number == STATUS_DEPRECATED ? 0
			   : before->preferred		      ? before->preferred
							      : before->valid;
	edit_say(edit, EDIT_STATUS);
	return SET_OK;
}

enum set_status
set_ipAddressRowStatus(
	const struct query *query, struct edit *edit, const struct value *value)
{
	const struct address_copy *before = edit->before;
	enum set_status status = set_row_status(query, edit, value);

	if (status || edit->fate == FATE_NONE)
		return status;
	edit_say(edit, EDIT_FATE);
	return before->fixed ? SET_NOT_WRITABLE : SET_OK;
}

enum set_status
set_ipAddressStorageType(
	const struct query *query, struct edit *edit, const struct value *value)
{
	const struct address_copy *before = edit->before;

	(void)query;
	if (value->number != STORAGE_VOLATILE)
		return SET_WRONG_VALUE;
	edit_say(edit, EDIT_STORAGE);
	return before->fixed ? SET_NOT_WRITABLE : SET_OK;
}

/* The edit. */

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

/* Can the address be on the link that the edit names? */
/* The first interface that has an address shows it without a zone: a row with one can
 * only be a further interface's, which has it not yet. */
static bool
is_further(const struct mirror *mirror, const struct inet *plain, uint32_t ifindex)
{
	const struct addr *first = mirror_addr(mirror, 0, plain);

	return first && first->ifindex < ifindex && !mirror_addr(mirror, ifindex, plain);
}

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
	if (inet_is_v6(&plain) && (!ipv6 || ipv6->info.disabled))
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
	after->length = length_on(mirror, after->ifindex, &plain);
	after->peer = plain;
	if (is_edge(&plain, after->length))
		return SET_INCONSISTENT_VALUE;
	return SET_OK;
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
		return SET_INCONSISTENT_VALUE;
	/* Its secondaries would go with it (inet_del_ifa()). */
	if (before->has_secondaries && source &&
		!source->promotes(source->arg, link->info.name))
		return SET_INCONSISTENT_VALUE;
	return SET_OK;
}

static bool
moves(const struct edit *edit)
{
	const struct address_copy *before = edit->before, *after = edit->after;

	return edit->exists && before->ifindex != after->ifindex;
}

static enum set_status
check(const struct query *query, struct edit *edit)
{
	const struct mirror *mirror = mirror_of(query);
	enum set_status status = SET_OK;

	if (edit->fate == FATE_DESTROY)
		return check_loss(mirror, edit, EDIT_FATE);
	if (!edit->exists && !edit_says(edit, EDIT_IFINDEX))
		return SET_INCONSISTENT_VALUE; /* it must be known before it is active */
	if (moves(edit))
		status = check_loss(mirror, edit, EDIT_IFINDEX);
	if (!status && (!edit->exists || moves(edit)))
		status = check_link(query, edit);
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
		snprintf(text, size, "ifIndex %u, /%u, %s", copy->ifindex, copy->length,
			copy->preferred ? "preferred" : "deprecated");
	else
		snprintf(text, size, "none");
}

static int
apply(const struct query *query, struct edit *edit)
{
	const struct address_copy *before = edit->before, *after = edit->after;
	bool gone = edit->fate == FATE_DESTROY, taken = gone || moves(edit);
	struct wish take = wish_for(before, WISH_ADDR_GONE);
	struct wish give = wish_for(after, WISH_ADDR);
	char instance[INET6_ADDRSTRLEN], from[64], to[64];
	struct deed_name name = { "address", instance, from, to };
	unsigned int field = gone || !edit->exists ? EDIT_FATE
			     : moves(edit)	   ? EDIT_IFINDEX
						   : EDIT_STATUS;
	int error = 0;

	inet_ntop(inet_is_v4(&after->address) ? AF_INET : AF_INET6, after->address.bytes,
		instance, sizeof(instance));
	describe(before, edit->exists, from, sizeof(from));
	describe(after, !gone, to, sizeof(to));
	if (taken)
		error = edit_fulfil(query, edit, field, &take, &name);
	if (!error && !gone &&
		(taken || !edit->exists || before->preferred != after->preferred))
		error = edit_fulfil(query, edit, field, &give, &name);
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
};
