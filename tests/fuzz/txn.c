/*
 * Fuzz target: SET PDUs the other way of AgentX's phases, into the real tables, over a
 * kernel that refuses at any place (world.h). The input says what the kernel does, the
 * varbinds (a row that is there, one that may be made, or any index; a value that may do
 * or any other), and the phases that come: each may be missing or come twice, and between
 * them somebody else may change the kernel and time may go by. Rows out of service live
 * from PDU to PDU.
 *
 * What must hold: an error-status is one of RFC 3416's for SET and its error-index is one
 * of the PDU's varbinds; nothing is wished for before the commit; after a commit that
 * fails, and after an undo, the kernel is as it was before, to the octet, unless the
 * kernel itself has refused to take something back, and then it is undoFailed; rows out
 * of service are as they were in any case; after one that does not fail, GET shows what
 * was set, in service or not, the kernel has nothing of what was taken out of service,
 * and no other row out of service is another one; none is older than it may be, nor are
 * there more; nothing is left over.
 */
#include "world.h"

#include "../../agent/engine/edit.h"
#include "../../tables/routeEdits.h"
#include "quiet.h"

/* Both have fields of these names, of which nothing is needed here. */
#define EDIT_IFINDEX ADDRESS_EDIT_IFINDEX
#define EDIT_TYPE    ADDRESS_EDIT_TYPE
#define EDIT_FATE    ADDRESS_EDIT_FATE
#include "../../tables/addressEdits.h"

#define MAX_VARBINDS 12
#define MAX_PDUS     4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is left of the input; zeros follow. */
static const uint8_t *input;
static size_t input_left;

static uint8_t
take(void)
{
	if (!input_left)
		return 0;
	input_left--;
	return *input++;
}

/* The PDU. */

struct varbind {
	const struct table *table;
	const struct column *column;
	struct oid_buf name;
	struct value value;
	void *octets; /* exactly those, to see who reads beyond */
	bool sole;    /* nothing else in the PDU has this name */
};

static struct varbind varbinds[MAX_VARBINDS];
static unsigned int n_varbinds;

/* Those that can be written. A further one comes to the end: the corpus has their
 * numbers. */
static const struct table *const writable[] = {
	&ifTable_table,
	&ipScalars_table,
	&ipNetToMediaTable_table,
	&inetCidrRouteTable_table,
	&ipv6InterfaceTable_table,
	&ipAddressTable_table,
	&ipNetToPhysicalTable_table,
	&ifXTable_table,
	&ifStackTable_table,
	&ifRcvAddressTable_table,
	&atTable_table,
	&ipRouteTable_table,
	&ipCidrRouteTable_table,
	&nmdIfTable_table,
	&nmdIpAddrTable_table,
	&nmdNotify_table,
};

static void
check_tables(void)
{
	size_t n = 0;

	for (size_t i = 0; all_tables[i]; i++)
		n += all_tables[i]->edits != NULL;
	must(n == N_ELEMENTS(writable));
}

static const struct table *
take_table(void)
{
	return writable[take() % N_ELEMENTS(writable)];
}

/* Queries, each of which sees the rows out of service. */

static struct drafts *drafts;
static uint64_t now;

static void
begin_query(struct query *query)
{
	query_init(query, world.mirror, now, 1);
	query_see_drafts(query, drafts);
}

/* One that can be written, or @any. */
static const struct column *
take_column(const struct table *table, bool any)
{
	const struct column *of[64];
	size_t n = 0;

	for (size_t i = 0; i < table->n_columns && n < N_ELEMENTS(of); i++) {
		if (any || table->columns[i].set)
			of[n++] = &table->columns[i];
	}
	return of[take() % n];
}

static void
add_sub(struct oid_buf *name, uint32_t sub)
{
	if (name->len < OID_MAX)
		name->sub[name->len++] = sub;
}

static struct inet
take_address(bool v4, bool prefix)
{
	uint8_t which = take();

	if (v4 && prefix)
		return which & 8 ? inet_v4(192, 0, 2, 0)
				 : inet_v4(10, which & 3, 0, which & 4);
	if (v4)
		return (struct inet[]){ inet_v4(192, 0, 2, which), inet_v4(10, 0, 0, 1),
			inet_v4(127, 0, 0, which), inet_v4(which, 1, 1, 1) }[which >> 6];
	if (prefix)
		return inet_v6(which & 8 ? 0xfe80 : 0x2001, which & 7, which >> 4 & 1);
	return (struct inet[]){ inet_v6(0x2001, 0, which), inet_v6(0xfe80, 0, which),
		inet_v6(0x2001, which & 3, 1),
		inet_v6((uint16_t)(which << 8), 0, which) }[which >> 6];
}

