/*
 * The daemon's end of the status socket: see status.h.
 */
#include "status.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* How many may wait. */
#define BACKLOG 8

/* Without descriptors nobody can be answered, and the socket stays readable: it is left
 * alone for so long, in ms. */
#define PAUSE 1000

static struct {
	const struct loop *loop;
	struct sockaddr_un address;
	const char *name; /* in its folder */
	int folder, fd;	  /* -1: there is none */
	struct stat made; /* the socket in the folder */
	unsigned int timer;
	char *(*make)(void *arg);
	void *arg;
} server = { .folder = -1, .fd = -1 };

bool
status_path_is_good(const char *path)
{
	const char *name = strrchr(path, '/');

	return *path == '/' && name[1] && strlen(path) < sizeof(server.address.sun_path);
}

/* Answers. */

static bool
may_ask(int fd)
{
	static struct log_limit limit;
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return false;
	if (peer.uid == 0 || peer.uid == geteuid())
		return true;
	log_limited(&limit, LOG_WARNING, "uid %u has asked for the status: refused",
		(unsigned int)peer.uid);
	return false;
}

static void
answer(int fd)
{
	char *text = may_ask(fd) ? server.make(server.arg) : NULL;

	/* What is cut short is no JSON, and says so by that. */
	if (text)
		(void)!send(fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
	free(text);
}

static void accept_one(int fd, void *arg);

static void
go_on(void *arg)
{
	(void)arg;
	server.timer = 0;
	server.loop->watch(server.fd, accept_one, NULL);
}

/* One in a turn of the loop: between them SNMP is answered. */
static void
accept_one(int fd, void *arg)
{
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)arg;
	if (client >= 0) {
		answer(client);
		close(client);
	} else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
		server.loop->unwatch(fd);
		server.timer = server.loop->after(PAUSE, go_on, NULL);
	}
}

/* The socket in its folder. */

void
status_make_folder(const char *path, uid_t uid, gid_t gid)
{
	char folder[sizeof(server.address.sun_path)];
	char *slash;

	if (strcmp(path, STATUS_NONE) == 0)
		return;
	strcpy(folder, path); /* status_path_is_good() */
	slash = strrchr(folder, '/');
	*slash = '\0';
	/* Only what was made here changes hands, and no link is followed. */
	if (*folder && mkdir(folder, 0700) == 0 && lchown(folder, uid, gid) != 0)
		log_line(LOG_ERR, "%s: %s", folder, strerror(errno));
}

/* The folder must be nobody else's to write: then what is looked at in it stays so. */
static int
open_folder(void)
{
	char path[sizeof(server.address.sun_path)];
	struct stat status;

	strcpy(path, server.address.sun_path);
	path[server.name - server.address.sun_path] = '\0'; /* with its '/': "/" is one */
	if (path[1])
		path[strlen(path) - 1] = '\0';
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -errno;
	server.folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (server.folder < 0 || fstat(server.folder, &status) < 0)
		return -errno;
	if ((status.st_uid != 0 && status.st_uid != geteuid()) ||
		status.st_mode & (S_IWGRP | S_IWOTH))
		return -EPERM;
	/* Two that begin at once would each take the other's socket for a stale one. */
	return flock(server.folder, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
}

/* Removes what stands there, if it is a socket at which nobody listens. */
static int
remove_stale(void)
{
	struct stat status;
	int fd, error = 0;

	if (fstatat(server.folder, server.name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(status.st_mode))
		return -ENOTSOCK;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* A full queue (EAGAIN) is somebody's. */
	if (connect(fd, (const struct sockaddr *)&server.address,
		    sizeof(server.address)) == 0 ||
		errno == EAGAIN)
		error = -EADDRINUSE;
	else if (errno != ECONNREFUSED)
		error = -errno;
	close(fd);
	if (!error && unlinkat(server.folder, server.name, 0) < 0)
		error = -errno;
	return error;
}

static int
open_socket(void)
{
	server.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* The mode of a socket becomes that of its file, with no moment in between. */
	if (server.fd < 0 || fchmod(server.fd, 0600) < 0 ||
		bind(server.fd, (const struct sockaddr *)&server.address,
			sizeof(server.address)) < 0)
		return -errno;
	if (fstatat(server.folder, server.name, &server.made, AT_SYMLINK_NOFOLLOW) < 0 ||
		listen(server.fd, BACKLOG) < 0)
		return -errno;
	return server.loop->watch(server.fd, accept_one, NULL);
}

int
status_listen(
	const char *path, const struct loop *loop, char *(*make)(void *arg), void *arg)
{
	int error;

	server.loop = loop;
	server.make = make;
	server.arg = arg;
	server.address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(server.address.sun_path, sizeof(server.address.sun_path), "%s", path);
	server.name = strrchr(server.address.sun_path, '/') + 1;
	error = open_folder();
	if (!error)
		error = remove_stale();
	if (!error)
		error = open_socket();
	if (server.folder >= 0)
		flock(server.folder, LOCK_UN);
	if (!error)
		return 0;
	log_line(LOG_WARNING, "%s: %s: --status will not reach this netmibd", path,
		error == -EPERM		? "others may write its folder"
		: error == -ENOTSOCK	? "it is there, and is no socket"
		: error == -EADDRINUSE	? "another netmibd listens there"
		: error == -EWOULDBLOCK ? "another netmibd begins there"
					: strerror(-error));
	status_unlisten();
	return -1;
}

void
status_unlisten(void)
{
	struct stat status;

	if (server.timer)
		server.loop->cancel(server.timer);
	else if (server.fd >= 0)
		server.loop->unwatch(server.fd);
	server.timer = 0;
	/* Another one may stand there by now. */
	if (server.made.st_ino &&
		fstatat(server.folder, server.name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
		status.st_ino == server.made.st_ino &&
		status.st_dev == server.made.st_dev)
		unlinkat(server.folder, server.name, 0);
	memset(&server.made, 0, sizeof(server.made));
	if (server.fd >= 0)
		close(server.fd);
	if (server.folder >= 0)
		close(server.folder);
	server.fd = server.folder = -1;
}
