/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What relay.bpf.c knows of a task, and how it tells the agent.
 *
 * A slot's `turn` is its sequence and its state in one word, so that one atomic exchange decides who has the task:
 *
 *   FREE --enable--> ASLEEP --enqueue--> WAITING --decision--> SENT --running--> RUNNING --> ASLEEP, or WAITING again
 *
 * A task that leaves WAITING without a decision (the kernel ran it by itself) is marked, and says so when it stops.
 */
#ifndef DEVBOX_RELAY_TASK_H
#define DEVBOX_RELAY_TASK_H

enum slot_state {
	SLOT_FREE = 0,
	SLOT_ASLEEP = 1,
	SLOT_WAITING = 2,
	SLOT_SENT = 3,
	SLOT_RUNNING = 4,
};

#define TURN(sequence, state) ((u64)(sequence) << 32 | (state))
#define TURN_STATE(turn) ((u32)(turn))
#define TURN_SEQUENCE(turn) ((u32)((turn) >> 32))

struct slot {
	u64 turn;
	/* Nanoseconds; of the last decision. */
	u64 slice_ns;
	s32 pid;
	/* 1: the agent wants the CPU back, and the turn ends, whoever else interrupts it; 2: the CPU was told. */
	u32 is_unwanted;
	/* Of the last decision; RELAY_ANY_CPU. */
	s32 sent_to;
	u32 unused;
};

struct task {
	/* One more than the slot's number; 0: none. */
	u32 slot;
	/* What the agent was told last. */
	u32 weight;
	/* Whether the agent knows that it is, or was, runnable. */
	bool told;
	/* Stopped running; what that means is not known yet. */
	bool stopped;
	bool yielded;
	/* This turn was not decided by the agent. */
	bool fallback;
	s32 cpu;
	/* 0: it runs, or sleeps. */
	u64 runnable_at;
	u64 running_at;
	u64 ran_ns;
	u64 waited_ns;
	u64 runtime_ns;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, s32);
	__type(value, struct task);
} tasks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RELAY_MAX_TASKS);
	__type(key, u32);
	__type(value, struct slot);
} slots SEC(".maps");

struct mask {
	u64 bits[RELAY_MAX_CPUS / 64];
};

/* Which CPUs each slot's task may use; the agent reads it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, RELAY_MAX_TASKS);
	__type(key, u32);
	__type(value, struct mask);
} masks SEC(".maps");

/* Slots that were used and given back. Those from `fresh_slot` on never were. */
struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, RELAY_MAX_TASKS);
	__type(value, u32);
} free_slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	/* Replaced before loading. */
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

/* Ends of turns and of tasks that found the ring full: the agent has to hear of them, if later. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, RELAY_MAX_TASKS);
	__type(value, struct relay_event);
} unsaid SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct relay_cpu_stats);
} cpu_stats SEC(".maps");

u32 fresh_slot;
/* Tasks that wait for a decision. */
s64 waiting;
/* Entries of `unsaid`. */
s64 unsaid_count;
/* CPUs that are off, or seem to be about to: whether others have queues to serve. */
u32 off_count;
/* An event was sent from where nobody could be woken: the timer does it. */
bool is_unwoken;
/* CPUs that exist; set before loading. */
const volatile u32 nr_cpus = 1;
/* At most RELAY_MAX_TASKS; set before loading. */
const volatile u32 max_slots = RELAY_MAX_TASKS;

static __always_inline struct relay_cpu_stats *this_cpu_stats(void)
{
	u32 key = 0;

	return bpf_map_lookup_elem(&cpu_stats, &key);
}

#define COUNT(name)                                        \
	do {                                               \
		struct relay_cpu_stats *stats = this_cpu_stats(); \
		if (stats)                                 \
			stats->name++;                     \
	} while (0)

static __always_inline struct task *find_task(struct task_struct *p)
{
	return bpf_task_storage_get(&tasks, p, NULL, 0);
}

static __always_inline struct slot *find_slot(const struct task *t)
{
	u32 number = t->slot - 1;

	return t->slot ? bpf_map_lookup_elem(&slots, &number) : NULL;
}

/* Changes a slot's state and keeps count of those that wait. Returns the turn before. */
static __always_inline u64 set_turn(struct slot *slot, u64 turn)
{
	u64 before = __sync_lock_test_and_set(&slot->turn, turn);
	s64 more = (TURN_STATE(turn) == SLOT_WAITING) - (TURN_STATE(before) == SLOT_WAITING);

	if (more)
		__sync_fetch_and_add(&waiting, more);
	return before;
}