/* With the zone that a link-local one needs, if @zone says so. */
static void
add_address(struct oid_buf *name, const struct inet *address, bool zone, uint32_t ifindex)
{
	struct inet zoned = inet_in_zone(address, ifindex);

	index_add_inet(name, inet_is_link_local(address) != zone ? &zoned : address);
}

static uint32_t
take_ifindex(void)
{
	uint8_t which = take();

	return which < 240 ? which % (WORLD_LINKS + 1)
			   : (uint32_t[]){ INT32_MAX, UINT32_MAX }[which & 1];
}

/* A policy of table, TOS, metric and link, and of a source if that is likely. */
static void
take_long_policy(struct oid_buf *name, bool v4)
{
	uint8_t how = take();
	struct inet source = take_address(false, true);
	bool has_source = !v4 && how & 0x80;

	add_sub(name, has_source ? 6 + 17 : 6);
	add_sub(name, 0);
	add_sub(name, 0);
	add_sub(name, (uint32_t[]){ 254, 253, 254, 255 }[how & 3]);
	add_sub(name, v4 && how & 4 ? 16 : 0);
	add_sub(name, how & 8 ? 5 : v4 ? 0 : 1024);
	add_sub(name, how >> 4 & 7);
	if (!has_source)
		return;
	add_sub(name, 64);
	for (size_t i = 0; i < 16; i++)
		add_sub(name, source.bytes[i]);
}

static void
take_route_index(struct oid_buf *name)
{
	uint8_t how = take();
	struct inet address = take_address(how & 1, true);
	static const uint8_t lengths[] = { 8, 16, 24, 32, 64, 128, 0, 255 };

	add_address(name, &address, how & 0x80, 2);
	add_sub(name, lengths[how >> 1 & 7]);
	if (how & 0x20) {
		take_long_policy(name, how & 1);
	} else {
		add_sub(name, 2);
		add_sub(name, 0);
		add_sub(name, how == 255);
	}
	if (how & 0x10) {
		add_sub(name, 0);
		add_sub(name, 0);
	} else {
		address = take_address(how & 1, false);
		add_address(name, &address, false, 2 + (how >> 6 & 1));
	}
}

/* Destination, mask, TOS, next hop. */
static void
take_cidr_index(struct oid_buf *name)
{
	uint8_t how = take();
	struct inet address = take_address(true, true), none = { 0 };

	index_add_ipaddress(name, address.bytes);
	index_add_ipaddress(name, (const uint8_t[][4]){ { 255 }, { 255, 255 },
					  { 255, 255, 255 }, { 255, 0, 255 } }[how & 3]);
	add_sub(name, how & 4 ? 16 : 0);
	address = how & 8 ? none : take_address(true, false);
	index_add_ipaddress(name, address.bytes);
}

/* An index that a row of the table could have. */
static void
take_likely_index(const struct table *table, struct oid_buf *name)
{
	struct inet address;

	if (!table->rows) {
		add_sub(name, 0);
	} else if (table == &inetCidrRouteTable_table) {
		take_route_index(name);
	} else if (table == &ipCidrRouteTable_table) {
		take_cidr_index(name);
	} else if (table == &ipRouteTable_table) {
		address = take_address(true, true);
		index_add_ipaddress(name, address.bytes);
	} else if (draft_table(table) == &ipAddressTable_table) {
		uint8_t how = take();

		address = take_address(how & 1, false);
		add_address(name, &address, how & 2, 2 + (how >> 7));
	} else {
		add_sub(name, take_ifindex());
		if (table == &ifStackTable_table)
			add_sub(name, take_ifindex());
		if (table == &ifRcvAddressTable_table) {
			for (uint32_t i = 0; i < 6; i++)
				add_sub(name, i ? i : 6);
			add_sub(name, take());
		}
		if (table == &atTable_table)
			add_sub(name, 1);
		if (table == &ipNetToMediaTable_table || table == &atTable_table) {
			address = take_address(true, false);
			index_add_ipaddress(name, address.bytes);
		}
		if (table == &ipNetToPhysicalTable_table) {
			address = take_address(take() & 1, false);
			index_add_inet(name, &address);
		}
	}
}

