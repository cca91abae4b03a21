/*
 * What the node counts of IP and ICMP: see ipstats.h.
 */
#include "ipstats.h"

#include "../base/alloc.h"

#include <stdlib.h>
#include <sys/random.h>

static int
compare_versions(const void *a, const void *b)
{
	return ((const struct ipstats *)a)->version -
	       ((const struct ipstats *)b)->version;
}

static int
compare_types(const void *a, const void *b)
{
	const struct icmp_type *x = a, *y = b;

	return x->version != y->version ? x->version - y->version : x->type - y->type;
}

static uint32_t
random_lock(void)
{
	uint32_t number = 0;

	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != sizeof(number))
		number = (uint32_t)random(); /* early in the boot */
	return number & INT32_MAX;
}

void
ipstats_init(struct ip_node *node)
{
	node->v4.version = IP_V4;
	node->v6.version = IP_V6;
	set_init(&node->stats, offsetof(struct ipstats, node), compare_versions);
	set_insert(&node->stats, &node->v4);
	set_insert(&node->stats, &node->v6);
	set_init(&node->types, offsetof(struct icmp_type, node), compare_types);
	node->address_spin_lock = random_lock();
}

void
ipstats_free(struct ip_node *node)
{
	struct icmp_type *row, *after;

	set_for_each (row, after, &node->types) {
		set_remove(&node->types, row);
		free(row);
	}
}

/* Until 6.7 the kernel had no OutTransmits. For IPv4 its OutRequests counted all that was
 * sent; the forwarded datagrams are to be taken out of them (RFC 4293: "Note that this
 * counter does not include any datagrams counted in ipSystemStatsOutForwDatagrams"). A
 * difference of two counters is never let back (RFC 2578 section 7.1.6). */
static void
conclude_requests(struct ip_counters *now, const struct ip_counters *before)
{
	const uint64_t sent = now->out_requests.number;
	const uint64_t forwarded = now->out_forw_datagrams.number;

	now->out_transmits = now->out_requests;
	now->out_requests.present =
		now->out_requests.present && now->out_forw_datagrams.present;
	now->out_requests.number = sent > forwarded ? sent - forwarded : 0;
	if (sent >= before->out_transmits.number &&
		now->out_requests.number < before->out_requests.number)
		now->out_requests.number = before->out_requests.number;
}

void
ip_counters_conclude(enum ip_version version, struct ip_counters *now,
	const struct ip_counters *before)
{
	now->frag_reqds = optional_sum(now->frag_oks, now->frag_fails);
	/* What it "attempted to find a route" for: Linux counts those for which it was
	 * found and those for which it was not. */
	now->in_forw_datagrams = optional_sum(now->out_forw_datagrams, now->in_no_routes);
	if (now->out_transmits.present)
		return;
	if (version == IP_V4)
		conclude_requests(now, before);
	else
		now->out_transmits =
			optional_sum(now->out_requests, now->out_forw_datagrams);
}

/* Both structs hold nothing but struct optional. */
#define N_NUMBERS(type) (sizeof(struct type) / sizeof(struct optional))

static bool
any_present(const void *counters, size_t n)
{
	const struct optional *at = counters;

	while (n && !at->present)
		n--, at++;
	return n > 0;
}

bool
ip_counters_follow(const struct ip_counters *before, struct ip_counters *now)
{
	const struct optional *was = (const void *)before;
	struct optional *is = (void *)now;
	bool back = false;

	for (size_t i = 0; i < N_NUMBERS(ip_counters); i++) {
		if (!is[i].present)
			is[i].number = was[i].number;
		back = back || is[i].number < was[i].number;
	}
	return back;
}

/* "A row ... MUST be instantiated after the first message" (RFC 4293); a message of that
 * type in the other direction is then counted from 0. */
static void
put_type(struct ip_node *node, uint8_t version, uint8_t type, struct optional in,
	struct optional out)
{
	struct icmp_type key = { .version = version, .type = type };
	struct icmp_type *row = set_find(&node->types, &key);

	if (!row) {
		if (!(in.present && in.number) && !(out.present && out.number))
			return;
		row = xcalloc(1, sizeof(*row));
		row->version = version;
		row->type = type;
		set_insert(&node->types, row);
	}
	row->in = in;
	row->out = out;
}

void
ipstats_put(struct ip_node *node, enum ip_version version,
	const struct ip_reading *reading, uint64_t now)
{
	struct ipstats *row = version == IP_V4 ? &node->v4 : &node->v6;
	struct ip_counters before = row->ip;

	row->ip = reading->ip;
	row->icmp = reading->icmp;
	ip_counters_conclude(version, &row->ip, &before);
	if (ip_counters_follow(&before, &row->ip))
		row->discontinuity = now;
	row->known = any_present(&row->ip, N_NUMBERS(ip_counters)) ||
		     any_present(&row->icmp, N_NUMBERS(icmp_counters));
	for (unsigned int type = 0; type < N_ICMP_TYPES; type++)
		put_type(node, row->version, (uint8_t)type, reading->in_types[type],
			reading->out_types[type]);
}
