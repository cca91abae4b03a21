/*
 * IP interfaces: see ipif.h.
 */
#include "ipif.h"

#include "../base/alloc.h"
#include "../base/clock.h"
#include "mirror.h"

#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>

static int
compare(const void *a, const void *b)
{
	const struct ipif *x = a, *y = b;

	return set_order(x->ifindex, y->ifindex);
}

static int
compare_doubts(const void *a, const void *b)
{
	const struct ipif *x = a, *y = b;

	return x->version != y->version ? x->version - y->version : compare(a, b);
}

void
ipif_init(struct mirror *mirror)
{
	set_init(&mirror->ipv4ifs, offsetof(struct ipif, node), compare);
	set_init(&mirror->ipv6ifs, offsetof(struct ipif, node), compare);
	set_init(&mirror->ipif_doubts, offsetof(struct ipif, by_doubt), compare_doubts);
}

static struct set *
set_of(struct mirror *mirror, enum ip_version version)
{
	return version == IP_V4 ? &mirror->ipv4ifs : &mirror->ipv6ifs;
}

static void
free_all(struct set *set)
{
	void *row, *after;

	set_for_each (row, after, set) {
		set_remove(set, row);
		free(row);
	}
}

void
ipif_free(struct mirror *mirror)
{
	free_all(&mirror->ipv4ifs);
	free_all(&mirror->ipv6ifs);
}

struct ipif *
ipif_find(const struct mirror *mirror, enum ip_version version, uint32_t ifindex)
{
	struct ipif key = { .ifindex = ifindex };

	return set_find(version == IP_V4 ? &mirror->ipv4ifs : &mirror->ipv6ifs, &key);
}

/* Until the first sweep has ended nothing is a change: it was there before us. */
static bool
changes_count(const struct mirror *mirror)
{
	return mirror_is_complete(mirror, KIND_LINK);
}

/* Doubt. */

static void
doubt(struct mirror *mirror, struct ipif *row)
{
	if (row->doubted)
		return;
	row->doubted = true;
	row->since = clock_now();
	set_insert(&mirror->ipif_doubts, row);
}

static void
undoubt(struct mirror *mirror, struct ipif *row)
{
	if (row->doubted)
		set_remove(&mirror->ipif_doubts, row);
	row->doubted = false;
}

/* Identifiers. */

/* The link-local address that the kernel has made, or else the lowest one; NULL: none. */
static const struct addr *
best_local(struct mirror *mirror, uint32_t ifindex)
{
	const struct addr *first = addr_first_link_local(mirror, ifindex), *at;

	for (at = first; at; at = addr_next_link_local(mirror, at)) {
		if (addr_is_kernels(at))
			return at;
	}
	return first;
}

/* The modified EUI-64 of an Ethernet address (RFC 2464 section 4). */
static bool
make_eui64(uint8_t identifier[IDENTIFIER_LEN], const struct link_info *link)
{
	const uint8_t *mac = link->address.bytes;

	if (link->arphrd != ARPHRD_ETHER || link->address.len != 6)
		return false;
	memcpy(identifier, mac, 3);
	identifier[0] ^= 2;
	identifier[3] = 0xff;
	identifier[4] = 0xfe;
	memcpy(identifier + 5, mac + 3, 3);
	return true;
}

/* What the row's addresses are, or would be, made with: the low half of the link-local
 * address, the token, or the link-layer address, by the first that is there. */
static void
find_identifier(struct mirror *mirror, const struct ipif *row, struct ipif *found)
{
	static const uint8_t none[IDENTIFIER_LEN];
	const struct addr *local = best_local(mirror, row->ifindex);
	const struct link *link = mirror_link(mirror, row->ifindex);

	found->identifier_len = IDENTIFIER_LEN;
	if (local) {
		memcpy(found->identifier, local->address.bytes + 8, IDENTIFIER_LEN);
	} else if (memcmp(row->info.token, none, IDENTIFIER_LEN) != 0) {
		memcpy(found->identifier, row->info.token, IDENTIFIER_LEN);
	} else if (!link || !row->info.eui64 ||
		   !make_eui64(found->identifier, &link->info)) {
		memset(found->identifier, 0, IDENTIFIER_LEN);
		found->identifier_len = 0;
	}
}

/* True if the identifier is another one now. */
static bool
conclude_identifier(struct mirror *mirror, struct ipif *row)
{
	struct ipif found;

	find_identifier(mirror, row, &found);
	if (found.identifier_len == row->identifier_len &&
		memcmp(found.identifier, row->identifier, IDENTIFIER_LEN) == 0)
		return false;
	row->identifier_len = found.identifier_len;
	memcpy(row->identifier, found.identifier, IDENTIFIER_LEN);
	/* Before the addresses have been read for the first time it was only a guess. */
	return mirror_is_complete(mirror, KIND_ADDR);
}

/* Of a row of IPv6: it is another one now. */
static void
note_alteration(struct mirror *mirror)
{
	if (changes_count(mirror))
		mirror->ipv6ifs_altered = clock_now();
}

void
ipif_review_identifier(struct mirror *mirror, uint32_t ifindex)
{
	struct ipif *row = ipif_find(mirror, IP_V6, ifindex);

	if (row && conclude_identifier(mirror, row))
		note_alteration(mirror);
}

/* Rows. */

static void
note_coming(struct mirror *mirror, enum ip_version version, uint64_t when)
{
	uint64_t *changed =
		version == IP_V4 ? &mirror->ipv4ifs_changed : &mirror->ipv6ifs_changed;

	if (changes_count(mirror) && *changed < when)
		*changed = when;
}

