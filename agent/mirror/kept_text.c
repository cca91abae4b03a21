/*
 * What is kept, as lines of words: see kept.h. The words are the kernel's:
 *
 *	forwarding 1				and the other switches
 *	notify 4417				which notifications are sent
 *	alias LINK MAC TEXT
 *	traps LINK MAC 0			linkUp and linkDown are not sent
 *	ipv6 LINK MAC 1				IPv6 is switched on
 *	forwarding6 LINK MAC 0
 *	address LINK MAC 192.0.2.1/24 peer 192.0.2.1 preferred 1
 *	route LINK MAC 10.0.0.0/8 via 192.0.2.2 table 254 tos 0 metric 0 type 1
 *		proto 4 scope 0			in one line; and if they say something:
 *		weight 2 from 2001:db8::/32 policy 1
 *
 * A line behind "gone" says that the thing is kept no more: what comes later counts.
 *
 * MAC is - where none is known, and so is the next hop that a route does not have; LINK
 * is empty for a route without one. A line that has a word more or less is none of these.
 */
#include "kept.h"

#include "addr.h"
#include "told.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char *const switch_words[N_SWITCHES] = {
	[SWITCH_FORWARDING] = "forwarding",
	[SWITCH_DEFAULT_TTL] = "default-ttl",
	[SWITCH_FORWARDING6] = "forwarding6-all",
	[SWITCH_HOP_LIMIT6] = "hop-limit6",
};

static const char notify_word[] = "notify";

static const struct {
	enum wish_what what;
	const char *word;
} link_words[] = {
	{ WISH_LINK_ALIAS, "alias" },
	{ WISH_LINK_TRAPS, "traps" },
	{ WISH_LINK_IPV6, "ipv6" },
	{ WISH_LINK_FORWARDING6, "forwarding6" },
	{ WISH_ADDR, "address" },
	{ WISH_ROUTE, "route" },
};

#define N_LINK_WORDS (sizeof(link_words) / sizeof(link_words[0]))

/* Reading: each takes the next word, and is of no effect behind a wrong one. */

struct reader {
	const struct words *words;
	size_t at;
	bool bad;
};

static const char *
take(struct reader *reader)
{
	if (reader->at == reader->words->n)
		reader->bad = true;
	return reader->bad ? "" : reader->words->word[reader->at++];
}

static void
take_label(struct reader *reader, const char *label)
{
	if (strcmp(take(reader), label) != 0)
		reader->bad = true;
}

/* Takes a label that may be missing. */
static bool
next_is(struct reader *reader, const char *label)
{
	if (reader->bad || reader->at == reader->words->n ||
		strcmp(reader->words->word[reader->at], label) != 0)
		return false;
	reader->at++;
	return true;
}

static uint32_t
take_number(struct reader *reader, uint32_t low, uint32_t high)
{
	const char *word = take(reader);
	size_t len = strlen(word);
	unsigned long long number = strtoull(word, NULL, 10);

	if (!len || len > 10 || strspn(word, "0123456789") != len || number < low ||
		number > high)
		reader->bad = true;
	return reader->bad ? 0 : (uint32_t)number;
}

static uint32_t
take_labelled(struct reader *reader, const char *label, uint32_t high)
{
	take_label(reader, label);
	return take_number(reader, 0, high);
}

static struct inet
inet_of(struct reader *reader, const char *word)
{
	uint8_t octets[16] = { 0 };

	if (inet_pton(AF_INET, word, octets) == 1)
		return inet_make(INET_IPV4, octets);
	if (inet_pton(AF_INET6, word, octets) != 1)
		reader->bad = true;
	return inet_make(INET_IPV6, octets);
}

/* An address with the length of a prefix. */
static struct inet
take_prefix(struct reader *reader, uint32_t *length)
{
	char word[INET6_ADDRSTRLEN + 4], *slash;
	struct words rest = { .n = 1 };
	struct reader behind = { &rest, 0, false };
	struct inet inet;

	snprintf(word, sizeof(word), "%s", take(reader));
	slash = strchr(word, '/');
	if (!slash) {
		reader->bad = true;
		return inet_of(reader, "");
	}
	*slash = '\0';
	inet = inet_of(reader, word);
	rest.word[0] = slash + 1;
	*length = take_number(&behind, 0, 8u * inet.len);
	reader->bad |= behind.bad;
	return inet;
}

