/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What relay.bpf.c and its readers share: src/agents/runtime/relay-records.ts says the same in TypeScript.
 *
 * Every task under the scheduler has a slot. A slot's number names the task in events and decisions; its `sequence` counts
 * the times that some task of that slot became runnable, is never reset, and makes a decision that comes too late known.
 */
#ifndef DEVBOX_RELAY_H
#define DEVBOX_RELAY_H

#define RELAY_MAX_TASKS 32768
#define RELAY_MASK_WORDS 8
#define RELAY_ANY_CPU (-1)

enum relay_event_kind {
	RELAY_NEW = 1,
	RELAY_RUNNABLE = 2,
	RELAY_PREEMPTED = 3,
	RELAY_YIELDED = 4,
	RELAY_BLOCKED = 5,
	RELAY_DEPARTED = 6,
	RELAY_DEAD = 7,
	RELAY_AFFINITY_CHANGED = 8,
	RELAY_PRIORITY_CHANGED = 9,
	RELAY_TICK = 10,
	RELAY_HEARTBEAT = 11,
};

/* The turn that ended was not the agent's decision: the kernel side ran the task by itself. */
#define RELAY_EVENT_FALLBACK 1

/* Kernel to agent, through the BPF ring buffer `events`. */
struct relay_event {
	u64 time_ns;
	u32 kind;
	u32 task;
	u32 sequence;
	s32 cpu;
	u32 pid;
	u32 weight;
	/* The turn that just ended; 0 when the task did not run. */
	u64 ran_ns;
	/* From runnable to running, of that turn. */
	u64 waited_ns;
	/* Under this scheduler, so far. */
	u64 runtime_ns;
	u32 flags;
	u32 tgid;
};

#define RELAY_PREEMPT 1
#define RELAY_FIRST 2
/* Not about a task: take the CPU away from what runs there. */
#define RELAY_KICK 4

/* Agent to kernel, through the user ring buffer `decisions`. */
struct relay_decision {
	u32 task;
	u32 sequence;
	s32 cpu;
	u32 flags;
	u64 slice_ns;
	u64 unused;
};

#endif
