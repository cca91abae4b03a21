/*
 * What is kept over restarts: lines of words, lines and things, and the set of them
 * against a plain list, through transactions that stay or are undone.
 */
#include "unit.h"

#include "../../agent/base/alloc.h"
#include "../../agent/mirror/kept.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Words. */

static void
random_word(char *word, size_t max)
{
	static const char plain[] = "abz09.:/_-";
	static const char odd[] = "\" \\\t\n\r#0x'\x01\x7f\xff\xc3";
	size_t len = pick((uint32_t)max);

	for (size_t i = 0; i < len; i++)
		word[i] = pick(3) ? plain[pick(sizeof(plain) - 1)]
				  : odd[pick(sizeof(odd) - 1)];
	word[len] = '\0';
}

static void
words_come_back(void)
{
	for (int i = 0; i < 10000; i++) {
		char words[WORDS_MAX][20];
		size_t n = pick(WORDS_MAX + 1);
		struct text text = { NULL, 0, 0 };
		struct words read;

		for (size_t at = 0; at < n; at++) {
			random_word(words[at], sizeof(words[at]));
			text_add_word(&text, words[at]);
		}
		text_end_line(&text);
		/* one line, whatever is in it */
		CU_ASSERT_EQUAL_FATAL(
			memchr(text.data, '\n', text.len), text.data + text.len - 1);
		CU_ASSERT_EQUAL_FATAL(words_split(&read, text.data, text.len - 1), 0);
		CU_ASSERT_EQUAL_FATAL(read.n, n);
		for (size_t at = 0; at < n; at++)
			CU_ASSERT_STRING_EQUAL_FATAL(read.word[at], words[at]);
		free(text.data);
	}
}

static void
words_of_any_octets(void)
{
	for (int i = 0; i < 100000; i++) {
		static const char octets[] = "\"\\ 0x1fg\n\0\t\xff";
		char line[64];
		size_t len = pick(sizeof(line));
		struct words words;

		for (size_t at = 0; at < len; at++)
			line[at] = octets[pick(sizeof(octets) - 1)];
		if (words_split(&words, line, len) < 0)
			continue;
		for (size_t at = 0; at < words.n; at++)
			CU_ASSERT_TRUE_FATAL(words.word[at] >= words.room &&
					     words.word[at] + strlen(words.word[at]) <
						     words.room + WORDS_ROOM);
	}
}

static void
words_that_make_no_sense(void)
{
	static const char *const lines[] = { "\"", "a \"b", "\"a\"b", "a\"b", "\"a\\",
		"0x1", "0xzz", "0x00", "0x4142 0x4", "\"a\"\"b\"" };
	struct words words;
	char line[WORDS_ROOM + 10];

	for (size_t i = 0; i < N_ELEMENTS(lines); i++)
		CU_ASSERT_EQUAL(words_split(&words, lines[i], strlen(lines[i])), -EINVAL);
	CU_ASSERT_EQUAL(words_split(&words, "a\0b", 3), -EINVAL);
	CU_ASSERT_EQUAL(words_split(&words, "\"a\0b\"", 5), -EINVAL);
	memset(line, 'a', sizeof(line));
	CU_ASSERT_EQUAL(words_split(&words, line, WORDS_ROOM - 1), 0);
	CU_ASSERT_EQUAL(words_split(&words, line, WORDS_ROOM), -E2BIG);
	CU_ASSERT_EQUAL(words_split(&words, line, sizeof(line)), -E2BIG);
	for (size_t i = 1; i < sizeof(line); i += 2)
		line[i] = ' ';
	CU_ASSERT_EQUAL(words_split(&words, line, 2 * WORDS_MAX), 0);
	CU_ASSERT_EQUAL(words_split(&words, line, 2 * WORDS_MAX + 1), -E2BIG);
	CU_ASSERT_EQUAL(words_split(&words, "", 0), 0);
	CU_ASSERT_EQUAL(words.n, 0);
	CU_ASSERT_EQUAL(words_split(&words, "\"\" 0x", 5), 0);
	CU_ASSERT_EQUAL(words.n, 2);
	CU_ASSERT_STRING_EQUAL(words.word[1], "");
}

/* Lines. */

static bool
read_line(struct kept_set *set, const char *line)
{
	struct words words;

	return words_split(&words, line, strlen(line)) == 0 && kept_read(set, &words);
}

/* All that is kept, as lines; free() it. */
static char *
lines_of(const struct kept_set *set)
{
	struct text text = { NULL, 0, 0 };
	const struct kept *kept;

	for (kept = set_first(&set->things); kept; kept = set_next(&set->things, kept))
		kept_write(kept, &text);
	text_add(&text, "", 1);
	return text.data;
}