static struct ipif *
add(struct mirror *mirror, enum ip_version version, struct link *link)
{
	struct ipif *row = xcalloc(
		1, version == IP_V4 ? offsetof(struct ipif, counters) : sizeof(*row));

	row->ifindex = link->info.ifindex;
	row->version = (uint8_t)version;
	row->described = version == IP_V4;
	set_insert(set_of(mirror, version), row);
	note_coming(mirror, version, clock_now());
	if (version == IP_V6) {
		/* Whoever remembers the counters of the one before must not subtract. */
		if (changes_count(mirror) && (link->had_ipv6 || link->discontinuity))
			row->discontinuity = clock_now();
		link->had_ipv6 = true;
	}
	return row;
}

static void delete (struct mirror *mirror, struct ipif *row)
{
	/* An event that was not sure of it was right. */
	note_coming(mirror, row->version, row->doubted ? row->since : clock_now());
	undoubt(mirror, row);
	set_remove(set_of(mirror, row->version), row);
	/* Behind the row, whose identifier does not change any more. */
	if (row->version == IP_V6)
		addr_forget_ipv6(mirror, row->ifindex);
	free(row);
}

static bool
info_differs(const struct ipif_info *a, const struct ipif_info *b)
{
	return a->reasm_max != b->reasm_max || a->disabled != b->disabled ||
	       a->forwarding != b->forwarding;
}

static void
describe(struct mirror *mirror, struct ipif *row, const struct ipif_info *info)
{
	bool differs =
		info_differs(&row->info, info) || row->retrans_time != info->retrans_time;

	row->info = *info;
	row->retrans_time = info->retrans_time;
	if (conclude_identifier(mirror, row))
		differs = true;
	if (differs && row->described) /* the first words alter nothing */
		note_alteration(mirror);
	row->described = true;
}

static void
name_forwarding(struct mirror *mirror, struct ipif *row, bool forwarding)
{
	if (row->info.forwarding == forwarding)
		return;
	row->info.forwarding = forwarding;
	note_alteration(mirror);
}

static void
put_there(struct mirror *mirror, enum ip_version version, struct link *link,
	enum ipif_word word, const struct ipif_said *said)
{
	struct ipif *row = ipif_find(mirror, version, link->info.ifindex);

	if (!row)
		row = add(mirror, version, link);
	if (version == IP_V4 && said->has_forwarding4)
		row->info.forwarding = said->forwarding4;
	if (word == IPIF_PRESENT && version == IP_V6)
		describe(mirror, row, &said->info);
	else if (version == IP_V6 && row->described && said->has_forwarding)
		name_forwarding(mirror, row, said->info.forwarding);
	if (row->described)
		undoubt(mirror, row);
	else
		doubt(mirror, row); /* that it is, but not yet what it is */
}

/* Decides whether the dump may still speak of that version of @link, see mirror.h. */
static bool
admit(struct mirror *mirror, struct link *link, enum ip_version version,
	enum origin origin)
{
	const struct sweep *sweep = &mirror->sweeps[KIND_LINK];
	uint32_t *touched = &link->ip_touched[version - IP_V4];

	if (!sweep->running)
		return true;
	if (origin == FROM_DUMP)
		return *touched != sweep->number;
	*touched = sweep->number;
	return true;
}

static void
put(struct mirror *mirror, enum ip_version version, struct link *link,
	const struct ipif_said *said, enum origin origin)
{
	enum ipif_word word = version == IP_V4 ? said->v4 : said->v6;
	struct ipif *row;

	if (word == IPIF_SILENT || !admit(mirror, link, version, origin))
		return;
	switch (word) {
	case IPIF_PRESENT:
	case IPIF_NAMED:
		put_there(mirror, version, link, word, said);
		return;
	case IPIF_ABSENT:
	case IPIF_DOUBTED:
		row = ipif_find(mirror, version, link->info.ifindex);
		if (row && word == IPIF_ABSENT)
			delete (mirror, row);
		else if (row)
			doubt(mirror, row);
		return;
	case IPIF_SILENT:
		return;
	}
}

void
mirror_put_ipif(struct mirror *mirror, const struct ipif_said *said, enum origin origin)
{
	struct link *link = mirror_link(mirror, said->ifindex);

	if (!link)
		return;
	put(mirror, IP_V4, link, said, origin);
	put(mirror, IP_V6, link, said, origin);
}

static void
forget_link(struct mirror *mirror, uint32_t ifindex)
{
	struct ipif *v4 = ipif_find(mirror, IP_V4, ifindex);
	struct ipif *v6 = ipif_find(mirror, IP_V6, ifindex);

	if (v4)
		delete (mirror, v4);
	if (v6)
		delete (mirror, v6);
}

void
ipif_follow_link(struct mirror *mirror, const struct link_info *before,
	const struct link_info *now)
{
	if (!now)
		forget_link(mirror, before->ifindex);
	else if (before)
		ipif_review_identifier(mirror, now->ifindex);
}

/* On demand. */

void
ipif_set_neigh(struct mirror *mirror, struct ipif *row, uint32_t reachable_time,
	uint32_t retrans_time, uint64_t now)
{
	bool differs = row->retrans_time != retrans_time ||
		       row->reachable_time != reachable_time;

	row->reachable_time = reachable_time;
	row->retrans_time = retrans_time;
	if (differs && row->neigh_at && row->version == IP_V6)
		note_alteration(mirror);
	row->neigh_at = now;
}

void
ipif_set_counters(struct ipif *row, const struct ip_counters *counters, uint64_t now)
{
	struct ip_counters before = row->counters;

	row->counters = *counters;
	ip_counters_conclude(IP_V6, &row->counters, &before);
	if (ip_counters_follow(&before, &row->counters))
		row->discontinuity = now;
	row->counters_at = now;
}
