/*
 * A thread's affinity is changed again and again while it sleeps, yields and computes: it is never lost, and is found where it may
 * run.
 *
 * Origin: ghOSt's api_test (SchedAffinityRace, SchedGetAffinity).
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

#define ROUNDS 150
/* A slow host is no fault: what is looked for here never comes back. */
#define LOST_S 60

static atomic_ulong turns;
static atomic_int at;
static atomic_int worker;
static atomic_bool is_over;

static void *work(void *unused)
{
	const struct timespec moment = { .tv_nsec = 100000 };

	(void)unused;
	worker = gettid();
	while (!is_over) {
		at = sched_getcpu();
		turns++;
		switch (turns % 3) {
		case 0:
			nanosleep(&moment, NULL);
			break;
		case 1:
			sched_yield();
			break;
		default:
			for (volatile int i = 0; i < 2000; i++)
				;
		}
	}
	return NULL;
}

static bool goes_on(void)
{
	const struct timespec moment = { .tv_nsec = 200000 };
	unsigned long enough = turns + 2;
	time_t end = time(NULL) + LOST_S;

	while (turns < enough) {
		if (time(NULL) > end)
			return false;
		nanosleep(&moment, NULL);
	}
	return true;
}

int main(void)
{
	cpu_set_t all, wanted, seen;
	pthread_t thread;
	int wrong_set = 0, wrong_place = 0, round = 0;
	bool is_there = true;

	if (sched_getaffinity(0, sizeof(all), &all) != 0 || pthread_create(&thread, NULL, work, NULL) != 0)
		return 1;
	while (!worker)
		sched_yield();
	for (; round < ROUNDS && is_there; round++) {
		int cpu = round % CPU_COUNT(&all);
		bool is_free = round % 5 == 4;

		CPU_ZERO(&wanted);
		CPU_SET(cpu, &wanted);
		if (is_free)
			wanted = all;
		if (sched_setaffinity(worker, sizeof(wanted), &wanted) != 0 ||
		    sched_getaffinity(worker, sizeof(seen), &seen) != 0 || !CPU_EQUAL(&wanted, &seen))
			wrong_set++;
		is_there = goes_on();
		wrong_place += !is_free && at != cpu;
	}
	check(is_there, "the thread goes on, whatever it was at when its affinity was changed (%d changes)", round);
	check(wrong_set == 0, "its affinity reads as it was set (%d do not)", wrong_set);
	check(wrong_place == 0, "it runs where it may, as soon as it may not elsewhere (%d times it did not)", wrong_place);
	if (!is_there)
		return tap_end();
	is_over = true;
	pthread_join(thread, NULL);
	return tap_end();
}
