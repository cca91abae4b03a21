/*
 * netmibd.conf: see config.h. Net-SNMP reads the files, and forgets what they said before
 * (access control, too) when it begins. So they are checked first, line by line, with the
 * same parsers; only what is included by another file is first seen by Net-SNMP.
 */
#include "config.h"

#include "../base/log.h"
#include "netsnmp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct options *in_force;
static struct options pending; /* what the parsers fill in */
static unsigned int errors;

/* Where config_check() reads; NULL: Net-SNMP does, and knows where. */
static const char *checked_path;
static unsigned int checked_line;

static void
complain(const char *token, const char *text)
{
	errors++;
	if (checked_path)
		log_line(LOG_ERR, "%s: line %u: %s: %s", checked_path, checked_line,
			token, text);
	else
		netsnmp_config_error("%s: %s", token, text);
}

static bool
read_number(const char *line, unsigned long min, unsigned long max, unsigned long *number)
{
	char *end;

	*number = strtoul(line, &end, 10);
	end += strspn(end, " \t");
	return *line >= '0' && *line <= '9' && !*end && *number >= min && *number <= max;
}

static void
parse_follow(const char *token, char *line)
{
	if (strcasecmp(line, "yes") == 0)
		pending.follow_master = true;
	else if (strcasecmp(line, "no") == 0)
		pending.follow_master = false;
	else
		complain(token, "yes or no is wanted");
}

static void
parse_max_age(const char *token, char *line)
{
	unsigned long number;

	if (read_number(line, 10, 60000, &number))
		pending.counter_max_age_ms = (unsigned int)number;
	else
		complain(token, "10 to 60000 milliseconds are wanted");
}

static void
parse_event_buffer(const char *token, char *line)
{
	unsigned long number;

	if (read_number(line, 64, 1 << 20, &number))
		pending.event_buffer = (unsigned int)number << 10;
	else
		complain(token, "64 to 1048576 (kilobytes) are wanted");
}

static void
parse_descr(const char *token, char *line)
{
	if (strcasecmp(line, "name") == 0)
		pending.descr_device = false;
	else if (strcasecmp(line, "device") == 0)
		pending.descr_device = true;
	else
		complain(token, "name or device is wanted");
}

static void
parse_next_hop(const char *token, char *line)
{
	if (strcasecmp(line, "empty") == 0)
		pending.connected_next_hop_zero = false;
	else if (strcasecmp(line, "zero") == 0)
		pending.connected_next_hop_zero = true;
	else
		complain(token, "empty or zero is wanted");
}

static void
parse_foreign(const char *token, char *line)
{
	if (strcasecmp(line, "yes") == 0)
		pending.foreign_routes = true;
	else if (strcasecmp(line, "no") == 0)
		pending.foreign_routes = false;
	else
		complain(token, "yes or no is wanted");
}

static void
parse_notify_routes(const char *token, char *line)
{
	if (!options_notify_routes(&pending, line))
		complain(token, "PREFIX or any is wanted, and no more but proto NUMBER");
}

static void
parse_link_down(const char *token, char *line)
{
	if (strcasecmp(line, "new") == 0)
		pending.link_down_says_old = false;
	else if (strcasecmp(line, "old") == 0)
		pending.link_down_says_old = true;
	else
		complain(token, "new or old is wanted");
}

/* Exactly @n numbers, each from 1 to its @max. */
static bool
read_numbers(char *line, const unsigned long *max, unsigned long *numbers, size_t n)
{
	char word[16];

	for (size_t i = 0; i < n; i++) {
		if (!line)
			return false;
		line = copy_nword(line, word, sizeof(word));
		if (!read_number(word, 1, max[i], &numbers[i]))
			return false;
	}
	return !line;
}

static void
parse_damping(const char *token, char *line)
{
	static const unsigned long max[] = { 1000000, 3600, 1000000, 1000000, 3600 };
	struct notify_limits *limits = &pending.notify;
	unsigned long n[5];

	if (strcasecmp(line, "off") == 0) {
		limits->penalty = 0;
	} else if (!read_numbers(line, max, n, 5)) {
		complain(token, "PENALTY HALF-LIFE SUPPRESS REUSE CEILING or off is "
				"wanted: 1 to 1000000, the times 1 to 3600 seconds");
	} else if (n[3] > n[2]) {
		complain(token, "REUSE must not be above SUPPRESS");
	} else {
		limits->penalty = (unsigned int)n[0];
		limits->half_life = (unsigned int)n[1] * 1000;
		limits->suppress = (unsigned int)n[2];
		limits->reuse = (unsigned int)n[3];
		limits->ceiling = (unsigned int)n[4] * 1000;
	}
}

