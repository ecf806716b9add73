#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload.h"

static const struct workload workloads[] = {
	{ "demo", "Spinning threads and pairs that wake each other: what a scheduler does under mixed load", run_demo },
	{ "spin", "Threads that only compute: how the CPUs are shared out", run_spin },
	{ "pingpong", "Pairs of threads that wake each other: wake-up latency", run_pingpong },
	{ "forkstorm", "Processes that live for a moment: how fast they come and go", run_forkstorm },
	{ "deadline", "Threads whose jobs have to be done before the next: how many are too late", run_deadline },
	{ "classes", "Short requests beside threads that compute, and matter less: response time", run_classes },
	{ "simple", "One thread that runs, sleeps and runs again", run_simple },
	{ "many", "A thousand threads that each sleep once", run_many },
	{ "busy", "A hundred threads that each compute for a time", run_busy },
	{ "departed", "A thread that leaves the scheduling class and comes back", run_departed },
	{ "departed-many", "A hundred threads that leave the class and come back", run_departed_many },
	{ "departed-race", "Threads moved out of the class and back while they run, sleep and migrate", run_departed_race },
};

#define COUNT (sizeof(workloads) / sizeof(workloads[0]))

void die(int error, const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(error));
	exit(EXIT_SYSTEM);
}

static int list(FILE *to, int code)
{
	fprintf(to, "Usage: devbox-workload NAME [flags]; NAME --help tells the flags.\n");
	for (size_t i = 0; i < COUNT; i++)
		fprintf(to, "  %-14s %s\n", workloads[i].name, workloads[i].summary);
	return code;
}

int main(int argc, char **argv)
{
	const char *names[COUNT];
	const char *close;

	if (argc < 2)
		return list(stderr, EXIT_BAD_USAGE);
	if (strcmp(argv[1], "--help") == 0)
		return list(stdout, 0);
	if (strcmp(argv[1], "in-class") == 0)
		return run_in_class(argc - 1, argv + 1);
	for (size_t i = 0; i < COUNT; i++) {
		names[i] = workloads[i].name;
		if (strcmp(argv[1], names[i]) == 0)
			return workloads[i].run(argc - 1, argv + 1);
	}
	close = nearest_name(argv[1], names, COUNT);
	fprintf(stderr, "There is no workload \"%s\".", argv[1]);
	if (close)
		fprintf(stderr, " Did you mean \"%s\"?", close);
	fprintf(stderr, "\n");
	return EXIT_BAD_USAGE;
}
