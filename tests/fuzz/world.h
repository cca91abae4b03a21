/*
 * A kernel for the fuzz target txn: plain arrays, the rules of Linux as far as SETs meet
 * them (what a wish needs, what goes along with a link or an address), and a source that
 * fulfils wishes. A deed is a copy of all as it was before. The mirror follows by dumps
 * of everything; only that a route becomes another one is told by an event, for a dump
 * does not say which one it was.
 *
 * It can be told to refuse the n-th wish, to take nothing back from the n-th undo on, to
 * leave the last one to be settled, and to do nothing at all (a dry run). It aborts if it
 * is used otherwise than mirror/source.h says.
 */
#ifndef NETMIBD_TESTS_FUZZ_WORLD_H
#define NETMIBD_TESTS_FUZZ_WORLD_H

#include "../../tables/tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WORLD_LINKS   6
#define WORLD_ROWS    24
#define WORLD_HOPS    4
#define WORLD_NOW     (1000 * NS_PER_S)
#define WORLD_REFUSED ((struct deed *)1) /* what nobody may look at */

#include "../../agent/base/clock.h"

struct world_link {
	bool there, up, promisc, ipv6_off, forwarding4, forwarding6;
	uint32_t master, mtu;
	char alias[256];
};

struct world_rcvaddr {
	uint32_t ifindex;
	struct lladdr lladdr;
};

struct world_route {
	struct route_wish wish; /* but for ifindex and gateway */
	size_t n_hops;
	struct {
		uint32_t ifindex;
		struct inet gateway;
	} hops[WORLD_HOPS];
};

/* All that can be set. What is not used is zero: equal ones are equal in memory. */
struct kernel {
	struct world_link links[WORLD_LINKS]; /* of ifindex 1 to 6; 1 is lo, 4 a bridge */
	uint32_t switches[N_SWITCHES];
	size_t n_rcvaddrs, n_neighs, n_addrs, n_routes;
	struct world_rcvaddr rcvaddrs[WORLD_ROWS];
	struct neigh_info neighs[WORLD_ROWS];
	struct addr_info addrs[WORLD_ROWS];
	struct world_route routes[WORLD_ROWS];
};

struct deed {
	struct kernel before;
	size_t number;
};

static struct world {
	struct kernel kernel;
	struct mirror *mirror;
	/* What it is told, counted from 1; 0: never. */
	unsigned int refuse_wish, keep_undo;
	bool postpone_undo, refuse_settle, dry_run;
	int error; /* of the wish that is refused */

	unsigned int wishes, undos, settles;
	size_t done;	    /* deeds that live, the last one's number */
	bool defiant;	    /* an undo was refused */
	bool waiting;	    /* the last undo waits for settle() */
	bool drags;	    /* what was done has taken other things along */
	bool readonly;	    /* nobody may wish anything now */
	struct kernel left; /* if waiting: what it is to become */
} world;

#define must(condition)                                                                  \
	do {                                                                             \
		if (!(condition)) {                                                      \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__,       \
				#condition);                                             \
			abort();                                                         \
		}                                                                        \
	} while (0)

/* Rows. */

#define TAKE_OUT(rows, n, i)                                                             \
	do {                                                                             \
		memmove(&(rows)[i], &(rows)[(i) + 1],                                    \
			((n) - (i)-1) * sizeof((rows)[0]));                              \
		(n)--;                                                                   \
		memset(&(rows)[n], 0, sizeof((rows)[0]));                                \
	} while (0)

static struct world_link *
link_at(struct kernel *kernel, uint32_t ifindex)
{
	if (ifindex < 1 || ifindex > WORLD_LINKS || !kernel->links[ifindex - 1].there)
		return NULL;
	return &kernel->links[ifindex - 1];
}

static bool
is_up(struct kernel *kernel, uint32_t ifindex)
{
	struct world_link *link = link_at(kernel, ifindex);

	return link && link->up;
}

