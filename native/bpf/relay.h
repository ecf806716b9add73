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
#define RELAY_MAX_CPUS 256
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

/* Argument of the program `relay_poke`: where the last decision goes, and RELAY_PREEMPT. */
struct relay_poke {
	s32 cpu;
	u32 flags;
};

/* The one value of the mmapable array `control`. */
struct relay_control {
	/* When the agent last showed that it lives, CLOCK_MONOTONIC; written by the agent. */
	u64 beat_ns;
	u64 unused[7];
};

/* One per CPU, of the CPU on which it happened. The names are those that are reported. */
struct relay_cpu_stats {
	/* Tasks that began to run here. */
	u64 dispatched;
	/* Decisions that were carried out. */
	u64 decided;
	/* Events that were sent. */
	u64 events;
	/* Put on a CPU without asking: kernel threads, PID 1, the agent. */
	u64 direct;
	/* Put back where they were after one of those had interrupted them. */
	u64 resumed;
	/* Run by the kernel side because no event could be sent: the ring was full, or there was no slot. */
	u64 unsent;
	/* Run by the kernel side because the agent did not answer for long: it may wait for one of them. */
	u64 unanswered;
	/* Decisions that came too late: the task had gone, slept, or become runnable anew. */
	u64 stale;
	/* Decisions for a CPU that is off, or that the task had just been forbidden. */
	u64 forbidden;
	/* Stopped running here while still runnable. */
	u64 requeued;
	/* Stopped running here to sleep. */
	u64 slept;
	/* Time that tasks ran here, nanoseconds. */
	u64 run_ns;
};

#endif