static void
take_mac(struct reader *reader, struct lladdr *mac)
{
	const char *word = take(reader);

	mac->len = 0;
	if (strcmp(word, "-") == 0)
		return;
	while (!reader->bad) {
		size_t n = strspn(word, "0123456789abcdefABCDEF");

		if (n != 2 || mac->len == LLADDR_MAX) {
			reader->bad = true;
			return;
		}
		mac->bytes[mac->len++] = (uint8_t)strtoul(word, NULL, 16);
		if (!word[2])
			return;
		reader->bad = word[2] != ':';
		word += 3;
	}
}

static void
take_name(struct reader *reader, char name[16], bool may_lack)
{
	const char *word = take(reader);

	if (strlen(word) > 15 || (!*word && !may_lack))
		reader->bad = true;
	else
		memcpy(name, word, strlen(word) + 1);
}

static void
take_address(struct reader *reader, struct wish *wish)
{
	uint32_t length = 0;

	wish->address = take_prefix(reader, &length);
	wish->number = length;
	take_label(reader, "peer");
	wish->peer = inet_of(reader, take(reader));
	wish->preferred = take_labelled(reader, "preferred", 1) ? ADDR_FOREVER : 0;
	wish->valid = ADDR_FOREVER;
	if (wish->peer.type != wish->address.type || inet_is_multicast(&wish->address))
		reader->bad = true;
}

static void
take_route(struct reader *reader, struct route_wish *route)
{
	uint32_t length = 0;
	const char *gateway;

	route->dst = take_prefix(reader, &length);
	route->plen = (uint8_t)length;
	take_label(reader, "via");
	gateway = take(reader);
	if (strcmp(gateway, "-") != 0)
		route->gateway = inet_of(reader, gateway);
	route->table = take_labelled(reader, "table", UINT32_MAX);
	route->tos = (uint8_t)take_labelled(reader, "tos", UINT8_MAX);
	route->metric = take_labelled(reader, "metric", UINT32_MAX);
	route->type = (uint8_t)take_labelled(reader, "type", UINT8_MAX);
	route->proto = (uint8_t)take_labelled(reader, "proto", UINT8_MAX);
	route->scope = (uint8_t)take_labelled(reader, "scope", UINT8_MAX);
	if (next_is(reader, "weight"))
		route->weight = (uint16_t)take_number(reader, 1, 256);
	if (next_is(reader, "from")) {
		route->src = take_prefix(reader, &length);
		route->src_plen = (uint8_t)length;
		reader->bad |=
			!length || inet_is_v4(&route->src) || inet_is_v4(&route->dst);
	}
	if (next_is(reader, "policy"))
		route->long_policy = take_number(reader, 1, 1);
	if (inet_is_v6(&route->dst) && inet_is_v4(&route->gateway))
		reader->bad = true;
}

static void
take_text(struct reader *reader, char *text, size_t size)
{
	const char *word = take(reader);

	if (strlen(word) >= size)
		reader->bad = true;
	else
		memcpy(text, word, strlen(word) + 1);
}

static void
take_value(struct reader *reader, struct wish *wish)
{
	switch (wish->what) {
	case WISH_LINK_ALIAS:
		take_text(reader, wish->text, sizeof(wish->text));
		break;
	case WISH_ADDR:
		take_address(reader, wish);
		break;
	case WISH_ROUTE:
		take_route(reader, &wish->route);
		break;
	case WISH_SWITCH:
		wish->number = wish->node == SWITCH_DEFAULT_TTL ||
					       wish->node == SWITCH_HOP_LIMIT6
				       ? take_number(reader, 1, 255)
				       : take_number(reader, 0, INT32_MAX);
		break;
	case WISH_NOTIFY:
		wish->number = take_number(reader, 0, (1u << TOLD_TYPES) - 1);
		break;
	default:
		wish->number = take_number(reader, 0, 1);
		break;
	}
}