static void
lines_come_back(void)
{
	static const char all[] =
		"forwarding 1\n"
		"default-ttl 255\n"
		"forwarding6-all 0\n"
		"hop-limit6 1\n"
		"notify 32767\n"
		"route \"\" - 10.9.0.0/16 via - table 254 tos 0 metric 0 type 6 proto 4 "
		"scope 0\n"
		"alias eth0 02:00:00:00:00:01 \"a \\\"b\\\" \\\\ c\"\n"
		"ipv6 eth0 - 0\n"
		"forwarding6 eth0 - 1\n"
		"traps eth0 - 1\n"
		"address eth0 - 192.0.2.1/24 peer 192.0.2.9 preferred 0\n"
		"address eth0 - 192.0.2.1/32 peer 192.0.2.1 preferred 1\n"
		"address eth0 - 2001:db8::1/64 peer 2001:db8::1 preferred 1\n"
		"route eth0 - 0.0.0.0/0 via 192.0.2.2 table 254 tos 0 metric 4294967295 "
		"type 1 proto 4 scope 0\n"
		"route eth0 - 0.0.0.0/0 via 2001:db8::2 table 254 tos 0 metric "
		"4294967295 type 1 proto 4 scope 0\n"
		"route eth0 - ::/0 via fe80::1 table 254 tos 0 metric 1024 type 1 proto "
		"4 scope 0\n"
		"alias 0x0a0b - \"\"\n";
	struct kept_set set;
	char *copy = xstrdup(all), *rest = copy, *line, *found;

	kept_init(&set);
	while (*(line = strsep(&rest, "\n")))
		CU_ASSERT_TRUE(read_line(&set, line));
	found = lines_of(&set);
	/* the name 0x0a0b sorts first of the names */
	CU_ASSERT_EQUAL(strlen(found), strlen(all));
	for (line = strtok(found, "\n"); line; line = strtok(NULL, "\n"))
		CU_ASSERT_PTR_NOT_NULL(strstr(all, line));
	free(found);
	free(copy);
	kept_free(&set);
}

static void
lines_that_make_no_sense(void)
{
	static const char *const lines[] = { "", "x", "forwarding", "forwarding x",
		"forwarding -1", "forwarding 1 1", "forwarding 4294967295",
		"default-ttl 0", "default-ttl 256", "default-ttl 99999999999999999999",
		"hop-limit6 0", "notify", "notify 32768", "notify -1", "notify 1 2",
		"alias", "alias eth0", "alias eth0 -", "alias \"\" - x",
		"alias eth0 - a b", "alias abcdefghijklmnop - x", "alias eth0 0 x",
		"alias eth0 00: x", "alias eth0 00:1 x", "alias eth0 00-11 x",
		"traps eth0 - 2", "ipv6 eth0 - on",
		"address eth0 - 10.0.0.1 peer 10.0.0.1 preferred 1",
		"address eth0 - 10.0.0.1/ peer 10.0.0.1 preferred 1",
		"address eth0 - 10.0.0.1/33 peer 10.0.0.1 preferred 1",
		"address eth0 - 10.0.0.1/8 peer :: preferred 1",
		"address eth0 - 224.0.0.1/8 peer 10.0.0.1 preferred 1",
		"address eth0 - 10.0.0.1/8 peer 10.0.0.1 preferred 2",
		"address eth0 - 10.0.0.1/8 beer 10.0.0.1 preferred 1",
		"address eth0 - ::1/129 peer ::1 preferred 1",
		"route eth0 - 10.0.0.0/8 via 10.0.0.1 table 254 tos 256 metric 0 type 1 "
		"proto 4 scope 0",
		"route eth0 - ::/8 via 10.0.0.1 table 254 tos 0 metric 0 type 1 proto 4 "
		"scope 0",
		"route eth0 - 10.0.0.0/8 via 10.0.0.1 table 254 tos 0 metric 0 type 1 "
		"proto 4 scope",
		"route eth0 - 10.0.0.0/8 via 10.0.0.1 table 254 tos 0 metric 0 type 1 "
		"proto 4 scope 0 mtu 1400" };
	struct kept_set set;

	kept_init(&set);
	for (size_t i = 0; i < N_ELEMENTS(lines); i++)
		CU_ASSERT_FALSE(read_line(&set, lines[i]));
	CU_ASSERT_EQUAL(set_count(&set.things), 0);
	kept_free(&set);
}

/* The set against a list. */

#define MODEL_MAX 4096

struct model {
	size_t n;
	struct thing {
		struct wish wish;
		char name[16];
	} things[MODEL_MAX];
};

static struct inet
random_inet(void)
{
	uint8_t octets[16] = { (uint8_t)(10 + pick(2)), [15] = (uint8_t)pick(2) };

	return inet_make(pick(2) ? INET_IPV4 : INET_IPV6, octets);
}

