#define _GNU_SOURCE
#include "scheduling-class.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "workload.h"

#ifndef SCHED_EXT
#define SCHED_EXT 7
#endif

/* The first character of a file of one line; 0 when there is none. */
static int first_character(const char *path)
{
	FILE *file = fopen(path, "r");
	int character = file ? fgetc(file) : 0;

	if (file)
		fclose(file);
	return character;
}

struct class_moves find_class_moves(void)
{
	/* "enabled" and "enabling", as against "disabled". */
	if (first_character("/sys/kernel/sched_ext/state") == 'e' &&
	    first_character("/sys/kernel/sched_ext/switch_all") == '0')
		return (struct class_moves){ SCHED_EXT, SCHED_OTHER, "SCHED_EXT", "SCHED_OTHER" };
	return (struct class_moves){ SCHED_OTHER, SCHED_FIFO, "SCHED_OTHER", "SCHED_FIFO" };
}

void move_to_class(pid_t thread, int policy)
{
	struct sched_param param = { .sched_priority = policy == SCHED_FIFO ? 1 : 0 };
	int now;

	if (sched_setscheduler(thread, policy, &param) != 0)
		die(errno, "moving a thread to another scheduling class");
	now = sched_getscheduler(thread);
	if (now < 0)
		die(errno, "reading a thread's scheduling class");
	if ((now & ~SCHED_RESET_ON_FORK) != policy) {
		fprintf(stderr, "a thread was moved to policy %d and is in %d\n", policy, now);
		exit(EXIT_CHECK_FAILED);
	}
}
