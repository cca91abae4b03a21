/*
 * SET of ifRcvAddressTable: further addresses that an interface receives frames for.
 */
#include "edits.h"

#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>

struct rcvaddr_copy {
	uint32_t ifindex;
	struct lladdr address;
	bool own;
};

static void
copy(const struct query *query, const void *row, void *to)
{
	const struct rcvaddr *rcvaddr = row;
	struct rcvaddr_copy *copy = to;

	(void)query;
	copy->ifindex = rcvaddr->ifindex;
	copy->address = rcvaddr->address;
	copy->own = rcvaddr->own;
}

static bool
same(const void *a, const void *b)
{
	const struct rcvaddr_copy *x = a, *y = b;

	return x->ifindex == y->ifindex && lladdr_compare(&x->address, &y->address) == 0;
}

bool
make_ifRcvAddress(const struct query *query, const uint32_t *index, size_t len, void *to)
{
	struct rcvaddr_copy *made = to;
	uint32_t n;

	(void)query;
	if (!index_take(&index, &len, &made->ifindex) || !made->ifindex ||
		made->ifindex > INT32_MAX || !index_take(&index, &len, &n) || n != len ||
		!n || n > LLADDR_MAX)
		return false;
	made->address.len = (uint8_t)n;
	for (uint32_t i = 0; i < n; i++) {
		if (index[i] > UINT8_MAX)
			return false;
		made->address.bytes[i] = (uint8_t)index[i];
	}
	return true;
}

/* Nothing is kept over a restart, and what other(1) means is not the manager's to say. */
enum set_status
set_ifRcvAddressType(
	const struct query *query, struct edit *edit, const struct value *value)
{
	const struct rcvaddr_copy *before = edit->before;

	(void)query;
	if (value->number != RCV_ADDRESS_VOLATILE)
		return SET_WRONG_VALUE;
	return before->own ? SET_INCONSISTENT_VALUE : SET_OK;
}

/* The filter of these is a forwarding table of their own. */
static bool
has_filter(const struct link *link)
{
	return link->info.arphrd == ARPHRD_ETHER &&
	       strcmp(link->info.kind, "vxlan") != 0 &&
	       strcmp(link->info.kind, "bridge") != 0;
}

/* Of an IPv4 or IPv6 multicast address (RFC 1112, RFC 2464)? The kernel's own list of
 * groups does not follow: nobody could be found by neighbour discovery any more. */
static bool
is_group(const struct lladdr *address)
{
	return address->len == 6 &&
	       (memcmp(address->bytes, "\x33\x33", 2) == 0 ||
		       memcmp(address->bytes, "\x01\x00\x5e", 3) == 0);
}

static enum set_status
check(const struct query *query, struct edit *edit)
{
	const struct rcvaddr_copy *copy = edit->before;
	const struct link *link = mirror_link(mirror_of(query), copy->ifindex);

	if (edit->fate == FATE_NONE)
		return SET_OK;
	if (link && options_protects(mirror_of(query)->options, link->info.name))
		return edit_refuse(
			edit, SET_INCONSISTENT_VALUE, "the interface is protected");
	if (edit->fate == FATE_DESTROY && is_group(&copy->address))
		return edit_refuse(edit, SET_INCONSISTENT_VALUE,
			"it is a group of IP's, which would go on without it");
	if (edit->fate == FATE_DESTROY)
		return copy->own ? SET_INCONSISTENT_VALUE : SET_OK;
	if (!link || !has_filter(link) || copy->address.len != link->info.address.len) {
		edit->blame = edit->first;
		return SET_INCONSISTENT_NAME;
	}
	return SET_OK;
}

static int
rank(const struct edit *edit)
{
	(void)edit;
	return RANK_OTHER;
}

static int
apply(const struct query *query, struct edit *edit)
{
	const struct rcvaddr_copy *copy = edit->before;
	bool comes = edit->fate == FATE_CREATE;
	struct wish wish = { .what = comes ? WISH_RCVADDR : WISH_RCVADDR_GONE,
		.ifindex = copy->ifindex,
		.lladdr = copy->address };
	char instance[16], text[LLADDR_TEXT];
	struct deed_name name = { "a receive address of ifIndex", instance,
		comes ? "none" : text, comes ? text : "none" };

	if (edit->fate == FATE_NONE)
		return 0;
	snprintf(instance, sizeof(instance), "%u", copy->ifindex);
	lladdr_text(&copy->address, text);
	return edit_fulfil(query, edit, 0, &wish, &name);
}

const struct edit_kind rcvaddr_edits = {
	.size = sizeof(struct rcvaddr_copy),
	.copy = copy,
	.same = same,
	.check = check,
	.rank = rank,
	.apply = apply,
	.undo = edit_undo,
	.settle = edit_settle,
	.keep = edit_keep,
};
