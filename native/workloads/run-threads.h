/* Threads that start together and are counted together. */
#ifndef DEVBOX_RUN_THREADS_H
#define DEVBOX_RUN_THREADS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

uint64_t now_ns(void);
/* CPU time of the calling thread. */
uint64_t thread_cpu_ns(void);
void sleep_ns(uint64_t ns);
/* Computes for this long on the clock of the wall, whether it runs or waits meanwhile. */
void spin_ns(uint64_t ns);
/* CPUs this process may run on. */
unsigned cpu_count(void);

/* Ends the program with EXIT_SYSTEM when there can be no such thread. `name` is at most 15 bytes: the task's comm. */
pthread_t start_thread(const char *name, void *(*body)(void *), void *argument);
void join_thread(pthread_t thread);

/* Set by whoever ends a workload; threads look at it. */
extern atomic_bool stopping;

/* Context switches of the calling thread so far, voluntary and not. */
uint64_t thread_switches(void);
/* Context switches of the whole system since it booted, from /proc/stat. */
uint64_t system_switches(void);

#endif
