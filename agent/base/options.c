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
options_init(struct options *options)
{
	free(options->overrides);
	memset(options, 0, sizeof(*options));
	options->follow_master = sysconf(_SC_NPROCESSORS_ONLN) > 1;
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
