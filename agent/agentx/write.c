/*
 * SET: see write.h.
 *
 *	RESERVE1, RESERVE2	TestSet: all that can be foreseen is checked
 *	ACTION			CommitSet: done; the last phase whose failure can be told
 *	COMMIT			CleanupSet: it stays
 *	UNDO, FREE		UndoSet; or nothing has been done
 *
 * The handler is called in each phase for each table that the PDU touches; the
 *transaction is one for all of them, hangs at the PDU, and goes with it. The first call
 *in a phase does what concerns it as a whole.
 */
#include "write.h"

#include "../base/alloc.h"

#include <stdint.h>
#include <stdio.h>

/* At the PDU. */
struct pending {
	struct txn *txn;
	const struct served *served;
	struct query query; /* with no row in it: they may go between the phases */
	bool ended;	    /* and has been told */
};

#define DATA_NAME "netmibd transaction"

/* What a status says where nobody says more. */
static const char *
words_of(enum set_status status)
{
	switch (status) {
	case SET_WRONG_TYPE:
		return "a value of another type is wanted";
	case SET_WRONG_LENGTH:
		return "it can never be of that length";
	case SET_WRONG_VALUE:
		return "it can never have that value";
	case SET_NO_CREATION:
		return "there is no such instance, and can never be one";
	case SET_INCONSISTENT_NAME:
		return "there is no such row, and none is made";
	case SET_INCONSISTENT_VALUE:
		return "it cannot have that value now";
	case SET_NOT_WRITABLE:
		return "it cannot be written";
	case SET_UNDO_FAILED:
		return "what has been done could not be undone, see the log";
	default:
		return "it could not be done, see the log";
	}
}

/* Tells once how it has ended. */
static void
end(struct pending *pending, enum set_fate fate, enum set_status status,
	unsigned int varbind)
{
	struct set_end end = { .fate = fate,
		.txn = pending->txn->number,
		.status = status,
		.varbind = varbind };
	const char *object = txn_object(pending->txn, varbind);

	if (pending->ended)
		return;
	pending->ended = true;
	snprintf(end.text, sizeof(end.text), "%s%s%s", object ? object : "",
		object ? ": " : "",
		pending->txn->why ? pending->txn->why : words_of(status));
	pending->served->ended(pending->served->source, &end);
}

/* The PDU is over. A master that goes in the middle of it says not whether what has
 * been done is to stay: it does. */
static void
forget(void *data)
{
	struct pending *pending = data;

	if (pending->txn->applied && !pending->txn->undone)
		end(pending, SET_KEPT, SET_OK, 0);
	txn_keep(pending->txn, &pending->query);
	txn_free(pending->txn);
	free(pending);
}

static struct pending *
pending_of(const struct served *served, const struct query *query,
	netsnmp_agent_request_info *info)
{
	static unsigned int number;
	struct pending *pending = netsnmp_agent_get_list_data(info, DATA_NAME);

	if (!pending) {
		pending = xcalloc(1, sizeof(*pending));
		pending->txn = txn_new();
		pending->txn->number = ++number;
		pending->served = served;
		netsnmp_agent_add_list_data(
			info, netsnmp_create_data_list(DATA_NAME, pending, forget));
	}
	query_init(&pending->query, query->source, query->now, query->epoch);
	pending->query.drafts = query->drafts;
	return pending;
}

/* What a manager has sent. */

static void
take_octets(struct value *value, enum syntax syntax, const netsnmp_variable_list *var)
{
	value->syntax = syntax;
	value->octets.data = var->val.string;
	value->octets.len = var->val_len;
}

static void
take_number(struct value *value, enum syntax syntax, uint64_t number)
{
	value->syntax = syntax;
	value->number = number;
}

/* One that is too long is cut: no object takes a long one. */
static void
take_oid(struct value *value, const netsnmp_variable_list *var)
{
	size_t max = sizeof(value->scratch) / sizeof(uint32_t);
	size_t len = var->val_len / sizeof(oid);

	value->syntax = SYNTAX_OBJECT_ID;
	value->oid.sub = (const void *)value->scratch;
	value->oid.len = handler_oid(
		(void *)value->scratch, var->val.objid, len < max ? len : max);
}