/* The next hops over a link go, of IPv4 or IPv6 or both. */
static void
lose_routes(struct kernel *kernel, uint32_t ifindex, bool v4, bool v6)
{
	for (size_t i = kernel->n_routes; i-- > 0;) {
		struct world_route *route = &kernel->routes[i];
		bool is_v4 = inet_is_v4(&route->wish.dst);

		for (size_t j = route->n_hops; j-- > 0;) {
			if (route->hops[j].ifindex == ifindex && (is_v4 ? v4 : v6))
				TAKE_OUT(route->hops, route->n_hops, j);
		}
		if (!route->n_hops)
			TAKE_OUT(kernel->routes, kernel->n_routes, i);
	}
}

static void
lose_neighs(struct kernel *kernel, uint32_t ifindex, bool v4, bool v6)
{
	for (size_t i = kernel->n_neighs; i-- > 0;) {
		struct neigh_info *neigh = &kernel->neighs[i];

		if (neigh->ifindex == ifindex && (inet_is_v4(&neigh->address) ? v4 : v6))
			TAKE_OUT(kernel->neighs, kernel->n_neighs, i);
	}
}

static void
lose_addrs(struct kernel *kernel, uint32_t ifindex, bool v4, bool v6)
{
	for (size_t i = kernel->n_addrs; i-- > 0;) {
		struct addr_info *addr = &kernel->addrs[i];

		if (addr->ifindex == ifindex && (inet_is_v4(&addr->local) ? v4 : v6))
			TAKE_OUT(kernel->addrs, kernel->n_addrs, i);
	}
}

static void
lose_link(struct kernel *kernel, uint32_t ifindex)
{
	lose_routes(kernel, ifindex, true, true);
	lose_neighs(kernel, ifindex, true, true);
	lose_addrs(kernel, ifindex, true, true);
	for (size_t i = kernel->n_rcvaddrs; i-- > 0;) {
		if (kernel->rcvaddrs[i].ifindex == ifindex)
			TAKE_OUT(kernel->rcvaddrs, kernel->n_rcvaddrs, i);
	}
	for (size_t i = 0; i < WORLD_LINKS; i++) {
		if (kernel->links[i].master == ifindex)
			kernel->links[i].master = 0;
	}
	memset(&kernel->links[ifindex - 1], 0, sizeof(kernel->links[0]));
}

/* The mirror. */

static void
tell_link(struct mirror *mirror, const struct world_link *link, uint32_t ifindex)
{
	struct link_info info = { .ifindex = ifindex,
		.mtu = link->mtu,
		.min_mtu = 1280, /* IPv6 stays */
		.max_mtu = 9000,
		.master = link->master,
		.arphrd = ifindex == 1 ? 772 : 1,
		.operstate = link->up ? OPERSTATE_UP : OPERSTATE_DOWN,
		.up = link->up,
		.lower_up = link->up,
		.promisc = link->promisc,
		.promiscuity = link->promisc,
		.address = { 6, { 2, 0, 0, 0, 0, (uint8_t)ifindex } } };
	struct ipif_said said = { .ifindex = ifindex,
		.v4 = IPIF_PRESENT,
		.v6 = IPIF_PRESENT,
		.has_forwarding = true,
		.has_forwarding4 = true,
		.forwarding4 = link->forwarding4,
		.info = { .disabled = link->ipv6_off, .forwarding = link->forwarding6 } };

	snprintf(info.name, sizeof(info.name), "x%u", ifindex);
	strcpy(info.kind, ifindex == 4 ? "bridge" : "");
	memcpy(info.alias, link->alias, sizeof(info.alias));
	mirror_put_link(mirror, &info, FROM_DUMP);
	mirror_put_ipif(mirror, &said, FROM_DUMP);
}

static uint32_t
content_of(const struct world_route *route)
{
	const uint8_t *octets = (const void *)route;
	uint32_t hash = 2166136261;

	if (!inet_is_v4(&route->wish.dst))
		return 0;
	for (size_t i = 0; i < sizeof(*route); i++)
		hash = (hash ^ octets[i]) * 16777619;
	return hash ? hash : 1;
}

