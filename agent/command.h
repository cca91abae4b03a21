/*
 * The command line: what it asks for.
 */
#ifndef NETMIBD_COMMAND_H
#define NETMIBD_COMMAND_H

#include "agentx/session.h"

#include <stdbool.h>

struct command {
	struct agentx_settings settings;
	const char *pid_file;	   /* NULL: none */
	const char *status_socket; /* a path, or STATUS_NONE */
	const char *user;	   /* to become; NULL: stay who started it */
	bool foreground, log_given;
	bool status, json; /* ask the daemon that runs, and show what it says raw */
	bool check;
	const char *check_address; /* that --check asks */
};

/* Reads the options. Returns false if the program is to leave now, with *@status, after
 * it has printed what was asked for or what is wrong. */
bool command_parse(struct command *command, int argc, char **argv, int *status);

#endif
