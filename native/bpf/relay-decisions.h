/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How relay.bpf.c carries out what the agent decided.
 *
 * A task goes on a queue of the CPU that the agent chose, not on that CPU's local queue: a CPU whose local queue is empty
 * enters ops.dispatch whenever it has to choose, so whichever CPU comes first takes all decisions out of the ring, also
 * when the agent keeps its own CPU busy.
 */
#ifndef DEVBOX_RELAY_DECISIONS_H
#define DEVBOX_RELAY_DECISIONS_H

/* Tasks for whichever CPU is free. */
#define ANY_DSQ 1
/* Tasks that the agent does not know to be runnable, or chose a CPU for that they cannot have. */
#define FALLBACK_DSQ 2
#define CPU_DSQ(cpu) (0x1000 + (u64)(cpu))

/* Tasks put on queues by one ops.dispatch. */
#define MAX_BATCH 128

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	/* Replaced before loading. */
	__uint(max_entries, 1 << 19);
} decisions SEC(".maps");

struct kick {
	s32 cpu;
	u32 flags;
};

/* CPUs to be told once the tasks are really on their queues. */
struct kicks {
	u32 count;
	/* Room on the queues' buffer. */
	u32 room;
	struct kick list[MAX_BATCH];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct kicks);
} kick_lists SEC(".maps");

/* What is known of a CPU. */
struct cpu_life {
	/* The kernel says so. */
	u32 is_off;
	/* It leaves its queue alone, and seems about to be off: see watch_queue(). */
	u32 is_stuck;
	/* A task of this class runs there. */
	u32 is_busy;
	/* Turns that began there, and how many when it was looked at last. */
	u32 turns, seen;
	/* Since when it leaves its queue alone though it has nothing to do; 0: it does not. */
	u64 idle_since;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RELAY_MAX_CPUS);
	__type(key, u32);
	__type(value, struct cpu_life);
} cpu_lives SEC(".maps");

static __always_inline struct cpu_life *cpu_life(u32 cpu)
{
	return bpf_map_lookup_elem(&cpu_lives, &cpu);
}

static __always_inline bool is_off(u32 cpu)
{
	struct cpu_life *life = cpu_life(cpu);

	return life && (life->is_off || life->is_stuck);
}

/* `flag`: one of `is_off` and `is_stuck`. */
static __always_inline void set_off(u32 *flag, u32 value)
{
	if (__sync_lock_test_and_set(flag, value) != value)
		__sync_fetch_and_add(&off_count, value ? 1 : -1);
}

/* A kick that comes to nothing here is repeated by the timer, in serve_shared_queues() and watch_queue(). */
static __always_inline void kick_cpu(s32 cpu, u64 flags)
{
	if (off_count > 0 && scx_cpu_is_leaving())
		return;
	scx_bpf_kick_cpu(cpu, flags);
}

/* A turn begins on `cpu`, of a task that was on another before when it is a `newcomer`. */
static __always_inline void note_turn(u32 cpu, bool newcomer)
{
	struct cpu_life *life = cpu_life(cpu);

	if (!life)
		return;
	life->is_busy = 1;
	life->turns++;
	/* One that is being switched off keeps what it has, but gets nobody from elsewhere. */
	if (newcomer && life->is_stuck)
		set_off(&life->is_stuck, 0);
}

static __always_inline void note_end_of_turn(u32 cpu)
{
	struct cpu_life *life = cpu_life(cpu);

	if (life)
		life->is_busy = 0;
}

/* One more than the slot of the task that runs on each CPU; 0: none that has a slot. */
u32 current_slot[RELAY_MAX_CPUS];
/* The same of one that was interrupted by somebody who needs no decision, until it goes on. */
u32 interrupted_slot[RELAY_MAX_CPUS];

/* What the agent takes a CPU away from must not go on as if it had only been interrupted. */
static __always_inline void end_turn(u32 cpu, bool also_interrupted)
{
	struct slot *slot;
	u32 number;

	if (cpu >= RELAY_MAX_CPUS)
		return;
	number = current_slot[cpu];
	if (!number && also_interrupted)
		number = interrupted_slot[cpu];
	number--;
	slot = bpf_map_lookup_elem(&slots, &number);
	if (slot)
		slot->is_unwanted = 1;
}

static __always_inline void add_kick(struct kicks *kicks, s32 cpu, u32 flags)
{
	u32 at = kicks->count;

	if (at >= MAX_BATCH)
		return;
	kicks->list[at].cpu = cpu;
	kicks->list[at].flags = flags;
	kicks->count = at + 1;
}

/* Puts the task where any CPU finds it, and wakes one. */
static __always_inline void insert_shared(struct task_struct *p, u64 dsq, u64 slice, u64 flags, struct kicks *kicks)
{
	s32 idle;

	scx_insert(p, dsq, slice, flags);
	idle = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
	if (idle >= 0)
		add_kick(kicks, idle, 0);
}

