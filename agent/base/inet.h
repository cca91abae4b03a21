/*
 * An address as INET-ADDRESS-MIB (RFC 4001) sorts addresses: by type, by length, by
 * octets, which is the order of (InetAddressType, InetAddress) in an INDEX. Unused octets
 * are zero, so that memcmp(3) over the whole struct is that order.
 *
 * The zone of a scoped address is its last four octets, most significant first.
 */
#ifndef NETMIBD_BASE_INET_H
#define NETMIBD_BASE_INET_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* InetAddressType */
enum inet_type {
	INET_UNKNOWN = 0,
	INET_IPV4 = 1,
	INET_IPV6 = 2,
	INET_IPV4Z = 3,
	INET_IPV6Z = 4,
};

#define INET_MAX 20

struct inet {
	uint8_t type; /* enum inet_type */
	uint8_t len;  /* 0, 4, 16, 8, 20 */
	uint8_t bytes[INET_MAX];
};

static inline int
inet_compare(const struct inet *a, const struct inet *b)
{
	return memcmp(a, b, sizeof(*a));
}

static inline bool
inet_is_v4(const struct inet *inet)
{
	return inet->type == INET_IPV4 || inet->type == INET_IPV4Z;
}

static inline bool
inet_is_v6(const struct inet *inet)
{
	return inet->type == INET_IPV6 || inet->type == INET_IPV6Z;
}

/* The IPv4 or IPv6 address of @octets (4 or 16 of them). */
static inline struct inet
inet_make(enum inet_type type, const void *octets)
{
	struct inet inet = { .type = (uint8_t)type, .len = type == INET_IPV4 ? 4 : 16 };

	memcpy(inet.bytes, octets, inet.len);
	return inet;
}

/* @inet (IPv4 or IPv6) within @zone. */
static inline struct inet
inet_in_zone(const struct inet *inet, uint32_t zone)
{
	struct inet scoped = *inet;

	scoped.type = (uint8_t)(inet->type + 2);
	scoped.len = (uint8_t)(inet->len + 4);
	for (int i = 0; i < 4; i++)
		scoped.bytes[inet->len + i] = (uint8_t)(zone >> (24 - 8 * i));
	return scoped;
}

/* @inet without its zone. */
static inline struct inet
inet_plain(const struct inet *inet)
{
	return inet_make(inet_is_v4(inet) ? INET_IPV4 : INET_IPV6, inet->bytes);
}

/* @inet (IPv4 or IPv6) with all bits behind the first @length cleared. */
static inline struct inet
inet_prefix(const struct inet *inet, unsigned int length)
{
	struct inet prefix = *inet;

	for (unsigned int i = 0; i < inet->len; i++) {
		unsigned int kept = length > 8 * i ? length - 8 * i : 0;

		if (kept < 8)
			prefix.bytes[i] &= (uint8_t)(0xff00 >> kept);
	}
	return prefix;
}

/* fe80::/10 */
static inline bool
inet_is_link_local(const struct inet *inet)
{
	return inet->type == INET_IPV6 && inet->bytes[0] == 0xfe &&
	       (inet->bytes[1] & 0xc0) == 0x80;
}

/* 224.0.0.0/4, ff00::/8 */
static inline bool
inet_is_multicast(const struct inet *inet)
{
	return inet_is_v4(inet) ? (inet->bytes[0] & 0xf0) == 0xe0
				: inet_is_v6(inet) && inet->bytes[0] == 0xff;
}

#endif
