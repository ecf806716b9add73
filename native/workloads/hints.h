/*
 * Hints from threads to the policy that schedules them: a deadline, and how important the thread is. For any C or C++
 * program under a policy of devbox; this file is all it takes:
 *
 *   struct devbox_hint *hints = devbox_hints_open();     // once
 *   devbox_hint_set(hints, now_ns + 5000000, 1);         // by each thread, whenever it changes; times are CLOCK_MONOTONIC
 *
 * Where nobody reads hints, both do nothing. src/agents/runtime/hints.ts says the same in TypeScript.
 */
#ifndef DEVBOX_HINTS_H
#define DEVBOX_HINTS_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEVBOX_HINTS_FILE "/dev/shm/devbox-hints"
/* A thread's place is its id modulo this; of two threads with one place, the one that wrote last has it. */
#define DEVBOX_HINTS_PLACES 65536

struct devbox_hint {
	/* 0 while the rest changes. */
	uint32_t tid;
	/* Higher is more important; 0 is ordinary. */
	int32_t qos;
	/* CLOCK_MONOTONIC, absolute; 0: none. */
	uint64_t deadline_ns;
};

/* NULL when nobody reads hints. */
static inline struct devbox_hint *devbox_hints_open(void)
{
	int file = open(DEVBOX_HINTS_FILE, O_RDWR | O_CLOEXEC);
	void *memory;

	if (file < 0)
		return NULL;
	memory = mmap(NULL, DEVBOX_HINTS_PLACES * sizeof(struct devbox_hint), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
	return memory == MAP_FAILED ? NULL : (struct devbox_hint *)memory;
}

/* About the calling thread. */
static inline void devbox_hint_set(struct devbox_hint *hints, uint64_t deadline_ns, int32_t qos)
{
	static __thread uint32_t tid;
	struct devbox_hint *place;

	if (!hints)
		return;
	if (tid == 0)
		tid = (uint32_t)syscall(SYS_gettid);
	place = &hints[tid % DEVBOX_HINTS_PLACES];
	__atomic_store_n(&place->tid, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&place->deadline_ns, deadline_ns, __ATOMIC_RELAXED);
	__atomic_store_n(&place->qos, qos, __ATOMIC_RELAXED);
	__atomic_store_n(&place->tid, tid, __ATOMIC_RELEASE);
}

#endif
