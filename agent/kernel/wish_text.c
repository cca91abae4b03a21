/*
 * Wishes in words: see wish_text.h.
 */
#include "wish_text.h"

#include "switch.h"

#include <arpa/inet.h>
#include <stdio.h>

static void
describe_neigh(const struct wish *wish, char *text, size_t size)
{
	char address[INET6_ADDRSTRLEN], lladdr[LLADDR_TEXT];

	inet_ntop(inet_is_v4(&wish->address) ? AF_INET : AF_INET6, wish->address.bytes,
		address, sizeof(address));
	lladdr_text(&wish->lladdr, lladdr);
	snprintf(text, size, "neighbour %s of link %u %s, NUD state 0x%x", address,
		wish->ifindex, wish->what == WISH_NEIGH ? lladdr : "gone", wish->number);
}

static void
describe_rcvaddr(const struct wish *wish, char *text, size_t size)
{
	char lladdr[LLADDR_TEXT];

	lladdr_text(&wish->lladdr, lladdr);
	snprintf(text, size, "link %u receives for %s%s", wish->ifindex, lladdr,
		wish->what == WISH_RCVADDR ? "" : " no more");
}

static void
describe_route(const struct route_wish *route, bool gone, char *text, size_t size)
{
	char dst[INET6_ADDRSTRLEN], via[INET6_ADDRSTRLEN] = "-";

	inet_ntop(inet_is_v4(&route->dst) ? AF_INET : AF_INET6, route->dst.bytes, dst,
		sizeof(dst));
	if (route->gateway.len)
		inet_ntop(inet_is_v4(&route->gateway) ? AF_INET : AF_INET6,
			route->gateway.bytes, via, sizeof(via));
	snprintf(text, size,
		"route %s/%u via %s, link %u, metric %u, table %u, type %u%s", dst,
		route->plen, via, route->ifindex, route->metric, route->table,
		route->type, gone ? " gone" : "");
}

static void
describe_addr(const struct wish *wish, char *text, size_t size)
{
	bool anycast = wish->what == WISH_ANYCAST || wish->what == WISH_ANYCAST_GONE;
	bool gone = wish->what == WISH_ADDR_GONE || wish->what == WISH_ANYCAST_GONE;
	char address[INET6_ADDRSTRLEN];

	inet_ntop(inet_is_v4(&wish->address) ? AF_INET : AF_INET6, wish->address.bytes,
		address, sizeof(address));
	if (anycast)
		snprintf(text, size, "anycast address %s on link %u%s", address,
			wish->ifindex, gone ? " gone" : "");
	else
		snprintf(text, size, "address %s/%u of link %u%s", address, wish->number,
			wish->ifindex, gone ? " gone" : "");
}

void
wish_text(const struct wish *wish, char *text, size_t size)
{
	const char *on = wish->number ? "on" : "off";

	switch (wish->what) {
	case WISH_LINK_UP:
		snprintf(text, size, "link %u %s", wish->ifindex,
			wish->number ? "up" : "down");
		break;
	case WISH_LINK_PROMISC:
		snprintf(text, size, "link %u promisc %s", wish->ifindex, on);
		break;
	case WISH_LINK_ALIAS:
		snprintf(text, size, "link %u alias \"%s\"", wish->ifindex, wish->text);
		break;
	case WISH_LINK_MTU:
		snprintf(text, size, "link %u MTU %u", wish->ifindex, wish->number);
		break;
	case WISH_LINK_MASTER:
		snprintf(text, size, "link %u master %u", wish->ifindex, wish->number);
		break;
	case WISH_LINK_IPV6:
	case WISH_LINK_FORWARDING4:
	case WISH_LINK_FORWARDING6:
		snprintf(text, size, "IPv%d%s of link %u %s",
			wish->what == WISH_LINK_FORWARDING4 ? 4 : 6,
			wish->what == WISH_LINK_IPV6 ? "" : " forwarding", wish->ifindex,
			on);
		break;
	case WISH_LINK_TRAPS:
		snprintf(text, size, "link %u notifications %s", wish->ifindex, on);
		break;
	case WISH_NOTIFY:
		snprintf(text, size, "notifications 0x%x", wish->number);
		break;
	case WISH_RCVADDR:
	case WISH_RCVADDR_GONE:
		describe_rcvaddr(wish, text, size);
		break;
	case WISH_SWITCH:
		snprintf(text, size, "%s = %u", switch_name(wish->node), wish->number);
		break;
	case WISH_NEIGH:
	case WISH_NEIGH_GONE:
		describe_neigh(wish, text, size);
		break;
	case WISH_ANYCAST:
	case WISH_ANYCAST_GONE:
	case WISH_ADDR:
	case WISH_ADDR_GONE:
		describe_addr(wish, text, size);
		break;
	case WISH_ROUTE:
	case WISH_ROUTE_GONE:
		describe_route(&wish->route, wish->what == WISH_ROUTE_GONE, text, size);
		break;
	}
}
