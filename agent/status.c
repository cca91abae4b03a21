/*
 * What `netmibd --status` shows, gathered from all layers: see status.h. Members are only
 * ever added: programs read them.
 */
#include "status.h"

#include "../tables/notices.h"
#include "agentx/session.h"
#include "agentx/store.h"
#include "base/clock.h"
#include "kernel/session.h"

#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

/* The names of the bits of nmdNotifyEnable. */
static const char *const notice_names[] = {
	[NOTICE_LINK] = "link",
	[NOTICE_INTERFACE_ADDED] = "interfaceAdded",
	[NOTICE_INTERFACE_REMOVED] = "interfaceRemoved",
	[NOTICE_INTERFACE_CHANGED] = "interfaceChanged",
	[NOTICE_ADDRESS_ADDED] = "addressAdded",
	[NOTICE_ADDRESS_REMOVED] = "addressRemoved",
	[NOTICE_ADDRESS_DUPLICATE] = "addressDuplicate",
	[NOTICE_ADDRESS_DEPRECATED] = "addressDeprecated",
	[NOTICE_DEFAULT_ROUTE] = "defaultRoute",
	[NOTICE_ROUTE] = "route",
	[NOTICE_NEIGHBOR_MOVED] = "neighborMoved",
	[NOTICE_NEIGHBOR_CONFLICT] = "neighborConflict",
	[NOTICE_GATEWAY] = "gateway",
	[NOTICE_RESYNC_DONE] = "resyncDone",
	[NOTICE_SUMMARY] = "summary",
};
_Static_assert(N_ELEMENTS(notice_names) == N_NOTICE_TYPES, "each has a name");

/* json_object_set_new() takes the value, also when it fails, and fails for a NULL: what
 * could not be made is left out. */
static void
add(json_t *object, const char *name, json_t *value)
{
	(void)!json_object_set_new(object, name, value);
}

static void
add_number(json_t *object, const char *name, uint64_t number)
{
	add(object, name, json_integer((json_int_t)number));
}

/* What is no UTF-8 is shown as ASCII with question marks. */
static void
add_text(json_t *object, const char *name, const char *text)
{
	json_t *string = json_string(text);
	char ascii[256];
	size_t len = 0;

	for (; !string && text[len] && len + 1 < sizeof(ascii); len++)
		ascii[len] = (unsigned char)text[len] < 0x80 ? text[len] : '?';
	add(object, name, string ? string : json_stringn(ascii, len));
}

/* How long ago it was, in whole seconds; @when 0: never. */
static void
add_age(json_t *object, const char *name, uint64_t when)
{
	if (when)
		add_number(object, name, (clock_now() - when) / NS_PER_S);
	else
		add(object, name, json_null());
}

static json_t *
agentx_part(const struct status *status)
{
	json_t *part = json_object();

	add_text(part, "socket", agentx_socket());
	add(part, "connected", json_boolean(status->connected));
	add_age(part, "since_seconds",
		status->connected_since ? status->connected_since : status->started);
	add_number(part, "sessions", status->sessions);
	return part;
}

static json_t *
mirror_part(const struct status_of *of)
{
	static const char *const states[] = { "stale", "sweeping", "synced" };
	const struct mirror *mirror = of->mirror;
	json_t *part = json_object();

	add(part, "ready", json_boolean(of->ready));
	add_text(part, "state", states[of->session ? of->session->state : SESSION_STALE]);
	add_number(part, "links", set_count(&mirror->links));
	add_number(part, "addresses", set_count(&mirror->addr_index));
	add_number(part, "neighbours", mirror->real_neighs);
	add_number(part, "routes", set_count(&mirror->routes));
	return part;
}

static json_t *
events_part(const struct mirror *mirror)
{
	json_t *part = json_object();

	add_number(part, "read", mirror->status.events);
	add_number(part, "losses", mirror->told.losses);
	add_number(part, "resyncs", mirror->told.resyncs);
	add_age(part, "last_resync_seconds_ago", mirror->told.resynced_at);
	return part;
}

static json_t *
sets_part(const struct status_of *of)
{
	static const char *const modes[] = {
		[WRITE_ON] = "on", [WRITE_OFF] = "off", [WRITE_DRY_RUN] = "dry-run"
	};
	const struct writes *writes = &of->mirror->writes;
	json_t *part = json_object();

	add_text(part, "mode", modes[of->mirror->options->write]);
	add(part, "cap_net_admin",
		json_boolean(of->session && of->session->wishes.permitted));
	add_number(part, "done", writes->done);
	add_number(part, "failed", writes->failed);
	add_number(part, "undone", writes->undone);
	if (writes->failure.when)
		add_text(part, "last_error", writes->failure.text);
	else
		add(part, "last_error", json_null());
	add_age(part, "last_error_seconds_ago", writes->failure.when);
	return part;
}

static json_t *
notifications_part(const struct status_of *of)
{
	const struct notify_counts *counts = notify_counts(of->notifier);
	json_t *part = json_object(), *types = json_object();
	uint64_t sent = 0, held = 0;

	for (unsigned int type = 0; type < N_NOTICE_TYPES; type++) {
		json_t *one = json_object();

		add(one, "enabled", json_boolean(of->mirror->told.enabled & 1u << type));
		add_number(one, "sent", counts->sent[type]);
		add_number(one, "held_back", counts->held[type]);
		add(types, notice_names[type], one);
		sent += counts->sent[type];
		held += counts->held[type];
	}
	add_number(part, "sent", sent);
	add_number(part, "held_back", held);
	add_number(part, "waiting", notify_waiting(of->notifier));
	add(part, "types", types);
	return part;
}

/* What was set and is kept over restarts. */
static json_t *
store_part(void)
{
	json_t *part = json_object();

	add_text(part, "file", store_path());
	if (store_error())
		add_text(part, "error", store_error());
	else
		add(part, "error", json_null());
	return part;
}

char *
status_json(const struct status_of *of)
{
	const struct status *status = &of->mirror->status;
	json_t *all = json_object();
	char *text, *line = NULL;

	add_text(all, "version", status->version);
	add_text(all, "net_snmp", agentx_version());
	add_number(all, "pid", (uint64_t)getpid());
	add_text(all, "mode", status->standalone ? "standalone" : "subagent");
	add_age(all, "uptime_seconds", status->started);
	add_number(all, "requests", status->requests);
	add(all, "agentx", status->standalone ? json_null() : agentx_part(status));
	add(all, "mirror", mirror_part(of));
	add(all, "events", events_part(of->mirror));
	add(all, "sets", sets_part(of));
	add(all, "notifications", notifications_part(of));
	add(all, "store", store_path() ? store_part() : json_null());
	text = json_dumps(all, JSON_INDENT(2));
	json_decref(all);
	if (text && asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	return line;
}