static void
tell_route(struct mirror *mirror, const struct world_route *route, enum origin origin)
{
	const struct route_wish *wish = &route->wish;
	struct route_info *info = mirror->said;

	memset(info, 0, offsetof(struct route_info, hops));
	info->dst = wish->dst;
	info->src = wish->src;
	info->src_plen = wish->src_plen;
	info->plen = wish->plen;
	info->table = wish->table;
	info->metric = wish->metric;
	info->tos = wish->tos;
	info->type = wish->type;
	info->proto = wish->proto;
	info->scope = wish->scope;
	info->lifetime = ROUTER_FOREVER;
	info->id = content_of(route);
	info->n_hops = route->n_hops;
	for (size_t i = 0; i < route->n_hops; i++)
		info->hops[i] = (struct hop_info){ .ifindex = route->hops[i].ifindex,
			.gateway = route->hops[i].gateway,
			.weight = route->n_hops > 1 };
	info->replace = origin == FROM_EVENT;
	mirror_put_route(mirror, info, origin);
}

static void
tell_rcvaddrs(void *arg, uint64_t now)
{
	struct kernel *kernel = &world.kernel;

	(void)arg, (void)now;
	rcvaddr_sweep_begin(world.mirror);
	for (size_t i = 0; i < kernel->n_rcvaddrs; i++)
		rcvaddr_put(world.mirror, kernel->rcvaddrs[i].ifindex,
			&kernel->rcvaddrs[i].lladdr);
	rcvaddr_sweep_end(world.mirror);
}

/* All of the kernel, from the beginning. */
static void
tell_all(void)
{
	struct mirror *mirror = world.mirror;
	struct kernel *kernel = &world.kernel;

	mirror_sweep_begin(mirror, KIND_LINK);
	for (uint32_t i = 0; i < WORLD_LINKS; i++) {
		if (kernel->links[i].there)
			tell_link(mirror, &kernel->links[i], i + 1);
	}
	mirror_sweep_end(mirror, KIND_LINK);
	mirror_sweep_begin(mirror, KIND_ADDR);
	for (size_t i = 0; i < kernel->n_addrs; i++)
		mirror_put_addr(mirror, &kernel->addrs[i], FROM_DUMP);
	mirror_sweep_end(mirror, KIND_ADDR);
	mirror_sweep_begin(mirror, KIND_NEIGH);
	for (size_t i = 0; i < kernel->n_neighs; i++)
		mirror_put_neigh(mirror, &kernel->neighs[i], FROM_DUMP);
	mirror_sweep_end(mirror, KIND_NEIGH);
	route_sweep_begin(mirror, 0);
	for (size_t i = 0; i < kernel->n_routes; i++)
		tell_route(mirror, &kernel->routes[i], FROM_DUMP);
	while (!route_sweep_end(mirror, UINT64_MAX))
		;
	tell_rcvaddrs(NULL, 0);
	mirror->ip.sysctls.forwarding = optional_of(kernel->switches[SWITCH_FORWARDING]);
	mirror->ip.sysctls.default_ttl =
		optional_of(kernel->switches[SWITCH_DEFAULT_TTL]);
	mirror->ip.sysctls.forwarding6 =
		optional_of(kernel->switches[SWITCH_FORWARDING6]);
	mirror->ip.sysctls.hop_limit6 = optional_of(kernel->switches[SWITCH_HOP_LIMIT6]);
}

/* Wishes: 0 or -errno, with nothing done. */

/* How many things can go along with others. */
static size_t
count(const struct kernel *kernel)
{
	size_t n = kernel->n_addrs + kernel->n_neighs;

	for (size_t i = 0; i < kernel->n_routes; i++)
		n += kernel->routes[i].n_hops;
	return n;
}

