/*
 * Entering SCHED_EXT, leaving it and handing it on, with the nice values that tasks bring along.
 *
 * Origin: ghOSt's api_test (GhostCloneGhost, SchedEnterGhostGtid, EnteringGhostViaSetSchedulerReturnsBadFdError,
 * GhostTaskPriorityViaGetSetPriority, GhostTaskPriorityViaSchedGetSetAttr) and capabilities_test (AgentNice, AgentNoNice: who
 * may decide over whom).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#ifndef SCHED_EXT
#define SCHED_EXT 7
#endif
#define NOBODY 65534

/* As the kernel has it; the C library has no name for it that all of its versions share. */
struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

static bool set_class(pid_t thread, int class)
{
	struct sched_param none = { 0 };

	return sched_setscheduler(thread, class, &none) == 0;
}

static int class_of_thread(void *unused)
{
	(void)unused;
	return sched_getscheduler(0);
}

static void *run_thread(void *result)
{
	*(int *)result = class_of_thread(NULL);
	return NULL;
}

/* What a child process answers; negative when there was no child. */
static int ask_child(int (*question)(void *), void *of)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(question(of));
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static void hands_on(void)
{
	pthread_t thread;
	int seen = -1;

	check(set_class(0, SCHED_EXT) && sched_getscheduler(0) == SCHED_EXT, "a thread enters the class");
	if (pthread_create(&thread, NULL, run_thread, &seen) == 0)
		pthread_join(thread, NULL);
	check(seen == SCHED_EXT, "a thread that it makes is in the class (%d)", seen);
	seen = ask_child(class_of_thread, NULL);
	check(seen == SCHED_EXT, "a process that it makes is in the class (%d)", seen);
	check(set_class(0, SCHED_OTHER) && sched_getscheduler(0) == SCHED_OTHER, "it leaves the class");
}

static void *await_word(void *pipe)
{
	int (*ends)[2] = pipe;
	pid_t id = gettid();

	if (write((*ends)[1], &id, sizeof(id)) != sizeof(id))
		return NULL;
	while (sched_getscheduler(0) != SCHED_EXT)
		sched_yield();
	return pipe;
}

static void is_moved_by_another(void)
{
	int ends[2];
	pid_t id;
	pthread_t thread;
	void *seen = NULL;

	if (pipe(ends) != 0 || pthread_create(&thread, NULL, await_word, &ends) != 0)
		exit(1);
	if (read(ends[0], &id, sizeof(id)) != sizeof(id))
		exit(1);
	check(set_class(id, SCHED_EXT), "a thread is put into the class by another, by its id, while it runs");
	pthread_join(thread, &seen);
	check(seen != NULL, "and goes on there");
}

static void refuses_priorities(void)
{
	struct sched_param one = { .sched_priority = 1 };
	int error = sched_setscheduler(0, SCHED_EXT, &one) == 0 ? 0 : errno;

	check(error == EINVAL, "the class has no priorities: 1 is refused (%s)", strerror(error));
	check(sched_getscheduler(0) == SCHED_OTHER, "and the class stays what it was");
}

static int nice_now(void)
{
	errno = 0;
	return getpriority(PRIO_PROCESS, 0);
}

static int nice_by_attributes(int wanted)
{
	struct attributes got, set = { .size = sizeof(set), .policy = SCHED_EXT, .nice = wanted };

	if (syscall(SYS_sched_setattr, 0, &set, 0) != 0 || syscall(SYS_sched_getattr, 0, &got, sizeof(got), 0) != 0)
		return -100;
	return got.policy == SCHED_EXT ? got.nice : -101;
}

static int nice_values(void *unused)
{
	(void)unused;
	if (setpriority(PRIO_PROCESS, 0, 1) != 0 || !set_class(0, SCHED_EXT) || nice_now() != 1)
		return 1;
	for (int wanted = 19; wanted >= -20; wanted--) {
		if (setpriority(PRIO_PROCESS, 0, wanted) != 0 || nice_now() != wanted)
			return 2;
		sched_yield();
	}
	for (int wanted = -20; wanted <= 19; wanted++) {
		if (nice_by_attributes(wanted) != wanted || nice_now() != wanted)
			return 3;
		sched_yield();
	}
	return 0;
}

/* Ordinary users decide over their own tasks only. */
static int ordinary_user(void *owner)
{
	pid_t roots = *(pid_t *)owner;

	if (setresuid(NOBODY, NOBODY, NOBODY) != 0)
		return 1;
	if (!set_class(0, SCHED_EXT) || !set_class(0, SCHED_OTHER))
		return 2;
	errno = 0;
	return set_class(roots, SCHED_EXT) || errno != EPERM ? 3 : 0;
}

int main(void)
{
	pid_t self = getpid();
	int result;

	hands_on();
	is_moved_by_another();
	refuses_priorities();
	result = ask_child(nice_values, NULL);
	check(result == 0, "a task keeps its nice value when it enters, and takes every other one there (%d)", result);
	result = ask_child(ordinary_user, &self);
	check(result == 0, "a user without capabilities moves his own tasks, and no others (%d)", result);
	return tap_end();
}