static __always_inline void run_task(struct task_struct *p, const struct relay_decision *decision, struct kicks *kicks)
{
	u64 slice = decision->slice_ns ?: SCX_SLICE_DFL;
	u64 flags = decision->flags & (RELAY_PREEMPT | RELAY_FIRST) ? SCX_ENQ_HEAD : 0;
	u32 cpu = decision->cpu;

	if (decision->cpu == RELAY_ANY_CPU) {
		insert_shared(p, ANY_DSQ, slice, flags, kicks);
		return;
	}
	if (cpu < nr_cpus && cpu < RELAY_MAX_CPUS && !is_off(cpu)) {
		scx_insert(p, CPU_DSQ(cpu), slice, flags);
		/* Looked at only now: if it changes from here on, the kernel itself drops what was inserted. */
		if (bpf_cpumask_test_cpu(cpu, p->cpus_ptr)) {
			if (decision->flags & RELAY_PREEMPT)
				end_turn(cpu, false);
			add_kick(kicks, cpu, decision->flags & RELAY_PREEMPT ? SCX_KICK_PREEMPT : SCX_KICK_IDLE);
			return;
		}
		scx_bpf_dispatch_cancel();
	}
	COUNT(forbidden);
	insert_shared(p, FALLBACK_DSQ, slice, 0, kicks);
}

/* Takes a task that waits, so that nobody else does. False: it waits no longer, or for another turn. */
static __always_inline bool take_waiting(struct slot *slot, u32 sequence)
{
	u64 expected = TURN(sequence, SLOT_WAITING);

	if (__sync_val_compare_and_swap(&slot->turn, expected, TURN(sequence, SLOT_SENT)) != expected)
		return false;
	__sync_fetch_and_add(&waiting, -1);
	return true;
}

static __always_inline void carry_out(const struct relay_decision *decision, struct kicks *kicks)
{
	u32 number = decision->task;
	struct task_struct *p;
	struct slot *slot;

	if (decision->flags & RELAY_KICK) {
		if ((u32)decision->cpu < nr_cpus) {
			end_turn(decision->cpu, true);
			add_kick(kicks, decision->cpu, SCX_KICK_PREEMPT);
		}
		return;
	}
	slot = bpf_map_lookup_elem(&slots, &number);
	if (!slot || !take_waiting(slot, decision->sequence)) {
		COUNT(stale);
		return;
	}
	slot->slice_ns = decision->slice_ns;
	slot->sent_to = decision->cpu;
	p = bpf_task_from_pid(slot->pid);
	if (!p) {
		COUNT(stale);
		return;
	}
	run_task(p, decision, kicks);
	bpf_task_release(p);
	COUNT(decided);
}

static long take_decision(struct bpf_dynptr *sample, void *context)
{
	struct kicks **kicks = context;
	struct relay_decision decision;

	if (bpf_dynptr_read(&decision, sizeof(decision), sample, 0, 0) == 0)
		carry_out(&decision, *kicks);
	/* 1: no more now. What is left stays in the ring. */
	return --(*kicks)->room == 0;
}

/* Takes what is in the ring, as far as there is room. NULL: there is none. */
static __always_inline struct kicks *take_decisions(void)
{
	u32 key = 0, room = scx_bpf_dispatch_nr_slots();
	struct kicks *kicks = bpf_map_lookup_elem(&kick_lists, &key);

	if (!kicks || room == 0)
		return NULL;
	kicks->count = 0;
	kicks->room = room < MAX_BATCH ? room : MAX_BATCH;
	/* -EBUSY: another CPU is at it. */
	bpf_user_ringbuf_drain(&decisions, take_decision, &kicks, BPF_RB_NO_WAKEUP);
	return kicks;
}

/* Slots that one ops.dispatch looks at while the agent is away. */
#define MAX_LOOKED_AT 1024

/* The agent has been silent for so long that nobody waits for it: see watch_agent(). */
bool agent_is_away;
u32 next_looked_at;

static long run_waiting(u32 at, void *context)
{
	struct kicks **kicks = context;
	struct task_struct *p;
	struct slot *slot;
	struct task *t;
	u32 number;

	if (fresh_slot == 0)
		return 1;
	number = __sync_fetch_and_add(&next_looked_at, 1) % fresh_slot;
	slot = bpf_map_lookup_elem(&slots, &number);
	if (!slot)
		return 1;
	if (!take_waiting(slot, TURN_SEQUENCE(*(volatile u64 *)&slot->turn)))
		return 0;
	slot->slice_ns = SCX_SLICE_DFL;
	slot->sent_to = RELAY_ANY_CPU;
	p = bpf_task_from_pid(slot->pid);
	if (!p)
		return 0;
	t = find_task(p);
	if (t)
		t->fallback = true;
	insert_shared(p, FALLBACK_DSQ, SCX_SLICE_DFL, 0, *kicks);
	bpf_task_release(p);
	COUNT(unanswered);
	return --(*kicks)->room == 0;
}

/* As far as there is room, like take_decisions(), which comes first. */
static __always_inline void run_without_agent(struct kicks *kicks)
{
	if (kicks && kicks->room > 0)
		bpf_loop(MAX_LOOKED_AT, run_waiting, &kicks, 0);
}

static long send_kick(u32 at, void *context)
{
	struct kicks **kicks = context;

	if (at >= MAX_BATCH)
		return 1;
	kick_cpu((*kicks)->list[at].cpu, (*kicks)->list[at].flags);
	return 0;
}

static __always_inline void send_kicks(struct kicks *kicks)
{
	if (kicks && kicks->count > 0)
		bpf_loop(kicks->count, send_kick, &kicks, 0);
}

#endif