static int
wish_link(struct kernel *kernel, const struct wish *wish)
{
	struct world_link *link = link_at(kernel, wish->ifindex);
	size_t n = count(kernel);

	if (!link)
		return -ENODEV;
	switch (wish->what) {
	case WISH_LINK_UP:
		if (link->up && !wish->number) {
			lose_routes(kernel, wish->ifindex, true, true);
			lose_neighs(kernel, wish->ifindex, true, true);
			lose_addrs(kernel, wish->ifindex, false, true);
			world.drags |= count(kernel) < n;
		}
		link->up = wish->number;
		return 0;
	case WISH_LINK_PROMISC:
		link->promisc = wish->number;
		return 0;
	case WISH_LINK_ALIAS:
		must(memchr(wish->text, '\0', sizeof(wish->text)));
		memset(link->alias, 0, sizeof(link->alias));
		strcpy(link->alias, wish->text);
		return 0;
	case WISH_LINK_MASTER:
		if (wish->number && (wish->number != 4 || !link_at(kernel, 4)))
			return -EOPNOTSUPP;
		if (wish->ifindex == 1 || wish->ifindex == 4)
			return -EINVAL;
		link->master = wish->number;
		return 0;
	case WISH_LINK_IPV6:
		if (!link->ipv6_off && !wish->number) {
			lose_routes(kernel, wish->ifindex, false, true);
			lose_neighs(kernel, wish->ifindex, false, true);
			lose_addrs(kernel, wish->ifindex, false, true);
			world.drags |= count(kernel) < n;
		}
		link->ipv6_off = !wish->number;
		return 0;
	case WISH_LINK_MTU:
		must(wish->number >= 1280 && wish->number <= 9000);
		link->mtu = wish->number;
		return 0;
	case WISH_LINK_FORWARDING4:
		link->forwarding4 = wish->number;
		return 0;
	default:
		must(wish->what == WISH_LINK_FORWARDING6);
		link->forwarding6 = wish->number;
		return 0;
	}
}

static int
wish_rcvaddr(struct kernel *kernel, const struct wish *wish)
{
	bool comes = wish->what == WISH_RCVADDR;
	size_t i;

	if (!link_at(kernel, wish->ifindex))
		return -ENODEV;
	must(wish->lladdr.len >= 1 && wish->lladdr.len <= LLADDR_MAX);
	for (i = 0; i < kernel->n_rcvaddrs; i++) {
		if (kernel->rcvaddrs[i].ifindex == wish->ifindex &&
			lladdr_compare(&kernel->rcvaddrs[i].lladdr, &wish->lladdr) == 0)
			break;
	}
	if (comes != (i == kernel->n_rcvaddrs))
		return comes ? -EEXIST : -ENOENT;
	if (!comes)
		TAKE_OUT(kernel->rcvaddrs, kernel->n_rcvaddrs, i);
	else if (i == WORLD_ROWS)
		return -ENOBUFS;
	else
		kernel->rcvaddrs[kernel->n_rcvaddrs++] =
			(struct world_rcvaddr){ wish->ifindex, wish->lladdr };
	return 0;
}

static int
wish_neigh(struct kernel *kernel, const struct wish *wish)
{
	size_t i;

	for (i = 0; i < kernel->n_neighs; i++) {
		if (kernel->neighs[i].ifindex == wish->ifindex &&
			inet_compare(&kernel->neighs[i].address, &wish->address) == 0)
			break;
	}
	if (wish->what == WISH_NEIGH_GONE) {
		if (i == kernel->n_neighs)
			return -ENOENT;
		TAKE_OUT(kernel->neighs, kernel->n_neighs, i);
		return 0;
	}
	if (!is_up(kernel, wish->ifindex))
		return -ENETDOWN;
	if (wish->lladdr.len != 6)
		return -EINVAL;
	if (i == WORLD_ROWS)
		return -ENOBUFS;
	if (i == kernel->n_neighs)
		kernel->n_neighs++;
	memset(&kernel->neighs[i], 0, sizeof(kernel->neighs[i]));
	kernel->neighs[i].ifindex = wish->ifindex;
	kernel->neighs[i].address = wish->address;
	kernel->neighs[i].lladdr = wish->lladdr;
	kernel->neighs[i].state = (uint8_t)wish->number;
	kernel->neighs[i].flags = wish->flags;
	return 0;
}

static int
lose_addr(struct kernel *kernel, size_t at)
{
	bool v4 = inet_is_v4(&kernel->addrs[at].local), last = v4;
	uint32_t ifindex = kernel->addrs[at].ifindex;
	size_t n = count(kernel);

	TAKE_OUT(kernel->addrs, kernel->n_addrs, at);
	for (size_t i = 0; i < kernel->n_addrs; i++) {
		if (kernel->addrs[i].ifindex == ifindex &&
			inet_is_v4(&kernel->addrs[i].local))
			last = false;
	}
	if (last) {
		lose_routes(kernel, ifindex, true, false);
		lose_neighs(kernel, ifindex, true, false);
	}
	world.drags |= count(kernel) + 1 < n;
	return 0;
}

