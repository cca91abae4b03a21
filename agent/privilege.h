/*
 * Started by root, run as somebody else (-u): a user of its own, of root's rights only
 * what the work needs, and no way back. A service manager that starts netmibd as that
 * user, with CAP_NET_ADMIN, does the same without this.
 */
#ifndef NETMIBD_PRIVILEGE_H
#define NETMIBD_PRIVILEGE_H

#include <sys/types.h>

struct account {
	const char *name;
	uid_t uid;
	gid_t gid; /* its first group; the others are looked up by name */
};

/* Looks @name up. Returns 0, or -1 after logging that there is no such user. @account
 * refers to @name. */
int account_find(struct account *account, const char *name);

/* Makes this process one of @account's, with all its groups: of the capabilities those
 * stay that are there and needed, CAP_NET_ADMIN to change the network, and
 * CAP_NET_BIND_SERVICE until privilege_settle(). What it may ever execute gets none
 * (bounding set, no_new_privs). To be called before the first thread is made. Returns 0,
 * or -1 after logging what failed; the process is neither one nor the other, then, and is
 * to end. Only root, and @account itself, can do that. */
int privilege_drop(const struct account *account);

/* The ports are open: gives up CAP_NET_BIND_SERVICE. Returns 0, or -1 after logging. */
int privilege_settle(void);

#endif
