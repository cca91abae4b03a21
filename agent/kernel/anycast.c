/*
 * Anycast addresses of a socket: see anycast.h.
 */
#include "anycast.h"

#include "../base/alloc.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void
anycasts_init(struct anycasts *anycasts)
{
	memset(anycasts, 0, sizeof(*anycasts));
	anycasts->fd = -1;
}

void
anycasts_close(struct anycasts *anycasts)
{
	if (anycasts->fd >= 0)
		close(anycasts->fd);
	free(anycasts->list);
	anycasts_init(anycasts);
}

static int
option(struct anycasts *anycasts, int name, uint32_t ifindex, const struct inet *address)
{
	struct ipv6_mreq request = { .ipv6mr_interface = ifindex };

	if (anycasts->fd < 0)
		anycasts->fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (anycasts->fd < 0)
		return -errno;
	memcpy(&request.ipv6mr_multiaddr, address->bytes, 16);
	if (setsockopt(anycasts->fd, IPPROTO_IPV6, name, &request, sizeof(request)) < 0)
		return -errno;
	return 0;
}

static struct joined *
find(const struct anycasts *anycasts, uint32_t ifindex, const struct inet *address)
{
	for (size_t i = 0; i < anycasts->n; i++) {
		struct joined *at = &anycasts->list[i];

		if (at->ifindex == ifindex && inet_compare(&at->address, address) == 0)
			return at;
	}
	return NULL;
}

int
anycast_join(struct anycasts *anycasts, uint32_t ifindex, const struct inet *address)
{
	int error = option(anycasts, IPV6_JOIN_ANYCAST, ifindex, address);

	if (error || find(anycasts, ifindex, address))
		return error;
	anycasts->list =
		xrealloc(anycasts->list, (anycasts->n + 1) * sizeof(anycasts->list[0]));
	anycasts->list[anycasts->n++] = (struct joined){ ifindex, *address };
	return 0;
}

int
anycast_leave(struct anycasts *anycasts, uint32_t ifindex, const struct inet *address)
{
	struct joined *at = find(anycasts, ifindex, address);
	int error = option(anycasts, IPV6_LEAVE_ANYCAST, ifindex, address);

	if (at && !error)
		*at = anycasts->list[--anycasts->n];
	return error;
}

void
anycast_join_again(struct anycasts *anycasts, uint32_t ifindex)
{
	for (size_t i = 0; i < anycasts->n; i++) {
		const struct joined *at = &anycasts->list[i];

		if (at->ifindex != ifindex)
			continue;
		option(anycasts, IPV6_LEAVE_ANYCAST, ifindex, &at->address);
		option(anycasts, IPV6_JOIN_ANYCAST, ifindex, &at->address);
	}
}

bool
anycast_is_joined(
	const struct anycasts *anycasts, uint32_t ifindex, const struct inet *address)
{
	return find(anycasts, ifindex, address) != NULL;
}