static int
wish_anycast(struct kernel *kernel, const struct wish *wish)
{
	struct world_link *link = link_at(kernel, wish->ifindex);
	struct addr_info *addr;
	size_t i;

	if (!link || link->ipv6_off)
		return -ENODEV;
	must(inet_is_v6(&wish->address));
	for (i = 0; i < kernel->n_addrs; i++) {
		addr = &kernel->addrs[i];
		if (addr->class == ADDR_ANYCAST && addr->ifindex == wish->ifindex &&
			inet_compare(&addr->local, &wish->address) == 0)
			break;
	}
	if (wish->what == WISH_ANYCAST_GONE) {
		if (i == kernel->n_addrs)
			return -EADDRNOTAVAIL;
		TAKE_OUT(kernel->addrs, kernel->n_addrs, i);
		return 0;
	}
	if (i < kernel->n_addrs || i == WORLD_ROWS)
		return i == WORLD_ROWS ? -ENOBUFS : -EADDRINUSE;
	addr = &kernel->addrs[kernel->n_addrs++];
	addr->class = ADDR_ANYCAST;
	addr->ifindex = wish->ifindex;
	addr->prefix_length = 128;
	addr->flags = ADDR_PERMANENT;
	addr->local = addr->prefix = wish->address;
	addr->preferred_lifetime = addr->valid_lifetime = ADDR_FOREVER;
	return 0;
}

static int
wish_addr(struct kernel *kernel, const struct wish *wish)
{
	struct world_link *link = link_at(kernel, wish->ifindex);
	bool v6 = inet_is_v6(&wish->address);
	struct addr_info *addr;
	size_t i;

	if (!link)
		return -ENODEV;
	for (i = 0; i < kernel->n_addrs; i++) {
		addr = &kernel->addrs[i];
		if (addr->ifindex == wish->ifindex && addr->class == ADDR_UNICAST &&
			inet_compare(&addr->local, &wish->address) == 0 &&
			(v6 || (inet_compare(&addr->prefix, &wish->peer) == 0 &&
				       addr->prefix_length == wish->number)))
			break;
	}
	if (wish->what == WISH_ADDR_GONE)
		return i == kernel->n_addrs ? -EADDRNOTAVAIL : lose_addr(kernel, i);
	if (v6 && link->ipv6_off)
		return -EACCES;
	if (i == WORLD_ROWS)
		return -ENOBUFS;
	must(wish->number <= 8u * wish->address.len && wish->preferred <= wish->valid);
	if (i == kernel->n_addrs)
		kernel->n_addrs++;
	addr = &kernel->addrs[i];
	memset(addr, 0, sizeof(*addr));
	addr->ifindex = wish->ifindex;
	addr->prefix_length = (uint8_t)wish->number;
	addr->flags = (uint16_t)((wish->preferred ? 0 : ADDR_DEPRECATED) |
				 (wish->valid == ADDR_FOREVER ? ADDR_PERMANENT : 0));
	addr->local = wish->address;
	addr->prefix = wish->peer;
	addr->preferred_lifetime = wish->preferred;
	addr->valid_lifetime = wish->valid;
	return 0;
}

static bool
are_rivals(const struct route_wish *a, const struct route_wish *b)
{
	return inet_compare(&a->dst, &b->dst) == 0 && a->plen == b->plen &&
	       a->table == b->table && a->metric == b->metric && a->tos == b->tos &&
	       a->src_plen == b->src_plen && inet_compare(&a->src, &b->src) == 0;
}

/* The next hop that a wish is about, in a route; n_hops if it has none. */
static size_t
hop_of(const struct world_route *route, const struct route_wish *wish)
{
	size_t i;

	for (i = 0; i < route->n_hops; i++) {
		if (route->hops[i].ifindex == wish->ifindex &&
			inet_compare(&route->hops[i].gateway, &wish->gateway) == 0)
			break;
	}
	return i;
}