/* The index of a row that is there, if there is any. */
static void
take_present_index(const struct table *table, uint32_t column, struct oid_buf *name)
{
	size_t begin = table->entry.len + 1;
	uint8_t steps = take() % 32;
	struct query query;
	struct oid_buf found;
	struct cursor at;
	struct value value;
	bool more;

	begin_query(&query);
	for (more = table_next(table, &query, name->sub, name->len, false, &at, &value);
		more && at.column->id == column;
		more = table_step(table, &query, &at, &value)) {
		table_name(table, &query, &at, &found);
		name->len = begin;
		for (size_t i = begin; i < found.len; i++)
			add_sub(name, found.sub[i]);
		if (!steps--)
			break;
	}
}

static void
take_value(const struct column *column, struct varbind *varbind)
{
	static const int64_t numbers[] = { -1, INT32_MIN, INT32_MAX, UINT32_MAX, 64, 255,
		256, 1024 };
	static const int64_t others[] = { 1280, 1279, 1400, 9000, 300, 600, 24, 128 };
	static const uint32_t zero[] = { 0, 0 };
	uint8_t how = take(), what = take();
	struct value *value = &varbind->value;
	size_t len = how & 0x40 ? what : 6;

	value->syntax = how < 250 ? column->syntax : (enum syntax)(how - 250);
	switch (value->syntax) {
	case SYNTAX_OCTETS:
	case SYNTAX_IPADDRESS:
		if (value->syntax == SYNTAX_IPADDRESS)
			len = 4;
		varbind->octets = malloc(len ? len : 1);
		for (size_t i = 0; i < len; i++)
			((uint8_t *)varbind->octets)[i] = how & 0x20 ? take() : 'a' + i;
		value_set_octets(value, varbind->octets, len);
		break;
	case SYNTAX_OBJECT_ID:
		value->oid = (struct oid){ zero, what % 3 };
		break;
	default:
		value->number =
			(uint64_t)(what < 128	? what % 10
				   : how & 0x10 ? others[what % N_ELEMENTS(others)]
						: numbers[what % N_ELEMENTS(numbers)]);
		if (value->syntax != SYNTAX_INTEGER) /* as agentx/write.c takes it */
			value->number = (uint32_t)value->number;
	}
}

static void
take_varbind(void)
{
	struct varbind *varbind = &varbinds[n_varbinds];
	const struct varbind *last = n_varbinds ? varbind - 1 : NULL;
	uint8_t how = take();
	const struct table *table = last && how & 0x80 ? last->table : take_table();

	memset(varbind, 0, sizeof(*varbind));
	varbind->table = table;
	varbind->column = take_column(table, how % 16 == 15);
	for (size_t i = 0; i < table->entry.len; i++)
		add_sub(&varbind->name, table->entry.sub[i]);
	add_sub(&varbind->name, varbind->column->id);
	if (last && how & 0x80 && how & 0x70) { /* the same row again */
		for (size_t i = varbind->name.len; i < last->name.len; i++)
			add_sub(&varbind->name, last->name.sub[i]);
	} else if ((how & 3) == 0) {
		take_present_index(table, varbind->column->id, &varbind->name);
	} else if (how & 0x0c) {
		take_likely_index(table, &varbind->name);
	} else {
		for (uint8_t n = take() % 40; n; n--)
			add_sub(&varbind->name, take());
	}
	take_value(varbind->column, varbind);
	varbind->sole = true;
	for (unsigned int i = 0; i < n_varbinds; i++) {
		if (oid_compare(varbinds[i].name.sub, varbinds[i].name.len,
			    varbind->name.sub, varbind->name.len) == 0)
			varbinds[i].sole = varbind->sole = false;
	}
	n_varbinds++;
}

/* What must hold. */

static void
check_status(enum set_status status, unsigned int varbind)
{
	switch (status) {
	case SET_WRONG_TYPE:
	case SET_WRONG_LENGTH:
	case SET_WRONG_VALUE:
	case SET_NO_CREATION:
	case SET_INCONSISTENT_VALUE:
	case SET_NOT_WRITABLE:
	case SET_INCONSISTENT_NAME:
	case SET_RESOURCE_UNAVAILABLE:
	case SET_COMMIT_FAILED:
	case SET_UNDO_FAILED:
		must(varbind >= 1 && varbind <= n_varbinds);
		break;
	default:
		must(status == SET_OK);
	}
}

