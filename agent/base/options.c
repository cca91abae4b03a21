/*
 * Options: see options.h.
 */
#include "options.h"

#include "alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
options_free(struct options *options)
{
	free(options->overrides);
	free(options->protected);
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

bool
options_protects(const struct options *options, const char *name)
{
	for (size_t i = 0; i < options->n_protected; i++) {
		if (strcmp(options->protected[i], name) == 0)
			return true;
	}
	return false;
}
