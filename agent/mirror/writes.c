/*
 * What has become of SETs: see writes.h.
 */
#include "writes.h"

#include "../base/clock.h"

#include <stdio.h>

void
writes_say(struct writes *writes, const char *words)
{
	if (!writes->words[0])
		snprintf(writes->words, sizeof(writes->words), "%s", words);
}

static void
end(struct writes *writes, uint32_t number)
{
	writes->last = number;
	writes->words[0] = '\0';
}

void
writes_note_done(struct writes *writes, uint32_t number)
{
	writes->done++;
	end(writes, number);
}

void
writes_note_undone(struct writes *writes, uint32_t number)
{
	writes->undone++;
	end(writes, number);
}

void
writes_note_failure(struct writes *writes, uint32_t number, uint32_t status,
	uint32_t index, const char *text)
{
	writes->failed++;
	writes->failure.number = number;
	writes->failure.status = status;
	writes->failure.index = index;
	writes->failure.when = clock_now();
	snprintf(writes->failure.text, sizeof(writes->failure.text), "%s",
		writes->words[0] ? writes->words : text);
	end(writes, number);
}
