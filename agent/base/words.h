/*
 * Lines of words, as Net-SNMP's configuration files have them: separated by blanks,
 * "quoted" with \ before " and \, or in hex behind 0x. What is written here is read by
 * the library's own functions, too; what is read here may be anything.
 */
#ifndef NETMIBD_BASE_WORDS_H
#define NETMIBD_BASE_WORDS_H

#include <stddef.h>

#define WORDS_MAX  32
#define WORDS_ROOM 2048

struct words {
	size_t n;
	const char *word[WORDS_MAX];
	char room[WORDS_ROOM]; /* where they are, each with a NUL */
};

/* Splits @line, of @len octets, which need no NUL at their end. 0, or -EINVAL: a quote is
 * open, a word has a NUL in it or something behind its quote, hex is odd; -E2BIG. */
int words_split(struct words *words, const char *line, size_t len);

/* A text that grows; all zeros is an empty one. free() its data. */
struct text {
	char *data; /* no NUL at its end */
	size_t len, size;
};

void text_add(struct text *text, const void *data, size_t len);

/* Adds a word, with a blank before it if it is not the first one of its line. */
void text_add_word(struct text *text, const char *word);
void text_add_number(struct text *text, unsigned long number);
void text_end_line(struct text *text);

#endif
