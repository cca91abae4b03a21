/*
 * Mark and sweep with events in between: the dump may be older than an event that has
 * been read before it, and must not undo it.
 *
 * The random test is a small kernel: it changes its state, queues an event for each
 * change, and takes a dump row by row at moments of its choice; the mirror reads dump and
 * events by turns. When all has been read, the mirror must equal the kernel.
 */
#include "unit.h"

#include <string.h>

static void
put(struct mirror *mirror, uint32_t ifindex, uint32_t mtu, enum origin origin)
{
	struct link_info info = plain_link(ifindex, "x");

	info.mtu = mtu;
	mirror_put_link(mirror, &info, origin);
}

static uint32_t
mtu_of(const struct mirror *mirror, uint32_t ifindex)
{
	const struct link *link = mirror_link(mirror, ifindex);

	return link ? link->info.mtu : 0;
}

static void
unmarked_rows_go(void)
{
	struct mirror *mirror = mirror_new(&unit_options);

	put(mirror, 1, 100, FROM_EVENT);
	put(mirror, 2, 100, FROM_EVENT);
	mirror_sweep_begin(mirror, KIND_LINK);
	put(mirror, 2, 200, FROM_DUMP);
	put(mirror, 3, 300, FROM_DUMP);
	CU_ASSERT_EQUAL(mtu_of(mirror, 1), 100); /* served until it is done */
	mirror_sweep_end(mirror, KIND_LINK);
	CU_ASSERT_EQUAL(mtu_of(mirror, 1), 0);
	CU_ASSERT_EQUAL(mtu_of(mirror, 2), 200);
	CU_ASSERT_EQUAL(mtu_of(mirror, 3), 300);
	mirror_free(mirror);
}

static void
an_event_outranks_the_dump(void)
{
	struct mirror *mirror = mirror_new(&unit_options);

	put(mirror, 1, 100, FROM_EVENT);
	put(mirror, 2, 100, FROM_EVENT);
	mirror_sweep_begin(mirror, KIND_LINK);
	put(mirror, 1, 111, FROM_EVENT);
	mirror_drop_link(mirror, 2);
	put(mirror, 4, 400, FROM_EVENT);
	mirror_drop_link(
		mirror, 5); /* never heard of, but an event says that it is gone */
	put(mirror, 1, 100, FROM_DUMP);
	put(mirror, 2, 100, FROM_DUMP);
	put(mirror, 5, 500, FROM_DUMP);
	mirror_sweep_end(mirror, KIND_LINK);
	CU_ASSERT_EQUAL(mtu_of(mirror, 1), 111);
	CU_ASSERT_EQUAL(mtu_of(mirror, 2), 0);
	CU_ASSERT_EQUAL(mtu_of(mirror, 4), 400); /* not in the dump, yet there */
	CU_ASSERT_EQUAL(mtu_of(mirror, 5), 0);
	/* the next sweep starts afresh */
	mirror_sweep_begin(mirror, KIND_LINK);
	put(mirror, 2, 222, FROM_DUMP);
	mirror_sweep_end(mirror, KIND_LINK);
	CU_ASSERT_EQUAL(mtu_of(mirror, 2), 222);
	CU_ASSERT_EQUAL(set_count(&mirror->links), 1);
	mirror_free(mirror);
}

static void
a_sweep_begun_again_forgets_the_first(void)
{
	struct mirror *mirror = mirror_new(&unit_options);

	mirror_sweep_begin(mirror, KIND_LINK);
	put(mirror, 1, 100, FROM_DUMP);
	put(mirror, 2, 100, FROM_EVENT);
	mirror_drop_link(mirror, 3);
	mirror_sweep_begin(mirror, KIND_LINK);
	put(mirror, 2, 222, FROM_DUMP);
	put(mirror, 3, 333, FROM_DUMP);
	mirror_sweep_end(mirror, KIND_LINK);
	CU_ASSERT_EQUAL(mtu_of(mirror, 1), 0);
	CU_ASSERT_EQUAL(mtu_of(mirror, 2), 222);
	CU_ASSERT_EQUAL(mtu_of(mirror, 3), 333);
	mirror_free(mirror);
}

