/*
 * Memory that is there or ends the process. All state can be read again from the kernel
 * in a second, so no code here carries an untested out-of-memory path (design rule 7).
 */
#ifndef NETMIBD_BASE_ALLOC_H
#define NETMIBD_BASE_ALLOC_H

#include <stddef.h>

/* Zeroed memory for @count objects of @size octets; free() it. Never returns NULL. */
void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));

/* Like realloc(3) and strdup(3), but never NULL. */
void *xrealloc(void *old, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *text) __attribute__((malloc, returns_nonnull, nonnull));

#endif
