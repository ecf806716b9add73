#define _GNU_SOURCE
#include "run-threads.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "options.h"
#include "workload.h"

atomic_bool stopping;

static uint64_t read_clock(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

uint64_t now_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t thread_cpu_ns(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

void sleep_ns(uint64_t ns)
{
	struct timespec left = { (time_t)(ns / SECOND), (long)(ns % SECOND) };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}

void spin_ns(uint64_t ns)
{
	uint64_t end = now_ns() + ns;

	while (now_ns() < end)
		;
}

unsigned cpu_count(void)
{
	cpu_set_t allowed;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		die(errno, "sched_getaffinity");
	return (unsigned)CPU_COUNT(&allowed);
}

struct start {
	char name[16];
	void *(*body)(void *);
	void *argument;
};

static void *named_body(void *start)
{
	struct start it = *(struct start *)start;

	free(start);
	pthread_setname_np(pthread_self(), it.name);
	return it.body(it.argument);
}

pthread_t start_thread(const char *name, void *(*body)(void *), void *argument)
{
	struct start *start = malloc(sizeof(*start));
	pthread_attr_t attributes;
	pthread_t thread;
	int error;

	if (!start)
		die(ENOMEM, "starting a thread");
	snprintf(start->name, sizeof(start->name), "%s", name);
	start->body = body;
	start->argument = argument;
	/* A thousand of the default 8 MiB stacks are more address space than some guests grant. */
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 256 * 1024);
	error = pthread_create(&thread, &attributes, named_body, start);
	if (error)
		die(error, "starting a thread");
	pthread_attr_destroy(&attributes);
	return thread;
}

void join_thread(pthread_t thread)
{
	pthread_join(thread, NULL);
}

uint64_t thread_switches(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return (uint64_t)usage.ru_nvcsw + (uint64_t)usage.ru_nivcsw;
}

uint64_t system_switches(void)
{
	FILE *file = fopen("/proc/stat", "r");
	uint64_t switches = 0;
	char *line = NULL;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0 && sscanf(line, "ctxt %" SCNu64, &switches) != 1)
		;
	free(line);
	if (file)
		fclose(file);
	return switches;
}
