/*
 * The command line. See command.h.
 */
#include "command.h"

#include "status.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
	"      --check[=ADDRESS]       say what is wrong and how to mend it, and leave; "
	"ask ADDRESS\n"
	"                              (udp:127.0.0.1:161)\n"
	"  -S, --status-socket PATH    where --status reaches it (" STATUS_SOCKET
	"), or " STATUS_NONE "\n"
	"      --status [--json]       print the status of the netmibd that runs\n"
	"  -u, --user USER             become USER, and keep only what the work needs\n"
	"  -V, --version               print the version and leave\n"
	"  -h, --help                  print this and leave\n";

/* Those without a letter. */
enum {
	OPTION_STATUS = 256,
	OPTION_JSON,
	OPTION_CHECK,
};

static const struct option long_options[] = {
	{ "standalone", optional_argument, NULL, 's' },
	{ "socket", required_argument, NULL, 'x' },
	{ "foreground", no_argument, NULL, 'f' },
	{ "config", required_argument, NULL, 'c' },
	{ "no-default-config", no_argument, NULL, 'C' },
	{ "log", required_argument, NULL, 'L' },
	{ "debug", required_argument, NULL, 'D' },
	{ "pidfile", required_argument, NULL, 'p' },
	{ "check", optional_argument, NULL, OPTION_CHECK },
	{ "status-socket", required_argument, NULL, 'S' },
	{ "status", no_argument, NULL, OPTION_STATUS },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "user", required_argument, NULL, 'u' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static bool
take_status_socket(struct command *command, const char *path, int *status)
{
	command->status_socket = path;
	if (strcmp(path, STATUS_NONE) == 0 || status_path_is_good(path))
		return true;
	fprintf(stderr,
		"netmibd: -S %s: an absolute path that is not too long is wanted, or "
		"none\n",
		path);
	*status = EXIT_FAILURE;
	return false;
}

/* What is only printed. Returns the exit status. */
static int
say(int option)
{
	switch (option) {
	case 'V':
		printf("netmibd %s, Net-SNMP %s\n", NETMIBD_VERSION, agentx_version());
		return EXIT_SUCCESS;
	case 'h':
		fputs(usage, stdout);
		return EXIT_SUCCESS;
	default: /* getopt_long(3) has said what is wrong */
		fputs("Try netmibd --help.\n", stderr);
		return EXIT_FAILURE;
	}
}

/* What an option says. Returns false if the program is to leave with *@status. */
static bool
take_option(struct command *command, int option, int argc, char **argv, int *status)
{
	switch (option) {
	case 's':
		command->settings.standalone = true;
		if (optarg)
			command->settings.address = optarg;
		return true;
	case 'x':
		command->settings.socket = optarg;
		return true;
	case 'f':
		command->foreground = true;
		return true;
	case 'c':
		command->settings.config_files = optarg;
		return true;
	case 'C':
		command->settings.only_these_files = true;
		return true;
	case 'L':
		command->log_given = true;
		if (agentx_log_option(optarg, argc, argv) >= 0)
			return true;
		fprintf(stderr, "netmibd: -L%s: no such log option\n", optarg);
		*status = EXIT_FAILURE;
		return false;
	case 'D':
		agentx_debug_option(optarg);
		return true;
	case 'p':
		command->pid_file = optarg;
		return true;
	case OPTION_CHECK:
		command->check = true;
		command->check_address = optarg;
		return true;
	case 'S':
		return take_status_socket(command, optarg, status);
	case OPTION_STATUS:
		command->status = true;
		return true;
	case OPTION_JSON:
		command->json = true;
		return true;
	case 'u':
		command->user = optarg;
		return true;
	default:
		*status = say(option);
		return false;
	}
}

bool
command_parse(struct command *command, int argc, char **argv, int *status)
{
	int option;

	command->status_socket = STATUS_SOCKET;
	while ((option = getopt_long(
			argc, argv, "s::x:fc:CL:D:p:S:u:Vh", long_options, NULL)) != -1) {
		if (!take_option(command, option, argc, argv, status))
			return false;
	}
	if (optind < argc) {
		fprintf(stderr, "netmibd: what is \"%s\"? Try netmibd --help.\n",
			argv[optind]);
		*status = EXIT_FAILURE;
		return false;
	}
	if (command->status) {
		*status = status_show(command->status_socket, command->json);
		return false;
	}
	if (command->json) {
		fputs("netmibd: --json goes with --status\n", stderr);
		*status = EXIT_FAILURE;
		return false;
	}
	if (!command->log_given)
		agentx_log_default();
	return true;
}
