/*
 * The file of what is kept: see store.h.
 */
#include "store.h"

#include "../base/alloc.h"
#include "../base/log.h"
#include "netsnmp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME STORE_FILE
#define NEW_NAME  STORE_FILE ".new"

/* What the file may be longer than all that there is, and than twice that. */
#define SLACK (64 << 10)

/* Far more than KEPT_MAX lines have. */
#define SIZE_MAX_READ (64 << 20)

static const char head[] = "# netmibd 1: what was set by SNMP and is to last. Written "
			   "by netmibd while it runs.\n";

static struct {
	const struct store_owner *owner;
	char *path;	    /* of the folder */
	char file[4096];    /* of the file */
	int folder;	    /* -1: there is none */
	bool unsafe;	    /* the file is not ours to write */
	bool late;	    /* there is something to be written */
	int error;	    /* of the last attempt */
	struct text others; /* lines that nobody has taken, as they were */
	struct text cut;    /* the end, if it is no whole line */
	/* The file as it was left, and its size when it was written anew; 0: that is to
	 * be done. */
	struct stat left;
	off_t whole;
} store = { .folder = -1 };

static const char *
say(int error)
{
	return error == -EPERM	 ? "others may write it, or it is no file"
	       : error == -ELOOP ? "it is a symbolic link"
	       : error == -EBUSY ? "another netmibd uses it"
				 : strerror(-error);
}

/* What has come of an attempt to write. */
static void
tell(int error)
{
	static struct log_limit failures;

	if (error && error != store.error) /* another reason is said at once */
		memset(&failures, 0, sizeof(failures));
	if (error)
		log_limited(&failures, LOG_ERR, "what is set cannot be kept: %s/%s: %s",
			store.path, FILE_NAME, say(error));
	else if (store.error)
		log_line(LOG_NOTICE, "what is set is kept again");
	store.error = error;
}

/* Reading. */

static void
take_line(const char *line, size_t len, unsigned int number)
{
	static struct log_limit limit;
	struct words words;

	if (len && line[0] == '#') {
		if (len + 1 != sizeof(head) - 1 || memcmp(line, head, len) != 0)
			text_add(&store.others, line, len + 1);
		return;
	}
	if (words_split(&words, line, len) == 0) {
		if (!words.n)
			return;
		if (store.owner->take(store.owner->arg, &words))
			return;
	}
	log_limited(&limit, LOG_WARNING,
		"%s/%s: line %u makes no sense and is left as it is", store.path,
		FILE_NAME, number);
	text_add(&store.others, line, len + 1);
}

/* With its newline each. */
static void
take_lines(const char *data, size_t len)
{
	unsigned int number = 1;
	const char *end;

	for (; len && (end = memchr(data, '\n', len)); number++) {
		size_t n = (size_t)(end - data);

		take_line(data, n, number);
		data += n + 1;
		len -= n + 1;
	}
	if (!len)
		return;
	log_line(LOG_WARNING, "%s/%s: line %u is cut short and is left as it is",
		store.path, FILE_NAME, number);
	text_add(&store.cut, data, len);
}

static int
read_all(int fd, struct text *text)
{
	char buffer[16384];
	ssize_t got;

	while ((got = read(fd, buffer, sizeof(buffer))) > 0) {
		text_add(text, buffer, (size_t)got);
		if (text->len > SIZE_MAX_READ)
			return -EFBIG;
	}
	return got < 0 ? -errno : 0;
}

bool
store_trusts(const struct stat *status)
{
	return S_ISREG(status->st_mode) && !(status->st_mode & (S_IWGRP | S_IWOTH)) &&
	       (status->st_uid == geteuid() || status->st_uid == 0);
}

static int
read_file(struct text *text)
{
	/* O_NONBLOCK: it could be a pipe */
	int fd = openat(
		store.folder, FILE_NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat status;
	int error;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(fd, &status) < 0)
		error = -errno;
	else
		error = store_trusts(&status) ? read_all(fd, text) : -EPERM;
	close(fd);
	return error;
}

void
store_make_folder(uid_t uid, gid_t gid)
{
	const char *path = get_persistent_directory();

	/* Only what was made here changes hands, and no link is followed. */
	if (mkdir(path, NETSNMP_AGENT_DIRECTORY_MODE) == 0 && lchown(path, uid, gid) != 0)
		log_line(LOG_ERR, "%s: %s", path, strerror(errno));
}