/* What there is besides the kernel: what is the agent's own. */
struct own {
	uint32_t spin_lock;
	uint32_t notices; /* which are told */
	uint8_t traps[WORLD_LINKS];
	size_t n_drafts;
	struct draft *drafts[DRAFTS_MAX];
};

static void
own_forget(struct own *own)
{
	for (size_t i = 0; i < own->n_drafts; i++)
		draft_free(own->drafts[i]);
	own->n_drafts = 0;
}

static void
own_note(struct own *own)
{
	const struct draft *draft, *next;

	own_forget(own);
	memset(own, 0, sizeof(*own));
	own->spin_lock = world.mirror->ip.address_spin_lock;
	own->notices = world.mirror->told.enabled;
	for (uint32_t i = 0; i < WORLD_LINKS; i++) {
		const struct link *link = mirror_link(world.mirror, i + 1);

		own->traps[i] = link ? link->traps : LINK_TRAPS_DEFAULT;
	}
	set_for_each (draft, next, &drafts->set) {
		struct draft *copy = draft_new(draft->table, draft->index, draft->len,
			draft->copy, draft->table->edits->size, draft->fields);

		copy->written = draft->written;
		must(own->n_drafts < DRAFTS_MAX);
		own->drafts[own->n_drafts++] = copy;
	}
}

static bool
is_at(const struct draft *draft, const struct table *table, const uint32_t *index,
	size_t len)
{
	return draft->table == table &&
	       oid_compare(draft->index, draft->len, index, len) == 0;
}

static bool
are_alike(const struct draft *a, const struct draft *b)
{
	return is_at(a, b->table, b->index, b->len) && a->written == b->written &&
	       a->fields == b->fields &&
	       memcmp(a->copy, b->copy, a->table->edits->size) == 0;
}

/* It is in time, and can be out of service. */
static void
check_draft(const struct draft *draft)
{
	must(draft->table->edits->ready && draft_table(draft->table) == draft->table);
	must(draft->written <= now && now - draft->written < DRAFT_LIFE);
}

/* Rows out of service are as they were, but for those that have grown too old. */
static void
check_drafts_back(const struct own *before)
{
	const struct draft *draft = set_first(&drafts->set);

	for (size_t i = 0; i < before->n_drafts; i++) {
		if (now - before->drafts[i]->written >= DRAFT_LIFE)
			continue;
		must(draft && are_alike(draft, before->drafts[i]));
		draft = set_next(&drafts->set, draft);
	}
	must(!draft);
}

static bool
is_as(const struct kernel *kernel, const struct own *own)
{
	if (memcmp(&world.kernel, kernel, sizeof(*kernel)) != 0 ||
		world.mirror->ip.address_spin_lock != own->spin_lock ||
		world.mirror->told.enabled != own->notices)
		return false;
	for (uint32_t i = 0; i < WORLD_LINKS; i++) {
		const struct link *link = mirror_link(world.mirror, i + 1);

		if (link && link->traps != own->traps[i])
			return false;
	}
	return true;
}

static const struct edit *
edit_at(const struct txn *txn, const struct draft *draft)
{
	const struct edit *edit = txn->edits;

	while (edit && !is_at(draft, edit->table, edit->index, edit->index_len))
		edit = edit->next;
	return edit;
}

/* After a commit: what the PDU is not about is as it was, and what it has taken out of
 * service is as it says. */
static void
check_drafts_done(const struct txn *txn, const struct own *before)
{
	const struct draft *draft, *next;
	size_t i = 0;

	must(set_count(&drafts->set) <= DRAFTS_MAX);
	set_for_each (draft, next, &drafts->set) {
		const struct edit *edit = edit_at(txn, draft);

		check_draft(draft);
		while (i < before->n_drafts && !are_alike(draft, before->drafts[i])) {
			must(edit_at(txn, before->drafts[i]) ||
				now - before->drafts[i]->written >= DRAFT_LIFE ||
				(edit && edit->hold));
			if (edit && edit->hold && !edit_at(txn, before->drafts[i]))
				break; /* it is further on */
			i++;
		}
		if (i < before->n_drafts && are_alike(draft, before->drafts[i])) {
			i++;
			continue;
		}
		must(edit && edit->hold && draft->written == now);
	}
	for (; i < before->n_drafts; i++)
		must(edit_at(txn, before->drafts[i]) ||
			now - before->drafts[i]->written >= DRAFT_LIFE);
	for (i = 0; i < before->n_drafts; i++) { /* what has been said stays said */
		const struct edit *edit = edit_at(txn, before->drafts[i]);

		if (edit && edit->hold && edit->held)
			must((before->drafts[i]->fields & ~edit->fields) == 0);
	}
	for (const struct edit *edit = txn->edits; edit; edit = edit->next) {
		struct query query;

		begin_query(&query);
		draft = draft_seek(&query, edit->table, AT, edit->index, edit->index_len);
		must(!edit->hold || draft);
		if (edit->hold)
			must(draft->fields == edit->fields &&
				memcmp(draft->copy, edit->after, edit->kind->size) == 0);
	}
}

