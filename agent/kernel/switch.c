/*
 * Switches: see switch.h.
 */
#include "switch.h"

#include "../base/alloc.h"
#include "procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* /proc/sys is of the namespace of the thread that opens it. A switch's own file comes
 * first. */
static const struct {
	const char *name;
	const char *overwrites[3]; /* by the kernel, when the first is written */
	const char *along[2];	   /* what is to be written, too, to the same effect */
} switches[] = {
	/* inet_forward_change(): the other files of conf/ are those of all links */
	[SWITCH_FORWARDING] = { "net/ipv4/ip_forward",
		{ "net/ipv4/conf/all/accept_redirects", "net/ipv4/conf/*/forwarding" },
		{ NULL } },
	[SWITCH_DEFAULT_TTL] = { "net/ipv4/ip_default_ttl", { NULL }, { NULL } },
	/* addrconf_fixup_forwarding() */
	[SWITCH_FORWARDING6] = { "net/ipv6/conf/all/forwarding",
		{ "net/ipv6/conf/*/forwarding" }, { NULL } },
	/* A packet takes the limit of its link (ip6_dst_hoplimit()). */
	[SWITCH_HOP_LIMIT6] = { "net/ipv6/conf/all/hop_limit", { NULL },
		{ "net/ipv6/conf/*/hop_limit" } },
};

const char *
switch_name(enum node_switch which)
{
	return switches[which].name;
}

static int
read_number(const char *path, char *text, size_t size)
{
	ssize_t len = procfs_read(path, text, size - 1);

	text[len > 0 ? len : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return len < 0 ? (int)len : 0;
}

static int
write_number(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t done;
	int error;

	if (fd < 0)
		return -errno;
	done = write(fd, text, strlen(text));
	error = done < 0 ? -errno : 0;
	close(fd);
	return error;
}

/* Some say more than a number, and have no room here. */
static bool
is_number(const char *text)
{
	size_t len = strlen(text);

	return len && len < 31 && strspn(text, "-0123456789") == len;
}

/* Remembers what the files of @pattern say, those of numbers. */
static void
remember(struct switch_memory *memory, const char *proc, const char *pattern)
{
	char path[256];
	glob_t found;

	snprintf(path, sizeof(path), "%s/sys/%s", proc, pattern);
	if (glob(path, 0, NULL, &found) == 0) {
		memory->files = xrealloc(memory->files,
			(memory->n + found.gl_pathc) * sizeof(memory->files[0]));
		for (size_t i = 0; i < found.gl_pathc; i++) {
			struct switch_file *file = &memory->files[memory->n];

			if (read_number(found.gl_pathv[i], file->text,
				    sizeof(file->text)) < 0 ||
				!is_number(file->text))
				continue; /* gone already */
			file->path = xstrdup(found.gl_pathv[i]);
			memory->n++;
		}
	}
	globfree(&found);
}

void
switch_remember_ipv6(
	struct switch_memory *memory, const char *proc, const char *name, bool all)
{
	char pattern[128], plain[2 * 16 + 1];
	size_t len = 0;

	for (; *name && len + 2 < sizeof(plain); name++) { /* as it is, whatever it is */
		plain[len++] = '\\';
		plain[len++] = *name;
	}
	plain[len] = '\0';
	memset(memory, 0, sizeof(*memory));
	snprintf(pattern, sizeof(pattern), "net/ipv6/conf/%s/%s", plain,
		all ? "*" : "mtu");
	remember(memory, proc, pattern);
	if (!all)
		return;
	snprintf(pattern, sizeof(pattern), "net/ipv6/neigh/%s/*", plain);
	remember(memory, proc, pattern);
}

static int
write_along(const struct switch_memory *memory, size_t from, const char *text)
{
	for (size_t i = from; i < memory->n; i++) {
		int error = strcmp(memory->files[i].text, text) == 0
				    ? 0
				    : write_number(memory->files[i].path, text);

		if (error && error != -ENOENT)
			return error;
	}
	return 0;
}

int
switch_turn_link(const char *proc, const char *family, const char *name, const char *file,
	uint32_t number, uint32_t *before)
{
	char path[256], text[32];
	int error;

	snprintf(
		path, sizeof(path), "%s/sys/net/%s/conf/%s/%s", proc, family, name, file);
	error = read_number(path, text, sizeof(text));
	if (error)
		return error;
	*before = (uint32_t)strtoul(text, NULL, 10);
	snprintf(text, sizeof(text), "%u", number);
	return write_number(path, text);
}

bool
switch_promotes(const char *proc, const char *name)
{
	const char *const names[] = { "all", name };
	bool on = false;

	for (int i = 0; i < 2; i++) {
		char path[256], text[32];

		snprintf(path, sizeof(path),
			"%s/sys/net/ipv4/conf/%s/promote_secondaries", proc, names[i]);
		on |= read_number(path, text, sizeof(text)) == 0 &&
		      strcmp(text, "0") != 0;
	}
	return on;
}

int
switch_turn(const char *proc, enum node_switch which, uint32_t number,
	struct switch_memory *memory)
{
	char text[32];
	size_t along;
	int error;

	memset(memory, 0, sizeof(*memory));
	snprintf(text, sizeof(text), "%u", number);
	remember(memory, proc, switches[which].name);
	if (!memory->n)
		return -ENOENT;
	if (strcmp(memory->files[0].text, text) == 0 && !switches[which].along[0])
		return 0;
	for (const char *const *at = switches[which].overwrites; *at; at++)
		remember(memory, proc, *at);
	along = memory->n;
	for (const char *const *at = switches[which].along; *at; at++)
		remember(memory, proc, *at);
	error = write_number(memory->files[0].path, text);
	if (!error)
		error = write_along(memory, along, text);
	if (error) {
		switch_restore(memory);
		switch_forget(memory);
	}
	return error;
}

int
switch_restore(const struct switch_memory *memory)
{
	int first = 0;

	for (size_t i = 0; i < memory->n; i++) {
		const struct switch_file *file = &memory->files[i];
		char now[32];
		int error = read_number(file->path, now, sizeof(now));

		if (!error && strcmp(now, file->text) != 0)
			error = write_number(file->path, file->text);
		if (error && error != -ENOENT && !first)
			first = error;
	}
	return first;
}

void
switch_forget(struct switch_memory *memory)
{
	for (size_t i = 0; i < memory->n; i++)
		free(memory->files[i].path);
	free(memory->files);
	memset(memory, 0, sizeof(*memory));
}
