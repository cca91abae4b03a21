/*
 * From root to a user of its own: see privilege.h.
 */
#include "privilege.h"

#include "base/log.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

static const cap_value_t working[] = { CAP_NET_ADMIN };
static const cap_value_t starting[] = { CAP_NET_ADMIN, CAP_NET_BIND_SERVICE };

int
account_find(struct account *account, const char *name)
{
	const struct passwd *entry;

	errno = 0;
	entry = getpwnam(name);
	if (!entry) {
		log_line(LOG_ERR, "-u %s: %s", name,
			errno ? strerror(errno) : "there is no such user");
		return -1;
	}
	*account = (struct account){ name, entry->pw_uid, entry->pw_gid };
	return 0;
}

static int
fail(const char *what)
{
	log_line(LOG_ERR, "-u: %s: %s", what, strerror(errno));
	return -1;
}

/* Of the capabilities that are there, only these @n stay. */
static int
keep(const cap_value_t *wanted, int n)
{
	cap_t now = cap_get_proc(), then = cap_init();
	int error = !now || !then;

	for (int i = 0; i < n && !error; i++) {
		cap_flag_value_t there = CAP_CLEAR;

		error = cap_get_flag(now, wanted[i], CAP_PERMITTED, &there) != 0 ||
			cap_set_flag(then, CAP_PERMITTED, 1, &wanted[i], there) != 0 ||
			cap_set_flag(then, CAP_EFFECTIVE, 1, &wanted[i], there) != 0;
	}
	if (!error)
		error = cap_set_proc(then) != 0;
	if (error)
		fail("capabilities");
	cap_free(now);
	cap_free(then);
	return error ? -1 : 0;
}

/* What is executed gets no capability. A container's root may not be allowed to say so
 * (EPERM); no_new_privs has the same effect there. */
static int
drop_bounding_set(void)
{
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++) {
		if (cap_drop_bound(cap) != 0 && errno != EPERM)
			return fail("bounding set");
	}
	return 0;
}

/* Groups first: only root may change them. */
static int
change_user(const struct account *account)
{
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
		return fail("PR_SET_KEEPCAPS");
	if (initgroups(account->name, account->gid) != 0)
		return fail("groups");
	if (setresgid(account->gid, account->gid, account->gid) != 0)
		return fail("group");
	if (setresuid(account->uid, account->uid, account->uid) != 0)
		return fail("user");
	if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) != 0)
		return fail("PR_SET_KEEPCAPS");
	/* As if that user had started it: what is in /proc/self is its own, and a crash
	 * leaves a core file if the machine wants that. */
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0 ? fail("PR_SET_DUMPABLE") : 0;
}

int
privilege_drop(const struct account *account)
{
	if (geteuid() != 0 && geteuid() != account->uid) {
		log_line(LOG_ERR, "-u %s: only root can become another user",
			account->name);
		return -1;
	}
	if (geteuid() == 0 && (drop_bounding_set() < 0 || change_user(account) < 0))
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fail("PR_SET_NO_NEW_PRIVS");
	return keep(starting, sizeof(starting) / sizeof(starting[0]));
}

int
privilege_settle(void)
{
	return keep(working, sizeof(working) / sizeof(working[0]));
}
