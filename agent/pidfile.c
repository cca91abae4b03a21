/*
 * The pid file: see pidfile.h.
 */
#include "pidfile.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
	const int flags = O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;

	*file = (struct pidfile){ .path = path, .fd = -1 };
	if (!path)
		return 0;
	file->fd = open(path, flags | O_CREAT | O_EXCL, 0644);
	file->ours = file->fd >= 0;
	if (file->fd < 0 && errno == EEXIST)
		file->fd = open(path, flags);
	return file->fd < 0 ? fail(file) : 0;
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
