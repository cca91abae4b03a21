/*
 * What is in a notification: see notify.h.
 */
#include "../base/alloc.h"
#include "column.h"
#include "notify.h"

#include <stdlib.h>
#include <string.h>

struct notice *
notice_new(const struct notification *what)
{
	struct notice *notice = xcalloc(1, sizeof(*notice));

	notice->what = what;
	STAILQ_INIT(&notice->varbinds);
	return notice;
}

void
notice_free(struct notice *notice)
{
	struct notice_varbind *varbind;

	if (!notice)
		return;
	while ((varbind = STAILQ_FIRST(&notice->varbinds))) {
		STAILQ_REMOVE_HEAD(&notice->varbinds, next);
		free(varbind->octets);
		free(varbind->oid);
		free(varbind);
	}
	free(notice);
}

static void
add(struct notice *notice, const struct oid_buf *name, const struct value *value)
{
	struct notice_varbind *varbind = xcalloc(1, sizeof(*varbind));
	bool is_oid = value->syntax == SYNTAX_OBJECT_ID;
	size_t more = is_oid ? value->oid.len : 0;

	varbind->syntax = value->syntax;
	varbind->name_len = name->len;
	varbind->oid = xcalloc(name->len + more, sizeof(uint32_t));
	memcpy(varbind->oid, name->sub, name->len * sizeof(uint32_t));
	if (is_oid) {
		varbind->len = more;
		if (more)
			memcpy(varbind->oid + name->len, value->oid.sub,
				more * sizeof(uint32_t));
	} else if (value->syntax == SYNTAX_OCTETS || value->syntax == SYNTAX_IPADDRESS) {
		varbind->len = value->octets.len;
		varbind->octets = xcalloc(1, varbind->len + 1);
		if (varbind->len)
			memcpy(varbind->octets, value->octets.data, varbind->len);
	} else {
		varbind->number = value->number;
	}
	STAILQ_INSERT_TAIL(&notice->varbinds, varbind, next);
}

void
notice_add(struct notice *notice, struct query *query, const struct table *table,
	uint32_t id, const void *row)
{
	struct cursor at = { column_from(table, id), row, NULL };
	struct oid_buf name = { .len = 0 };
	struct value value;

	if (!column_read(table, query, &at, &value))
		return;
	table_name(table, query, &at, &name);
	add(notice, &name, &value);
}

void
notice_add_object(
	struct notice *notice, const struct oid *object, const struct value *value)
{
	struct oid_buf name = { .len = 0 };

	for (size_t i = 0; i < object->len; i++)
		index_add(&name, object->sub[i]);
	index_add(&name, 0);
	add(notice, &name, value);
}
