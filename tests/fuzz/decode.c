/*
 * Fuzz target: a datagram of netlink messages, through every decoder and through the
 * session into a mirror, whose tables are then walked. The first octet chooses whether it
 * comes from the event socket or from a dump.
 *
 * What must hold: no crash, no read behind the message, and a mirror whose walks increase
 * and end.
 *
 * A walk of the deprecated tables costs the square of the routes to one destination, and
 * one message can bring 4,000 of them: where there are more than MANY_ROUTES a table is
 * walked for a few rows only, or all the time would go there.
 */
#include "../../agent/kernel/decode.h"
#include "../../agent/kernel/decode_ipif.h"
#include "../../agent/kernel/port_entries.h"
#include "../../agent/kernel/session.h"
#include "../../tables/tables.h"
#include "quiet.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#define MANY_ROUTES 64
#define WALK_SHORT  4
#define WALK_LONG   4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
see_hops(const struct route_info *info)
{
	if (info->n_hops > ROUTE_MAX_HOPS || (!info->n_hops && !info->nhid))
		abort();
	for (size_t i = 0; i < info->n_hops; i++) {
		const struct hop_info *hop = &info->hops[i];

		if (hop->ifindex > INT32_MAX || hop->gateway.type > INET_IPV6 ||
			hop->weight > 256)
			abort();
	}
}

/* A route is what it is, whatever was decoded before. */
static void
decode_fib(const struct nlmsghdr *msg)
{
	static struct route_info info, again;
	static struct nexthop_info object;

	if (decode_route(msg, &info) == DECODE_OK) {
		bool v4 = info.dst.type == INET_IPV4;
		struct inet prefix = inet_prefix(&info.dst, info.plen);

		see_hops(&info);
		if (info.plen > (v4 ? 32 : 128) || info.src_plen > (v4 ? 0 : 128) ||
			inet_compare(&prefix, &info.dst) != 0 || !info.id == v4 ||
			info.preference > ROUTER_LOW ||
			decode_route(msg, &again) != DECODE_OK || again.id != info.id)
			abort();
	}
	if (decode_nexthop(msg, &object) == DECODE_OK) {
		if (!object.id || object.ifindex > INT32_MAX ||
			object.n_members > NEXTHOP_MAX_MEMBERS)
			abort();
		for (size_t i = 0; i < object.n_members; i++) {
			if (!object.members[i].id || !object.members[i].weight)
				abort();
		}
	}
}

static void
see_kept(struct snapshot *snapshot)
{
	for (size_t at = 0; at < snapshot->len;) {
		const struct nlmsghdr *msg = (const void *)(snapshot->messages + at);

		if (msg->nlmsg_len < NLMSG_HDRLEN ||
			msg->nlmsg_len > snapshot->len - at ||
			!(msg->nlmsg_flags & NLM_F_REQUEST))
			abort();
		at += NLMSG_ALIGN(msg->nlmsg_len);
	}
	snapshot_forget(snapshot);
}

/* Link 7 of bridge 5. */
static void
take_port(const struct nlmsghdr *msg)
{
	struct port port = { .ifindex = 7, .master = 5, .filters = true };

	port_take_vlans(msg, &port);
	port_take_entry(msg, &port);
	port_take_groups(msg, &port);
	see_kept(&port.now);
	see_kept(&port.later);
}

static void
decode_all(const struct nlmsghdr *msg)
{
	struct raw_counters raw = { 0 };
	struct lladdr address = { 0 };
	struct neigh_parms parms;
	struct ipif_said said;
	uint32_t ifindex, number;
	bool present;

	decode_stats(msg, &ifindex, &raw);
	decode_qdisc(msg, &ifindex, &number);
	if (decode_fdb(msg, &ifindex, &address) == DECODE_OK && address.len > LLADDR_MAX)
		abort();
	decode_linkmodes(msg, &ifindex, &number);
	decode_eth_mac(msg, &ifindex, &raw, &present);
	if (decode_ipif(msg, &said) == DECODE_OK &&
		(!said.ifindex || said.ifindex > INT32_MAX))
		abort();
	if (decode_neigh_parms(msg, &parms) == DECODE_OK && !parms.ifindex)
		abort();
	decode_fib(msg);
	take_port(msg);
	if (msg->nlmsg_type == NLMSG_ERROR || msg->nlmsg_type == NLMSG_DONE)
		decode_error(msg);
}

static void
walk(struct mirror *mirror)
{
	unsigned int max =
		set_count(&mirror->routes) > MANY_ROUTES ? WALK_SHORT : WALK_LONG;

	for (const struct table *const *table = all_tables; *table; table++) {
		struct oid_buf before = { .len = 0 }, name;
		struct query query;
		struct cursor at;
		struct value value;
		unsigned int n = 0;
		bool more;

		query_init(&query, mirror, 2, 1);
		for (more = table_next(*table, &query, NULL, 0, false, &at, &value);
			more && n < max;
			n++, more = table_step(*table, &query, &at, &value)) {
			table_name(*table, &query, &at, &name);
			if (oid_compare(before.sub, before.len, name.sub, name.len) >= 0)
				abort();
			before = name;
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct options options;
	struct mirror *mirror;
	struct session session = { .state = SESSION_SYNCED };
	const struct nlmsghdr *msg;
	uint8_t *copy;
	const uint8_t *at;
	enum origin origin;
	bool cut = false;

	if (!size)
		return 0;
	log_to(&quiet);
	origin = data[0] & 1 ? FROM_DUMP : FROM_EVENT;
	size--;
	/* aligned as a receive buffer, and exactly as long as what was received */
	copy = malloc(size ? size : 1);
	memcpy(copy, data + 1, size);
	at = copy;
	mirror = mirror_new(&options);
	session.mirror = mirror;
	for (int kind = 0; data[0] & 2 && kind < N_KINDS; kind++)
		mirror_sweep_begin(mirror, (enum kind)kind);
	while ((msg = decode_next(&at, &size, &cut))) {
		decode_all(msg);
		session_take(&session, msg, origin);
	}
	walk(mirror);
	if (data[0] & 2) {
		for (int kind = 0; kind < N_KINDS; kind++)
			mirror_sweep_end(mirror, (enum kind)kind);
		walk(mirror);
	}
	mirror_free(mirror);
	free(copy);
	return 0;
}