#define N     8
#define QUEUE 64

struct kernel {
	uint32_t mtu[N + 1]; /* 0: no such link */
	struct {
		uint32_t ifindex, mtu;
	} events[QUEUE];
	unsigned int head, tail;
	uint32_t dumped; /* rows up to this one are in the dump already */
};

static void
kernel_changes(struct kernel *kernel)
{
	uint32_t i = 1 + pick(N);

	if (kernel->tail - kernel->head == QUEUE)
		return;
	kernel->mtu[i] = pick(3) ? 1 + pick(1000) : 0;
	kernel->events[kernel->tail % QUEUE].ifindex = i;
	kernel->events[kernel->tail++ % QUEUE].mtu = kernel->mtu[i];
}

static void
read_event(struct kernel *kernel, struct mirror *mirror)
{
	uint32_t ifindex, mtu;

	if (kernel->head == kernel->tail)
		return;
	ifindex = kernel->events[kernel->head % QUEUE].ifindex;
	mtu = kernel->events[kernel->head++ % QUEUE].mtu;
	if (mtu)
		put(mirror, ifindex, mtu, FROM_EVENT);
	else
		mirror_drop_link(mirror, ifindex);
}

/* A datagram of the dump is filled with several rows and read later, as the kernel does.
 */
struct datagram {
	uint32_t ifindex[3], mtu[3];
	int n;
};

static void
fill_datagram(struct kernel *kernel, struct datagram *datagram)
{
	datagram->n = 0;
	while (kernel->dumped < N && datagram->n < 3) {
		uint32_t i = ++kernel->dumped;

		if (!kernel->mtu[i])
			continue;
		datagram->ifindex[datagram->n] = i;
		datagram->mtu[datagram->n++] = kernel->mtu[i];
	}
}

static void
sweep_once(struct kernel *kernel, struct mirror *mirror)
{
	struct datagram datagram;

	while (kernel->head != kernel->tail) /* as session.c: begin with an empty queue */
		read_event(kernel, mirror);
	mirror_sweep_begin(mirror, KIND_LINK);
	kernel->dumped = 0;
	fill_datagram(kernel, &datagram);
	do {
		for (uint32_t n = pick(6); n; n--) {
			if (pick(2))
				kernel_changes(kernel);
			else
				read_event(kernel, mirror);
		}
		for (int i = 0; i < datagram.n; i++)
			put(mirror, datagram.ifindex[i], datagram.mtu[i], FROM_DUMP);
		fill_datagram(kernel, &datagram);
	} while (datagram.n || kernel->dumped < N);
	mirror_sweep_end(mirror, KIND_LINK);
}

static void
random_sweeps_equal_the_kernel(void)
{
	struct mirror *mirror = mirror_new(&unit_options);
	struct kernel kernel;

	memset(&kernel, 0, sizeof(kernel));
	for (int round = 0; round < 3000; round++) {
		/* a time without us: changes whose events are lost */
		for (uint32_t n = pick(4); n; n--)
			kernel_changes(&kernel);
		kernel.head = kernel.tail;
		sweep_once(&kernel, mirror);
		while (kernel.head != kernel.tail)
			read_event(&kernel, mirror);
		for (uint32_t i = 1; i <= N; i++)
			CU_ASSERT_EQUAL(mtu_of(mirror, i), kernel.mtu[i]);
	}
	mirror_free(mirror);
}

void
suite_sweep(void)
{
	CU_pSuite suite = CU_add_suite("sweep", NULL, NULL);

	CU_ADD_TEST(suite, unmarked_rows_go);
	CU_ADD_TEST(suite, an_event_outranks_the_dump);
	CU_ADD_TEST(suite, a_sweep_begun_again_forgets_the_first);
	CU_ADD_TEST(suite, random_sweeps_equal_the_kernel);
}
