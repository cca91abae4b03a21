/*
 * Notifications: what the changes of the mirror mean to managers. A change becomes a
 * notice (engine/notify.h), whose varbinds are read by the getters that answer a GET.
 *
 * One file for each kind of change: linkNotices.c and its like. They see each change
 * once, after it has happened, with the old row and the new one.
 */
#ifndef NETMIBD_TABLES_NOTICES_H
#define NETMIBD_TABLES_NOTICES_H

#include "../agent/engine/notify.h"
#include "tables.h"

/* The bits of nmdNotifyEnable: a switch and a counter for each. */
enum notice_type {
	NOTICE_LINK, /* linkUp, linkDown */
	N_NOTICE_TYPES
};

/* What one thing can be told about; the numbers are of no meaning. */
enum notice_topic {
	TOPIC_LINK, /* by ifIndex: up or down */
};

struct notices {
	struct mirror *mirror;
	struct notifier *notifier;
};

/* Begins to tell what happens to @mirror; both must outlive @notices. */
void notices_open(
	struct notices *notices, struct mirror *mirror, struct notifier *notifier);

/* The end of a window in which notices were held back: says so. NULL: nobody wants to
 * know. */
struct notice *notices_summary(struct notices *notices);

/* Is @type switched on? */
bool notices_want(const struct notices *notices, enum notice_type type);

/* The kinds. Called when what there is has been read for the first time. */
void link_notices(struct notices *notices, const struct change *change);

#endif
