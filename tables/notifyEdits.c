/*
 * SET of nmdNotifyEnable, which is the agent's own.
 */
#include "edits.h"

#include <stdio.h>

enum { EDIT_ENABLED };

struct notify_copy {
	uint32_t enabled;
};

static void
copy(const struct query *query, const void *row, void *to)
{
	(void)query;
	((struct notify_copy *)to)->enabled = ((const struct mirror *)row)->told.enabled;
}

/* BITS: octets that are missing are zero, and there may be more (RFC 2578 section 7.1.4).
 */
enum set_status
set_nmdNotifyEnable(
	const struct query *query, struct edit *edit, const struct value *value)
{
	const uint8_t *octets = value->octets.data;
	struct notify_copy *after = edit->after;
	uint32_t enabled = 0;

	(void)query;
	for (size_t bit = 0; bit < 8 * value->octets.len; bit++) {
		if (!(octets[bit / 8] & 0x80 >> bit % 8))
			continue;
		if (bit >= TOLD_TYPES)
			return edit_refuse(edit, SET_WRONG_VALUE, "there is no such bit");
		enabled |= 1u << bit;
	}
	after->enabled = enabled;
	edit_say(edit, EDIT_ENABLED);
	return SET_OK;
}

static int
rank(const struct edit *edit)
{
	(void)edit;
	return RANK_OTHER;
}

/* The BITS as they are set: the first one is the highest of the first octet. */
static void
describe(uint32_t enabled, char *text, size_t size)
{
	unsigned int bits = 0;

	for (unsigned int type = 0; type < 16; type++)
		bits |= enabled & 1u << type ? 0x8000u >> type : 0;
	snprintf(text, size, "%02x %02x", bits >> 8, bits & 0xff);
}

static int
apply(const struct query *query, struct edit *edit)
{
	const struct notify_copy *before = edit->before, *after = edit->after;
	struct mirror *mirror = mirror_of(query);
	struct wish wish = {
		.what = WISH_NOTIFY, .lasting = true, .number = after->enabled
	};
	char from[16], to[16];

	if (!edit_says(edit, EDIT_ENABLED))
		return 0;
	if (mirror->options->write != WRITE_DRY_RUN)
		mirror->told.enabled = after->enabled;
	edit_last(query, &wish);
	describe(before->enabled, from, sizeof(from));
	describe(after->enabled, to, sizeof(to));
	if (before->enabled != after->enabled)
		edit_log(query, edit,
			&(struct deed_name){ "nmdNotifyEnable", "", from, to });
	return 0;
}

static int
undo(const struct query *query, struct edit *edit)
{
	const struct notify_copy *before = edit->before;

	if (edit_says(edit, EDIT_ENABLED))
		mirror_of(query)->told.enabled = before->enabled;
	return edit_undo(query, edit);
}

const struct edit_kind notify_edits = {
	.size = sizeof(struct notify_copy),
	.copy = copy,
	.rank = rank,
	.apply = apply,
	.undo = undo,
	.settle = edit_settle,
	.keep = edit_keep,
};
