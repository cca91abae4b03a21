/*
 * A link-layer address of any length the kernel has (MAX_ADDR_LEN of linux/netdevice.h is
 * 32; InfiniBand uses 20). Length 0 means there is none. Ordered by length, then octets:
 * the order of a PhysAddress in an INDEX, whose length comes first (RFC 2578
 * section 7.7).
 */
#ifndef NETMIBD_BASE_LLADDR_H
#define NETMIBD_BASE_LLADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define LLADDR_MAX 32

struct lladdr {
	uint8_t len;
	uint8_t bytes[LLADDR_MAX];
};

static inline int
lladdr_compare(const struct lladdr *a, const struct lladdr *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->bytes, b->bytes, a->len);
}

/* Octets in hex with colons, and a NUL. */
#define LLADDR_TEXT (3 * LLADDR_MAX + 1)

static inline void
lladdr_text(const struct lladdr *lladdr, char text[LLADDR_TEXT])
{
	*text = '\0';
	for (size_t i = 0; i < lladdr->len; i++)
		snprintf(text + 3 * i, 4, "%02x%s", lladdr->bytes[i],
			i + 1u < lladdr->len ? ":" : "");
}

#endif
