/*
 * Lines of words: see words.h.
 */
#include "words.h"

#include "alloc.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Reading. */

struct reader {
	struct words *words;
	const char *at, *end;
	size_t used; /* of the room */
};

static int
put(struct reader *reader, char octet)
{
	if (reader->used == WORDS_ROOM)
		return -E2BIG;
	reader->words->room[reader->used++] = octet;
	return 0;
}

static bool
is_blank(char octet)
{
	return octet == ' ' || octet == '\t' || octet == '\r';
}

static int
read_quoted(struct reader *reader)
{
	int error = 0;

	for (reader->at++; reader->at < reader->end && *reader->at != '"'; reader->at++) {
		if (*reader->at == '\\' && ++reader->at == reader->end)
			break;
		error = *reader->at ? put(reader, *reader->at) : -EINVAL;
		if (error)
			return error;
	}
	return reader->at++ < reader->end ? 0 : -EINVAL;
}

static int
digit(char octet)
{
	const char *digits = "0123456789abcdef";
	const char *found = octet ? strchr(digits, tolower((unsigned char)octet)) : NULL;

	return found ? (int)(found - digits) : -1;
}

static int
read_hex(struct reader *reader)
{
	for (reader->at += 2; reader->at < reader->end && !is_blank(*reader->at);
		reader->at += 2) {
		int high = digit(reader->at[0]), low;

		if (reader->end - reader->at < 2)
			return -EINVAL;
		low = digit(reader->at[1]);
		if (high < 0 || low < 0 || high + low == 0)
			return -EINVAL;
		if (put(reader, (char)(16 * high + low)))
			return -E2BIG;
	}
	return 0;
}

static int
read_plain(struct reader *reader)
{
	int error = 0;

	for (; reader->at < reader->end && !is_blank(*reader->at) && !error; reader->at++)
		error = *reader->at && *reader->at != '"' ? put(reader, *reader->at)
							  : -EINVAL;
	return error;
}

static int
read_word(struct reader *reader)
{
	struct words *words = reader->words;
	int error;

	if (words->n == WORDS_MAX)
		return -E2BIG;
	words->word[words->n++] = words->room + reader->used;
	if (*reader->at == '"')
		error = read_quoted(reader);
	else if (reader->end - reader->at > 1 && reader->at[0] == '0' &&
		 (reader->at[1] == 'x' || reader->at[1] == 'X'))
		error = read_hex(reader);
	else
		error = read_plain(reader);
	if (!error && reader->at < reader->end && !is_blank(*reader->at))
		error = -EINVAL;
	return error ? error : put(reader, '\0');
}

int
words_split(struct words *words, const char *line, size_t len)
{
	struct reader reader = { .words = words, .at = line, .end = line + len };
	int error = 0;

	words->n = 0;
	while (!error) {
		while (reader.at < reader.end && is_blank(*reader.at))
			reader.at++;
		if (reader.at == reader.end)
			break;
		error = read_word(&reader);
	}
	return error;
}

/* Writing. */

void
text_add(struct text *text, const void *data, size_t len)
{
	if (text->len + len > text->size) {
		text->size = 2 * (text->len + len) + 256;
		text->data = xrealloc(text->data, text->size);
	}
	if (len)
		memcpy(text->data + text->len, data, len);
	text->len += len;
}

static bool
is_plain(const char *word)
{
	if (!*word || (word[0] == '0' && (word[1] == 'x' || word[1] == 'X')))
		return false;
	for (; *word; word++) {
		char small = (char)(*word | 0x20);

		if (!(small >= 'a' && small <= 'z') && !(*word >= '-' && *word <= ':') &&
			*word != '_')
			return false;
	}
	return true;
}

/* A line cannot hold a newline, and a terminal should see no other one of these. */
static bool
has_controls(const char *word)
{
	for (; *word; word++) {
		if ((unsigned char)*word < 0x20 || *word == 0x7f)
			return true;
	}
	return false;
}

static void
add_hex(struct text *text, const char *word)
{
	text_add(text, "0x", 2);
	for (; *word; word++) {
		char octet[3];

		snprintf(octet, sizeof(octet), "%02x", (unsigned char)*word);
		text_add(text, octet, 2);
	}
}

static void
add_quoted(struct text *text, const char *word)
{
	text_add(text, "\"", 1);
	for (; *word; word++) {
		if (*word == '"' || *word == '\\')
			text_add(text, "\\", 1);
		text_add(text, word, 1);
	}
	text_add(text, "\"", 1);
}

void
text_add_word(struct text *text, const char *word)
{
	if (text->len && text->data[text->len - 1] != '\n')
		text_add(text, " ", 1);
	if (is_plain(word))
		text_add(text, word, strlen(word));
	else if (has_controls(word))
		add_hex(text, word);
	else
		add_quoted(text, word);
}

void
text_add_number(struct text *text, unsigned long number)
{
	char word[24];

	snprintf(word, sizeof(word), "%lu", number);
	text_add_word(text, word);
}

void
text_end_line(struct text *text)
{
	text_add(text, "\n", 1);
}
