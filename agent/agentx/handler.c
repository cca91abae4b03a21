/*
 * The handler of all tables: see handler.h.
 *
 * It is registered without Net-SNMP's table helpers, so it gets all varbinds of a PDU
 * that fall into one table as one list, and is called in MODE_GET first and then
 * MODE_GETNEXT for an inclusive AgentX GetNext. A GETBULK of a standalone agent comes as
 * one call, too: each request then has a chain of @repeat more varbinds to fill. Net-SNMP
 * checks access control only for the first of such a chain, and where it takes one out
 * (check_acm) it may move the next chain's into its place; so all are checked here, and
 * it finds none to take out.
 */
#include "handler.h"

#include "../base/clock.h"
#include "../base/log.h"
#include "follow.h"
#include "netsnmp.h"
#include "varbind.h"
#include "write.h"

#include <stdint.h>

/* Lower than the 127 of the built-in modules, at the same OIDs: ours answer (RFC 2741
 * section 7.1.4.1), and theirs again when we are gone. */
#define PRIORITY 100

#define MAX_REGISTERED 256

/* One registration: a table, or a column of one. */
struct place {
	const struct table *table;
	bool around; /* an instance of it is registered within: GETNEXT is for that */
	oid root[OID_MAX];
	size_t root_len;
	const struct served *served;
	netsnmp_handler_registration *registration;
};

static struct place places[MAX_REGISTERED];
static size_t n_places;

/* The oid of Net-SNMP is unsigned long. A sub-identifier beyond 32 bits cannot come from
 * the wire; but AgentX hands one from 2^31 on over with its sign extended
 * (agentx_parse_oid() of 5.9). */
size_t
handler_oid(uint32_t *to, const oid *from, size_t len)
{
	if (len > OID_MAX)
		len = OID_MAX;
	for (size_t i = 0; i < len; i++)
		to[i] = (uint32_t)(from[i] & UINT32_MAX);
	return len;
}

static void
set_name(netsnmp_variable_list *var, const struct table *table, const struct query *query,
	const struct cursor *at)
{
	struct oid_buf name;
	oid sub[OID_MAX];

	table_name(table, query, at, &name);
	snmp_set_var_objid(var, sub, varbind_oid(sub, name.sub, name.len));
}

static void
answer_get(const struct table *table, struct query *query, netsnmp_request_info *request)
{
	netsnmp_variable_list *var = request->requestvb;
	uint32_t asked[OID_MAX];
	size_t len = handler_oid(asked, var->name, var->name_length);
	struct value value;

	switch (table_get(table, query, asked, len, &value)) {
	case FOUND:
		varbind_set(var, &value);
		break;
	case NO_OBJECT:
		snmp_set_var_typed_value(var, SNMP_NOSUCHOBJECT, NULL, 0);
		break;
	case NO_INSTANCE:
		snmp_set_var_typed_value(var, SNMP_NOSUCHINSTANCE, NULL, 0);
		break;
	}
}

/* True if the place may be shown to who asks. @all: all of the table may. */
static bool
in_view(netsnmp_variable_list *var, netsnmp_pdu *pdu, bool all)
{
	return all ||
	       in_a_view(var->name, &var->name_length, pdu, var->type) == VACM_SUCCESS;
}

/* The last varbind of a request's chain. @repeat should say when it is reached, but is
 * too large after check_acm() has taken out what another module answered. */
static netsnmp_variable_list *
end_of_chain(const netsnmp_request_info *request)
{
	const netsnmp_agent_session *asp = request->agent_req_info->asp;
	long repeaters = asp->pdu->errindex,
	     chain = request->index - 1 - asp->pdu->errstat;

	if (!asp->bulkcache || chain < 0 || repeaters <= 0)
		return request->requestvb; /* a non-repeater */
	return asp->bulkcache[(chain + 1) * repeaters - 1];
}

/* Moves a request on to the next varbind of its chain; false if that was the last one. */
static bool
next_repetition(netsnmp_request_info *request)
{
	netsnmp_variable_list *var = request->requestvb;

	if (var == end_of_chain(request))
		request->repeat = 0;
	if (request->repeat <= 0)
		return false;
	if (snmp_oid_compare(var->name, var->name_length, request->range_end,
		    request->range_end_len) >= 0)
		return false; /* the agent sees to what lies out of the range */
	request->repeat--;
	snmp_set_var_objid(var->next_variable, var->name, var->name_length);
	request->requestvb = var->next_variable;
	request->requestvb->type = ASN_NULL;
	return true;
}

/* Answers the present varbind of @request from *@at on with what may be seen. @value
 * holds the value of *@at. False: there is nothing more. */
static bool
show(const struct table *table, struct query *query, netsnmp_request_info *request,
	netsnmp_pdu *pdu, bool all, struct cursor *at, struct value *value)
{
	do {
		set_name(request->requestvb, table, query, at);
		varbind_set(request->requestvb, value);
		if (in_view(request->requestvb, pdu, all))
			return true;
	} while (table_step(table, query, at, value));
	return false;
}

static void
answer_bulk(const struct table *table, struct query *query, netsnmp_request_info *request,
	netsnmp_pdu *pdu, bool all, struct cursor *at, struct value *value)
{
	oid asked[OID_MAX];
	size_t len;

	do {
		/* What is not shown must leave the varbind as it was asked. */
		len = request->requestvb->name_length;
		memcpy(asked, request->requestvb->name, len * sizeof(oid));
		if (!show(table, query, request, pdu, all, at, value)) {
			snmp_set_var_objid(request->requestvb, asked, len);
			snmp_set_var_typed_value(request->requestvb, ASN_NULL, NULL, 0);
			return;
		}
	} while (next_repetition(request) && table_step(table, query, at, value));
}