/* What the first word says; false: nothing that is known. */
static bool
take_what(struct reader *reader, struct wish *wish)
{
	const char *word = take(reader);

	wish->what = WISH_SWITCH;
	for (unsigned int node = 0; node < N_SWITCHES; node++) {
		wish->node = node;
		if (strcmp(word, switch_words[node]) == 0)
			return true;
	}
	wish->node = 0;
	wish->what = WISH_NOTIFY;
	if (strcmp(word, notify_word) == 0)
		return true;
	for (size_t i = 0; i < N_LINK_WORDS; i++) {
		wish->what = link_words[i].what;
		if (strcmp(word, link_words[i].word) == 0)
			return true;
	}
	return false;
}

bool
kept_read(struct kept_set *set, const struct words *words)
{
	struct reader reader = { words, 0, false };
	struct wish wish = { .lasting = true };
	struct lladdr mac = { .len = 0 };
	char name[16] = "";
	bool gone = next_is(&reader, "gone");

	if (!take_what(&reader, &wish))
		return false;
	if (kept_class_of(&wish) != KEPT_SWITCH) {
		take_name(&reader, name, wish.what == WISH_ROUTE);
		take_mac(&reader, &mac);
	}
	take_value(&reader, &wish);
	if (reader.bad || reader.at != words->n)
		return false;
	if (!gone)
		return kept_keep(set, &wish, name, &mac) != NULL;
	kept_forget(set, &wish, name);
	return true;
}

/* Writing. */

#define NO_LENGTH UINT_MAX

static void
add_inet(struct text *text, const struct inet *inet, unsigned int length)
{
	char word[INET6_ADDRSTRLEN + 4] = "-";

	if (inet->len)
		inet_ntop(inet_is_v4(inet) ? AF_INET : AF_INET6, inet->bytes, word,
			INET6_ADDRSTRLEN);
	if (length != NO_LENGTH)
		snprintf(word + strlen(word), 5, "/%u", length & 0xff);
	text_add_word(text, word);
}

static void
add_labelled(struct text *text, const char *label, uint32_t number)
{
	text_add_word(text, label);
	text_add_number(text, number);
}

static void
add_address(struct text *text, const struct wish *wish)
{
	add_inet(text, &wish->address, wish->number);
	text_add_word(text, "peer");
	add_inet(text, &wish->peer, NO_LENGTH);
	add_labelled(text, "preferred", wish->preferred != 0);
}

static void
add_route(struct text *text, const struct route_wish *route)
{
	add_inet(text, &route->dst, route->plen);
	text_add_word(text, "via");
	add_inet(text, &route->gateway, NO_LENGTH);
	add_labelled(text, "table", route->table);
	add_labelled(text, "tos", route->tos);
	add_labelled(text, "metric", route->metric);
	add_labelled(text, "type", route->type);
	add_labelled(text, "proto", route->proto);
	add_labelled(text, "scope", route->scope);
	if (route->weight)
		add_labelled(text, "weight", route->weight);
	if (route->src_plen) {
		text_add_word(text, "from");
		add_inet(text, &route->src, route->src_plen);
	}
	if (route->long_policy)
		add_labelled(text, "policy", 1);
}

static void
add_link(struct text *text, const struct kept *kept)
{
	char mac[LLADDR_TEXT];

	for (size_t i = 0; i < N_LINK_WORDS; i++) {
		if (link_words[i].what == kept->wish.what)
			text_add_word(text, link_words[i].word);
	}
	text_add_word(text, kept->name);
	lladdr_text(&kept->mac, mac);
	text_add_word(text, kept->mac.len ? mac : "-");
}

void
kept_write(const struct kept *kept, struct text *text)
{
	const struct wish *wish = &kept->wish;

	if (wish->what == WISH_SWITCH)
		text_add_word(text, switch_words[wish->node]);
	else if (wish->what == WISH_NOTIFY)
		text_add_word(text, notify_word);
	else
		add_link(text, kept);
	switch (wish->what) {
	case WISH_LINK_ALIAS:
		text_add_word(text, wish->text);
		break;
	case WISH_ADDR:
		add_address(text, wish);
		break;
	case WISH_ROUTE:
		add_route(text, &wish->route);
		break;
	default:
		text_add_number(text, wish->number);
		break;
	}
	text_end_line(text);
}

void
kept_write_gone(const struct kept *kept, struct text *text)
{
	text_add_word(text, "gone");
	kept_write(kept, text);
}
