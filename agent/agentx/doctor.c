/*
 * The master's socket and the file of what is kept: see doctor.h.
 */
#include "doctor.h"

#include "../base/report.h"
#include "netsnmp.h"
#include "store.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_MS 1500

static const char *
user_name(void)
{
	static char text[32];
	const struct passwd *user = getpwuid(geteuid());

	if (user)
		return user->pw_name;
	snprintf(text, sizeof(text), "%u", (unsigned int)geteuid());
	return text;
}

static void
tell_absent(const char *path, pid_t snmpd)
{
	if (snmpd) {
		report_wrong("snmpd runs (process %d), but there is no AgentX socket at "
			     "%s: it is no master, or has its socket elsewhere",
			(int)snmpd, path);
		report_mend("in /etc/snmp/snmpd.conf: \"master agentx\" and "
			    "\"agentXSocket %s\"; then: systemctl restart snmpd",
			path);
	} else {
		report_wrong("there is no AgentX socket at %s: snmpd does not run%s",
			path, geteuid() ? ", or this user may not see it" : "");
		report_mend("systemctl enable --now snmpd");
	}
}

static void
tell_forbidden(const char *path, const char *what)
{
	report_wrong("user %s has no permission to %s %s", user_name(), what, path);
	report_mend("in /etc/snmp/snmpd.conf: \"agentXPerms 0600 0755 %s\"; then: "
		    "systemctl restart snmpd",
		user_name());
}

static void
tell_failure(const char *path, int error)
{
	switch (error) {
	case EACCES:
		tell_forbidden(path, "write to");
		break;
	case ECONNREFUSED:
		report_wrong("the AgentX socket %s is there, but nobody listens", path);
		report_mend("systemctl restart snmpd");
		break;
	case EAGAIN: /* its queue is full */
		report_wrong("the AgentX master at %s accepts no connection", path);
		report_mend("systemctl restart snmpd");
		break;
	default:
		report_wrong("the AgentX socket %s: %s", path, strerror(error));
		report_mend("in /etc/snmp/snmpd.conf: \"agentXSocket\" is to name a "
			    "socket that can be had; then: systemctl restart snmpd");
	}
}

/* A ping of no session (RFC 2741, 6.2.11): whatever the answer is, there is a master. */
static bool
answers(int fd)
{
	static const uint8_t ping[20] = { 1, 13, 0x10 };
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	uint8_t answer[64];

	return send(fd, ping, sizeof(ping), MSG_NOSIGNAL) == (ssize_t)sizeof(ping) &&
	       poll(&wait, 1, PATIENCE_MS) == 1 &&
	       recv(fd, answer, sizeof(answer), 0) > 0;
}

static bool
connect_unix(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool alive = false;

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		tell_failure(path, errno);
	} else if (!answers(fd)) {
		report_wrong("what listens at %s does not answer to AgentX", path);
		report_mend("systemctl restart snmpd");
	} else {
		report_right("an AgentX master answers at %s", path);
		alive = true;
	}
	if (fd >= 0)
		close(fd);
	return alive;
}

/* TCP, say. */
static bool
connect_other(const char *address)
{
	netsnmp_transport *transport = netsnmp_transport_open_client("agentx", address);
	bool alive = transport && answers(transport->sock);

	if (alive) {
		report_right("an AgentX master answers at %s", address);
	} else {
		report_wrong("no AgentX master answers at %s", address);
		report_mend("in /etc/snmp/snmpd.conf: \"master agentx\" and "
			    "\"agentXSocket %s\"; then: systemctl restart snmpd",
			address);
	}
	if (transport) {
		transport->f_close(transport);
		netsnmp_transport_free(transport);
	}
	return alive;
}

bool
doctor_socket(pid_t snmpd)
{
	const char *path = netsnmp_ds_get_string(
		NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET);
	struct stat status;

	if (!path)
		path = NETSNMP_AGENTX_SOCKET;
	if (strncmp(path, "unix:", 5) == 0)
		path += 5;
	if (*path != '/')
		return connect_other(path);
	if (stat(path, &status) == 0)
		return connect_unix(path);
	if (errno == EACCES)
		tell_forbidden(path, "enter the folder of");
	else
		tell_absent(path, snmpd);
	return false;
}

void
doctor_store(void)
{
	const char *folder = get_persistent_directory();
	char path[4096];
	struct stat status;

	snprintf(path, sizeof(path), "%s/%s", folder, STORE_FILE);
	if (stat(folder, &status) < 0 && errno == ENOENT) {
		report_note(
			"%s is not there yet: it is made when something is kept", folder);
	} else if (access(folder, W_OK | X_OK) < 0) {
		report_wrong(
			"what is set cannot be kept: user %s may not write to %s: %s",
			user_name(), folder, strerror(errno));
		report_mend("chown %s %s && chmod u+rwx %s", user_name(), folder, folder);
	} else if (lstat(path, &status) < 0) {
		report_right("what is set will be kept in %s", path);
	} else if (store_trusts(&status)) {
		report_right("what is set is kept in %s", path);
	} else if (!S_ISREG(status.st_mode)) {
		report_wrong("what is set cannot be kept: %s is no file", path);
		report_mend("mv %s %s.old", path, path);
	} else {
		report_wrong("what was set is not restored: others may write %s", path);
		report_mend("chown %s %s && chmod 0600 %s", user_name(), path, path);
	}
}
