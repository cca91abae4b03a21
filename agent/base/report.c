/*
 * Findings of --check: see report.h.
 */
#include "report.h"

#include <stdarg.h>
#include <stdio.h>

static unsigned int wrong;

__attribute__((format(printf, 2, 0))) static void
print(const char *kind, const char *format, va_list args)
{
	printf("%s: ", kind);
	vprintf(format, args);
	putchar('\n');
	fflush(stdout); /* in its order among what the library logs */
}

#define PRINT(kind)                                                                      \
	do {                                                                             \
		va_list args;                                                            \
		va_start(args, format);                                                  \
		print(kind, format, args);                                               \
		va_end(args);                                                            \
	} while (0)

void
report_right(const char *format, ...)
{
	PRINT("right");
}

void
report_note(const char *format, ...)
{
	PRINT("note");
}

void
report_wrong(const char *format, ...)
{
	wrong++;
	PRINT("wrong");
}

void
report_mend(const char *format, ...)
{
	PRINT("mend");
}

unsigned int
report_count(void)
{
	return wrong;
}
