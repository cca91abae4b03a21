/*
 * Notifications on their way: see trap.h.
 */
#include "trap.h"

#include "../base/alloc.h"
#include "../base/log.h"
#include "netsnmp.h"
#include "varbind.h"

#include <stdint.h>
#include <stdlib.h>

/* RFC 2741 section 6.2.10, and the library's own number for AgentX among the versions of
 * SNMP: not in its installed headers. */
#define AGENTX_MSG_NOTIFY 12
#define AGENTX_VERSION_1  (192 | 1)

/* notOpen: the master does not know the session, RFC 2741 section 6.2.16. */
#define AGENTX_ERR_NOT_OPEN 257

/* Never: the session ends first, when the master does not answer a ping. One that is sent
 * twice would be told twice. (In microseconds it must fit into a long of 32 bits.) */
#define TIMEOUT_S (30 * 60)

/* A notice that has been sent, or is to be sent again. */
struct flight {
	TAILQ_ENTRY(flight) next;
	uintptr_t number;
	struct notice *notice;
};

TAILQ_HEAD(flights, flight);

static struct {
	const struct loop *loop;
	bool standalone;
	void (*again)(void *arg);
	void *arg;
	netsnmp_session *session;
	struct flights sent;  /* and not answered */
	struct flights stuck; /* a master had them when it went */
	size_t n_sent;
	uintptr_t number; /* that was given last */
	unsigned int timer;
} trap;

void
trap_open(const struct loop *loop, bool standalone, void (*again)(void *arg), void *arg)
{
	trap.loop = loop;
	trap.standalone = standalone;
	trap.again = again;
	trap.arg = arg;
	TAILQ_INIT(&trap.sent);
	TAILQ_INIT(&trap.stuck);
}

static void
forget(struct flights *flights, struct flight *flight)
{
	TAILQ_REMOVE(flights, flight, next);
	notice_free(flight->notice);
	free(flight);
}

void
trap_close(void)
{
	struct flight *flight;

	if (!trap.loop)
		return;
	if (trap.timer)
		trap.loop->cancel(trap.timer);
	while ((flight = TAILQ_FIRST(&trap.sent)))
		forget(&trap.sent, flight);
	while ((flight = TAILQ_FIRST(&trap.stuck)))
		forget(&trap.stuck, flight);
	trap.loop = NULL;
}

/* What it is made of. */

static void
add_trap_oid(netsnmp_variable_list **list, const struct oid *value)
{
	static const oid name[] = { 1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0 };
	oid sub[OID_MAX];
	size_t len = varbind_oid(sub, value->sub, value->len);

	snmp_varlist_add_variable(
		list, name, OID_LENGTH(name), ASN_OBJECT_ID, sub, len * sizeof(oid));
}

static void
add_varbind(netsnmp_variable_list **list, const struct notice_varbind *varbind)
{
	struct value value = { .syntax = varbind->syntax };
	oid name[OID_MAX];
	netsnmp_variable_list *var;

	if (varbind->syntax == SYNTAX_OBJECT_ID)
		value.oid =
			(struct oid){ varbind->oid + varbind->name_len, varbind->len };
	else if (varbind->octets)
		value_set_octets(&value, varbind->octets, varbind->len);
	else
		value.number = varbind->number;
	var = snmp_varlist_add_variable(list, name,
		varbind_oid(name, varbind->oid, varbind->name_len), ASN_NULL, NULL, 0);
	if (var)
		varbind_set(var, &value);
}

static netsnmp_variable_list *
make_list(const struct notice *notice)
{
	netsnmp_variable_list *list = NULL;
	const struct notice_varbind *varbind;

	add_trap_oid(&list, &notice->what->oid);
	for (varbind = STAILQ_FIRST(&notice->varbinds); varbind;
		varbind = STAILQ_NEXT(varbind, next))
		add_varbind(&list, varbind);
	return list;
}

/* The master. */

static int answered(
	int op, netsnmp_session *session, int reqid, netsnmp_pdu *pdu, void *magic);

static bool
send_to_master(struct flight *flight)
{
	netsnmp_pdu *pdu = snmp_pdu_create(AGENTX_MSG_NOTIFY);

	if (!pdu)
		return false;
	pdu->version = AGENTX_VERSION_1;
	pdu->sessid = trap.session->sessid;
	pdu->reqid = snmp_get_next_reqid();
	pdu->flags |= UCD_MSG_FLAG_PDU_TIMEOUT;
	pdu->time = TIMEOUT_S;
	pdu->variables = make_list(flight->notice);
	flight->number = ++trap.number;
	if (!snmp_async_send(trap.session, pdu, answered, (void *)flight->number)) {
		snmp_free_pdu(pdu);
		return false;
	}
	TAILQ_INSERT_TAIL(&trap.sent, flight, next);
	trap.n_sent++;
	return true;
}

static bool
has_room(void)
{
	return trap.session && trap.n_sent < MAX_UNDER_WAY;
}

/* Those that were under way first. False: some are left. */
static bool
send_stuck(void)
{
	struct flight *flight;

	while (has_room() && (flight = TAILQ_FIRST(&trap.stuck))) {
		TAILQ_REMOVE(&trap.stuck, flight, next);
		if (!send_to_master(flight)) {
			TAILQ_INSERT_HEAD(&trap.stuck, flight, next);
			return false;
		}
	}
	return TAILQ_EMPTY(&trap.stuck);
}

static void
go_on(void *arg)
{
	(void)arg;
	trap.timer = 0;
	if (send_stuck())
		trap.again(trap.arg);
}

/* Nothing is sent from within the library's own calls. */
static void
go_on_soon(void)
{
	if (!trap.timer)
		trap.timer = trap.loop->after(1, go_on, NULL);
}

static int
answered(int op, netsnmp_session *session, int reqid, netsnmp_pdu *pdu, void *magic)
{
	struct flight *flight;

	(void)session, (void)reqid;
	if (op == NETSNMP_CALLBACK_OP_RESEND || !trap.loop)
		return 1;
	flight = TAILQ_FIRST(&trap.sent);
	while (flight && flight->number != (uintptr_t)magic)
		flight = TAILQ_NEXT(flight, next);
	if (!flight)
		return 1; /* of a session that has ended */
	if (op != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE ||
		pdu->errstat == AGENTX_ERR_NOT_OPEN)
		return 1; /* the next session sends it: the ping finds out, too */
	if (pdu->errstat)
		log_debug("notify", "the master refuses %s: error %ld",
			flight->notice->what->name, pdu->errstat);
	forget(&trap.sent, flight);
	trap.n_sent--;
	go_on_soon();
	return 1;
}

void
trap_session(void *session)
{
	struct flight *flight;

	trap.session = session;
	if (!trap.loop)
		return;
	if (session) {
		go_on_soon();
		return;
	}
	while ((flight = TAILQ_LAST(&trap.sent, flights))) {
		TAILQ_REMOVE(&trap.sent, flight, next);
		TAILQ_INSERT_HEAD(&trap.stuck, flight, next);
	}
	trap.n_sent = 0;
}

bool
trap_send(void *arg, struct notice *notice)
{
	struct flight *flight;

	(void)arg;
	if (trap.standalone) {
		netsnmp_variable_list *list = make_list(notice);

		send_v2trap(list);
		snmp_free_varbind(list);
		notice_free(notice);
		return true;
	}
	if (!has_room() || !TAILQ_EMPTY(&trap.stuck))
		return false;
	flight = xcalloc(1, sizeof(*flight));
	flight->notice = notice;
	if (send_to_master(flight))
		return true;
	free(flight);
	return false;
}
