/*
 * Wishes in words, for the log.
 */
#ifndef NETMIBD_KERNEL_WISH_TEXT_H
#define NETMIBD_KERNEL_WISH_TEXT_H

#include "../mirror/wish.h"

#include <stddef.h>

/* Says in at most @size - 1 octets what is wished for; an alias has 255 of its own. */
void wish_text(const struct wish *wish, char *text, size_t size);

#endif