static void
answer_next(
	struct place *place, struct query *query, netsnmp_request_info *request, int mode)
{
	const struct table *table = place->table;
	netsnmp_pdu *pdu = request->agent_req_info->asp->pdu;
	netsnmp_variable_list *var = request->requestvb;
	uint32_t asked[OID_MAX];
	size_t len = handler_oid(asked, var->name, var->name_length);
	struct cursor at;
	struct value value;

	if (!table_next(table, query, asked, len, request->inclusive, &at, &value))
		return; /* left ASN_NULL: the agent goes on to the next registration */
	if (mode != MODE_GETBULK) {
		set_name(var, table, query, &at);
		varbind_set(var, &value);
		return;
	}
	answer_bulk(table, query, request, pdu,
		netsnmp_acm_check_subtree(pdu, place->root, place->root_len) ==
			VACM_SUCCESS,
		&at, &value);
}

static uint64_t *n_requests;

void
handler_count(uint64_t *requests)
{
	n_requests = requests;
}

/* When the PDU's answer began: all its varbinds are answered as of one moment, though the
 * handler is called once for each table that they touch. */
static uint64_t
start_of(const netsnmp_pdu *pdu, int mode)
{
	static long transaction, request;
	static uint64_t start;

	if (!start || pdu->transid != transaction || pdu->reqid != request) {
		start = clock_now();
		if (!MODE_IS_SET(mode) || mode == MODE_SET_RESERVE1)
			++*n_requests;
	}
	transaction = pdu->transid;
	request = pdu->reqid;
	return start;
}

/* clock_now() when sysUpTime was 0; 0: not known. */
static uint64_t epoch;

/* The library's copy of the master's sysUpTime is set anew by each response. It is late
 * by the way it took and cut to hundredths, so an earlier start is a better one; but a
 * TimeStamp that moves does more harm than one that is off by a few hundredths, so only
 * a much better one counts. */
static uint64_t
find_epoch(void)
{
	uint64_t uptime = netsnmp_get_agent_uptime() * NS_PER_CS, now = clock_now();
	uint64_t start = now > uptime ? now - uptime : 1;

	if (!epoch || start + 5 * NS_PER_CS < epoch)
		epoch = start;
	return epoch;
}

void
handler_forget_uptime(void)
{
	epoch = 0;
}

static int
handle(netsnmp_mib_handler *handler, netsnmp_handler_registration *registration,
	netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
	/* Not my_reg_void of the registration: where another one lies within, the library
	 * works with a copy that lacks it (netsnmp_handler_registration_dup() of 5.9). */
	struct place *place = handler->myvoid;
	struct query query;

	(void)registration;
	follow_note();
	place->served->before(place->served->source);
	query_init(&query, place->served->source, start_of(info->asp->pdu, info->mode),
		find_epoch());
	query_see_drafts(&query, place->served->drafts);
	if (MODE_IS_SET(info->mode)) {
		write_phase(place->table, place->served, &query, info, requests);
		return SNMP_ERR_NOERROR;
	}
	for (netsnmp_request_info *request = requests; request; request = request->next) {
		if (request->processed)
			continue;
		if (info->mode == MODE_GET)
			answer_get(place->table, &query, request);
		else if (!place->around)
			answer_next(place, &query, request, info->mode);
	}
	return SNMP_ERR_NOERROR;
}

static int
register_place(struct place *place)
{
	int modes = (place->table->edits ? HANDLER_CAN_RWRITE : HANDLER_CAN_RONLY) |
		    (place->served->bulk ? HANDLER_CAN_GETBULK : 0);

	place->registration = netsnmp_create_handler_registration(
		place->table->name, handle, place->root, place->root_len, modes);
	if (!place->registration)
		return -1;
	place->registration->priority = PRIORITY;
	place->registration->handler->myvoid = place;
	if (netsnmp_register_handler(place->registration) != MIB_REGISTERED_OK) {
		place->registration = NULL; /* it has been freed */
		return -1;
	}
	return 0;
}

/* Registers @table at @root or, if there is a @column, at this one of it. Returns how
 * many registrations were refused: 0 or 1. */
static int
add_place(const struct table *table, const struct oid *root, const struct column *column,
	const struct served *served)
{
	struct place *place = &places[n_places];

	if (n_places < MAX_REGISTERED) {
		place->table = table;
		place->around = root == &table->also;
		place->served = served;
		place->root_len = varbind_oid(place->root, root->sub, root->len);
		if (column)
			place->root[place->root_len++] = column->id;
		if (register_place(place) == 0) {
			n_places++;
			return 0;
		}
	}
	log_line(LOG_ERR, "cannot register %s", column ? column->name : table->name);
	return 1;
}

int
handler_register(const struct table *const *tables, const struct served *served)
{
	int refused = 0;

	for (; *tables; tables++) {
		const struct table *table = *tables;

		if (!table->by_column)
			refused += add_place(table, &table->root, NULL, served);
		if (table->also.len)
			refused += add_place(table, &table->also, NULL, served);
		for (size_t i = 0; table->by_column && i < table->n_columns; i++)
			refused += add_place(
				table, &table->entry, &table->columns[i], served);
	}
	return refused;
}