static void
parse_rate(const char *token, char *line)
{
	static const unsigned long max[] = { 10000, 10000 };
	unsigned long n[2];

	if (read_numbers(line, max, n, 2)) {
		pending.notify.rate = (unsigned int)n[0];
		pending.notify.burst = (unsigned int)n[1];
	} else {
		complain(token, "RATE (per second) and BURST are wanted, each 1 to "
				"10000");
	}
}

static void
parse_window(const char *token, char *line)
{
	unsigned long number;

	if (read_number(line, 1, 3600, &number))
		pending.notify.window = (unsigned int)number * 1000;
	else
		complain(token, "1 to 3600 seconds are wanted");
}

static void
parse_persist(const char *token, char *line)
{
	if (strcasecmp(line, "on") == 0)
		pending.persist = true;
	else if (strcasecmp(line, "off") == 0)
		pending.persist = false;
	else
		complain(token, "on or off is wanted");
}

static void
parse_protect(const char *token, char *line)
{
	char name[64];

	while (line) {
		line = copy_nword(line, name, sizeof(name));
		if (strlen(name) < sizeof(*pending.protected))
			options_protect(&pending, name);
		else
			complain(token, "names of interfaces are wanted, of up to 15 "
					"octets");
	}
}

static void
parse_write(const char *token, char *line)
{
	if (strcasecmp(line, "on") == 0)
		pending.write = WRITE_ON;
	else if (strcasecmp(line, "off") == 0)
		pending.write = WRITE_OFF;
	else if (strcasecmp(line, "dry-run") == 0)
		pending.write = WRITE_DRY_RUN;
	else
		complain(token, "on, off or dry-run is wanted");
}

static void
parse_type(const char *token, char *line)
{
	char name[64], *rest = copy_nword(line, name, sizeof(name));
	bool by_kind = strncmp(name, "kind:", 5) == 0;
	unsigned long number;

	if (!rest || !read_number(rest, 1, INT32_MAX, &number) || !name[by_kind ? 5 : 0])
		complain(token, "NAME or kind:KIND, and the number of an IANAifType, "
				"are wanted");
	else
		options_override_type(
			&pending, by_kind, name + (by_kind ? 5 : 0), (int32_t)number);
}

static const struct own_token {
	const char *token;
	void (*parse)(const char *token, char *line);
	const char *help;
} own_tokens[] = {
	{ "netmibdFollowMaster", parse_follow, "yes|no" },
	{ "netmibdCounterMaxAge", parse_max_age, "milliseconds" },
	{ "netmibdEventBuffer", parse_event_buffer, "kilobytes" },
	{ "netmibdIfDescr", parse_descr, "name|device" },
	{ "netmibdConnectedNextHop", parse_next_hop, "empty|zero" },
	{ "netmibdForeignRoutes", parse_foreign, "yes|no" },
	{ "netmibdLinkDownStatus", parse_link_down, "new|old" },
	{ "netmibdNotifyDamping", parse_damping,
		"PENALTY HALF-LIFE SUPPRESS REUSE CEILING|off" },
	{ "netmibdNotifyRate", parse_rate, "RATE BURST" },
	{ "netmibdNotifyWindow", parse_window, "seconds" },
	{ "netmibdNotifyRoutes", parse_notify_routes, "PREFIX|any [proto NUMBER]" },
	{ "netmibdPersist", parse_persist, "on|off" },
	{ "netmibdProtect", parse_protect, "NAME ..." },
	{ "netmibdWrite", parse_write, "on|off|dry-run" },
	{ "netmibdIfType", parse_type, "NAME|kind:KIND IANAifType" },
};

/* What Net-SNMP registers in one role only. A file that serves both modes is no error:
 * the other role has no use for these. */
static const char *const tokens_of_master[] = { "access", "agentSecName", "agentxperms",
	"authaccess", "authcommunity", "authgroup", "authuser", "createUser", "group",
	"informsink", "iquerySecLevel", "iquerySecName", "iqueryVersion", "master",
	"psyscontact", "psyslocation", "psysname", "rocommunity", "rocommunity6",
	"rouser", "rwcommunity", "rwcommunity6", "rwuser", "setaccess", "smuxpeer",
	"smuxsocket", "syscontact", "sysdescr", "syslocation", "sysname", "sysobjectid",
	"sysservices", "trap2sink", "trapsess", "trapsink", "usmUser", "vacmAccess",
	"vacmAuthAccess", "vacmGroup", "vacmView", "view", NULL };
static const char *const tokens_of_subagent[] = { "agentxPingInterval", NULL };

static void
ignore(const char *token, char *line)
{
	(void)token, (void)line;
}

