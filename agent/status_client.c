/*
 * netmibd --status: see status.h.
 */
#include "status.h"

#include "base/words.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* Far longer than the daemon ever takes, in s; and than its answer is, in octets. */
#define PATIENCE   5
#define ANSWER_MAX 65536

/* Where the values begin. */
#define VALUES 28

/* Control characters in a text are not the terminal's to obey. */
static void
print_text(const char *text)
{
	for (; *text; text++)
		putchar(*text >= 0x20 && *text < 0x7f ? *text : '?');
}

static void
print_value(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		print_text(json_string_value(value));
		break;
	case JSON_INTEGER:
		printf("%lld", (long long)json_integer_value(value));
		break;
	case JSON_TRUE:
		fputs("yes", stdout);
		break;
	case JSON_FALSE:
		fputs("no", stdout);
		break;
	default: /* null */
		putchar('-');
		break;
	}
}

/* "last_error" is "last error" there. Returns how wide it is. */
static int
print_name(const char *name)
{
	int width = 0;

	for (; name[width]; width++)
		putchar(name[width] == '_' ? ' ' : name[width]);
	return width;
}

/* All in one line. */
static void
print_members(json_t *object)
{
	const char *name, *between = "";
	json_t *value;

	json_object_foreach(object, name, value)
	{
		fputs(between, stdout);
		print_name(name);
		putchar(' ');
		print_value(value);
		between = ", ";
	}
}

/* Members of members have a heading, and what is deeper a line each. */
static void
print_object(json_t *object, int depth)
{
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value)
	{
		int width = printf("%*s", 2 * depth, "") + print_name(name);

		if (json_is_object(value) && depth < 2) {
			putchar('\n');
			print_object(value, depth + 1);
			continue;
		}
		printf("%*s", width < VALUES ? VALUES - width : 1, "");
		if (json_is_object(value))
			print_members(value);
		else
			print_value(value);
		putchar('\n');
	}
}

/* The connection, or -1 after saying why not, with the exit status. */
static int
open_connection(const char *path, int *status)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { PATIENCE, 0 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool nobody;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd >= 0 &&
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ==
			0 &&
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) ==
			0 &&
		connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	nobody = errno == ENOENT || errno == ECONNREFUSED;
	fprintf(stderr, "netmibd: %s: %s\n", path,
		nobody		  ? "netmibd is not running"
		: errno == EAGAIN ? "netmibd does not answer"
				  : strerror(errno));
	*status = nobody ? STATUS_NOT_RUNNING : STATUS_ERROR;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Reads all that comes. 0, or -errno. */
static int
read_answer(int fd, struct text *answer)
{
	char buffer[4096];
	ssize_t got;

	while ((got = recv(fd, buffer, sizeof(buffer), 0)) > 0) {
		if (answer->len + (size_t)got > ANSWER_MAX)
			return -EMSGSIZE;
		text_add(answer, buffer, (size_t)got);
	}
	return got < 0 ? -errno : 0;
}

int
status_show(const char *path, bool json)
{
	struct text answer = { NULL, 0, 0 };
	int status, fd = open_connection(path, &status), error;
	json_t *object = NULL;
	json_error_t where;

	if (fd < 0)
		return status;
	error = read_answer(fd, &answer);
	close(fd);
	if (!error && answer.len)
		object = json_loadb(answer.data, answer.len, 0, &where);
	if (json_is_object(object) && json)
		fwrite(answer.data, 1, answer.len, stdout);
	else if (json_is_object(object))
		print_object(object, 0);
	else
		fprintf(stderr, "netmibd: %s: %s\n", path,
			error == -EAGAIN ? "netmibd does not answer"
			: error		 ? strerror(-error)
			: !answer.len	 ? "refused"
					 : "the answer makes no sense");
	status = json_is_object(object) ? STATUS_RUNNING : STATUS_ERROR;
	if (fflush(stdout) != 0)
		status = STATUS_ERROR;
	json_decref(object);
	free(answer.data);
	return status;
}