static void
random_route(struct route_wish *route)
{
	struct inet hop = random_inet();

	route->dst = random_inet();
	route->plen = (uint8_t)(8 + pick(2));
	if (pick(2) && (inet_is_v4(&route->dst) || inet_is_v6(&hop)))
		route->gateway = hop;
	route->table = 254 + pick(2);
	route->tos = (uint8_t)pick(2);
	route->metric = pick(2);
	route->type = (uint8_t)(1 + pick(3));
	route->proto = 4;
}

static void
random_thing(struct thing *thing)
{
	static const enum wish_what whats[] = { WISH_SWITCH, WISH_NOTIFY, WISH_LINK_ALIAS,
		WISH_LINK_TRAPS, WISH_LINK_IPV6, WISH_LINK_FORWARDING6, WISH_ADDR,
		WISH_ROUTE, WISH_ROUTE };
	static const char *const names[] = { "a", "b", "b b", "\xff\"", "0x41" };
	struct wish *wish = &thing->wish;

	memset(thing, 0, sizeof(*thing));
	wish->lasting = true;
	wish->what = whats[pick(N_ELEMENTS(whats))];
	wish->number = pick(2);
	if (kept_class_of(wish) != KEPT_SWITCH && (wish->what != WISH_ROUTE || pick(4)))
		strcpy(thing->name, names[pick(N_ELEMENTS(names))]);
	if (wish->what == WISH_SWITCH) {
		wish->node = pick(N_SWITCHES);
		wish->number++;
	} else if (wish->what == WISH_LINK_ALIAS) {
		random_word(wish->text, sizeof(wish->text));
		wish->number = 0;
	} else if (wish->what == WISH_ADDR) {
		wish->address = wish->peer = random_inet();
		wish->number = 8 + pick(2);
		wish->valid = ADDR_FOREVER;
		wish->preferred = pick(2) ? ADDR_FOREVER : 0;
	} else if (wish->what == WISH_ROUTE) {
		wish->number = 0;
		random_route(&wish->route);
	}
}

static bool
is_same(const struct thing *a, const struct thing *b)
{
	const struct route_wish *x = &a->wish.route, *y = &b->wish.route;

	if (a->wish.what != b->wish.what || strcmp(a->name, b->name) != 0)
		return false;
	if (a->wish.what == WISH_SWITCH)
		return a->wish.node == b->wish.node;
	if (a->wish.what == WISH_ADDR)
		return inet_compare(&a->wish.address, &b->wish.address) == 0 &&
		       a->wish.number == b->wish.number;
	return inet_compare(&x->dst, &y->dst) == 0 && x->plen == y->plen &&
	       inet_compare(&x->gateway, &y->gateway) == 0 && x->table == y->table &&
	       x->tos == y->tos && x->metric == y->metric;
}

static struct thing *
model_find(struct model *model, const struct thing *thing)
{
	for (size_t i = 0; i < model->n; i++) {
		if (is_same(&model->things[i], thing))
			return &model->things[i];
	}
	return NULL;
}

static void
model_forget(struct model *model, const struct thing *thing)
{
	struct thing *found = model_find(model, thing);

	if (found)
		*found = model->things[--model->n];
}

/* Everything that the model has is there, as it is, and nothing else. */
static void
compare_all(struct kept_set *set, struct model *model)
{
	size_t of_class[N_KEPT_CLASSES] = { 0 };

	CU_ASSERT_EQUAL_FATAL(set_count(&set->things), model->n);
	for (size_t i = 0; i < model->n; i++) {
		const struct thing *thing = &model->things[i];
		const struct kept *kept = kept_find(set, &thing->wish, thing->name);

		CU_ASSERT_PTR_NOT_NULL_FATAL(kept);
		CU_ASSERT_EQUAL_FATAL(
			memcmp(&kept->wish, &thing->wish, sizeof(thing->wish)), 0);
		of_class[kept_class_of(&thing->wish)]++;
	}
	for (int class = 0; class < N_KEPT_CLASSES; class ++)
		CU_ASSERT_EQUAL_FATAL(set->n_class[class], of_class[class]);
}

/* What is written is read as the same. */
static void
compare_read(struct kept_set *set)
{
	struct kept_set again;
	char *text = lines_of(set), *rest = xstrdup(text), *copy = rest, *line, *found;

	kept_init(&again);
	while (*(line = strsep(&rest, "\n")))
		CU_ASSERT_TRUE_FATAL(read_line(&again, line));
	found = lines_of(&again);
	CU_ASSERT_STRING_EQUAL_FATAL(found, text);
	free(found);
	free(text);
	free(copy);
	kept_free(&again);
}

