/*
 * Fuzz target: a line of /proc/net/dev_mcast.
 */
#include "../../agent/kernel/procfs.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size + 1);
	struct lladdr address;
	uint32_t ifindex;

	memcpy(line, data, size);
	line[size] = '\0';
	if (procfs_parse_multicast(line, &ifindex, &address) &&
		(!ifindex || ifindex > INT32_MAX || !address.len ||
			address.len > LLADDR_MAX))
		abort();
	free(line);
	return 0;
}
