/*
 * Two threads that wake each other in turn through pipes, called `ping` and `pong`. What travels is the time of
 * sending, so that the receiver knows how long it took from the wake-up to running.
 */
#ifndef DEVBOX_PAIR_H
#define DEVBOX_PAIR_H

#include <pthread.h>
#include <stdint.h>

#include "latency.h"
#include "spinner.h"

struct pair_side {
	struct latency latency;
	uint64_t switches;
	/* On which CPU it woke up. */
	uint64_t wakeups_on_cpu[MAX_CPUS];
	int from, to;
};

struct pair {
	pthread_t ping_thread, pong_thread;
	struct pair_side ping, pong;
};

struct pair *start_pairs(unsigned count);
/* `stopping` must be set. */
void stop_pairs(struct pair *pairs, unsigned count);
/* All latencies, all context switches. */
void sum_pairs(const struct pair *pairs, unsigned count, struct latency *latency, uint64_t *switches);

#endif