static void
take_value(struct value *value, const netsnmp_variable_list *var)
{
	switch (var->type) {
	case ASN_INTEGER:
		take_number(value, SYNTAX_INTEGER, (uint64_t)(int64_t)*var->val.integer);
		break;
	case ASN_GAUGE:
		take_number(value, SYNTAX_GAUGE32, (uint32_t)*var->val.integer);
		break;
	case ASN_TIMETICKS:
		take_number(value, SYNTAX_TIMETICKS, (uint32_t)*var->val.integer);
		break;
	case ASN_COUNTER:
		take_number(value, SYNTAX_COUNTER32, (uint32_t)*var->val.integer);
		break;
	case ASN_OCTET_STR:
		take_octets(value, SYNTAX_OCTETS, var);
		break;
	case ASN_IPADDRESS:
		take_octets(value, SYNTAX_IPADDRESS, var);
		break;
	case ASN_OBJECT_ID:
		take_oid(value, var);
		break;
	default: /* nobody can write a Counter64; no object is of another type */
		take_number(value, SYNTAX_COUNTER64, 0);
		break;
	}
}

/* Phases. */

/* Tells varbind number @varbind of the PDU, which may be in another table's list. A list
 * that the library has not called yet in this phase refers to what was freed at the end
 * of the phase before, if each is a PDU of the master's (get_set_cache()). */
static void
tell(netsnmp_agent_request_info *info, netsnmp_request_info *requests,
	unsigned int varbind, enum set_status status)
{
	netsnmp_agent_session *asp = info->asp;
	netsnmp_request_info *blamed = requests;

	for (int i = 0; i < asp->vbcount; i++) {
		if (asp->requests[i].index == (int)varbind)
			blamed = &asp->requests[i];
	}
	blamed->agent_req_info = info;
	netsnmp_request_set_error(blamed, (int)status);
}

static void
reserve(struct pending *pending, const struct table *table, struct query *query,
	netsnmp_request_info *requests)
{
	const struct served *served = pending->served;

	for (netsnmp_request_info *at = requests; at; at = at->next) {
		const netsnmp_variable_list *var = at->requestvb;
		enum set_status status = SET_NOT_WRITABLE;
		uint32_t name[OID_MAX];
		struct value value;

		if (at->processed)
			continue;
		take_value(&value, var);
		if (served->may_write(served->source))
			status = txn_add(pending->txn, query, table, name,
				handler_oid(name, var->name, var->name_length), &value,
				(unsigned int)at->index);
		if (status) {
			netsnmp_request_set_error(at, (int)status);
			end(pending, SET_FAILED, status, (unsigned int)at->index);
			return;
		}
	}
}

void
write_phase(const struct table *table, const struct served *served, struct query *query,
	netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
	struct pending *pending = pending_of(served, query, info);
	enum set_status status = SET_OK;
	unsigned int varbind = 0;

	switch (info->mode) {
	case MODE_SET_RESERVE1:
		reserve(pending, table, query, requests);
		break;
	case MODE_SET_RESERVE2:
		status = txn_check(pending->txn, query, &varbind);
		break;
	case MODE_SET_ACTION:
		status = txn_apply(pending->txn, query, &varbind);
		if (!status) /* a subagent's last chance before the manager is told */
			served->after_set(served->source);
		break;
	case MODE_SET_UNDO:
		status = txn_undo(pending->txn, query, &varbind);
		if (!status && pending->txn->undone)
			end(pending, SET_UNDONE, SET_OK, 0);
		served->after_set(served->source);
		break;
	case MODE_SET_COMMIT:
		end(pending, SET_KEPT, SET_OK, 0);
		txn_keep(pending->txn, query);
		break;
	default:
		break;
	}
	if (!status)
		return;
	tell(info, requests, varbind, status);
	end(pending, SET_FAILED, status, varbind);
}
