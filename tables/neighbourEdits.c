/*
 * SET of neighbours, as ipNetToPhysicalTable and ipNetToMediaTable show them: one edit
 * for both.
 */
#include "edits.h"
#include "neighbours.h"

#include <arpa/inet.h>
#include <net/if_arp.h>
#include <stdio.h>

enum neighbour_field {
	EDIT_LLADDR,
	EDIT_TYPE,
};

struct neighbour_copy {
	uint32_t ifindex;
	struct inet address;
	struct lladdr lladdr;
	uint8_t state; /* enum neigh_state */
	uint8_t flags; /* NTF_*: they stay */
};

static void
copy(const struct query *query, const void *row, void *to)
{
	const struct neigh *neigh = row;

	(void)query;
	*(struct neighbour_copy *)to = (struct neighbour_copy){ neigh->ifindex,
		neigh->address, neigh->lladdr, neigh->state, neigh->flags };
}

static bool
same(const void *a, const void *b)
{
	const struct neighbour_copy *x = a, *y = b;

	return x->ifindex == y->ifindex && inet_compare(&x->address, &y->address) == 0;
}

/* Can a neighbour have that address? */
static bool
is_possible(const struct inet *address)
{
	const uint8_t *bytes = address->bytes;

	if (inet_is_multicast(address))
		return false;
	if (inet_is_v4(address)) /* this network, loopback, limited broadcast */
		return bytes[0] != 0 && bytes[0] != 127 &&
		       memcmp(bytes, "\xff\xff\xff\xff", 4) != 0;
	for (int i = 0; i < 15; i++) {
		if (bytes[i])
			return true;
	}
	return bytes[15] > 1; /* :: and ::1 */
}

static bool
make(uint32_t ifindex, const struct inet *address, void *to)
{
	struct neighbour_copy *made = to;

	made->ifindex = ifindex;
	made->address = *address;
	made->state = NEIGH_PERMANENT; /* DEFVAL static */
	return ifindex >= 1 && ifindex <= INT32_MAX && is_possible(address);
}

bool
make_ipNetToPhysical(
	const struct query *query, const uint32_t *index, size_t len, void *to)
{
	uint32_t ifindex;
	struct inet address;

	(void)query;
	return index_take(&index, &len, &ifindex) &&
	       index_take_inet(&index, &len, &address) && !len &&
	       (address.type == INET_IPV4 || address.type == INET_IPV6) &&
	       make(ifindex, &address, to);
}

bool
make_ipNetToMedia(const struct query *query, const uint32_t *index, size_t len, void *to)
{
	uint32_t ifindex;
	struct inet address;

	(void)query;
	return index_take(&index, &len, &ifindex) &&
	       index_take_ipaddress(&index, &len, &address) && !len &&
	       make(ifindex, &address, to);
}

/* Columns. */

enum set_status
set_neighbour_lladdr(
	const struct query *query, struct edit *edit, const struct value *value)
{
	struct neighbour_copy *after = edit->after;
	const struct link *link = mirror_link(mirror_of(query), after->ifindex);

	/* "Invalid link address": each link has addresses of one length. */
	if (!value->octets.len || value->octets.len > LLADDR_MAX ||
		(link && value->octets.len != link->info.address.len))
		return SET_WRONG_LENGTH;
	after->lladdr.len = (uint8_t)value->octets.len;
	memcpy(after->lladdr.bytes, value->octets.data, value->octets.len);
	edit_say(edit, EDIT_LLADDR);
	return SET_OK;
}

/* "Setting this object to a null string (one of zero length) has the effect of
 * invalidating the corresponding entry" (RFC 1213). */
enum set_status
set_atPhysAddress(const struct query *query, struct edit *edit, const struct value *value)
{
	if (value->octets.len)
		return set_neighbour_lladdr(query, edit, value);
	edit->fate = FATE_DESTROY;
	return SET_OK;
}

enum set_status
set_neighbour_type(
	const struct query *query, struct edit *edit, const struct value *value)
{
	struct neighbour_copy *after = edit->after;

	(void)query;
	switch (value->number) {
	case NEIGHBOUR_INVALID:
		if (edit->fate == FATE_CREATE ||
			(edit->said_status && (edit->fate != FATE_DESTROY || edit->hold)))
			return SET_INCONSISTENT_VALUE; /* its RowStatus wants it */
		edit->fate = FATE_DESTROY;
		edit->hold = false;
		break;
	case NEIGHBOUR_DYNAMIC:
		after->state = NEIGH_REACHABLE;
		break;
	case NEIGHBOUR_STATIC:
		after->state = NEIGH_PERMANENT;
		break;
	default:
		return SET_WRONG_VALUE;
	}
	edit_say(edit, EDIT_TYPE);
	return SET_OK;
}

