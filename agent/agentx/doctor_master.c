/*
 * What the master answers, as a manager sees it: see doctor.h.
 */
#include "doctor.h"

#include "../base/oid.h"
#include "../base/report.h"
#include "netsnmp.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define TIMEOUT_US 1000000

/* The priority of our registrations (agentx/handler.c). */
#define OUR_PRIORITY 100

#define REGISTRATIONS_MAX 1024

/* NET-SNMP-AGENT-MIB::nsModuleName */
static const oid name_column[] = { 1, 3, 6, 1, 4, 1, 8072, 1, 2, 1, 1, 4 };

/* One object of each part of what is served. */
static const struct shown {
	const char *name, *subtree;
	oid oid[12];
	size_t len;
} shown[] = {
	{ "ifNumber", ".1.3.6.1.2.1.2", { 1, 3, 6, 1, 2, 1, 2, 1, 0 }, 9 },
	{ "ipForwarding", ".1.3.6.1.2.1.4", { 1, 3, 6, 1, 2, 1, 4, 1, 0 }, 9 },
	{ "icmpInMsgs", ".1.3.6.1.2.1.5", { 1, 3, 6, 1, 2, 1, 5, 1, 0 }, 9 },
	{ "ifTableLastChange", ".1.3.6.1.2.1.31", { 1, 3, 6, 1, 2, 1, 31, 1, 5, 0 }, 10 },
	{ "inetCidrRouteNumber", ".1.3.6.1.2.1.4.24", { 1, 3, 6, 1, 2, 1, 4, 24, 6, 0 },
		10 },
};

/* Our own MIB: what is served by nobody else. Of it any instance. */
static const oid own_mib[] = { 1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863 };

/* mteTriggerComment of the triggers that linkUpDownNotifications makes: owner
 * "snmpd.conf", name "linkUp" or "linkDown". */
static const oid trigger_comment[] = { 1, 3, 6, 1, 2, 1, 88, 1, 2, 2, 1, 3, 10, 's', 'n',
	'm', 'p', 'd', '.', 'c', 'o', 'n', 'f', 'l', 'i', 'n', 'k' };

static netsnmp_session *
open_session(const char *address)
{
	netsnmp_session session;
	char *peer = strdup(address);
	netsnmp_session *made;
	int version =
		netsnmp_ds_get_int(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_SNMPVERSION);

	snmp_sess_init(&session);
	session.peername = peer;
	session.timeout = TIMEOUT_US;
	session.retries = 1;
	if (version == NETSNMP_DS_SNMP_VERSION_3 ||
		netsnmp_ds_get_string(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_SECNAME))
		session.version = SNMP_VERSION_3;
	else
		session.version = SNMP_VERSION_2c;
	made = snmp_open(&session);
	free(peer);
	return made;
}

/* One varbind's question and answer; NULL: there was none. To be freed. */
static netsnmp_pdu *
ask(netsnmp_session *session, int kind, const oid *name, size_t len)
{
	netsnmp_pdu *answer = NULL, *question = snmp_pdu_create(kind);

	if (kind == SNMP_MSG_GETBULK) {
		question->non_repeaters = 0;
		question->max_repetitions = 40;
	}
	snmp_add_null_var(question, name, len);
	if (snmp_synch_response(session, question, &answer) == STAT_SUCCESS &&
		answer->errstat == SNMP_ERR_NOERROR && answer->variables)
		return answer;
	if (answer)
		snmp_free_pdu(answer);
	return NULL;
}

/* Does a GET show it? */
static bool
is_shown(netsnmp_session *session, const oid *name, size_t len)
{
	netsnmp_pdu *answer = ask(session, SNMP_MSG_GET, name, len);
	bool there = answer && answer->variables->type != SNMP_NOSUCHOBJECT &&
		     answer->variables->type != SNMP_NOSUCHINSTANCE;

	if (answer)
		snmp_free_pdu(answer);
	return there;
}

/* Is any instance below @root there? */
static bool
is_any_shown(netsnmp_session *session, const oid *root, size_t len)
{
	netsnmp_pdu *answer = ask(session, SNMP_MSG_GETNEXT, root, len);
	bool there = answer && answer->variables->type != SNMP_ENDOFMIBVIEW &&
		     answer->variables->name_length > len &&
		     snmp_oid_compare(answer->variables->name, len, root, len) == 0;

	if (answer)
		snmp_free_pdu(answer);
	return there;
}

static void
tell_hidden(const char *name, const char *subtree)
{
	report_wrong("%s is not to be seen: the view of who asks hides it", name);
	report_mend(
		"in /etc/snmp/snmpd.conf, for VIEW of his line (-V VIEW): \"view VIEW "
		"included %s\"; then: systemctl restart snmpd",
		subtree);
}

static void
check_view(netsnmp_session *session)
{
	unsigned int hidden = 0;

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		if (!is_shown(session, shown[i].oid, shown[i].len)) {
			tell_hidden(shown[i].name, shown[i].subtree);
			hidden++;
		}
	}
	if (!is_any_shown(session, own_mib, OID_LENGTH(own_mib))) {
		tell_hidden("NETMIBD-MIB", ".1.3.6.1.4.1.8072.9999.9999.2863");
		hidden++;
	}
	if (!hidden)
		report_right("what netmibd serves is to be seen");
}

/* Registrations. */

struct registration {
	oid root[MAX_OID_LEN];
	size_t len;
	unsigned long priority;
	char name[40];
};

