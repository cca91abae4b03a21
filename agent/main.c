/*
 * netmibd: start and stop. The only file that sees both the kernel's side and
 * SNMP's; it makes one mirror, feeds it from kernel/session and serves it by agentx/.
 */
#include "agentx/loop.h"
#include "agentx/session.h"
#include "agentx/store.h"
#include "agentx/trap.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/options.h"
#include "command.h"
#include "doctor.h"
#include "kernel/session.h"
#include "mirror/mirror.h"
#include "mirror/restore.h"
#include "pidfile.h"
#include "privilege.h"
#include "status.h"

#include "../tables/notices.h"
#include "../tables/tables.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

struct daemon {
	struct command command;
	struct pidfile pid_file;
	struct options options;
	struct mirror *mirror;
	struct session *session;
	struct served served;
	struct notify_sink sink;
	struct notifier *notifier;
	struct notices notices;
	struct restore restore;
	bool persists;
	bool broken; /* it leaves, and not because it was told to */
};

static void
handle_signal(int fd, void *arg)
{
	struct daemon *daemon = arg;
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	switch (info.ssi_signo) {
	case SIGHUP:
		agentx_reconfigure();
		break;
	case SIGUSR1:
		session_log(daemon->session);
		break;
	default:
		log_line(LOG_INFO, "signal %u: leaving", info.ssi_signo);
		agentx_stop();
	}
}

/* Signals come as reads: nothing ever interrupts the library in the middle of a thing. */
static int
watch_signals(struct daemon *daemon)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	return agentx_loop.watch(fd, handle_signal, daemon);
}

/* What a row is called in the log. */
static void
describe(char *text, size_t size, enum kind kind, const void *row)
{
	const struct link *link = row;
	const struct addr *addr = row;
	const struct neigh *neigh = row;

	switch (kind) {
	case KIND_LINK:
		snprintf(text, size, "link %u %s", link->info.ifindex, link->info.name);
		break;
	case KIND_ADDR:
		snprintf(text, size, "address of link %u", addr->ifindex);
		break;
	default:
		snprintf(text, size, "neighbour on link %u", neigh->ifindex);
		break;
	}
}

static void
show_change(const struct change *change, void *arg)
{
	char what[64];

	(void)arg;
	if (!log_debugging("mirror"))
		return;
	describe(what, sizeof(what), change->kind,
		change->new ? change->new : change->old);
	log_debug("mirror", "%s: %s, fields 0x%x", what,
		!change->old   ? "new"
		: !change->new ? "gone"
			       : "changed",
		change->fields);
}

/* The master may ask while the Close PDU is on its way: the session is closed, then. */
static void
before_answer(void *source)
{
	struct mirror *mirror = source;

	/* What the kernel has said to somebody else is no reason of a SET's. */
	mirror->writes.words[0] = '\0';
	if (mirror->source)
		mirror->source->drain(mirror->source->arg);
}

static bool
may_write(void *source)
{
	const struct mirror *mirror = source;

	return mirror->source && mirror->source->may_write(mirror->source->arg);
}

static void
set_ended(void *source, const struct set_end *end)
{
	struct writes *writes = &((struct mirror *)source)->writes;

	switch (end->fate) {
	case SET_KEPT:
		writes_note_done(writes, end->txn);
		return;
	case SET_UNDONE:
		writes_note_undone(writes, end->txn);
		return;
	case SET_FAILED:
		writes_note_failure(
			writes, end->txn, end->status, end->varbind, end->text);
		return;
	}
}

/* What is kept over restarts. */

static bool
take_kept(void *restore, const struct words *words)
{
	bool taken = kept_read(&((struct restore *)restore)->kept, words);

	kept_settle(&((struct restore *)restore)->kept, true);
	return taken;
}

static bool
give_changes(void *restore, struct text *text)
{
	struct text *changes = &((struct restore *)restore)->kept.changes;
	bool changed = changes->len > 0;

	text_add(text, changes->data, changes->len);
	changes->len = 0;
	return changed;
}

static void
give_kept(void *restore, struct text *text)
{
	const struct set *things = &((struct restore *)restore)->kept.things;
	const struct kept *kept;

	for (kept = set_first(things); kept; kept = set_next(things, kept))
		kept_write(kept, text);
}

static void
write_kept(void *arg)
{
	(void)arg;
	store_write();
}

static void
open_store(struct daemon *daemon)
{
	static struct store_owner owner = { take_kept, give_changes, give_kept, NULL };

	daemon->persists = daemon->options.persist;
	if (!daemon->persists)
		return;
	owner.arg = &daemon->restore;
	restore_open(&daemon->restore, daemon->mirror, &agentx_loop, write_kept, daemon);
	store_open(&owner);
}

static void
close_store(struct daemon *daemon)
{
	if (!daemon->persists)
		return;
	store_close();
	restore_close(&daemon->restore);
}

/* Notifications. */

static void
tell_on(void *arg)
{
	notify_go_on(((struct daemon *)arg)->notifier);
}

static struct notice *
summarize(void *arg)
{
	return notices_summary(&((struct daemon *)arg)->notices);
}

static bool
is_wanted(void *arg, const struct notice *notice)
{
	return notices_still_want(&((struct daemon *)arg)->notices, notice);
}