static int
lose_route(struct kernel *kernel, const struct route_wish *wish)
{
	for (size_t i = 0; i < kernel->n_routes; i++) {
		struct world_route *route = &kernel->routes[i];
		size_t hop = hop_of(route, wish);

		if (!are_rivals(&route->wish, wish) || hop == route->n_hops ||
			route->wish.type != wish->type ||
			route->wish.proto != wish->proto)
			continue;
		TAKE_OUT(route->hops, route->n_hops, hop);
		if (!route->n_hops)
			TAKE_OUT(kernel->routes, kernel->n_routes, i);
		else if (world.mirror)
			tell_route(world.mirror, route, FROM_EVENT);
		return 0;
	}
	return -ESRCH;
}

static int
join_route(struct kernel *kernel, const struct route_wish *wish)
{
	for (size_t i = 0; i < kernel->n_routes; i++) {
		struct world_route *route = &kernel->routes[i];

		if (!are_rivals(&route->wish, wish))
			continue;
		if (route->n_hops == WORLD_HOPS || route->wish.type != ROUTE_UNICAST)
			return -EINVAL;
		if (hop_of(route, wish) < route->n_hops)
			return -EEXIST;
		route->hops[route->n_hops].ifindex = wish->ifindex;
		route->hops[route->n_hops++].gateway = wish->gateway;
		if (world.mirror)
			tell_route(world.mirror, route, FROM_EVENT);
		return 0;
	}
	return -ESRCH;
}

static int
wish_route(struct kernel *kernel, const struct wish *asked)
{
	struct route_wish wish = asked->route;
	bool v4 = inet_is_v4(&wish.dst);
	struct world_route *route;
	struct inet masked = inet_prefix(&wish.dst, wish.plen);

	must(wish.plen <= 8u * wish.dst.len && inet_compare(&masked, &wish.dst) == 0);
	if (asked->what == WISH_ROUTE_GONE)
		return lose_route(kernel, &wish);
	if (!wish.ifindex && wish.gateway.type != INET_UNKNOWN)
		wish.ifindex = 2;
	if (wish.ifindex && !is_up(kernel, wish.ifindex))
		return -ENETDOWN;
	if (wish.ifindex && !v4 && kernel->links[wish.ifindex - 1].ipv6_off)
		return -EACCES;
	if (wish.joins)
		return join_route(kernel, &wish);
	if (kernel->n_routes == WORLD_ROWS)
		return -ENOBUFS;
	for (size_t i = 0; i < kernel->n_routes; i++) {
		if (are_rivals(&kernel->routes[i].wish, &wish) &&
			(v4 || hop_of(&kernel->routes[i], &wish) == 0))
			return -EEXIST;
	}
	route = &kernel->routes[kernel->n_routes++];
	route->n_hops = 1;
	route->hops[0].ifindex = wish.ifindex;
	route->hops[0].gateway = wish.gateway;
	route->wish.dst = wish.dst;
	route->wish.src = wish.src;
	route->wish.src_plen = wish.src_plen;
	route->wish.table = wish.table;
	route->wish.metric = wish.metric;
	route->wish.plen = wish.plen;
	route->wish.tos = wish.tos;
	route->wish.type = wish.type;
	route->wish.proto = wish.proto;
	route->wish.scope = wish.scope;
	return 0;
}

static int
grant(struct kernel *kernel, const struct wish *wish)
{
	switch (wish->what) {
	case WISH_RCVADDR:
	case WISH_RCVADDR_GONE:
		return wish_rcvaddr(kernel, wish);
	case WISH_SWITCH:
		must(wish->node < N_SWITCHES);
		kernel->switches[wish->node] = wish->number;
		for (size_t i = 0; wish->node == SWITCH_FORWARDING && i < WORLD_LINKS;
			i++)
			kernel->links[i].forwarding4 =
				wish->number && kernel->links[i].there;
		return 0;
	case WISH_NEIGH:
	case WISH_NEIGH_GONE:
		return wish_neigh(kernel, wish);
	case WISH_ADDR:
	case WISH_ADDR_GONE:
		return wish_addr(kernel, wish);
	case WISH_ANYCAST:
	case WISH_ANYCAST_GONE:
		return wish_anycast(kernel, wish);
	case WISH_ROUTE:
	case WISH_ROUTE_GONE:
		return wish_route(kernel, wish);
	default:
		return wish_link(kernel, wish);
	}
}