static bool
is_named(const struct varbind *varbind, const char *name)
{
	return strcmp(varbind->column->name, name) == 0;
}

/* The edit in which varbind number @number was the last to say something, or NULL. */
static const struct edit *
edit_of(const struct txn *txn, unsigned int number)
{
	for (const struct edit *edit = txn->edits; edit; edit = edit->next) {
		if (edit->said_status == number)
			return edit;
		for (unsigned int field = 0; field < EDIT_FIELDS; field++) {
			if (edit_says(edit, field) && edit->said[field] == number)
				return edit;
		}
	}
	return NULL;
}

/* Is the thing that @copy is of, as a row, what the edit has made? */
static bool
is_made(const struct edit *edit, const void *copy)
{
	const struct route_copy *x = copy, *y = edit->after;

	if (edit->kind == &address_edits) {
		const struct address_copy *a = copy, *b = edit->after;
		struct inet p = inet_plain(&a->address), q = inet_plain(&b->address);

		return inet_compare(&p, &q) == 0 && a->ifindex == b->ifindex;
	}
	if (edit->kind != &route_edits)
		return !edit->kind->same || edit->kind->same(copy, edit->after);
	return inet_compare(&x->dst, &y->dst) == 0 && x->plen == y->plen &&
	       inet_compare(&x->nexthop, &y->nexthop) == 0 && x->table == y->table &&
	       x->metric == y->metric && x->tos == y->tos && x->src_plen == y->src_plen &&
	       (!y->ifindex || x->ifindex == y->ifindex);
}

/* The row of @table that @is(edit, its copy), or NULL. */
static const void *
find_row(const struct query *query, const struct table *table, const struct edit *edit,
	bool (*is)(const struct edit *edit, const void *copy))
{
	const struct set *set = table->rows(query);
	void *copy = calloc(1, edit->kind->size);
	const void *row;

	for (row = set_first(set); row; row = set_next(set, row)) {
		memset(copy, 0, edit->kind->size);
		edit->kind->copy(query, row, copy);
		if (is(edit, copy))
			break;
	}
	free(copy);
	return row;
}

static bool
is_before(const struct edit *edit, const void *copy)
{
	return memcmp(edit->before, copy, edit->kind->size) == 0;
}

/* Which row has an index is nothing that only the edit has a say in: the other tables of
 * routes show one of many, and the first interface that has an address shows it without a
 * zone. */
static bool
is_index_shared(
	const struct txn *txn, const struct varbind *varbind, const struct edit *edit)
{
	const struct address_copy *address = edit->after;
	const struct route_copy *route = edit->after;

	if (varbind->table == &ipCidrRouteTable_table ||
		varbind->table == &ipRouteTable_table)
		return true;
	if (edit->kind == &address_edits && edit->exists &&
		address->ifindex != ((const struct address_copy *)edit->before)->ifindex)
		return true;
	for (const struct edit *other = txn->edits; other; other = other->next) {
		const struct address_copy *that = other->after;
		const struct route_copy *that_route = other->after;
		struct inet a, b;

		if (other == edit || other->kind != edit->kind)
			continue;
		if (edit->kind == &address_edits) {
			a = inet_plain(&address->address);
			b = inet_plain(&that->address);
			if (inet_compare(&a, &b) == 0)
				return true;
		}
		if (edit->kind == &route_edits && route->plen == that_route->plen &&
			inet_compare(&route->dst, &that_route->dst) == 0)
			return true;
	}
	return false;
}

/* Is the row that the cursor is at the one that the edit is about? */
static bool
is_at_made(const struct query *query, const struct cursor *at, const struct edit *edit,
	bool (*is)(const struct edit *edit, const void *copy))
{
	void *copy = calloc(1, edit->kind->size);
	bool made;

	edit->kind->copy(query, at->row, copy);
	made = is(edit, copy);
	free(copy);
	return made;
}

