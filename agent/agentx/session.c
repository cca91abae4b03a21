/*
 * The SNMP side: see session.h. The library's globals are met here and nowhere else.
 */
#include "session.h"

#include "../base/clock.h"
#include "../base/log.h"
#include "config.h"
#include "follow.h"
#include "handler.h"
#include "loop.h"
#include "master.h"
#include "netsnmp.h"
#include "trap.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define APPLICATION  "netmibd"
#define FOLDER	     "/var/lib/netmibd"
#define DEFAULT_PORT "udp:127.0.0.1:161"

/* NETMIBD-CAPABILITIES::netmibdCapabilityIfMIB and its like, for sysORTable. */
static oid capability[] = { 1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 4, 1 };
static oid ip_capability[] = { 1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 4, 2 };
static oid route_capability[] = { 1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 4, 3 };
static oid own_capability[] = { 1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 4, 4 };

/* Exported by the library, without a prototype in its installed headers. */
SNMPCallback subagent_startup;

static const struct agentx_settings *settings;
static struct options *options;
static struct status *status;

static void
sink_line(int priority, const char *text)
{
	snmp_log(priority, "%s\n", text);
}

static bool
sink_debugging(const char *subject)
{
	return snmp_get_do_debugging() &&
	       debug_is_token_registered(subject) == SNMPERR_SUCCESS;
}

static void
sink_debug(const char *subject, const char *text)
{
	DEBUGMSGTL((subject, "%s\n", text));
}

static const struct log_sink sink = { sink_line, sink_debugging, sink_debug };

void
agentx_prepare(void)
{
	/* Else the library parses every MIB file that it finds, and complains about each.
	 */
	setenv("MIBS", "", 1);
	/* The library's own folder belongs to snmpd's user. */
	setenv("SNMP_PERSISTENT_DIR", FOLDER, 0);
	/* Else an answer to a master that has gone kills us. */
	signal(SIGPIPE, SIG_IGN);
	netsnmp_ds_set_string(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_APPTYPE, APPLICATION);
	log_to(&sink);
}

int
agentx_log_option(char *option, int argc, char *const *argv)
{
	return snmp_log_options(option, argc, argv);
}

void
agentx_debug_option(const char *subjects)
{
	char *copy = strdup(subjects);

	debug_register_tokens(copy);
	snmp_set_do_debugging(1);
	free(copy);
}

void
agentx_log_default(void)
{
	snmp_enable_stderrlog();
}

const char *
agentx_socket(void)
{
	return master_address() ?: NETSNMP_AGENTX_SOCKET;
}

const char *
agentx_version(void)
{
	return netsnmp_get_version();
}

static void
note_connected(bool connected)
{
	status->connected = connected;
	status->connected_since = clock_now();
}

static int
session_begins(int major, int minor, void *session, void *arg)
{
	netsnmp_transport *transport = snmp_sess_transport(snmp_sess_pointer(session));

	(void)major, (void)minor, (void)arg;
	status->sessions++;
	note_connected(true);
	trap_session(session);
	master_session(session);
	handler_forget_uptime();
	follow_master(&agentx_loop, transport ? transport->sock : -1);
	return 0;
}

static int
session_ends(int major, int minor, void *session, void *arg)
{
	(void)major, (void)minor, (void)session, (void)arg;
	note_connected(false);
	trap_session(NULL);
	master_session(NULL);
	follow_master(&agentx_loop, -1);
	return 0;
}

static void
choose_role(void)
{
	if (!settings->standalone)
		netsnmp_enable_subagent();
	/* One line for each request would be all that the log holds. */
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID,
		NETSNMP_DS_AGENT_DONT_LOG_TCPWRAPPERS_CONNECTS, 1);
	/* A master that is away is said once when it goes, not every second. */
	netsnmp_ds_set_boolean(
		NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_NO_CONNECTION_WARNINGS, 1);
	if (settings->socket)
		netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID,
			NETSNMP_DS_AGENT_X_SOCKET, settings->socket);
	if (settings->config_files)
		netsnmp_ds_set_string(NETSNMP_DS_LIBRARY_ID,
			NETSNMP_DS_LIB_OPTIONALCONFIG, settings->config_files);
	if (settings->only_these_files)
		netsnmp_ds_set_boolean(
			NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
}

/* Which of the library's own modules take part. All know their configuration tokens, so
 * that one file serves both modes; only a standalone agent has their tables. */
static void
choose_modules(void)
{
	char standalone[] = "system_mib,sysORTable,snmp_mib,vacm_conf,vacm_vars,usmConf,"
			    "usmUser,usmStats,snmpEngine,snmpMPDStats";
	char subagent[] = "vacm_conf,usmConf";

	add_to_init_list(settings->standalone ? standalone : subagent);
	init_mib_modules();
}

