/*
 * CPU time is accounted to whoever had it: of two threads on one CPU neither more than there was, nor both together.
 *
 * Origin: ghOSt's api_test (KernelTimes) and agent_test (CpuTick: who computes without end is interrupted).
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

#define NS 1000000000LL
#define ENOUGH (NS / 5)
/* Clocks are read one after another. */
#define TOLERANCE (NS / 50)

static long long now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * NS + time.tv_nsec;
}

struct spinner {
	long long used, elapsed;
	bool went_back;
};

static void *spin(void *to)
{
	struct spinner *self = to;
	long long began = now(CLOCK_MONOTONIC), before = 0;

	do {
		self->used = now(CLOCK_THREAD_CPUTIME_ID);
		self->went_back |= self->used < before;
		before = self->used;
	} while (self->used < ENOUGH);
	self->elapsed = now(CLOCK_MONOTONIC) - began;
	return NULL;
}

int main(void)
{
	struct spinner spinners[2] = { 0 };
	pthread_t threads[2];
	cpu_set_t one;
	long long began, elapsed, used;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	if (sched_setaffinity(0, sizeof(one), &one) != 0)
		return 1;
	began = now(CLOCK_MONOTONIC);
	for (int i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, spin, &spinners[i]) != 0)
			return 1;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	elapsed = now(CLOCK_MONOTONIC) - began;
	used = spinners[0].used + spinners[1].used;
	check(used <= elapsed + TOLERANCE, "two threads on one CPU used %lld ms in %lld ms", used / 1000000,
	      elapsed / 1000000);
	for (int i = 0; i < 2; i++) {
		check(spinners[i].used <= spinners[i].elapsed + TOLERANCE, "one of them used %lld ms in %lld ms",
		      spinners[i].used / 1000000, spinners[i].elapsed / 1000000);
		check(!spinners[i].went_back, "and its time never went back");
	}
	return tap_end();
}
