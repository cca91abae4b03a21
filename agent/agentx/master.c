/*
 * Looking for the master: see master.h.
 */
#include "master.h"

#include "../base/clock.h"
#include "../base/log.h"
#include "netsnmp.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* RFC 2741 section 6.1 and 6.2.11, and the library's own number for AgentX among the
 * versions of SNMP: not in its installed headers. */
#define AGENTX_MSG_PING	    13
#define AGENTX_VERSION_1    (192 | 1)
#define NETWORK_BYTE_ORDER  0x10
#define AGENTX_HEADER_BYTES 20

/* As long as the library's ping waits: 1 s, and 5 more times. */
#define PATIENCE (6 * NS_PER_S)

/* The library never sends it again. */
#define TIMEOUT_S (24 * 60 * 60)

/* What the library is to connect to meanwhile: it fails, and at once. */
#define NOWHERE "unix:/"

static struct {
	const struct loop *loop;
	unsigned int interval; /* s */
	unsigned int timer;
	netsnmp_session *session;
	uint64_t asked; /* then, and not answered; 0: not asked */
	uintptr_t number;
	char *address; /* the master's, while the library has NOWHERE */
	bool is_default;
	netsnmp_transport *probe; /* asked, and not answered */
	int (*receive)(netsnmp_transport *, void *, int, void **, int *);
} master;

/* The library's attempts. */

static void
keep_library_away(void)
{
	const char *address;

	if (master.address)
		return;
	address = netsnmp_ds_get_string(
		NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET);
	master.is_default = !address;
	master.address = strdup(address ?: "");
	netsnmp_ds_set_string(
		NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET, NOWHERE);
}

static void
let_library_connect(void)
{
	const char *now;

	if (!master.address)
		return;
	now = netsnmp_ds_get_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET);
	/* else the configuration has been read again, and says where */
	if (now && strcmp(now, NOWHERE) == 0)
		netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID,
			NETSNMP_DS_AGENT_X_SOCKET,
			master.is_default ? NULL : master.address);
	free(master.address);
	master.address = NULL;
}

const char *
master_address(void)
{
	if (master.address)
		return master.is_default ? NULL : master.address;
	return netsnmp_ds_get_string(
		NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET);
}

/* The session's ping. */

/* A master that goes and has not read all, as a ping, leaves an error on the socket, for
 * which the library's own function loses memory. Here it is taken off: then it is an end.
 */
static int
receive(netsnmp_transport *transport, void *buf, int size, void **opaque, int *olength)
{
	uint8_t octet;

	(void)!recv(transport->sock, &octet, 1, MSG_PEEK | MSG_DONTWAIT);
	return master.receive(transport, buf, size, opaque, olength);
}

static void
receive_ourselves(void)
{
	netsnmp_transport *transport =
		snmp_sess_transport(snmp_sess_pointer(master.session));

	if (!transport || transport->f_recv == receive)
		return;
	master.receive = transport->f_recv;
	transport->f_recv = receive;
}

/* Has the library notice that the master has gone. */
static void
leave(void)
{
	netsnmp_transport *transport =
		snmp_sess_transport(snmp_sess_pointer(master.session));

	master.asked = 0;
	if (transport)
		shutdown(transport->sock, SHUT_RDWR);
}

static int
answered(int op, netsnmp_session *session, int reqid, netsnmp_pdu *pdu, void *magic)
{
	(void)session, (void)reqid;
	if (op != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE ||
		(uintptr_t)magic != master.number)
		return 1;
	master.asked = 0;
	if (pdu->errstat && master.session) {
		log_line(LOG_WARNING, "the AgentX master does not know the session");
		leave();
		return 1;
	}
	netsnmp_set_agent_uptime((u_long)pdu->time);
	return 1;
}

static void
ping(void)
{
	netsnmp_pdu *pdu = snmp_pdu_create(AGENTX_MSG_PING);

	if (!pdu)
		return;
	pdu->version = AGENTX_VERSION_1;
	pdu->sessid = master.session->sessid;
	pdu->reqid = snmp_get_next_reqid();
	pdu->flags |= UCD_MSG_FLAG_PDU_TIMEOUT;
	pdu->time = TIMEOUT_S;
	master.asked = clock_now();
	if (!snmp_async_send(master.session, pdu, answered, (void *)++master.number))
		snmp_free_pdu(pdu);
}

static void
check_session(void)
{
	/* The library's own alarm for that, of which it keeps the number there. */
	if (master.session->securityModel != SNMP_DEFAULT_SECMODEL) {
		snmp_alarm_unregister((unsigned int)master.session->securityModel);
		master.session->securityModel = SNMP_DEFAULT_SECMODEL;
	}
	if (!master.asked) {
		ping();
	} else if (clock_now() - master.asked > PATIENCE) {
		log_line(LOG_WARNING, "the AgentX master does not answer");
		leave();
	}
}

/* Without a session. */

static void
drop_probe(void)
{
	if (!master.probe)
		return;
	master.loop->unwatch(master.probe->sock);
	master.probe->f_close(master.probe);
	netsnmp_transport_free(master.probe);
	master.probe = NULL;
}

/* Whatever the answer is: somebody reads and writes there. */
static void
probe_answers(int fd, void *arg)
{
	uint8_t octets[64];
	bool alive = recv(fd, octets, sizeof(octets), MSG_DONTWAIT) > 0;

	(void)arg;
	drop_probe();
	if (alive)
		let_library_connect();
}

/* A ping of no session; one that is not answered stays: a master that is stopped has a
 * short queue for those that connect. */
static void
probe(void)
{
	static const uint8_t octets[AGENTX_HEADER_BYTES] = { 1, AGENTX_MSG_PING,
		NETWORK_BYTE_ORDER };

	if (master.probe || !master.address)
		return;
	master.probe = netsnmp_transport_open_client(
		"agentx", master.is_default ? NULL : master.address);
	if (!master.probe)
		return;
	if (master.loop->watch(master.probe->sock, probe_answers, NULL) < 0 ||
		send(master.probe->sock, octets, sizeof(octets),
			MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		drop_probe();
}

static void
look(void *arg)
{
	(void)arg;
	master.timer = master.loop->after(master.interval * 1000, look, NULL);
	if (master.session)
		check_session();
	else
		probe();
}

void
master_open(const struct loop *loop, unsigned int interval)
{
	if (!interval)
		return;
	master.loop = loop;
	master.interval = interval;
	if (!master.session)
		keep_library_away();
	look(NULL);
}

void
master_close(void)
{
	if (!master.loop)
		return;
	master.loop->cancel(master.timer);
	drop_probe();
	let_library_connect();
	master.loop = NULL;
}

void
master_session(void *session)
{
	master.session = session;
	master.asked = 0;
	if (session)
		receive_ourselves();
	if (!master.loop)
		return;
	if (session)
		drop_probe();
	else
		keep_library_away();
}
