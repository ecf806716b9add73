#define _GNU_SOURCE
#include "spinner.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#include "run-threads.h"
#include "workload.h"

/* How often a spinner looks around, nanoseconds: short against any time slice. */
#define LOOK_NS 100000

static void *spin(void *argument)
{
	struct spinner *self = argument;
	uint64_t before = thread_cpu_ns();
	uint64_t switches = thread_switches();
	int last = sched_getcpu();

	while (!atomic_load_explicit(&stopping, memory_order_relaxed)) {
		uint64_t now;
		int cpu;

		/* By CPU time: time spent waiting must not count as computing. */
		while ((now = thread_cpu_ns()) - before < LOOK_NS)
			;
		cpu = sched_getcpu();
		self->on_cpu_ns[last < MAX_CPUS ? last : MAX_CPUS - 1] += now - before;
		self->cpu_ns += now - before;
		self->migrations += cpu != last;
		last = cpu;
		before = now;
	}
	self->switches = thread_switches() - switches;
	return NULL;
}

struct spinner *start_spinners(unsigned count)
{
	struct spinner *spinners = calloc(count, sizeof(*spinners));

	if (!spinners)
		die(ENOMEM, "starting threads");
	for (unsigned i = 0; i < count; i++)
		spinners[i].thread = start_thread("spin", spin, &spinners[i]);
	return spinners;
}

void stop_spinners(struct spinner *spinners, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		join_thread(spinners[i].thread);
}
