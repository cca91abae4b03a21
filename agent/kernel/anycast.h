/*
 * Anycast addresses that a manager has created. rtnetlink has no request for them: they
 * are a socket's (IPV6_JOIN_ANYCAST, RFC 3542's sibling that only Linux has, and that
 * wants CAP_NET_ADMIN), and live as long as it does, so until netmibd stops.
 */
#ifndef NETMIBD_KERNEL_ANYCAST_H
#define NETMIBD_KERNEL_ANYCAST_H

#include "../base/inet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct anycasts {
	int fd; /* -1: not opened yet */
	struct joined {
		uint32_t ifindex;
		struct inet address;
	} * list;
	size_t n;
};

void anycasts_init(struct anycasts *anycasts);
void anycasts_close(struct anycasts *anycasts);

/* Joins, or leaves, @address (IPv6, no zone) on link @ifindex. 0/-errno: -EADDRNOTAVAIL
 * if a host is to join what is in no prefix of the link (ipv6_sock_ac_join()), -EINVAL if
 * it is an address of its own. */
int anycast_join(struct anycasts *anycasts, uint32_t ifindex, const struct inet *address);
int anycast_leave(
	struct anycasts *anycasts, uint32_t ifindex, const struct inet *address);

/* Joins again what has been joined on that link, which may have lost it. */
void anycast_join_again(struct anycasts *anycasts, uint32_t ifindex);

/* Has it been joined here? */
bool anycast_is_joined(
	const struct anycasts *anycasts, uint32_t ifindex, const struct inet *address);

#endif