/* A varbind of nsModuleName: its index is the context, the root and the priority. */
static bool
take_registration(struct registration *module, const netsnmp_variable_list *var)
{
	const oid *at = var->name + OID_LENGTH(name_column);
	size_t left = var->name_length - OID_LENGTH(name_column);

	if (left < 3 || at[0] != 0) /* another context */
		return false;
	module->len = at[1];
	if (left != module->len + 3 || module->len > MAX_OID_LEN)
		return false;
	memcpy(module->root, at + 2, module->len * sizeof(*at));
	module->priority = at[module->len + 2];
	snprintf(module->name, sizeof(module->name), "%.*s", (int)var->val_len,
		var->type == ASN_OCTET_STR ? (const char *)var->val.string : "");
	return true;
}

/* Reads nsModuleTable. Returns how many rows there are in @found. */
static size_t
read_registrations(netsnmp_session *session, struct registration *found)
{
	oid at[MAX_OID_LEN];
	size_t len = OID_LENGTH(name_column), n = 0;
	netsnmp_pdu *answer;
	bool more = true;

	memcpy(at, name_column, sizeof(name_column));
	while (more && (answer = ask(session, SNMP_MSG_GETBULK, at, len))) {
		const netsnmp_variable_list *var = answer->variables;

		for (; var && more; var = var->next_variable) {
			more = var->type != SNMP_ENDOFMIBVIEW && n < REGISTRATIONS_MAX &&
			       snmp_oidtree_compare(var->name, var->name_length,
				       name_column, OID_LENGTH(name_column)) == 0 &&
			       snmp_oid_compare(var->name, var->name_length, at, len) > 0;
			if (!more)
				break;
			n += take_registration(&found[n], var);
			memcpy(at, var->name, var->name_length * sizeof(oid));
			len = var->name_length;
		}
		snmp_free_pdu(answer);
	}
	return n;
}

/* Does @other answer for what we have registered at @root, and @column below it if that
 * is not 0? */
static bool
shadows_root(const struct registration *other, const struct oid *root, uint32_t column)
{
	size_t len = root->len + (column != 0);

	if (other->len < len)
		return false;
	for (size_t i = 0; i < root->len; i++) {
		if (other->root[i] != root->sub[i])
			return false;
	}
	if (column && other->root[root->len] != column)
		return false;
	return other->len > len || other->priority < OUR_PRIORITY;
}

/* The places are those of handler_register(). */
static bool
shadows_table(const struct registration *other, const struct table *table)
{
	if (!table->by_column && shadows_root(other, &table->root, 0))
		return true;
	if (table->also.len && shadows_root(other, &table->also, 0))
		return true;
	for (size_t i = 0; table->by_column && i < table->n_columns; i++) {
		if (shadows_root(other, &table->entry, table->columns[i].id))
			return true;
	}
	return false;
}

static bool
shadows_any(const struct registration *other, const struct table *const *tables)
{
	if (other->priority == OUR_PRIORITY)
		return false;
	for (; *tables; tables++) {
		if (shadows_table(other, *tables))
			return true;
	}
	return false;
}

static void
tell_shadow(const struct registration *from)
{
	char root[512];

	snprint_objid(root, sizeof(root), from->root, from->len);
	report_wrong("module \"%s\" of the master answers for %s (priority %lu)",
		from->name, root, from->priority);
	if (strncmp(from->name, "AgentX", 6) == 0)
		report_mend("stop that subagent, or have it register elsewhere");
	else
		report_mend("start snmpd with \"-I -%s\", or take its line out of "
			    "/etc/snmp/snmpd.conf; then: systemctl restart snmpd",
			from->name[0] ? from->name : "NAME");
}

/* nsModuleTable has, of those at the same place, the one that answers. */
static void
check_modules(netsnmp_session *session, const struct table *const *tables)
{
	static struct registration found[REGISTRATIONS_MAX];
	size_t n = read_registrations(session, found), bad = 0;

	for (size_t i = 0; i < n; i++) {
		if (shadows_any(&found[i], tables)) {
			tell_shadow(&found[i]);
			bad++;
		}
	}
	if (!n)
		report_note("nsModuleTable is not to be seen: whether a module of the "
			    "master's shadows netmibd is not known");
	else if (!bad)
		report_right("no module of the master's shadows netmibd");
}

static void
check_traps(netsnmp_session *session)
{
	if (!is_any_shown(session, trigger_comment, OID_LENGTH(trigger_comment)))
		return;
	report_wrong(
		"snmpd's linkUpDownNotifications tells each linkDown and linkUp once "
		"more");
	report_mend("in /etc/snmp/snmpd.conf: \"linkUpDownNotifications no\"; then: "
		    "systemctl restart snmpd");
}

void
doctor_master(const char *address, const struct table *const *tables)
{
	static const oid uptime[] = { 1, 3, 6, 1, 2, 1, 1, 3, 0 };
	netsnmp_session *session;
	netsnmp_pdu *answer;

	if (!netsnmp_ds_get_string(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_COMMUNITY) &&
		!netsnmp_ds_get_string(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_SECNAME)) {
		report_note("views, modules and traps were not looked at: say in "
			    "/etc/snmp/snmp.conf who asks: \"defCommunity COMMUNITY\", "
			    "or \"defSecurityName USER\" and its like");
		return;
	}
	session = open_session(address);
	answer = session ? ask(session, SNMP_MSG_GET, uptime, OID_LENGTH(uptime)) : NULL;
	if (!answer) {
		report_wrong("the SNMP agent at %s does not answer to who asks by "
			     "snmp.conf(5)",
			address);
		report_mend("name its address (--check=ADDRESS), or in "
			    "/etc/snmp/snmpd.conf: \"rocommunity COMMUNITY 127.0.0.1\"");
	} else {
		report_right("the SNMP agent at %s answers", address);
		snmp_free_pdu(answer);
		if (tables) {
			check_view(session);
			check_modules(session, tables);
		}
		check_traps(session);
	}
	if (session)
		snmp_close(session);
}
