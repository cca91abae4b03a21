/*
 * The unit tests: no root, no network, no master. Run with SEED=n to repeat a random
 * test.
 */
#include "unit.h"

#include "../../agent/base/clock.h"

#include <CUnit/Basic.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t state;

uint32_t
pick(uint32_t below)
{
	/* splitmix64 */
	uint64_t z = (state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ (z >> 31)) % below);
}

void
make_folder(char *path)
{
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 32);

	CU_ASSERT_FATAL(len > 0);
	path[len] = '\0';
	strcpy(strrchr(path, '/'), "/folder.XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(path));
}

void
run_alone(void (*test)(void))
{
	int status = -1;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	CU_ASSERT_TRUE_FATAL(pid >= 0);
	if (pid == 0) {
		unsigned int before = CU_get_number_of_failures();

		test();
		_exit(CU_get_number_of_failures() == before ? 0 : 1);
	}
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT_EQUAL(status, 0);
}

int
main(void)
{
	const char *seed = getenv("SEED");
	unsigned int failed;

	state = seed ? strtoull(seed, NULL, 0)
		     : (uint64_t)time(NULL) ^ (uint64_t)getpid();
	printf("seed: SEED=%llu\n", (unsigned long long)state);
	options_init(&unit_options);
	if (CU_initialize_registry() != CUE_SUCCESS)
		return EXIT_FAILURE;
	suite_set();
	suite_engine();
	suite_group();
	suite_edit();
	suite_draft();
	suite_inet();
	suite_mirror();
	suite_addr();
	suite_route();
	suite_route_model();
	suite_router();
	suite_stack();
	suite_sweep();
	suite_decode();
	suite_decode_addr();
	suite_decode_route();
	suite_procstats();
	suite_ipstats();
	suite_decode_ipif();
	suite_ipif();
	suite_reader();
	suite_session();
	suite_deed();
	suite_routes();
	suite_tables();
	suite_kept();
	suite_restore();
	suite_notify();
	suite_notices();
	suite_facts();
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failed = CU_get_number_of_failures() + CU_get_number_of_suites_failed();
	CU_cleanup_registry();
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
