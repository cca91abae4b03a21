/*
 * Options: see options.h.
 */
#include "options.h"

#include "alloc.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
options_free(struct options *options)
{
	free(options->overrides);
	free(options->protected);
	free(options->notify_routes);
}

void
options_init(struct options *options)
{
	options_free(options);
	memset(options, 0, sizeof(*options));
	options->follow_master = sysconf(_SC_NPROCESSORS_ONLN) > 1;
	options->persist = true;
	options->counter_max_age_ms = 1000;
	options->event_buffer = 16 << 20;
	options->notify = (struct notify_limits){ .penalty = 1000,
		.half_life = 5000,
		.suppress = 2000,
		.reuse = 1000,
		.ceiling = 20000,
		.rate = 10,
		.burst = 50,
		.window = 5000 };
}

void
options_override_type(
	struct options *options, bool by_kind, const char *name, int32_t if_type)
{
	struct type_override *rule;

	options->overrides = xrealloc(options->overrides,
		(options->n_overrides + 1) * sizeof(*options->overrides));
	rule = &options->overrides[options->n_overrides++];
	rule->by_kind = by_kind;
	snprintf(rule->name, sizeof(rule->name), "%s", name);
	rule->if_type = if_type;
}

void
options_protect(struct options *options, const char *name)
{
	size_t size = sizeof(*options->protected);

	options->protected =
		xrealloc(options->protected, (options->n_protected + 1) * size);
	snprintf(options->protected[options->n_protected++], size, "%s", name);
}

/* A number that is all of @text, and no more than @high. */
static bool
read_number(const char *text, unsigned long high, unsigned long *number)
{
	size_t len = strlen(text);

	*number = strtoul(text, NULL, 10);
	return len && len < 10 && strspn(text, "0123456789") == len && *number <= high;
}

/* A prefix; without a length all of its bits count. Bits behind it are an error. */
static bool
read_prefix(char *text, struct notify_route *filter)
{
	char *slash = strchr(text, '/');
	unsigned long length;
	uint8_t octets[16];
	struct inet inet;

	if (slash)
		*slash++ = '\0';
	if (inet_pton(AF_INET, text, octets) == 1)
		filter->prefix = inet_make(INET_IPV4, octets);
	else if (inet_pton(AF_INET6, text, octets) == 1)
		filter->prefix = inet_make(INET_IPV6, octets);
	else
		return false;
	length = 8ul * filter->prefix.len;
	if (slash && !read_number(slash, length, &length))
		return false;
	filter->plen = (uint8_t)length;
	inet = inet_prefix(&filter->prefix, filter->plen);
	return inet_compare(&inet, &filter->prefix) == 0;
}

bool
options_notify_routes(struct options *options, const char *text)
{
	char prefix[64] = "", label[8] = "", number[8] = "", rest[2] = "";
	int n = sscanf(text, "%63s %7s %7s %1s", prefix, label, number, rest);
	struct notify_route filter = { .any = strcmp(prefix, "any") == 0,
		.any_proto = n == 1 };
	unsigned long proto = 0;

	if ((n != 1 && n != 3) || (!filter.any && !read_prefix(prefix, &filter)))
		return false;
	if (n == 3 && (strcmp(label, "proto") != 0 || !read_number(number, 255, &proto)))
		return false;
	filter.proto = (uint8_t)proto;
	options->notify_routes = xrealloc(
		options->notify_routes, (options->n_notify_routes + 1) * sizeof(filter));
	options->notify_routes[options->n_notify_routes++] = filter;
	return true;
}

bool
options_protects(const struct options *options, const char *name)
{
	for (size_t i = 0; i < options->n_protected; i++) {
		if (strcmp(options->protected[i], name) == 0)
			return true;
	}
	return false;
}