static uint8_t
octet_at(const struct value *bits, size_t i)
{
	return i < bits->octets.len ? ((const uint8_t *)bits->octets.data)[i] : 0;
}

/* BITS: octets at the end that are not there are zero. */
static bool
same_bits(const struct value *a, const struct value *b)
{
	for (size_t i = 0; i < a->octets.len || i < b->octets.len; i++) {
		if (octet_at(a, i) != octet_at(b, i))
			return false;
	}
	return true;
}

/* What GET says of a value that was set. */
static void
check_shown(
	const struct varbind *varbind, const struct edit *edit, const struct value *value)
{
	const struct address_copy *address = edit->after;
	uint64_t want = varbind->value.number;
	const char *name = varbind->column->name;

	must(value->syntax == varbind->value.syntax);
	if (is_named(varbind, "nmdNotifyEnable")) {
		must(same_bits(value, &varbind->value));
		return;
	}
	if (value->syntax == SYNTAX_OCTETS || value->syntax == SYNTAX_IPADDRESS) {
		must(value->octets.len == varbind->value.octets.len &&
			memcmp(value->octets.data, varbind->value.octets.data,
				value->octets.len) == 0);
		return;
	}
	if (value->syntax == SYNTAX_OBJECT_ID) {
		must(oid_compare(value->oid.sub, value->oid.len, varbind->value.oid.sub,
			     varbind->value.oid.len) == 0);
		return;
	}
	if (is_named(varbind, "ipAddressSpinLock"))
		want = want == INT32_MAX ? 0 : want + 1;
	if (varbind->column->is_row_status && edit->hold)
		want = edit->kind->ready(edit->after) ? ROW_STATUS_NOT_IN_SERVICE
						      : ROW_STATUS_NOT_READY;
	else if (varbind->column->set == set_row_status || varbind->column->is_row_status)
		want = ROW_STATUS_ACTIVE;
	if (strstr(name, "RouteMetric1") && (int64_t)want < 1)
		return; /* whatever the kernel has for none */
	if (strstr(name, "RouteMetric2"))
		return; /* a weight comes by joining others */
	if (strstr(name, "RouteIfIndex") && !want)
		return; /* the kernel finds it */
	if (is_named(varbind, "ipAddressStatus") && value->number == STATUS_INACCESSIBLE)
		return; /* the link is down */
	if (is_named(varbind, "ipAddressStorageType") && address->anycast)
		return;
	if (is_named(varbind, "nmdIpAddrPreferredLifetime") && edit->hold &&
		address->deprecated)
		return; /* a contradiction, which is refused when it becomes active */
	must(value->number == want);
}

static void
check_value(const struct txn *txn, const struct varbind *varbind, const struct edit *edit)
{
	bool gone = edit->fate == FATE_DESTROY && !edit->hold;
	struct query query;
	struct cursor at;
	struct value value;
	enum found found;

	begin_query(&query);
	found = table_find(
		varbind->table, &query, varbind->name.sub, varbind->name.len, &at);
	must(found != NO_OBJECT);
	if (gone || (!edit->hold && !edit->exists && edit->fate == FATE_NONE)) {
		/* Another row may have been hidden behind it. */
		must(found == NO_INSTANCE ||
			(at.row ? !edit->exists ||
						!is_at_made(&query, &at, edit, is_before)
				: !is_at(at.draft, edit->table, edit->index,
					  edit->index_len)));
		return;
	}
	if (edit->hold) {
		if (found == FOUND && at.row)
			return; /* hidden by the kernel's */
		if (draft_table(varbind->table) != edit->table)
			return; /* it is shown elsewhere */
		must(found == FOUND);
	} else {
		bool here = found == FOUND && at.row &&
			    is_at_made(&query, &at, edit, is_made);

		if (!here && is_index_shared(txn, varbind, edit)) {
			must(find_row(&query, varbind->table, edit, is_made));
			return;
		}
		must(here);
	}
	found = table_get(
		varbind->table, &query, varbind->name.sub, varbind->name.len, &value);
	must(found == FOUND);
	check_shown(varbind, edit, &value);
}

/* What is out of service now, the kernel does not have any more. */
static void
check_out_of_service(const struct edit *edit)
{
	struct query query;

	begin_query(&query);
	if (edit->hold && edit->exists)
		must(!find_row(&query, edit->table, edit, is_before));
}

