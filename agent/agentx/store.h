/*
 * The file of what is kept over restarts: netmibd-set.conf in Net-SNMP's folder for such
 * things, beside the one that the library keeps for itself and rewrites as it likes.
 * The folder is /var/lib/netmibd unless SNMP_PERSISTENT_DIR or the token persistentDir of
 * snmp.conf(5) names another.
 *
 * Lines of words (base/words.h). It is written whole, to another file that takes its
 * name: whatever happens, one of them is there and complete. Lines about what changes
 * after that are added at its end, in one piece for each SET, until it is twice as long
 * as it need be: to write all for each would take longer the more there is. What a line
 * says is its owner's business; a line that he does not take, or that is cut short, is
 * logged and written again as it was.
 *
 * What cannot be read, or is not trusted (others may write it, a symbolic link), is not
 * overwritten either: then nothing is until the next start.
 */
#ifndef NETMIBD_AGENTX_STORE_H
#define NETMIBD_AGENTX_STORE_H

#include "../base/words.h"

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/* In the library's folder for such things. */
#define STORE_FILE "netmibd-set.conf"

struct store_owner {
	/* Takes the words of a line; false: they make no sense. */
	bool (*take)(void *arg, const struct words *words);
	/* Writes what has changed since the last call; false: nothing has. */
	bool (*changes)(void *arg, struct text *text);
	/* Writes all that there is. */
	void (*give)(void *arg, struct text *text);
	void *arg;
};

/* Makes the folder for @uid and @gid, if it is not there: only root can, in /var/lib.
 * What is there already is left as it is. A failure shows in store_open(). */
void store_make_folder(uid_t uid, gid_t gid);
/* Is a file with @status one that is read and written: ours, or the administrator's, and
 * nobody else's to write? */
bool store_trusts(const struct stat *status);

/* Reads the file, and keeps @owner. What goes wrong is in the log. */
void store_open(const struct store_owner *owner);

/* Writes the file if anything has changed, or if it could not be written the last time;
 * when this returns it is on the disk. What goes wrong is in the log. */
void store_write(void);

/* The path of the file; NULL: nothing is kept. */
const char *store_path(void);

/* Why what is set is not kept, as in the log; NULL: it is. */
const char *store_error(void);

void store_close(void);

#endif