static __always_inline void fill_event(struct relay_event *event, struct task_struct *p, const struct task *t, u32 kind,
				       u32 sequence)
{
	event->time_ns = bpf_ktime_get_ns();
	event->kind = kind;
	event->task = t->slot - 1;
	event->sequence = sequence;
	event->cpu = t->cpu;
	event->pid = p->pid;
	event->weight = t->weight;
	event->ran_ns = t->ran_ns;
	event->waited_ns = t->waited_ns;
	event->runtime_ns = t->runtime_ns;
	event->flags = t->fallback ? RELAY_EVENT_FALLBACK : 0;
	event->tgid = p->tgid;
}

/* Wakes the agent when it has read all that came before. */
static __always_inline void submit_event(struct relay_event *event)
{
	if (off_count > 0 && scx_cpu_is_leaving()) {
		bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
		is_unwoken = true;
		return;
	}
	bpf_ringbuf_submit(event, 0);
}

/* False: the ring is full. */
static __always_inline bool send_event(struct task_struct *p, const struct task *t, u32 kind, u32 sequence)
{
	struct relay_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event)
		return false;
	fill_event(event, p, t, kind, sequence);
	submit_event(event);
	COUNT(events);
	return true;
}

/* As above; what does not go now goes later, by the timer. */
static __always_inline bool send_event_surely(struct task_struct *p, const struct task *t, u32 kind, u32 sequence)
{
	struct relay_event event = {};

	if (send_event(p, t, kind, sequence))
		return true;
	fill_event(&event, p, t, kind, sequence);
	if (bpf_map_push_elem(&unsaid, &event, 0) == 0)
		__sync_fetch_and_add(&unsaid_count, 1);
	return false;
}

/* Whether the agent has to read it anew. */
static __always_inline bool copy_mask(u32 number, const struct cpumask *from)
{
	struct mask *to = bpf_map_lookup_elem(&masks, &number);
	bool changed = false;

	if (!to)
		return false;
	for (u32 word = 0; word < RELAY_MAX_CPUS / 64; word++) {
		u64 bits = 0;

		if (word * 64 < nr_cpus)
			bpf_probe_read_kernel(&bits, sizeof(bits), (void *)from + word * sizeof(bits));
		changed |= to->bits[word] != bits;
		to->bits[word] = bits;
	}
	return changed;
}

/* Gives the task a slot and tells the agent of it. */
static __always_inline void take_slot(struct task_struct *p, struct task *t)
{
	struct slot *slot;
	u32 number;

	if (bpf_map_pop_elem(&free_slots, &number) != 0) {
		if (fresh_slot >= max_slots)
			return;
		number = __sync_fetch_and_add(&fresh_slot, 1);
	}
	slot = bpf_map_lookup_elem(&slots, &number);
	if (!slot)
		return;
	t->slot = number + 1;
	t->weight = p->scx.weight;
	t->cpu = scx_bpf_task_cpu(p);
	slot->pid = p->pid;
	copy_mask(number, p->cpus_ptr);
	set_turn(slot, TURN(TURN_SEQUENCE(slot->turn) + 1, SLOT_ASLEEP));
	if (send_event(p, t, RELAY_NEW, TURN_SEQUENCE(slot->turn)))
		return;
	set_turn(slot, TURN(TURN_SEQUENCE(slot->turn), SLOT_FREE));
	t->slot = 0;
	bpf_map_push_elem(&free_slots, &number, 0);
}

static __always_inline void give_slot_back(struct task_struct *p, struct task *t)
{
	struct slot *slot = find_slot(t);
	u32 number = t->slot - 1;

	if (!slot)
		return;
	set_turn(slot, TURN(TURN_SEQUENCE(slot->turn) + 1, SLOT_FREE));
	t->ran_ns = 0;
	t->waited_ns = 0;
	/* Nobody gets the slot before the agent has heard that it is free. */
	if (send_event_surely(p, t, p->flags & PF_EXITING ? RELAY_DEAD : RELAY_DEPARTED, TURN_SEQUENCE(slot->turn)))
		bpf_map_push_elem(&free_slots, &number, 0);
	t->slot = 0;
}

#endif
