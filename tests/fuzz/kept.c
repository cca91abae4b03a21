/*
 * Fuzz target: the file of what is kept over restarts, line by line: words, and what they
 * say. The first octet says after how many lines the transaction begins that is undone.
 *
 * What must hold: words that were read are written so that they are read again, in one
 * line; what was read is written so that it is read again, and then nothing changes any
 * more; a transaction that is undone leaves all as it was.
 */
#include "../../agent/mirror/kept.h"
#include "../../agent/base/words.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool truth)
{
	if (!truth)
		abort();
}

/* The end of the line that begins at @at. */
static const char *
line_end(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));

	return newline ? newline : end;
}

static void
check_words(const struct words *words)
{
	static struct words again;
	struct text text = { NULL, 0, 0 };

	for (size_t i = 0; i < words->n; i++)
		text_add_word(&text, words->word[i]);
	if (!words->n)
		return;
	must(!memchr(text.data, '\n', text.len));
	must(words_split(&again, text.data, text.len) == 0 && again.n == words->n);
	for (size_t i = 0; i < words->n; i++)
		must(strcmp(words->word[i], again.word[i]) == 0);
	free(text.data);
}

/* Takes one line, of exactly that length. */
static bool
read_line(struct kept_set *set, const char *line, size_t len)
{
	static struct words words;
	char *copy = malloc(len + !len);
	bool good;

	memcpy(copy, line, len);
	good = words_split(&words, copy, len) == 0;
	free(copy);
	if (!good)
		return false;
	check_words(&words);
	return kept_read(set, &words);
}

/* Takes up to @n lines, from *at on. */
static void
read_lines(struct kept_set *set, const char **at, const char *end, unsigned int n)
{
	for (; n && *at < end; n--) {
		const char *stop = line_end(*at, end);

		read_line(set, *at, (size_t)(stop - *at));
		*at = stop < end ? stop + 1 : end;
	}
}

static struct text
write_all(const struct kept_set *set)
{
	struct text text = { NULL, 0, 0 };

	for (const struct kept *kept = set_first(&set->things); kept;
		kept = set_next(&set->things, kept))
		kept_write(kept, &text);
	return text;
}

static void
must_be_same(const struct text *a, const struct text *b)
{
	must(a->len == b->len && (!a->len || memcmp(a->data, b->data, a->len) == 0));
}

/* Reads what was written: every line of it is taken. */
static void
read_back(struct kept_set *set, const struct text *text)
{
	const char *at = text->data, *stop;

	for (size_t left = text->len; left; left -= (size_t)(stop - at), at = stop) {
		stop = memchr(at, '\n', left);
		must(stop && read_line(set, at, (size_t)(stop - at)));
		stop++;
	}
}

/* @before, and behind it what has changed, as in the file, say what there is now. */
static void
check_file(const struct text *before, const struct kept_set *set)
{
	struct text now = write_all(set), again;
	struct kept_set other;

	kept_init(&other);
	read_back(&other, before);
	read_back(&other, &set->changes);
	again = write_all(&other);
	must_be_same(&now, &again);
	kept_free(&other);
	free(now.data);
	free(again.data);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct text nothing;
	struct kept_set set;
	struct text before, after;
	const char *at, *end;

	if (!size)
		return 0;
	at = (const char *)data + 1;
	end = (const char *)data + size;
	kept_init(&set);
	read_lines(&set, &at, end, data[0]);
	kept_settle(&set, true);
	check_file(&nothing, &set);
	before = write_all(&set);
	set.changes.len = 0;
	check_file(&before, &set);
	read_lines(&set, &at, end, UINT32_MAX);
	check_file(&before, &set);
	kept_settle(&set, false);
	check_file(&before, &set);
	after = write_all(&set);
	must_be_same(&before, &after);
	free(before.data);
	free(after.data);
	kept_free(&set);
	return 0;
}
