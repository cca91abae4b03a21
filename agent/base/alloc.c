/*
 * Memory: see alloc.h. The last words go straight to the log: by then nothing may
 * allocate.
 */
#include "alloc.h"

#include "log.h"

#include <stdlib.h>
#include <string.h>

static void *
checked(void *memory)
{
	if (!memory) {
		log_line(LOG_CRIT,
			"out of memory: leaving; a restart reads all state again");
		_Exit(EXIT_FAILURE);
	}
	return memory;
}

void *
xcalloc(size_t count, size_t size)
{
	return checked(calloc(count, size));
}

void *
xrealloc(void *old, size_t size)
{
	return checked(realloc(old, size));
}

char *
xstrdup(const char *text)
{
	return checked(strdup(text));
}
