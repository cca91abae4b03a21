/*
 * The file with the process id. Root writes it, and others read it to know whom to
 * signal: so it is never written through a symbolic link, nor where somebody else could
 * put another number in it.
 */
#ifndef NETMIBD_PIDFILE_H
#define NETMIBD_PIDFILE_H

/* Writes the process id to @path. Returns 0, or -1 after logging why not; what is at
 * @path is as it was, then, unless the disk is full. */
int pidfile_write(const char *path);

/* Removes the file if it was written by pidfile_write(). */
void pidfile_remove(void);

#endif
