/*
 * netmibd: options, start, stop. The only file that sees both the kernel's side and
 * SNMP's; it makes one mirror, feeds it from kernel/session and serves it by agentx/.
 */
#include "agentx/loop.h"
#include "agentx/session.h"
#include "agentx/store.h"
#include "agentx/trap.h"
#include "base/alloc.h"
#include "base/log.h"
#include "base/options.h"
#include "kernel/session.h"
#include "mirror/mirror.h"
#include "mirror/restore.h"

#include "../tables/notices.h"
#include "../tables/tables.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

static const char usage[] =
	"Usage: netmibd [OPTION]...\n"
	"Serves IF-MIB and IP-MIB live from the Linux kernel: as an AgentX subagent of "
	"the SNMP "
	"agent on\n"
	"this machine, or as an SNMP agent of its own.\n"
	"\n"
	"  -s, --standalone[=ADDRESS]  be an SNMP agent on ADDRESS (udp:127.0.0.1:161)\n"
	"  -x, --socket SOCKET         AgentX socket of the master (/var/agentx/master)\n"
	"  -f, --foreground            do not go to the background\n"
	"  -c, --config FILE[,...]     read these configuration files, too\n"
	"  -C, --no-default-config     read no others\n"
	"  -L, --log OPTIONS           log to: e stderr, f FILE, sd syslog ... "
	"(snmpcmd(1))\n"
	"  -D, --debug SUBJECT[,...]   log debugging of: netlink, mirror, stats, follow, "
	"...\n"
	"  -p, --pidfile FILE          write the process id to FILE\n"
	"  -V, --version               print the version and leave\n"
	"  -h, --help                  print this and leave\n";

static const struct option long_options[] = {
	{ "standalone", optional_argument, NULL, 's' },
	{ "socket", required_argument, NULL, 'x' },
	{ "foreground", no_argument, NULL, 'f' },
	{ "config", required_argument, NULL, 'c' },
	{ "no-default-config", no_argument, NULL, 'C' },
	{ "log", required_argument, NULL, 'L' },
	{ "debug", required_argument, NULL, 'D' },
	{ "pidfile", required_argument, NULL, 'p' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct daemon {
	struct agentx_settings settings;
	struct options options;
	struct mirror *mirror;
	struct session *session;
	struct served served;
	struct notify_sink sink;
	struct notifier *notifier;
	struct notices notices;
	struct restore restore;
	bool persists;
	const char *pid_file;
	bool foreground, log_given;
};

/* What an option says. Returns false if the program is to leave with *@status. */
static bool
take_option(struct daemon *daemon, int option, int argc, char **argv, int *status)
{
	switch (option) {
	case 's':
		daemon->settings.standalone = true;
		if (optarg)
			daemon->settings.address = optarg;
		return true;
	case 'x':
		daemon->settings.socket = optarg;
		return true;
	case 'f':
		daemon->foreground = true;
		return true;
	case 'c':
		daemon->settings.config_files = optarg;
		return true;
	case 'C':
		daemon->settings.only_these_files = true;
		return true;
	case 'L':
		daemon->log_given = true;
		if (agentx_log_option(optarg, argc, argv) >= 0)
			return true;
		fprintf(stderr, "netmibd: -L%s: no such log option\n", optarg);
		*status = EXIT_FAILURE;
		return false;
	case 'D':
		agentx_debug_option(optarg);
		return true;
	case 'p':
		daemon->pid_file = optarg;
		return true;
	case 'V':
		printf("netmibd %s, Net-SNMP %s\n", NETMIBD_VERSION, agentx_version());
		*status = EXIT_SUCCESS;
		return false;
	case 'h':
		fputs(usage, stdout);
		*status = EXIT_SUCCESS;
		return false;
	default: /* getopt_long(3) has said what is wrong */
		fputs("Try netmibd --help.\n", stderr);
		*status = EXIT_FAILURE;
		return false;
	}
}

static bool
parse_options(struct daemon *daemon, int argc, char **argv, int *status)
{
	int option;

	while ((option = getopt_long(
			argc, argv, "s::x:fc:CL:D:p:Vh", long_options, NULL)) != -1) {
		if (!take_option(daemon, option, argc, argv, status))
			return false;
	}
	if (optind < argc) {
		fprintf(stderr, "netmibd: what is \"%s\"? Try netmibd --help.\n",
			argv[optind]);
		*status = EXIT_FAILURE;
		return false;
	}
	if (!daemon->log_given)
		agentx_log_default();
	return true;
}

static int
write_pid(const char *path)
{
	FILE *file = fopen(path, "we");
	int error = !file || fprintf(file, "%d\n", (int)getpid()) < 0;

	if (file && fclose(file) != 0)
		error = 1; /* a full disk shows here */
	if (error)
		log_line(LOG_ERR, "%s: %s", path, strerror(errno));
	return error ? -1 : 0;
}

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
	trap_open(&agentx_loop, daemon->settings.standalone, tell_on, daemon);
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
	daemon->served.bulk = daemon->settings.standalone;
	if (agentx_serve(all_tables, &daemon->served) > 0)
		log_line(LOG_ERR, "not all tables are served");
	log_line(LOG_INFO, "netmibd %s is ready: %zu interfaces", NETMIBD_VERSION,
		set_count(&daemon->mirror->links));
	sd_notify(0, "READY=1");
	notices_begin(&daemon->notices);
	if (daemon->persists)
		restore_begin(&daemon->restore);
}

static int
run(struct daemon *daemon)
{
	int error;

	if (!daemon->foreground && agentx_daemonize() != 0)
		return EXIT_FAILURE;
	if (daemon->pid_file && write_pid(daemon->pid_file) < 0)
		return EXIT_FAILURE;
	error = watch_signals(daemon);
	if (error) {
		log_line(LOG_ERR, "signals: %s", strerror(-error));
		return EXIT_FAILURE;
	}
	daemon->mirror = mirror_new(&daemon->options);
	mirror_watch(daemon->mirror, show_change, NULL);
	open_notices(daemon);
	open_store(daemon);
	daemon->session =
		session_open(daemon->mirror, &agentx_loop, become_ready, daemon);
	if (!daemon->session)
		return EXIT_FAILURE;
	agentx_run();
	sd_notify(0, "STOPPING=1");
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	static struct daemon daemon;
	int status = EXIT_SUCCESS;

	agentx_prepare();
	if (!parse_options(&daemon, argc, argv, &status))
		return status;
	options_init(&daemon.options);
	if (agentx_open(&daemon.settings, &daemon.options) < 0)
		return EXIT_FAILURE;
	status = run(&daemon);
	/* Before what it asks: a SET that is pending ends, and may be undone. */
	agentx_close();
	close_notices(&daemon);
	close_store(&daemon);
	if (daemon.session)
		session_close(daemon.session);
	if (daemon.mirror)
		mirror_free(daemon.mirror);
	if (daemon.served.drafts)
		drafts_free(daemon.served.drafts);
	if (daemon.pid_file)
		unlink(daemon.pid_file);
	options_free(&daemon.options);
	return status;
}
