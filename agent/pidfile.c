/*
 * The file with the process id: see pidfile.h.
 */
#include "pidfile.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *written; /* the path, or NULL */

static int
complain(const char *path, const char *why)
{
	log_line(LOG_ERR, "%s: %s", path, why);
	return -1;
}

/* Why it is not to be written, or NULL. */
static const char *
find_fault(int fd)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return strerror(errno);
	if (!S_ISREG(status.st_mode))
		return "it is no file";
	if ((status.st_mode & (S_IWGRP | S_IWOTH)) ||
		(status.st_uid != geteuid() && status.st_uid != 0))
		return "others may write it";
	return NULL;
}

/* Only now may what was in it be lost. A short write is a full disk. */
static int
fill(int fd)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	errno = ENOSPC;
	return ftruncate(fd, 0) == 0 && write(fd, text, (size_t)len) == len ? 0 : -errno;
}

int
pidfile_write(const char *path)
{
	/* read and write: a pipe without a reader would be ENXIO */
	int fd = open(path,
		O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644);
	const char *fault;
	int error;

	if (fd < 0)
		return complain(
			path, errno == ELOOP ? "it is a symbolic link" : strerror(errno));
	fault = find_fault(fd);
	error = fault ? 0 : fill(fd);
	close(fd);
	if (fault || error)
		return complain(path, fault ? fault : strerror(-error));
	written = path;
	return 0;
}

void
pidfile_remove(void)
{
	if (written)
		unlink(written);
	written = NULL;
}