/* All has been done: GET shows it. What goes along with a link or an address may have
 * been in the PDU, too. */
static void
check_done(const struct txn *txn)
{
	if (world.drags || world.dry_run)
		return;
	for (const struct edit *edit = txn->edits; edit; edit = edit->next)
		check_out_of_service(edit);
	for (unsigned int i = 0; i < n_varbinds; i++) {
		const struct edit *edit = edit_of(txn, i + 1);

		if (edit && varbinds[i].sole)
			check_value(txn, &varbinds[i], edit);
	}
}

/* Phases. */

/* Somebody else changes the kernel. */
static void
meddle(void)
{
	struct kernel *kernel = &world.kernel;
	uint8_t what = take(), which = take();
	bool drags = world.drags;

	if (what % 4 == 0 && kernel->links[which % WORLD_LINKS].there)
		lose_link(kernel, which % WORLD_LINKS + 1);
	if (what % 4 == 1 && kernel->n_addrs)
		lose_addr(kernel, which % kernel->n_addrs);
	if (what % 4 == 2 && kernel->n_routes)
		TAKE_OUT(kernel->routes, kernel->n_routes, which % kernel->n_routes);
	if (what % 4 == 3 && kernel->n_neighs)
		TAKE_OUT(kernel->neighs, kernel->n_neighs, which % kernel->n_neighs);
	world.drags = drags;
	tell_all();
}

/* Time goes by: 0, or up to a little more than a row out of service lives. The kernel
 * says anew how long from now its addresses are to live. */
static void
wait(uint8_t how)
{
	static const uint16_t seconds[] = { 0, 1, 100, 299, 300, 301 };

	now += seconds[how % N_ELEMENTS(seconds)] * NS_PER_S;
	clock_freeze(now);
	tell_all();
}

struct pdu {
	struct txn *txn;
	struct query query;
	bool checked, applied, over;
	bool meddled, disturbed; /* before it was committed, and since then */
	struct kernel before;	 /* as it was when it was committed */
	struct own own;
};

static void
commit(struct pdu *pdu)
{
	unsigned int varbind = 0;
	enum set_status status;

	if (!pdu->applied) {
		pdu->before = world.kernel;
		own_note(&pdu->own);
	}
	world.readonly = pdu->applied; /* a second time nothing happens */
	status = txn_apply(pdu->txn, &pdu->query, &varbind);
	check_status(status, varbind);
	if (pdu->applied) {
		must(status == SET_OK);
		return;
	}
	pdu->applied = true;
	pdu->over = status != SET_OK;
	must(status == SET_OK || status == SET_COMMIT_FAILED ||
		status == SET_UNDO_FAILED);
	must((status == SET_UNDO_FAILED) == world.defiant);
	if (status == SET_COMMIT_FAILED)
		must(is_as(&pdu->before, &pdu->own));
	if (status)
		check_drafts_back(&pdu->own);
	else
		check_drafts_done(pdu->txn, &pdu->own);
	if (status)
		must(world.done == 0);
	else if (world.dry_run)
		must(memcmp(&world.kernel, &pdu->before, sizeof(pdu->before)) == 0);
	else if (!pdu->meddled)
		check_done(pdu->txn);
}

static void
take_back(struct pdu *pdu)
{
	unsigned int varbind = 0;
	enum set_status status;

	world.readonly = !pdu->applied || pdu->over;
	status = txn_undo(pdu->txn, &pdu->query, &varbind);
	check_status(status, varbind);
	must(status == SET_OK || status == SET_UNDO_FAILED);
	if (world.readonly) {
		must(status == SET_OK);
		return;
	}
	pdu->over = true;
	must(world.done == 0);
	must((status == SET_UNDO_FAILED) == world.defiant);
	begin_query(&pdu->query);
	check_drafts_back(&pdu->own);
	if (!status && !pdu->disturbed)
		must(is_as(&pdu->before, &pdu->own));
}

static void
check(struct pdu *pdu)
{
	unsigned int varbind = 0;
	enum set_status status;

	world.readonly = true;
	status = txn_check(pdu->txn, &pdu->query, &varbind);
	check_status(status, varbind);
	must(status != SET_COMMIT_FAILED && status != SET_UNDO_FAILED);
	if (!pdu->checked)
		pdu->over = status != SET_OK;
	pdu->checked = true;
}

