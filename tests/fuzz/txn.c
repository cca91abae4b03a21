/*
 * Fuzz target: one SET PDU after the other way of AgentX's phases, into the real tables,
 * over a kernel that refuses at any place (world.h). The input says what the kernel does,
 * the varbinds (a row that is there, one that may be made, or any index; a value that may
 * do or any other), and the phases that come: each may be missing or come twice, and
 * somebody else may change the kernel between them.
 *
 * What must hold: an error-status is one of RFC 3416's for SET and its error-index is one
 * of the PDU's varbinds; nothing is wished for before the commit; after a commit that
 * fails, and after an undo, the kernel is as it was before, to the octet, unless the
 * kernel itself has refused to take something back, and then it is undoFailed; after one
 * that does not fail, GET shows what was set; nothing is left over.
 */
#include "world.h"

#include "../../agent/base/log.h"
#include "../../agent/engine/edit.h"

#define MAX_VARBINDS 12

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

static const struct table *
take_table(void)
{
	static const struct table *writable[32];
	static size_t n;

	for (size_t i = 0; !n || (all_tables[i] && n < N_ELEMENTS(writable)); i++) {
		if (i == 0)
			n = 0;
		if (all_tables[i]->edits)
			writable[n++] = all_tables[i];
	}
	return writable[take() % n];
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

static void
take_route_index(struct oid_buf *name)
{
	uint8_t how = take();
	struct inet address = take_address(how & 1, true);
	static const uint8_t lengths[] = { 8, 16, 24, 32, 64, 128, 0, 255 };

	add_address(name, &address, how & 0x80, 2);
	add_sub(name, lengths[how >> 1 & 7]);
	add_sub(name, 2);
	add_sub(name, 0);
	add_sub(name, how == 255);
	if (how & 0x10) {
		add_sub(name, 0);
		add_sub(name, 0);
	} else {
		address = take_address(how & 1, false);
		add_address(name, &address, false, 2 + (how >> 6 & 1));
	}
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
	} else if (table == &ipAddressTable_table) {
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
		if (table == &ipNetToMediaTable_table) {
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

	query_init(&query, world.mirror, WORLD_NOW, 1);
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
	default:
		value->number =
			(uint64_t)(what < 128 ? what % 10
					      : numbers[what % N_ELEMENTS(numbers)]);
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

static bool
is_as(const struct kernel *kernel, uint32_t spin_lock)
{
	return memcmp(&world.kernel, kernel, sizeof(*kernel)) == 0 &&
	       world.mirror->ip.address_spin_lock == spin_lock;
}

static bool
is_named(const struct varbind *varbind, const char *name)
{
	return strcmp(varbind->column->name, name) == 0;
}

/* The edit in which varbind number @number was the last to set its field, or NULL. */
static const struct edit *
edit_of(const struct txn *txn, unsigned int number)
{
	for (const struct edit *edit = txn->edits; edit; edit = edit->next) {
		for (unsigned int field = 0; field < EDIT_FIELDS; field++) {
			if (edit_says(edit, field) && edit->said[field] == number)
				return edit;
		}
	}
	return NULL;
}

static void
check_value(const struct varbind *varbind, const struct edit *edit)
{
	bool gone = edit->fate == FATE_DESTROY;
	uint64_t want = varbind->value.number;
	struct query query;
	struct value value;
	enum found found;

	query_init(&query, world.mirror, WORLD_NOW, 1);
	found = table_get(
		varbind->table, &query, varbind->name.sub, varbind->name.len, &value);
	must(found == (gone ? NO_INSTANCE : FOUND));
	if (gone)
		return;
	must(value.syntax == varbind->value.syntax);
	if (value.syntax == SYNTAX_OCTETS || value.syntax == SYNTAX_IPADDRESS) {
		must(value.octets.len == varbind->value.octets.len &&
			memcmp(value.octets.data, varbind->value.octets.data,
				value.octets.len) == 0);
		return;
	}
	if (is_named(varbind, "ipAddressSpinLock"))
		want = want == INT32_MAX ? 0 : want + 1;
	if (strstr(varbind->column->name, "Status") && want == 4 &&
		!is_named(varbind, "ipAddressStatus"))
		want = 1; /* createAndGo */
	if (is_named(varbind, "inetCidrRouteMetric1") && (int64_t)want < 1)
		return; /* whatever the kernel has for none */
	if (is_named(varbind, "inetCidrRouteIfIndex") && !want)
		return; /* the kernel finds it */
	must(value.number == want);
}

/* All has been done: GET shows it. What goes along with a link or an address may have
 * been in the PDU, too. */
static void
check_done(const struct txn *txn)
{
	if (world.drags || world.dry_run)
		return;
	for (unsigned int i = 0; i < n_varbinds; i++) {
		const struct edit *edit = edit_of(txn, i + 1);

		if (edit && varbinds[i].sole)
			check_value(&varbinds[i], edit);
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

struct pdu {
	struct txn *txn;
	struct query query;
	bool checked, applied, over;
	bool meddled, disturbed; /* before it was committed, and since then */
	struct kernel before;	 /* as it was when it was committed */
	uint32_t spin_lock;
};

static void
commit(struct pdu *pdu)
{
	unsigned int varbind = 0;
	enum set_status status;

	if (!pdu->applied) {
		pdu->before = world.kernel;
		pdu->spin_lock = world.mirror->ip.address_spin_lock;
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
		must(is_as(&pdu->before, pdu->spin_lock));
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
	if (!status && !pdu->disturbed)
		must(is_as(&pdu->before, pdu->spin_lock));
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

		query_init(&pdu->query, world.mirror, WORLD_NOW, 1);
		if (phase >= 250 && !pdu->over) {
			*(pdu->applied ? &pdu->disturbed : &pdu->meddled) = true;
			meddle();
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
		query_init(&pdu->query, world.mirror, WORLD_NOW, 1);
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

static void
run_pdu(void)
{
	static struct pdu pdu;

	memset(&pdu, 0, sizeof(pdu));
	pdu.txn = txn_new();
	if (reserve(&pdu))
		phases(&pdu);
	/* it goes, as agentx/write.c's does */
	query_init(&pdu.query, world.mirror, WORLD_NOW, 1);
	world.readonly = true;
	txn_keep(pdu.txn, &pdu.query);
	txn_free(pdu.txn);
	must(world.done == 0);
}

static void
no_line(int priority, const char *text)
{
	(void)priority, (void)text;
}

static bool
no_debugging(const char *subject)
{
	(void)subject;
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct log_sink quiet = { no_line, no_debugging, NULL };
	static const int errors[] = { -EPERM, -ENOMEM, -EBUSY, -EEXIST };
	static struct options options;
	uint8_t how;
	struct mirror *mirror;

	log_to(&quiet);
	clock_freeze(WORLD_NOW);
	input = data;
	input_left = size;
	options_init(&options);
	options_protect(&options, "x6");
	mirror = mirror_new(&options);
	world_begin(mirror);
	how = take();
	options.connected_next_hop_zero = how & 1;
	options.foreign_routes = how & 2;
	world.dry_run = how >> 2 == 63;
	world.postpone_undo = how & 4;
	world.refuse_settle = how & 8;
	world.error = errors[how >> 4 & 3];
	world.refuse_wish = take() % 16;
	world.keep_undo = take() % 16;
	n_varbinds = 0;
	for (unsigned int n = 1 + take() % MAX_VARBINDS; n; n--)
		take_varbind();
	run_pdu();
	for (unsigned int i = 0; i < n_varbinds; i++)
		free(varbinds[i].octets);
	mirror_free(mirror);
	clock_freeze(0);
	return 0;
}
