/*
 * Fuzz target: the text of /proc/net/snmp, netstat or snmp6; the first octet says which.
 *
 * What must hold: the same text brings the same numbers, and a text that is cut short
 * brings no other number than the whole one.
 */
#include "../../agent/kernel/procstats.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define N_NUMBERS (sizeof(struct ip_reading) / sizeof(struct optional))

/* Both readings must agree on what both bring. @cut: of a type that is not listed yet,
 * the first one may say 0; only the kernel's order of lines rules that out. */
static void
agree(const struct ip_reading *first, const struct ip_reading *second, bool cut)
{
	const struct optional *a = (const void *)first, *b = (const void *)second;

	for (size_t i = 0; i < N_NUMBERS; i++) {
		bool type = &a[i] >= first->in_types;

		if (a[i].present && b[i].present && a[i].number != b[i].number &&
			!(cut && type && a[i].number == 0))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ip_reading whole, again, cut;
	enum proc_file file;
	char *text;
	bool clean;

	if (!size)
		return 0;
	file = data[0] % N_PROC_FILES;
	size--;
	text = malloc(size + !size);
	memcpy(text, data + 1, size);
	memset(&whole, 0, sizeof(whole));
	memset(&again, 0, sizeof(again));
	clean = procstats_parse(file, text, size, &whole);
	if (procstats_parse(file, text, size, &again) != clean)
		abort();
	agree(&again, &whole, false);
	free(text);

	size = size / 2;
	text = malloc(size + !size);
	memcpy(text, data + 1, size);
	memset(&cut, 0, sizeof(cut));
	procstats_parse(file, text, size, &cut);
	agree(&cut, &whole, true);
	free(text);
	return 0;
}
