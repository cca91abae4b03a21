/*
 * netmibd --status: the daemon says what it is and has done to who connects to its status
 * socket, and the same program asks it.
 *
 * Whoever connects gets one JSON object and the end of the stream; nothing is read from
 * him, and nothing is kept of him. The answer is far smaller than a socket's buffer, so
 * one write that does not wait takes it all, whether he reads or not. Only root and the
 * daemon's own user may ask: the socket is theirs only, and the kernel says who it is.
 */
#ifndef NETMIBD_STATUS_H
#define NETMIBD_STATUS_H

#include "base/loop.h"
#include "engine/notify.h"
#include "mirror/mirror.h"

#include <stdbool.h>
#include <sys/types.h>

/* Where it is unless the command line says where; and the word for "nowhere". */
#define STATUS_SOCKET "/run/netmibd/status"
#define STATUS_NONE   "none"

/* Exit statuses of --status, as systemctl(1) has them. */
enum status_exit {
	STATUS_RUNNING = 0,
	STATUS_ERROR = 1,
	STATUS_NOT_RUNNING = 3,
};

struct session;

/* Of whom the status is. */
struct status_of {
	const struct mirror *mirror;
	const struct session *session; /* NULL: there is none yet */
	const struct notifier *notifier;
	bool ready; /* the tables are served */
};

/* status.c: the status as JSON, with a newline at its end, to be freed; or NULL without
 * memory. */
char *status_json(const struct status_of *of);

/* status_socket.c: listens at @path (absolute) from now on and sends everybody who may
 * ask what @make(@arg) returns, which is freed. Makes the last folder of the path if it
 * is not there, and takes the place of a socket at which nobody listens. Returns 0, or -1
 * after logging why there is no such socket, which harms nothing else. */
int status_listen(
	const char *path, const struct loop *loop, char *(*make)(void *arg), void *arg);

/* While still root: makes the folder of @path if it is not there, for the user that is to
 * listen in it. What fails shows when he does. */
void status_make_folder(const char *path, uid_t uid, gid_t gid);

/* Removes the socket, if there is one. */
void status_unlisten(void);

/* True if a socket can be there: an absolute path that fits into a socket's address. */
bool status_path_is_good(const char *path);

/* status_client.c: asks the daemon at @path and prints its answer, as text or as it came
 * (@json), or why there is none. Returns an enum status_exit. */
int status_show(const char *path, bool json);

#endif
