/*
 * What --check prints: findings, one line each, on standard output. What is wrong is
 * counted, and followed by a line that says how to mend it.
 */
#ifndef NETMIBD_BASE_REPORT_H
#define NETMIBD_BASE_REPORT_H

/* Each prints one line, printf(3)-like, without a newline at its end. */

/* "right: ", as it should be. */
void report_right(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "note: ", which is neither. */
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "wrong: ", which is counted; report_mend() is to follow. */
void report_wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "mend: ", a command, or a line of a named file, to copy. */
void report_mend(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* How many report_wrong() there were. */
unsigned int report_count(void);

#endif
