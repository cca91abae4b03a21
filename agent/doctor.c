/*
 * netmibd --check: the machine itself, and the order of all questions. See doctor.h.
 */
#include "doctor.h"

#include "agentx/doctor.h"
#include "base/log.h"
#include "base/options.h"
#include "base/report.h"

#include "../tables/tables.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/utsname.h>
#include <unistd.h>

#define DEFAULT_ADDRESS "udp:127.0.0.1:161"

/* The first kernel that says all (README, "What it needs"). */
#define KERNEL_MAJOR 5
#define KERNEL_MINOR 14

/* What the library and the check of the files log while they are read. */

static void
take_log(int priority, const char *text)
{
	if (priority > LOG_ERR)
		return;
	report_wrong("%s", text);
	report_mend("correct it, see netmibd.conf(5); then: systemctl restart netmibd");
}

static bool
is_debugging(const char *subject)
{
	(void)subject;
	return false;
}

static void
drop_debug(const char *subject, const char *text)
{
	(void)subject, (void)text;
}

static void
check_configuration(const struct command *command, struct options *options)
{
	static const struct log_sink sink = { take_log, is_debugging, drop_debug };

	log_to(&sink);
	if (agentx_examine(&command->settings, options) == 0)
		report_right("the configuration has no error");
}

/* Processes. */

/* The first line of a file of /proc, without its newline; false: it cannot be read. */
static bool
read_line(const char *path, char *line, int size)
{
	FILE *file = fopen(path, "re");
	bool got = file && fgets(line, size, file);

	if (file)
		fclose(file);
	if (got)
		line[strcspn(line, "\n")] = '\0';
	return got;
}

/* Is it called @name, and in this network namespace? */
static bool
is_process(const char *pid, const char *name)
{
	char path[64], text[64], own[64];
	ssize_t n, m;

	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	if (!read_line(path, text, sizeof(text)) || strcmp(text, name) != 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%.20s/ns/net", pid);
	n = readlink(path, text, sizeof(text));
	m = readlink("/proc/self/ns/net", own, sizeof(own));
	/* Only root, and nearly always its own user, may see that of a process. */
	return n > 0 && n == m && memcmp(text, own, (size_t)n) == 0;
}

/* How many processes are called @name, but for this one; *@pid is the last one. */
static unsigned int
find_processes(const char *name, pid_t *pid)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	unsigned int n = 0;

	*pid = 0;
	while (proc && (entry = readdir(proc))) {
		if (!isdigit((unsigned char)entry->d_name[0]) ||
			atoi(entry->d_name) == getpid() ||
			!is_process(entry->d_name, name))
			continue;
		*pid = atoi(entry->d_name);
		n++;
	}
	if (proc)
		closedir(proc);
	return n;
}

/* Has @pid the capability to change the network? */
static bool
may_administer(pid_t pid)
{
	cap_t caps = cap_get_pid(pid);
	cap_flag_value_t value = CAP_CLEAR;

	if (caps)
		cap_get_flag(caps, CAP_NET_ADMIN, CAP_EFFECTIVE, &value);
	cap_free(caps);
	return value == CAP_SET;
}

static void
check_kernel(void)
{
	struct utsname name;
	int major = 0, minor = 0;

	uname(&name);
	sscanf(name.release, "%d.%d", &major, &minor);
	if (major > KERNEL_MAJOR || (major == KERNEL_MAJOR && minor >= KERNEL_MINOR)) {
		report_right("Linux %s is new enough", name.release);
		return;
	}
	report_wrong("Linux %s is older than %d.%d: it does not say all that is served",
		name.release, KERNEL_MAJOR, KERNEL_MINOR);
	report_mend("apt-get install linux-image-amd64 (of Debian 12 or later), and "
		    "restart the machine");
}

/* @pid: the netmibd that runs, or this process. */
static void
check_capability(pid_t pid, const struct options *options)
{
	char text[32] = "";
	unsigned long max;

	if (may_administer(pid)) {
		report_right("process %d has CAP_NET_ADMIN", (int)pid);
		return;
	}
	if (options->write == WRITE_OFF) {
		report_note("there is no CAP_NET_ADMIN, and netmibdWrite is off");
	} else {
		report_wrong("process %d has no CAP_NET_ADMIN: nothing can be written",
			(int)pid);
		report_mend("start it by its unit (systemctl start netmibd), which has "
			    "AmbientCapabilities=CAP_NET_ADMIN, or say \"netmibdWrite "
			    "off\" in netmibd.conf");
	}
	if (!read_line("/proc/sys/net/core/rmem_max", text, sizeof(text)))
		return; /* not said in a network namespace */
	max = strtoul(text, NULL, 10);
	if (max >= options->event_buffer)
		return;
	report_wrong("the kernel's events get a buffer of %lu octets, and not the %u of "
		     "netmibdEventBuffer",
		max, options->event_buffer);
	report_mend("sysctl -w net.core.rmem_max=%u", options->event_buffer);
}

static void
check_processes(unsigned int n, pid_t pid)
{
	if (n == 1) {
		report_right("netmibd runs (process %d)", (int)pid);
	} else if (n == 0) {
		report_note(
			"netmibd does not run%s; to start it: systemctl start netmibd",
			geteuid() ? ", or this user may not see it" : "");
	} else {
		report_wrong("%u netmibds run in this network: the master lets only one "
			     "of them serve",
			n);
		report_mend("kill %d", (int)pid);
	}
}

static void
check_ipv6(void)
{
	char text[8] = "1";

	if (!read_line("/proc/sys/net/ipv6/conf/all/disable_ipv6", text, sizeof(text)))
		report_note("this kernel has no IPv6: its tables are empty");
	else if (strcmp(text, "0") != 0)
		report_note("IPv6 is switched off (net.ipv6.conf.all.disable_ipv6): its "
			    "tables are empty");
}

static void
check_agent(const struct command *command, unsigned int netmibds)
{
	const struct agentx_settings *settings = &command->settings;
	const char *address = command->check_address;
	pid_t snmpd;
	bool there = settings->standalone;

	if (!there) {
		find_processes("snmpd", &snmpd);
		there = doctor_socket(snmpd);
	}
	if (there)
		doctor_master(address		  ? address
			      : settings->address ? settings->address
						  : DEFAULT_ADDRESS,
			netmibds ? all_tables : NULL);
}

int
doctor_check(const struct command *command)
{
	struct options options = { 0 };
	unsigned int n;
	pid_t pid;

	options_init(&options);
	check_configuration(command, &options);
	check_kernel();
	check_ipv6();
	n = find_processes("netmibd", &pid);
	check_processes(n, pid);
	check_capability(n ? pid : getpid(), &options);
	if (options.persist)
		doctor_store();
	check_agent(command, n);
	options_free(&options);
	return report_count() ? EXIT_FAILURE : EXIT_SUCCESS;
}
