/*
 * /proc and /sys: see procfs.h.
 */
#include "procfs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool
sysfs_devtype(
	const char *sys, const char *name, uint32_t ifindex, char *devtype, size_t size)
{
	char path[256], line[128], found[32] = "";
	unsigned long index = 0;
	FILE *file;

	devtype[0] = '\0';
	if (strchr(name, '/') || strcmp(name, "..") == 0)
		return false; /* the kernel allows neither, but a message might hold them
			       */
	snprintf(path, sizeof(path), "%s/class/net/%s/uevent", sys, name);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "DEVTYPE=", 8) == 0)
			snprintf(found, sizeof(found), "%.31s", line + 8);
		else if (strncmp(line, "IFINDEX=", 8) == 0)
			index = strtoul(line + 8, NULL, 10);
	}
	fclose(file);
	if (index != ifindex)
		return false;
	snprintf(devtype, size, "%s", found);
	return true;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

_Bool
procfs_parse_multicast(const char *line, uint32_t *ifindex, struct lladdr *address)
{
	/* "%-4d %-15s %-5d %-5d %*phN": index, name, two counts, octets in hex */
	unsigned long index;
	char octets[2 * LLADDR_MAX + 2];
	size_t n;

	if (sscanf(line, "%lu %*s %*d %*d %65s", &index, octets) != 2)
		return false;
	n = strlen(octets);
	if (!index || index > INT32_MAX || n % 2 || n > 2 * LLADDR_MAX)
		return false;
	*ifindex = (uint32_t)index;
	address->len = (uint8_t)(n / 2);
	for (size_t i = 0; i < n; i += 2) {
		int high = hex(octets[i]), low = hex(octets[i + 1]);

		if (high < 0 || low < 0)
			return false;
		address->bytes[i / 2] = (uint8_t)(high << 4 | low);
	}
	return true;
}

int
procfs_multicast(
	void (*fn)(uint32_t ifindex, const struct lladdr *address, void *arg), void *arg)
{
	struct lladdr address;
	uint32_t ifindex;
	char line[256];
	FILE *file = fopen("/proc/net/dev_mcast", "re");

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		if (procfs_parse_multicast(line, &ifindex, &address))
			fn(ifindex, &address, arg);
	}
	fclose(file);
	return 0;
}

ssize_t
procfs_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t got = 1;
	int error;

	if (fd < 0)
		return -errno;
	while (got > 0 && len < size) {
		got = read(fd, text + len, size - len);
		if (got > 0)
			len += (size_t)got;
	}
	error = errno;
	close(fd);
	return got < 0 ? -error : (ssize_t)len;
}