/* The source. */

static int
world_fulfil(void *arg, const struct wish *wish, struct deed **deed)
{
	struct deed *made;
	int error;

	must(arg == &world && !world.readonly);
	*deed = world.dry_run ? NULL : WORLD_REFUSED;
	if (world.dry_run)
		return 0;
	if (++world.wishes == world.refuse_wish)
		return world.error;
	made = calloc(1, sizeof(*made));
	made->before = world.kernel;
	if (wish->what == WISH_ROUTE || wish->what == WISH_ROUTE_GONE)
		world.mirror->route_wished = wish->route;
	error = grant(&world.kernel, wish);
	if (error) {
		world.mirror->route_wished = (struct route_wish){ 0 };
		world.kernel = made->before;
		free(made);
		return error;
	}
	made->number = ++world.done;
	*deed = made;
	tell_all();
	world.mirror->route_wished = (struct route_wish){ 0 };
	return 0;
}

/* The last one first: the one after it must be undone. */
static int
world_undo(void *arg, struct deed *deed)
{
	must(arg == &world && deed->number == world.done);
	world.done--;
	if (++world.undos == world.keep_undo) {
		world.defiant = true;
		free(deed);
		return -EBUSY;
	}
	world.waiting = world.postpone_undo;
	if (world.waiting)
		world.left = deed->before;
	else
		world.kernel = deed->before;
	free(deed);
	tell_all();
	return 0;
}

static int
world_settle(void *arg)
{
	must(arg == &world && !world.readonly);
	world.settles++;
	if (world.waiting && world.refuse_settle) {
		world.defiant = true;
		return -EBUSY;
	}
	if (world.waiting)
		world.kernel = world.left;
	world.waiting = false;
	tell_all();
	return 0;
}

static void
world_keep(void *arg, struct deed *deed)
{
	must(arg == &world && world.done > 0);
	world.done--;
	free(deed);
}

static bool
world_promises(void *arg)
{
	(void)arg;
	return true;
}

static bool
world_promotes(void *arg, const char *name)
{
	(void)arg;
	return strcmp(name, "x3") == 0;
}

static void
world_silent(void *arg, uint64_t now)
{
	(void)arg, (void)now;
}

static void
world_need(void *arg, uint32_t ifindex, uint32_t needs, uint64_t now)
{
	(void)arg, (void)ifindex, (void)needs, (void)now;
}

static void
world_need_node(void *arg, uint32_t needs, uint64_t now)
{
	(void)arg, (void)needs, (void)now;
}

static void
world_drain(void *arg)
{
	(void)arg;
}

static bool
world_has_joined(void *arg, uint32_t ifindex, const struct inet *address)
{
	(void)arg, (void)ifindex, (void)address;
	return true; /* all of them */
}

static const struct source world_source = { .drain = world_drain,
	.need = world_need,
	.need_rcvaddrs = world_silent,
	.need_stack = world_silent,
	.need_neighs = world_silent,
	.need_routers = world_silent,
	.need_node = world_need_node,
	.may_write = world_promises,
	.promotes = world_promotes,
	.has_joined = world_has_joined,
	.fulfil = world_fulfil,
	.undo = world_undo,
	.settle = world_settle,
	.keep = world_keep,
	.arg = &world };

/* The beginning. */

static struct inet
inet_v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	return inet_make(INET_IPV4, (uint8_t[4]){ a, b, c, d });
}

static struct inet
inet_v6(uint16_t first, uint8_t fifth, uint8_t last)
{
	return inet_make(INET_IPV6, (uint8_t[16]){ (uint8_t)(first >> 8),
					    (uint8_t)first, [5] = fifth, [15] = last });
}

static void
begin_addr(uint32_t ifindex, struct inet address, uint8_t length, uint32_t valid)
{
	must(grant(&world.kernel, &(struct wish){ .what = WISH_ADDR,
					  .ifindex = ifindex,
					  .address = address,
					  .peer = address,
					  .number = length,
					  .preferred = valid,
					  .valid = valid }) == 0);
}

