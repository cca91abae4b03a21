/*
 * netmibd.conf: see config.h. Net-SNMP reads the files; a token's parser here writes into
 * @pending, so that a file with an error changes nothing.
 */
#include "config.h"

#include "../base/log.h"
#include "netsnmp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct options *in_force, pending;
static unsigned int errors;

static void
complain(const char *token, const char *text)
{
	errors++;
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

/* Called before every reading. */
static void
forget(void)
{
	options_init(&pending);
	errors = 0;
}

void
config_init(struct options *options)
{
	static const struct {
		const char *token;
		void (*parse)(const char *token, char *line);
		const char *help;
	} tokens[] = {
		{ "netmibdFollowMaster", parse_follow, "yes|no" },
		{ "netmibdCounterMaxAge", parse_max_age, "milliseconds" },
		{ "netmibdEventBuffer", parse_event_buffer, "kilobytes" },
		{ "netmibdIfDescr", parse_descr, "name|device" },
		{ "netmibdIfType", parse_type, "NAME|kind:KIND IANAifType" },
	};

	in_force = options;
	forget();
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++)
		register_app_config_handler(tokens[i].token, tokens[i].parse,
			i ? NULL : forget, tokens[i].help);
}

unsigned int
config_adopt(void)
{
	struct type_override *old = in_force->overrides;

	if (errors)
		return errors;
	*in_force = pending;
	pending.overrides = NULL; /* they are in_force's now */
	free(old);
	return 0;
}

/* Is the first word of @line a token of @type's? */
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

static unsigned int
check_file(const char *path)
{
	char line[4096], word[256], section[64] = "netmibd";
	unsigned int number = 0, unknown = 0;
	FILE *file = fopen(path, "re");

	if (!file)
		return 0; /* Net-SNMP says so where it matters */
	while (fgets(line, sizeof(line), file)) {
		char type[64], *at = line + strspn(line, " \t\r\n");

		number++;
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
		sscanf(at, "%255s", word);
		if (strcmp(type, "netmibd") == 0 && !is_known(type, word)) {
			log_line(LOG_ERR, "%s: line %u: unknown token \"%s\"", path,
				number, word);
			unknown++;
		}
	}
	fclose(file);
	return unknown;
}

/* Calls check_file() on every path of @list, @suffix added to each. */
static unsigned int
check_list(const char *list, const char *separators, const char *suffix)
{
	char *copy = strdup(list), *rest = copy, *item, path[4096];
	unsigned int unknown = 0;

	while (copy && (item = strsep(&rest, separators))) {
		snprintf(path, sizeof(path), "%s%s", item, suffix);
		if (*item)
			unknown += check_file(path);
	}
	free(copy);
	return unknown;
}

unsigned int
config_check(const char *files, bool only)
{
	unsigned int unknown = files ? check_list(files, ",", "") : 0;

	if (!only)
		unknown +=
			check_list(get_configuration_directory(), ":", "/netmibd.conf");
	return unknown;
}
