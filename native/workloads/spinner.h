/* A thread that computes until `stopping`, and notes where. */
#ifndef DEVBOX_SPINNER_H
#define DEVBOX_SPINNER_H

#include <pthread.h>
#include <stdint.h>

#define MAX_CPUS 256

struct spinner {
	pthread_t thread;
	uint64_t cpu_ns;
	uint64_t switches;
	uint64_t migrations;
	/* CPU time on each CPU, nanoseconds; CPUs from MAX_CPUS on share the last place. */
	uint64_t on_cpu_ns[MAX_CPUS];
};

/* `count` of them, called `spin`. Set `stopping`, then stop_spinners(). */
struct spinner *start_spinners(unsigned count);
void stop_spinners(struct spinner *spinners, unsigned count);

#endif