/* Called before every reading. */
static void
forget(void)
{
	options_init(&pending);
	errors = 0;
}

void
config_init(struct options *options, bool standalone)
{
	const char *const *other = standalone ? tokens_of_subagent : tokens_of_master;

	in_force = options;
	forget();
	for (size_t i = 0; i < sizeof(own_tokens) / sizeof(own_tokens[0]); i++)
		register_app_config_handler(own_tokens[i].token, own_tokens[i].parse,
			i ? NULL : forget, own_tokens[i].help);
	for (; *other; other++)
		register_app_config_handler(*other, ignore, NULL, NULL);
}

unsigned int
config_adopt(void)
{
	if (errors)
		return errors;
	options_free(in_force);
	*in_force = pending;
	memset(&pending, 0, sizeof(pending)); /* what it points to is in_force's now */
	return 0;
}

/* Is @word a token of @type's? */
static bool
is_known(const char *type, const char *word)
{
	static const char *const always[] = { "include", "includeDir", "includeFile",
		"includeSearch" };
	struct config_line *handlers = read_config_get_handlers(type);

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
		if (strcasecmp(word, always[i]) == 0)
			return true;
	}
	for (; handlers; handlers = handlers->next) {
		if (strcasecmp(word, handlers->config_token) == 0)
			return true;
	}
	return false;
}

/* @line: the first word, which is no comment, and what follows it. */
static void
check_line(const char *type, char *line)
{
	char *word = line, *rest = line + strcspn(line, " \t\r\n");

	if (*rest)
		*rest++ = '\0';
	rest += strspn(rest, " \t\r\n");
	for (size_t len = strlen(rest); len && strchr(" \t\r\n", rest[len - 1]); len--)
		rest[len - 1] = '\0';
	if (!is_known(type, word)) {
		errors++;
		log_line(LOG_ERR, "%s: line %u: unknown token \"%s\"", checked_path,
			checked_line, word);
		return;
	}
	if (!*rest) { /* Net-SNMP leaves such a line out */
		complain(word, "a value is wanted");
		return;
	}
	for (size_t i = 0; i < sizeof(own_tokens) / sizeof(own_tokens[0]); i++) {
		if (strcasecmp(word, own_tokens[i].token) == 0)
			own_tokens[i].parse(own_tokens[i].token, rest);
	}
}

/* A file that may not be there, but is, and cannot be read: to go on without what it
 * forbids (netmibdWrite) would not be safe. Of a folder that may not be entered nothing
 * is known; the home of who started it is one. */
static bool
is_there(const char *path)
{
	struct stat status;
	int error = errno;
	bool there = stat(path, &status) == 0;

	errno = error;
	return there;
}

/* @must: it was asked for by name. */
static void
check_file(const char *path, bool must)
{
	char line[4096], section[64] = "netmibd";
	FILE *file = fopen(path, "re");

	if (!file) {
		if (must || is_there(path)) {
			errors++;
			log_line(LOG_ERR, "%s: %s", path, strerror(errno));
		}
		return;
	}
	checked_path = path;
	checked_line = 0;
	while (fgets(line, sizeof(line), file)) {
		char type[64], *at = line + strspn(line, " \t\r\n");

		checked_line++;
		if (!*at || *at == '#')
			continue;
		strcpy(type, section);
		if (*at == '[') { /* [type], for the lines that follow, or [type] token */
			if (sscanf(at, "[%63[^]]]", type) != 1)
				continue;
			at = strchr(at, ']');
			at += 1 + strspn(at + 1, " \t\r\n");
			if (!*at) {
				strcpy(section, type);
				continue;
			}
		}
		if (strcmp(type, "netmibd") == 0)
			check_line(type, at);
	}
	checked_path = NULL;
	fclose(file);
}

/* Calls check_file() on every path of @list, @suffix added to each. */
static void
check_list(const char *list, const char *separators, const char *suffix, bool must)
{
	char *copy = strdup(list), *rest = copy, *item, path[4096];

	while (copy && (item = strsep(&rest, separators))) {
		snprintf(path, sizeof(path), "%s%s", item, suffix);
		if (*item)
			check_file(path, must);
	}
	free(copy);
}

unsigned int
config_check(const char *files, bool only)
{
	unsigned int found;

	forget();
	if (files)
		check_list(files, ",", "", true);
	if (!only) {
		/* as the library does: this variable's folders, or else its own */
		const char *folders =
			getenv("SNMPCONFPATH") ?: get_configuration_directory();

		check_list(folders, ":", "/netmibd.conf", false);
		check_list(folders, ":", "/netmibd.local.conf", false);
	}
	found = errors;
	forget();
	return found;
}
