/*
 * A number that may not be there: a counter that this kernel does not have, a value that
 * could not be read. "Absent" is an answer, a wrong zero is none. A column shows such a
 * field without code (engine/table.h, struct field).
 */
#ifndef NETMIBD_BASE_OPTIONAL_H
#define NETMIBD_BASE_OPTIONAL_H

#include <stdbool.h>
#include <stdint.h>

struct optional {
	uint64_t number;
	bool present;
};

static inline struct optional
optional_of(uint64_t number)
{
	return (struct optional){ number, true };
}

/* The sum, as counters wrap; absent unless both are there. */
static inline struct optional
optional_sum(struct optional a, struct optional b)
{
	return (struct optional){ a.number + b.number, a.present && b.present };
}

#endif
