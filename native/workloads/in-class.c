#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "scheduling-class.h"
#include "workload.h"

/* As shells have it: found, but could not be run; not found. */
#define EXIT_NOT_RUN 126
#define EXIT_NOT_FOUND 127

int run_in_class(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "Usage: devbox-workload in-class PROGRAM [ARGUMENTS]\n");
		return EXIT_BAD_USAGE;
	}
	move_to_class(0, find_class_moves().inside);
	execvp(argv[1], argv + 1);
	fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
	return errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUN;
}