static void
step(struct kept_set *set, struct model *now, struct model *before)
{
	struct thing thing;
	struct kept *kept;

	random_thing(&thing);
	switch (pick(8)) {
	case 0: /* the end of a transaction */
		if (pick(2)) {
			kept_settle(set, true);
			*before = *now;
		} else {
			kept_settle(set, false);
			*now = *before;
		}
		break;
	case 1:
	case 2:
		kept_forget(set, &thing.wish, thing.name);
		model_forget(now, &thing);
		break;
	case 3: /* it waits for something; a keeping must not leave it in a queue */
		kept = kept_find(set, &thing.wish, thing.name);
		if (kept)
			kept_move(set, kept, pick(N_KEPT_STATES));
		break;
	default:
		CU_ASSERT_PTR_NOT_NULL_FATAL(
			kept_keep(set, &thing.wish, thing.name, NULL));
		model_forget(now, &thing);
		CU_ASSERT_TRUE_FATAL(now->n < MODEL_MAX);
		now->things[now->n++] = thing;
	}
}

static void
agrees_with_a_list(void)
{
	static struct model now, before;
	struct kept_set set;

	kept_init(&set);
	memset(&now, 0, sizeof(now));
	memset(&before, 0, sizeof(before));
	for (int i = 0; i < 10000; i++) {
		step(&set, &now, &before);
		if (pick(20) == 0)
			compare_all(&set, &now);
		if (pick(500) == 0)
			compare_read(&set);
	}
	kept_settle(&set, false);
	compare_all(&set, &before);
	kept_free(&set);
}

static void
queues_hold_what_is_moved(void)
{
	struct kept_set set;
	size_t n = 0;

	kept_init(&set);
	for (int i = 0; i < 2000; i++) {
		struct thing thing;

		random_thing(&thing);
		kept_move(&set, kept_keep(&set, &thing.wish, thing.name, NULL), KEPT_DUE);
	}
	for (int class = 0; class < N_KEPT_CLASSES; class ++) {
		struct kept *kept;

		while ((kept = TAILQ_FIRST(&set.queues[KEPT_DUE][class]))) {
			CU_ASSERT_EQUAL((int)kept_class_of(&kept->wish), class);
			kept_move(&set, kept, pick(2) ? KEPT_DOUBTED : KEPT_REST);
			n++;
		}
	}
	CU_ASSERT_EQUAL(n, set_count(&set.things));
	kept_settle(&set, false);
	CU_ASSERT_EQUAL(set_count(&set.things), 0);
	for (int class = 0; class < N_KEPT_CLASSES; class ++)
		CU_ASSERT_PTR_NULL(TAILQ_FIRST(&set.queues[KEPT_DOUBTED][class]));
	kept_free(&set);
}

static void
those_of_a_link(void)
{
	struct kept_set set;
	struct kept *kept;
	size_t n = 0;

	kept_init(&set);
	for (int i = 0; i < 500; i++) {
		struct thing thing;

		random_thing(&thing);
		kept_keep(&set, &thing.wish, thing.name, NULL);
	}
	for (kept = kept_first_of(&set, "b"); kept; kept = kept_next_of(&set, kept)) {
		CU_ASSERT_STRING_EQUAL(kept->name, "b");
		n++;
	}
	for (kept = set_first(&set.things); kept; kept = set_next(&set.things, kept))
		n -= strcmp(kept->name, "b") == 0;
	CU_ASSERT_EQUAL(n, 0);
	CU_ASSERT_PTR_NULL(kept_first_of(&set, "c"));
	kept_free(&set);
}

static void
there_is_an_end(void)
{
	struct wish wish = { .what = WISH_ADDR, .number = 32 };
	struct kept_set set;

	kept_init(&set);
	for (uint32_t i = 0; i <= KEPT_MAX; i++) {
		uint32_t address = htonl(0x0a000000 + i);

		wish.address = inet_make(INET_IPV4, &address);
		CU_ASSERT_EQUAL_FATAL(
			kept_keep(&set, &wish, "a", NULL) != NULL, i < KEPT_MAX);
		kept_settle(&set, true);
	}
	/* what is there can be kept otherwise */
	wish.address = ((struct kept *)set_first(&set.things))->wish.address;
	CU_ASSERT_PTR_NOT_NULL(kept_keep(&set, &wish, "a", NULL));
	kept_free(&set);
}

void
suite_kept(void)
{
	CU_pSuite suite = CU_add_suite("kept", NULL, NULL);

	CU_ADD_TEST(suite, words_come_back);
	CU_ADD_TEST(suite, words_of_any_octets);
	CU_ADD_TEST(suite, words_that_make_no_sense);
	CU_ADD_TEST(suite, lines_come_back);
	CU_ADD_TEST(suite, lines_that_make_no_sense);
	CU_ADD_TEST(suite, agrees_with_a_list);
	CU_ADD_TEST(suite, queues_hold_what_is_moved);
	CU_ADD_TEST(suite, those_of_a_link);
	CU_ADD_TEST(suite, there_is_an_end);
}