static int
open_folder(void)
{
	/* The library forgets it before we are closed. */
	store.path = xstrdup(get_persistent_directory());
	mkdirhier(store.path, NETSNMP_AGENT_DIRECTORY_MODE, 0);
	store.folder = open(store.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store.folder < 0)
		return -errno;
	/* Until it is closed: two that write in turn would lose what the other has. */
	if (flock(store.folder, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return -EBUSY;
	return 0;
}

void
store_open(const struct store_owner *owner)
{
	struct text text = { NULL, 0, 0 };
	int error;

	store.owner = owner;
	error = open_folder();
	snprintf(store.file, sizeof(store.file), "%s/%s", store.path, FILE_NAME);
	if (error == 0)
		error = read_file(&text);
	store.error = error;
	if (error) {
		store.unsafe = true;
		log_line(LOG_ERR,
			"%s/%s: %s: what is set will not outlive the next start",
			store.path, FILE_NAME, say(error));
	} else {
		take_lines(text.data, text.len);
		text.len = 0;
		owner->changes(owner->arg, &text); /* that is what it says */
	}
	free(text.data);
}

/* Writing. */

static int
write_all(int fd, const struct text *text)
{
	size_t done = 0;

	while (done < text->len) {
		ssize_t n = write(fd, text->data + done, text->len - done);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			done += (size_t)n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

static int
write_new(const struct text *text)
{
	int fd, error;

	store.whole = 0;
	unlinkat(store.folder, NEW_NAME, 0); /* of one that has died over it */
	fd = openat(store.folder, NEW_NAME,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	error = write_all(fd, text);
	if (!error && fstat(fd, &store.left) < 0)
		error = -errno;
	if (close(fd) < 0 && !error)
		error = -errno;
	if (!error && renameat(store.folder, NEW_NAME, store.folder, FILE_NAME) < 0)
		error = -errno;
	if (!error && fsync(store.folder) < 0)
		error = -errno;
	if (error)
		unlinkat(store.folder, NEW_NAME, 0);
	else
		store.whole = store.left.st_size;
	return error;
}

/* Somebody may have put something else in its place since the start. */
static int
look_at_old(struct stat *status)
{
	if (fstatat(store.folder, FILE_NAME, status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	return store_trusts(status) ? 0 : -EPERM;
}

/* Writes all that there is. */
static int
write_whole(void)
{
	struct text text = { NULL, 0, 0 };
	struct stat status;
	int error;

	text_add(&text, head, sizeof(head) - 1);
	text_add(&text, store.others.data, store.others.len);
	store.owner->give(store.owner->arg, &text);
	text_add(&text, store.cut.data, store.cut.len);
	error = look_at_old(&status);
	if (!error)
		error = write_new(&text);
	free(text.data);
	return error;
}

/* Opens the file of that name for more, if it is the one that we have written, as it was
 * left, and will not be too long. It is not kept open: a file system that is to be
 * read-only, or to go, should not wait for us. -1: it is to be written anew. */
static int
open_for(const struct text *text)
{
	struct stat now;
	int fd;

	if (!store.whole || store.late || store.cut.len ||
		store.left.st_size + (off_t)text->len > 2 * store.whole + SLACK)
		return -1;
	fd = openat(store.folder, FILE_NAME,
		O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fstat(fd, &now) == 0 && store_trusts(&now) &&
		now.st_ino == store.left.st_ino && now.st_dev == store.left.st_dev &&
		now.st_size == store.left.st_size)
		return fd;
	close(fd);
	return -1;
}

/* Adds lines, or leaves the file as it was. */
static int
add(const struct text *text)
{
	int fd = open_for(text), error;

	if (fd < 0)
		return -EAGAIN;
	error = write_all(fd, text);
	if (!error)
		store.left.st_size += (off_t)text->len;
	else if (ftruncate(fd, store.left.st_size) < 0)
		log_line(LOG_ERR, "%s/%s: half a change is in it: %s", store.path,
			FILE_NAME, strerror(errno));
	close(fd);
	return error;
}

void
store_write(void)
{
	struct text text = { NULL, 0, 0 };
	int error;
	bool any;

	if (!store.owner || store.unsafe)
		return;
	any = store.owner->changes(store.owner->arg, &text);
	if (any || store.late) {
		error = add(&text);
		if (error)
			error = write_whole();
		store.late = error != 0;
		tell(error);
	}
	free(text.data);
}

const char *
store_path(void)
{
	return store.owner ? store.file : NULL;
}

const char *
store_error(void)
{
	return store.error ? say(store.error) : NULL;
}

void
store_close(void)
{
	store_write();
	if (store.folder >= 0)
		close(store.folder);
	store.folder = -1;
	store.owner = NULL;
	free(store.path);
	store.path = NULL;
	free(store.others.data);
	free(store.cut.data);
	memset(&store.others, 0, sizeof(store.others));
	memset(&store.cut, 0, sizeof(store.cut));
}