static void
begin_neigh(uint32_t ifindex, struct inet address, enum neigh_state state)
{
	must(grant(&world.kernel, &(struct wish){ .what = WISH_NEIGH,
					  .ifindex = ifindex,
					  .address = address,
					  .lladdr = { 6, { 2, 0, 0, 0, 9, 9 } },
					  .number = state }) == 0);
}

static void
begin_route(struct inet dst, uint8_t plen, struct inet gateway, uint32_t ifindex,
	uint8_t type, uint8_t proto)
{
	struct wish wish = { .what = WISH_ROUTE,
		.route = { .dst = dst,
			.gateway = gateway,
			.ifindex = ifindex,
			.table = ROUTE_TABLE_MAIN,
			.metric = inet_is_v4(&dst) ? 0 : 1024,
			.plen = plen,
			.type = type,
			.proto = proto } };
	int error = grant(&world.kernel, &wish);

	if (error == -EEXIST) {
		wish.route.joins = true;
		error = grant(&world.kernel, &wish);
	}
	must(error == 0);
}

/* Six links with something of everything, nothing told, nothing done. */
static void
world_begin(struct mirror *mirror)
{
	static const struct inet none;
	struct kernel *kernel = &world.kernel;

	memset(&world, 0, sizeof(world));
	for (uint32_t i = 0; i < WORLD_LINKS; i++)
		kernel->links[i] = (struct world_link){
			.there = true, .up = i != 4, .ipv6_off = i == 5, .mtu = 1500
		};
	kernel->links[4].master = 4;
	strcpy(kernel->links[1].alias, "uplink");
	kernel->switches[SWITCH_DEFAULT_TTL] = kernel->switches[SWITCH_HOP_LIMIT6] = 64;
	begin_addr(1, inet_v4(127, 0, 0, 1), 8, ADDR_FOREVER);
	begin_addr(2, inet_v4(192, 0, 2, 1), 24, ADDR_FOREVER);
	begin_addr(2, inet_v4(192, 0, 2, 2), 24, 600);
	begin_addr(3, inet_v4(198, 51, 100, 1), 24, ADDR_FOREVER);
	begin_addr(3, inet_v4(192, 0, 2, 1), 25, ADDR_FOREVER);
	begin_addr(2, inet_v6(0x2001, 0, 1), 64, ADDR_FOREVER);
	begin_addr(2, inet_v6(0xfe80, 0, 1), 64, ADDR_FOREVER);
	begin_addr(3, inet_v6(0x2001, 1, 1), 64, 600);
	begin_neigh(2, inet_v4(192, 0, 2, 9), NEIGH_PERMANENT);
	begin_neigh(2, inet_v6(0xfe80, 0, 9), NEIGH_STALE);
	begin_neigh(3, inet_v4(192, 0, 2, 9), NEIGH_FAILED);
	begin_route(
		inet_v4(192, 0, 2, 0), 24, none, 2, ROUTE_UNICAST, ROUTE_PROTO_KERNEL);
	begin_route(inet_v4(10, 0, 0, 0), 8, inet_v4(192, 0, 2, 9), 2, ROUTE_UNICAST,
		ROUTE_PROTO_STATIC);
	begin_route(inet_v4(10, 0, 0, 0), 8, inet_v4(198, 51, 100, 9), 3, ROUTE_UNICAST,
		ROUTE_PROTO_STATIC);
	begin_route(
		inet_v4(10, 1, 0, 0), 16, none, 0, ROUTE_BLACKHOLE, ROUTE_PROTO_STATIC);
	begin_route(inet_v6(0x2001, 5, 0), 64, inet_v6(0xfe80, 0, 9), 2, ROUTE_UNICAST,
		ROUTE_PROTO_STATIC);
	begin_route(inet_v6(0, 0, 0), 0, inet_v6(0x2001, 0, 9), 2, ROUTE_UNICAST,
		ROUTE_PROTO_BOOT);
	kernel->rcvaddrs[kernel->n_rcvaddrs++] =
		(struct world_rcvaddr){ 2, { 6, { 2, 0, 0, 0, 9, 9 } } };
	world.drags = false;
	world.mirror = mirror;
	mirror->source = &world_source;
	mirror->shows_anycasts = true;
	mirror->ip.address_spin_lock = 7;
	tell_all();
}

#endif