/* A table without a RowStatus: a row comes with its type. */
enum set_status
set_ipNetToMediaType(
	const struct query *query, struct edit *edit, const struct value *value)
{
	enum set_status status = set_neighbour_type(query, edit, value);

	if (!status && !edit->exists && edit->fate == FATE_NONE)
		edit->fate = FATE_CREATE;
	return status;
}

/* What is in the index can only be said again. */

enum set_status
set_ipNetToMediaIfIndex(
	const struct query *query, struct edit *edit, const struct value *value)
{
	const struct neighbour_copy *before = edit->before;

	(void)query;
	return value->number == before->ifindex ? SET_OK : SET_INCONSISTENT_VALUE;
}

enum set_status
set_ipNetToMediaNetAddress(
	const struct query *query, struct edit *edit, const struct value *value)
{
	const struct neighbour_copy *before = edit->before;

	(void)query;
	if (value->octets.len != 4)
		return SET_WRONG_LENGTH;
	return memcmp(value->octets.data, before->address.bytes, 4) == 0
		       ? SET_OK
		       : SET_INCONSISTENT_VALUE;
}

/* Rows out of service. */

/* "it must be set before the row can be active" */
static bool
ready(const void *copy)
{
	return ((const struct neighbour_copy *)copy)->lladdr.len != 0;
}

bool
get_draft_lladdr(const struct query *query, const void *copy, struct value *value)
{
	const struct neighbour_copy *draft = copy;

	(void)query;
	value_set_octets(value, draft->lladdr.bytes, draft->lladdr.len);
	return ready(copy);
}

bool
get_draft_neighbour_type(const struct query *query, const void *copy, struct value *value)
{
	(void)query;
	value->number = ((const struct neighbour_copy *)copy)->state == NEIGH_PERMANENT
				? NEIGHBOUR_STATIC
				: NEIGHBOUR_DYNAMIC;
	return true;
}

/* The edit. */

static enum set_status
check(const struct query *query, struct edit *edit)
{
	const struct neighbour_copy *after = edit->after;
	const struct link *link = mirror_link(mirror_of(query), after->ifindex);

	if (edit->fate == FATE_DESTROY)
		return SET_OK;
	if (!edit->exists && (!link || link->info.arphrd == ARPHRD_LOOPBACK ||
				     addr_is_ours(mirror_of(query), &after->address))) {
		edit->blame = edit->first;
		return SET_INCONSISTENT_NAME;
	}
	/* Nor is one that is not resolved known better by its type. */
	if (!ready(after) || !link || !link->info.up)
		return SET_INCONSISTENT_VALUE;
	return SET_OK;
}

/* A link-layer address makes one that is not resolved a known one. */
static uint8_t
state_of(const struct edit *edit)
{
	const struct neighbour_copy *after = edit->after;
	bool known = after->state != NEIGH_FAILED && after->state != NEIGH_INCOMPLETE;

	return known ? after->state : NEIGH_REACHABLE;
}

static int
rank(const struct edit *edit)
{
	return edit->fate == FATE_DESTROY ? RANK_NEIGH_GONE : RANK_NEIGH;
}

static void
describe(const struct neighbour_copy *copy, bool there, char *text, size_t size)
{
	char lladdr[LLADDR_TEXT];

	lladdr_text(&copy->lladdr, lladdr);
	if (there)
		snprintf(text, size, "%s %s", lladdr,
			copy->state == NEIGH_PERMANENT ? "static" : "dynamic");
	else
		snprintf(text, size, "none");
}

static int
apply(const struct query *query, struct edit *edit)
{
	const struct neighbour_copy *before = edit->before, *after = edit->after;
	bool gone = edit->fate == FATE_DESTROY;
	struct wish wish = { .what = gone ? WISH_NEIGH_GONE : WISH_NEIGH,
		.ifindex = after->ifindex,
		.address = after->address,
		.lladdr = after->lladdr,
		.number = state_of(edit),
		.flags = after->flags };
	char instance[80], from[128], to[128], address[INET6_ADDRSTRLEN];
	struct deed_name name = { "neighbour", instance, from, to };

	if (edit->exists && !gone && before->state == state_of(edit) &&
		lladdr_compare(&before->lladdr, &after->lladdr) == 0)
		return 0;
	inet_ntop(inet_is_v4(&after->address) ? AF_INET : AF_INET6, after->address.bytes,
		address, sizeof(address));
	snprintf(instance, sizeof(instance), "%s on ifIndex %u", address, after->ifindex);
	describe(before, edit->exists, from, sizeof(from));
	describe(after, !gone, to, sizeof(to));
	return edit_fulfil(query, edit, EDIT_LLADDR, &wish, &name);
}

const struct edit_kind neighbour_edits = {
	.size = sizeof(struct neighbour_copy),
	.copy = copy,
	.same = same,
	.check = check,
	.rank = rank,
	.apply = apply,
	.undo = edit_undo,
	.settle = edit_settle,
	.keep = edit_keep,
	.ready = ready,
};
