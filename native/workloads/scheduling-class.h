/*
 * Leaving the scheduling class under test, and coming back.
 *
 * In ghOSt a thread belongs to the class when it was put there, and leaves it for SCHED_OTHER. In sched_ext it depends
 * on the loaded scheduler:
 *
 * - Normally (/sys/kernel/sched_ext/switch_all reads 1) it has every thread of SCHED_OTHER, SCHED_BATCH, SCHED_IDLE and
 *   SCHED_EXT. What it does not have is the real-time class, so leaving means SCHED_FIFO and coming back SCHED_OTHER.
 * - A scheduler that switches partially (switch_all reads 0) has only the threads of SCHED_EXT. Leaving means
 *   SCHED_OTHER, coming back SCHED_EXT.
 *
 * Without sched_ext, or without a scheduler, the first way is taken: then the class under test is the fair one.
 */
#ifndef DEVBOX_SCHEDULING_CLASS_H
#define DEVBOX_SCHEDULING_CLASS_H

#include <sys/types.h>

struct class_moves {
	int inside, outside;
	/* SCHED_FIFO, SCHED_OTHER, SCHED_EXT: for people. */
	const char *inside_name, *outside_name;
};

struct class_moves find_class_moves(void);

/* Moves a thread and reads back whether it is there. Ends the program with EXIT_SYSTEM when that is not permitted. */
void move_to_class(pid_t thread, int policy);

#endif
