/*
 * The file that says this process's number (-p). It is opened before the user changes,
 * for it lies where only root may write, and kept open, for the same reason.
 */
#ifndef NETMIBD_PIDFILE_H
#define NETMIBD_PIDFILE_H

#include <stdbool.h>

struct pidfile {
	const char *path; /* NULL: none */
	int fd;
	bool ours; /* made or written by us: another one's is left as it is */
};

/* Opens @path, which must be no symbolic link and a file that nobody else may write, and
 * leaves as it is what it says. NULL is
 * no file: all else does nothing, then. Returns 0, or -1 after logging why not. */
int pidfile_open(struct pidfile *file, const char *path);

/* Writes the process's number, when it will not change any more. 0, or -1 after logging.
 */
int pidfile_write(struct pidfile *file);

/* Removes the file, or empties it if its folder is not ours to write. */
void pidfile_close(struct pidfile *file);

#endif
