/*
 * A value on its way to a varbind. Octets and OIDs may point into a row (valid until the
 * return to the event loop) or into the value's own scratch space: nothing is allocated.
 */
#ifndef NETMIBD_ENGINE_VALUE_H
#define NETMIBD_ENGINE_VALUE_H

#include "../base/oid.h"

#include <stddef.h>
#include <stdint.h>

/* The SMIv2 base types (RFC 2578 section 7.1) that the tables use. */
enum syntax {
	SYNTAX_INTEGER,
	SYNTAX_GAUGE32, /* and Unsigned32 */
	SYNTAX_COUNTER32,
	SYNTAX_COUNTER64,
	SYNTAX_TIMETICKS,
	SYNTAX_OCTETS,
	SYNTAX_OBJECT_ID,
	SYNTAX_IPADDRESS, /* four octets */
};

struct value {
	enum syntax syntax; /* that of the column; the engine sets it */
	union {
		uint64_t number; /* an INTEGER is stored sign-extended */
		struct {
			const void *data;
			size_t len;
		} octets;
		struct oid oid;
	};
	_Alignas(8) uint8_t scratch[256];
};

static inline void
value_set_octets(struct value *value, const void *data, size_t len)
{
	value->octets.data = data;
	value->octets.len = len;
}

#endif
