/*
 * SET of the scalars of IP-MIB: the node's switches, and ipAddressSpinLock.
 */
#include "edits.h"

#include <errno.h>
#include <stdio.h>

/* The fields are the switches (enum node_switch), and behind them: */
#define EDIT_SPIN_LOCK N_SWITCHES

struct node_copy {
	struct optional switches[N_SWITCHES];
	uint32_t spin_lock;
};

static const char *const names[] = {
	[SWITCH_FORWARDING] = "ipForwarding",
	[SWITCH_DEFAULT_TTL] = "ipDefaultTTL",
	[SWITCH_FORWARDING6] = "ipv6IpForwarding",
	[SWITCH_HOP_LIMIT6] = "ipv6IpDefaultHopLimit",
};

static void
copy(const struct query *query, const void *row, void *to)
{
	const struct ip_node *node = &((const struct mirror *)row)->ip;
	struct node_copy *copy = to;

	(void)query;
	copy->switches[SWITCH_FORWARDING] = node->sysctls.forwarding;
	copy->switches[SWITCH_DEFAULT_TTL] = node->sysctls.default_ttl;
	copy->switches[SWITCH_FORWARDING6] = node->sysctls.forwarding6;
	copy->switches[SWITCH_HOP_LIMIT6] = node->sysctls.hop_limit6;
	copy->spin_lock = node->address_spin_lock;
}

/* One that the kernel does not have (IPv6) is not there. */
static enum set_status
set(struct edit *edit, enum node_switch which, uint64_t number)
{
	const struct node_copy *before = edit->before;
	struct node_copy *after = edit->after;

	if (!before->switches[which].present)
		return SET_NO_CREATION;
	after->switches[which] = optional_of(number);
	edit_say(edit, which);
	return SET_OK;
}

static enum set_status
set_forwarding(struct edit *edit, enum node_switch which, const struct value *value)
{
	const struct node_copy *before = edit->before;
	uint64_t now = before->switches[which].number;

	if (value->number != FORWARDING_YES && value->number != FORWARDING_NO)
		return SET_WRONG_VALUE;
	/* any number but 0 is on */
	if ((value->number == FORWARDING_YES) == (now != 0))
		return set(edit, which, now);
	return set(edit, which, value->number == FORWARDING_YES);
}

enum set_status
set_ipForwarding(const struct query *query, struct edit *edit, const struct value *value)
{
	(void)query;
	return set_forwarding(edit, SWITCH_FORWARDING, value);
}

enum set_status
set_ipDefaultTTL(const struct query *query, struct edit *edit, const struct value *value)
{
	(void)query;
	return set(edit, SWITCH_DEFAULT_TTL, value->number);
}

enum set_status
set_ipv6IpForwarding(
	const struct query *query, struct edit *edit, const struct value *value)
{
	(void)query;
	return set_forwarding(edit, SWITCH_FORWARDING6, value);
}

enum set_status
set_ipv6IpDefaultHopLimit(
	const struct query *query, struct edit *edit, const struct value *value)
{
	(void)query;
	if (value->number == 0) /* the kernel has no such limit */
		return SET_WRONG_VALUE;
	return set(edit, SWITCH_HOP_LIMIT6, value->number);
}

/* TestAndIncr (RFC 2579): only the present value can be written, and is counted up. */
enum set_status
set_ipAddressSpinLock(
	const struct query *query, struct edit *edit, const struct value *value)
{
	struct node_copy *after = edit->after;
	const struct node_copy *before = edit->before;

	(void)query;
	if (value->number != before->spin_lock)
		return SET_INCONSISTENT_VALUE;
	after->spin_lock = before->spin_lock == INT32_MAX ? 0 : before->spin_lock + 1;
	edit_say(edit, EDIT_SPIN_LOCK);
	return SET_OK;
}

static int
rank(const struct edit *edit)
{
	return edit->fields == 1u << EDIT_SPIN_LOCK ? RANK_LOCK : RANK_OTHER;
}

static int
apply_switch(const struct query *query, struct edit *edit, enum node_switch which)
{
	const struct node_copy *before = edit->before, *after = edit->after;
	struct wish wish = { .what = WISH_SWITCH,
		.lasting = true,
		.node = which,
		.number = (uint32_t)after->switches[which].number };
	char from[16], to[16];
	struct deed_name name = { names[which], "", from, to };

	if (!edit_says(edit, which))
		return 0;
	if (after->switches[which].number == before->switches[which].number) {
		edit_last(query, &wish);
		return 0;
	}
	snprintf(from, sizeof(from), "%u", (uint32_t)before->switches[which].number);
	snprintf(to, sizeof(to), "%u", wish.number);
	return edit_fulfil(query, edit, which, &wish, &name);
}

static int
apply(const struct query *query, struct edit *edit)
{
	const struct node_copy *after = edit->after, *before = edit->before;
	uint32_t *lock = &mirror_of(query)->ip.address_spin_lock;
	int error = 0;

	/* Another manager's SET may have come in between. */
	if (edit_says(edit, EDIT_SPIN_LOCK) && *lock != before->spin_lock) {
		edit_blame(edit, EDIT_SPIN_LOCK);
		return -EAGAIN;
	}
	for (unsigned int which = 0; which < N_SWITCHES && !error; which++)
		error = apply_switch(query, edit, which);
	if (error)
		edit_abandon(query, edit);
	else if (edit_says(edit, EDIT_SPIN_LOCK))
		*lock = after->spin_lock;
	return error;
}

static int
undo(const struct query *query, struct edit *edit)
{
	const struct node_copy *before = edit->before;

	if (edit_says(edit, EDIT_SPIN_LOCK))
		mirror_of(query)->ip.address_spin_lock = before->spin_lock;
	return edit_undo(query, edit);
}

const struct edit_kind node_edits = {
	.size = sizeof(struct node_copy),
	.copy = copy,
	.rank = rank,
	.apply = apply,
	.undo = undo,
	.settle = edit_settle,
	.keep = edit_keep,
};
