/*
 * Notifications: see notices.h.
 */
#include "notices.h"

bool
notices_want(const struct notices *notices, enum notice_type type)
{
	(void)notices, (void)type;
	return true;
}

static void
follow(const struct change *change, void *arg)
{
	struct notices *notices = arg;

	/* What is read for the first time has not happened now. */
	if (!mirror_is_complete(notices->mirror, change->kind))
		return;
	if (change->kind == KIND_LINK)
		link_notices(notices, change);
}

void
notices_open(struct notices *notices, struct mirror *mirror, struct notifier *notifier)
{
	notices->mirror = mirror;
	notices->notifier = notifier;
	mirror_watch(mirror, follow, notices);
}

struct notice *
notices_summary(struct notices *notices)
{
	(void)notices;
	return NULL;
}
