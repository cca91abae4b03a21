/*
 * Object identifiers as the engine handles them: 32-bit sub-identifiers, the range that
 * SMIv2 gives them (RFC 2578 section 3.5; at most 128). Net-SNMP's oid is an unsigned
 * long; only agentx/ converts.
 */
#ifndef NETMIBD_BASE_OID_H
#define NETMIBD_BASE_OID_H

#include <stddef.h>
#include <stdint.h>

#define OID_MAX 128

/* A constant OID: OID(1, 3, 6, 1). */
struct oid {
	const uint32_t *sub;
	size_t len;
};

#define OID(...)                                                                         \
	{                                                                                \
		(const uint32_t[]){ __VA_ARGS__ },                                       \
			sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t)     \
	}

/* An OID that is being made. */
struct oid_buf {
	size_t len;
	uint32_t sub[OID_MAX];
};

/* Lexicographic order of two OIDs: < 0, 0, > 0. A prefix comes before what it begins. */
static inline int
oid_compare(const uint32_t *a, size_t a_len, const uint32_t *b, size_t b_len)
{
	size_t n = a_len < b_len ? a_len : b_len;

	for (size_t i = 0; i < n; i++) {
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	}
	return (a_len > b_len) - (a_len < b_len);
}

#endif