static void
phases(struct pdu *pdu)
{
	for (unsigned int n = 0; n < 8; n++) {
		uint8_t phase = take();

		begin_query(&pdu->query);
		if (phase >= 250 && !pdu->over) {
			*(pdu->applied ? &pdu->disturbed : &pdu->meddled) = true;
			meddle();
		} else if (phase >= 240) {
			pdu->meddled = true; /* a lifetime is not what it was */
			wait(phase);
		} else if (!pdu->checked || phase % 5 == 1) {
			check(pdu);
		} else if (!pdu->applied || phase % 5 == 2) {
			if (!pdu->over || pdu->applied)
				commit(pdu);
		} else if (phase % 5 == 3) {
			take_back(pdu);
		} else if (phase % 5 == 4) {
			world.readonly = true;
			txn_keep(pdu->txn, &pdu->query);
			pdu->over = true;
		}
	}
}

static bool
reserve(struct pdu *pdu)
{
	world.readonly = true;
	for (unsigned int i = 0; i < n_varbinds; i++) {
		const struct varbind *varbind = &varbinds[i];
		enum set_status status;

		/* each table has a call of its own */
		begin_query(&pdu->query);
		status = txn_add(pdu->txn, &pdu->query, varbind->table, varbind->name.sub,
			varbind->name.len, &varbind->value, i + 1);
		check_status(status, i + 1);
		if (status)
			return false;
		if (take() == 77) {
			pdu->meddled = true;
			meddle();
		}
	}
	return true;
}

/* The PDU is over, and goes, as agentx/write.c's does: whatever was done stays. */
static void
end(struct pdu *pdu)
{
	const struct draft *draft, *next;

	begin_query(&pdu->query);
	world.readonly = true;
	txn_keep(pdu->txn, &pdu->query);
	txn_free(pdu->txn);
	own_forget(&pdu->own);
	must(world.done == 0);
	set_for_each (draft, next, &drafts->set)
		check_draft(draft);
}

static void
run_pdu(void)
{
	static struct pdu pdu;

	memset(&pdu, 0, sizeof(pdu));
	world.defiant = world.waiting = world.drags = false;
	n_varbinds = 0;
	for (unsigned int n = 1 + take() % MAX_VARBINDS; n; n--)
		take_varbind();
	pdu.txn = txn_new();
	if (reserve(&pdu))
		phases(&pdu);
	end(&pdu);
	for (unsigned int i = 0; i < n_varbinds; i++)
		free(varbinds[i].octets);
}

/* As many rows out of service as there can be, but for @room. */
static void
fill_drafts(unsigned int room)
{
	static const struct table *const table = &ipNetToPhysicalTable_table;
	void *copy = calloc(1, table->edits->size);
	struct query query;

	begin_query(&query);
	for (uint32_t i = 0; i < DRAFTS_MAX - room; i++)
		draft_put(&query,
			draft_new(table, (uint32_t[]){ 1000 + i, 1, 4, 10, 0, 0, 1 }, 7,
				copy, table->edits->size, 0));
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int errors[] = { -EPERM, -ENOMEM, -EBUSY, -EEXIST };
	static struct options options;
	uint8_t how, refuse;
	struct mirror *mirror;

	log_to(&quiet);
	check_tables();
	now = WORLD_NOW;
	clock_freeze(now);
	drafts = drafts_new();
	input = data;
	input_left = size;
	options_init(&options);
	options_protect(&options, "x6");
	mirror = mirror_new(&options);
	mirror->told.enabled = 5; /* so that even no octets change it */
	world_begin(mirror);
	how = take();
	options.connected_next_hop_zero = how & 1;
	options.foreign_routes = how & 2;
	world.dry_run = how >> 2 == 63;
	world.postpone_undo = how & 4;
	world.refuse_settle = how & 8;
	world.error = errors[how >> 4 & 3];
	options.write = world.dry_run ? WRITE_DRY_RUN : WRITE_ON;
	refuse = take();
	world.refuse_wish = refuse % 16;
	world.keep_undo = take() % 16;
	if (refuse >= 0xf0)
		fill_drafts(refuse % 4);
	run_pdu();
	for (unsigned int n = 1; input_left && n < MAX_PDUS; n++) {
		wait(take());
		run_pdu();
	}
	drafts_free(drafts);
	mirror_free(mirror);
	clock_freeze(0);
	return 0;
}