static void
open_notices(struct daemon *daemon)
{
	daemon->sink = (struct notify_sink){ .send = trap_send,
		.wanted = is_wanted,
		.summary = summarize,
		.arg = daemon };
	daemon->notifier =
		notifier_new(&agentx_loop, &daemon->options.notify, &daemon->sink);
	trap_open(&agentx_loop, daemon->command.settings.standalone, tell_on, daemon);
	notices_open(&daemon->notices, daemon->mirror, daemon->notifier, &agentx_loop);
}

static void
close_notices(struct daemon *daemon)
{
	trap_close();
	notices_close(&daemon->notices);
	if (daemon->notifier)
		notifier_free(daemon->notifier);
}

/* What --status shows, as of now. */

static char *
make_status(void *arg)
{
	const struct daemon *daemon = arg;
	struct mirror *mirror = daemon->mirror;
	struct status_of of = { mirror, daemon->session, daemon->notifier,
		daemon->served.source != NULL };

	if (mirror->source)
		mirror->source->drain(mirror->source->arg);
	return status_json(&of);
}

static void
open_status(struct daemon *daemon)
{
	const char *path = daemon->command.status_socket;

	if (strcmp(path, STATUS_NONE) != 0)
		status_listen(path, &agentx_loop, make_status, daemon);
}

/* The first dump is complete: ready means ready. */
static void
become_ready(void *arg)
{
	struct daemon *daemon = arg;

	daemon->served.source = daemon->mirror;
	daemon->served.drafts = drafts_new();
	daemon->served.before = before_answer;
	daemon->served.may_write = may_write;
	daemon->served.ended = set_ended;
	daemon->served.after_set = write_kept;
	daemon->served.bulk = daemon->command.settings.standalone;
	if (agentx_serve(all_tables, &daemon->served) > 0)
		log_line(LOG_ERR, "not all tables are served");
	log_line(LOG_INFO, "netmibd %s is ready: %zu interfaces", NETMIBD_VERSION,
		set_count(&daemon->mirror->links));
	sd_notify(0, "READY=1");
	notices_begin(&daemon->notices);
	if (daemon->persists)
		restore_begin(&daemon->restore);
}

static void
become_broken(void *arg)
{
	((struct daemon *)arg)->broken = true;
	agentx_stop();
}

static int
run(struct daemon *daemon)
{
	int error;

	if (!daemon->command.foreground && agentx_daemonize() != 0)
		return EXIT_FAILURE;
	if (pidfile_write(&daemon->pid_file) < 0)
		return EXIT_FAILURE;
	error = watch_signals(daemon);
	if (error) {
		log_line(LOG_ERR, "signals: %s", strerror(-error));
		return EXIT_FAILURE;
	}
	mirror_watch(daemon->mirror, show_change, NULL);
	open_notices(daemon);
	open_status(daemon);
	open_store(daemon);
	daemon->session =
		session_open(daemon->mirror, &agentx_loop, become_ready, daemon);
	if (!daemon->session)
		return EXIT_FAILURE;
	daemon->session->broken = become_broken;
	agentx_run();
	sd_notify(0, "STOPPING=1");
	return daemon->broken ? EXIT_FAILURE : EXIT_SUCCESS;
}

static void
begin_status(struct daemon *daemon)
{
	struct status *status = &daemon->mirror->status;

	status->version = NETMIBD_VERSION;
	status->started = clock_now();
	status->standalone = daemon->command.settings.standalone;
}

/* Before anything is read, connected or made that must be so again as that user, when the
 * master comes back, say. What only root can do is done: the log is open. */
static int
become_user(const struct command *command)
{
	struct account account;

	if (!command->user)
		return 0;
	if (account_find(&account, command->user) < 0)
		return -1;
	if (!command->check) {
		store_make_folder(account.uid, account.gid);
		status_make_folder(command->status_socket, account.uid, account.gid);
	}
	return privilege_drop(&account);
}

/* As far as the ports. */
static int
begin(struct daemon *daemon)
{
	const char *user = daemon->command.user;

	if (pidfile_open(&daemon->pid_file, daemon->command.pid_file) < 0 ||
		become_user(&daemon->command) < 0)
		return -1;
	options_init(&daemon->options);
	daemon->mirror = mirror_new(&daemon->options);
	begin_status(daemon);
	if (agentx_open(&daemon->command.settings, &daemon->options,
		    &daemon->mirror->status) < 0)
		return -1;
	return user ? privilege_settle() : 0;
}

int
main(int argc, char **argv)
{
	static struct daemon daemon;
	int status = EXIT_SUCCESS;

	agentx_prepare();
	if (!command_parse(&daemon.command, argc, argv, &status))
		return status;
	if (daemon.command.check)
		return become_user(&daemon.command) < 0 ? EXIT_FAILURE
							: doctor_check(&daemon.command);
	if (begin(&daemon) < 0) {
		pidfile_close(&daemon.pid_file);
		return EXIT_FAILURE;
	}
	status = run(&daemon);
	status_unlisten();
	/* Before what it asks: a SET that is pending ends, and may be undone. */
	agentx_close();
	close_notices(&daemon);
	close_store(&daemon);
	if (daemon.session)
		session_close(daemon.session);
	mirror_free(daemon.mirror);
	if (daemon.served.drafts)
		drafts_free(daemon.served.drafts);
	pidfile_close(&daemon.pid_file);
	options_free(&daemon.options);
	return status;
}
