/*
 * The pid file: see pidfile.h.
 */
#include "pidfile.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Root kills whom it names: nobody else may have a say in that. */
static int
refuse(const struct pidfile *file)
{
	struct stat status;
	const char *why = NULL;

	if (fstat(file->fd, &status) < 0)
		why = strerror(errno);
	else if (!S_ISREG(status.st_mode))
		why = "it is no file";
	else if ((status.st_mode & (S_IWGRP | S_IWOTH)) ||
		 (status.st_uid != geteuid() && status.st_uid != 0))
		why = "others may write it";
	if (!why)
		return 0;
	log_line(LOG_ERR, "%s: %s", file->path, why);
	return -1;
}

static int
fail(const struct pidfile *file)
{
	log_line(LOG_ERR, "%s: %s", file->path,
		errno == ELOOP ? "it is a symbolic link" : strerror(errno));
	return -1;
}

int
pidfile_open(struct pidfile *file, const char *path)
{
	/* to read, too: a pipe opens, then, and is seen to be one */
	const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;

	*file = (struct pidfile){ .path = path, .fd = -1 };
	if (!path)
		return 0;
	file->fd = open(path, flags | O_CREAT | O_EXCL, 0644);
	file->ours = file->fd >= 0;
	if (file->fd < 0 && errno == EEXIST)
		file->fd = open(path, flags);
	return file->fd < 0 ? fail(file) : refuse(file);
}

int
pidfile_write(struct pidfile *file)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	if (!file->path)
		return 0;
	errno = ENOSPC; /* a short write says nothing */
	if (ftruncate(file->fd, 0) != 0 || write(file->fd, text, (size_t)len) != len)
		return fail(file);
	file->ours = true;
	return 0;
}

void
pidfile_close(struct pidfile *file)
{
	if (!file->path || file->fd < 0)
		return;
	if (file->ours && unlink(file->path) != 0 && ftruncate(file->fd, 0) != 0)
		fail(file);
	close(file->fd);
	file->fd = -1;
}
