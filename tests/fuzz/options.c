/*
 * Fuzz target: what the configuration says about routes that are told, a line each; and
 * names of interfaces that are protected.
 *
 * What must hold: a filter that is taken is a prefix without bits behind it, and says the
 * same when it is written and read again; one that is refused leaves nothing; a name that
 * was protected is.
 */
#include "../../agent/base/options.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool truth)
{
	if (!truth)
		abort();
}

static void
check_comes_back(const struct notify_route *filter)
{
	char prefix[INET6_ADDRSTRLEN] = "any", length[8] = "", proto[16] = "", text[96];
	struct options options = { 0 };
	const struct notify_route *again;
	struct inet plain;

	if (!filter->any) {
		plain = inet_prefix(&filter->prefix, filter->plen);
		must(filter->plen <= 8 * filter->prefix.len &&
			inet_compare(&plain, &filter->prefix) == 0);
		inet_ntop(inet_is_v4(&filter->prefix) ? AF_INET : AF_INET6,
			filter->prefix.bytes, prefix, sizeof(prefix));
		snprintf(length, sizeof(length), "/%u", filter->plen);
	}
	if (!filter->any_proto)
		snprintf(proto, sizeof(proto), " proto %u", filter->proto);
	snprintf(text, sizeof(text), "%s%s%s", prefix, length, proto);
	must(options_notify_routes(&options, text));
	again = options.notify_routes;
	must(options.n_notify_routes == 1 && again->any == filter->any &&
		again->any_proto == filter->any_proto && again->plen == filter->plen &&
		again->proto == filter->proto &&
		inet_compare(&again->prefix, &filter->prefix) == 0);
	options_free(&options);
}

static void
take_line(struct options *options, const char *line)
{
	size_t before = options->n_notify_routes;
	char name[16];

	if (options_notify_routes(options, line)) {
		must(options->n_notify_routes == before + 1);
		check_comes_back(&options->notify_routes[before]);
	} else {
		must(options->n_notify_routes == before);
	}
	options_protect(options, line);
	snprintf(name, sizeof(name), "%s", line);
	must(options_protects(options, name));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct options options = { 0 };
	char *text = malloc(size + 1), *rest = text, *line;

	memcpy(text, data, size);
	text[size] = '\0';
	options_init(&options);
	while ((line = strsep(&rest, "\n")))
		take_line(&options, line);
	options_free(&options);
	free(text);
	return 0;
}