static int
open_ports(void)
{
	if (!settings->standalone)
		return 0;
	/* Only now: agentaddress in a file would be added to it, not replaced by it. */
	if (settings->address)
		netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_PORTS,
			settings->address);
	else if (!netsnmp_ds_get_string(
			 NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_PORTS))
		netsnmp_ds_set_string(
			NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_PORTS, DEFAULT_PORT);
	if (init_master_agent() == 0)
		return 0;
	log_line(LOG_ERR, "cannot listen on %s",
		netsnmp_ds_get_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_PORTS));
	return -1;
}

/* The end of a reading is the subagent module's cue to connect. */
static void
do_not_connect(void)
{
	snmp_unregister_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_POST_READ_CONFIG,
		subagent_startup, NULL, 0);
}

struct reading {
	unsigned int errors;
	bool connects; /* to the master, at its end */
};

/* Before the files are read: only now are all tokens registered. */
static int
check_configuration(int major, int minor, void *args, void *arg)
{
	struct reading *reading = arg;

	(void)major, (void)minor, (void)args;
	reading->errors =
		config_check(settings->config_files, settings->only_these_files);
	if (reading->errors || !reading->connects)
		do_not_connect();
	if (reading->errors && !reading->connects)
		snmp_disable_log(); /* all has been said once */
	return 0;
}

/* Starts the library, which reads the files. Returns how many errors there are in them,
 * or -1 if it does not start. */
static int
start_library(const struct agentx_settings *from, struct options *to, bool connects)
{
	static struct reading reading;

	settings = from;
	options = to;
	reading.connects = connects;
	choose_role();
	if (init_agent(APPLICATION) != 0) {
		log_line(LOG_ERR, "Net-SNMP's agent library does not start");
		return -1;
	}
	/* After init_agent(), which sets it to 15. */
	netsnmp_ds_set_int(
		NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_AGENTX_PING_INTERVAL, 1);
	choose_modules();
	config_init(options, settings->standalone);
	snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_PRE_READ_CONFIG,
		check_configuration, &reading);
	snmp_register_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_START,
		session_begins, NULL);
	snmp_register_callback(
		SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_STOP, session_ends, NULL);
	init_snmp(APPLICATION);
	snmp_unregister_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_PRE_READ_CONFIG,
		check_configuration, &reading, 1);
	if (!reading.errors)
		reading.errors = config_adopt();
	if (reading.errors)
		log_line(LOG_ERR, "%u error%s in the configuration", reading.errors,
			reading.errors == 1 ? "" : "s");
	return (int)reading.errors;
}

int
agentx_open(const struct agentx_settings *from, struct options *to, struct status *count)
{
	status = count;
	handler_count(&status->requests);
	if (start_library(from, to, true) != 0)
		return -1;
	follow_enable(options->follow_master);
	if (!settings->standalone && !status->connected)
		log_line(LOG_NOTICE,
			"there is no AgentX master at %s yet: looking again "
			"and again",
			agentx_socket());
	if (!settings->standalone)
		master_open(&agentx_loop,
			(unsigned int)netsnmp_ds_get_int(NETSNMP_DS_APPLICATION_ID,
				NETSNMP_DS_AGENT_AGENTX_PING_INTERVAL));
	return open_ports();
}

int
agentx_examine(const struct agentx_settings *from, struct options *to)
{
	return start_library(from, to, false);
}

int
agentx_serve(const struct table *const *tables, const struct served *served)
{
	int refused = handler_register(tables, served);

	register_sysORTable(
		own_capability, OID_LENGTH(own_capability), "netmibd: NETMIBD-MIB");
	register_sysORTable(route_capability, OID_LENGTH(route_capability),
		"netmibd: IP-FORWARD-MIB from rtnetlink");
	register_sysORTable(ip_capability, OID_LENGTH(ip_capability),
		"netmibd: IP-MIB from rtnetlink and /proc");
	register_sysORTable(capability, OID_LENGTH(capability),
		"netmibd: IF-MIB and IF-INVERTED-STACK-MIB from rtnetlink");
	return refused;
}

int
agentx_daemonize(void)
{
	return netsnmp_daemonize(1, snmp_stderrlog_status());
}

void
agentx_reconfigure(void)
{
	const char *files = settings->config_files;

	if (config_check(files, settings->only_these_files)) {
		log_line(LOG_ERR, "the configuration is left as it was");
		return;
	}
	do_not_connect(); /* it is connected, or its own alarm sees to it */
	free_config();
	read_configs();
	if (config_adopt())
		log_line(LOG_ERR, "netmibd's own settings are left as they were");
	else
		log_line(LOG_INFO, "configuration read again");
	follow_enable(options->follow_master);
}

void
agentx_close(void)
{
	master_close();
	/* The Close PDU that the subagent module sends now ends all registrations, too.
	 */
	snmp_shutdown(APPLICATION);
	shutdown_agent();
	log_to(NULL);
}
