/* SPDX-License-Identifier: GPL-2.0 */
/* A timer of relay.bpf.c: watches over the agent, and repeats what did not get through. */
#ifndef DEVBOX_RELAY_HEARTBEAT_H
#define DEVBOX_RELAY_HEARTBEAT_H

#define HEARTBEAT_NS 10000000
/* Of `unsaid`, in one go. */
#define MAX_REPEATED 64
/* How long a CPU may leave its queue alone with nothing to do before others serve it, and how long they do. */
#define STUCK_NS 200000000
#define SERVED_NS 2000000000

/* How long the agent may be silent with events unread before it is woken once more; it looks up every 50 ms by itself. */
#define SILENT_NS 200000000

/* How long the agent may leave events unread before the scheduler ends, nanoseconds. */
const volatile u64 stall_ns = 5000000000;
/* After this part of that time tasks no longer wait for it. */
#define AWAY_PART 8

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct relay_control);
} control SEC(".maps");

struct heartbeat {
	struct bpf_timer timer;
	/* Whose turn it is to be interrupted for tasks that nobody decides about. */
	u32 cpu;
	u64 woken_at;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct heartbeat);
} heartbeats SEC(".maps");

/* For how long the agent has given no sign of life, though there are events for it. Nanoseconds. */
static __always_inline u64 agent_silence(u64 now)
{
	u32 key = 0;
	struct relay_control *shared = bpf_map_lookup_elem(&control, &key);
	u64 beat = shared ? *(volatile u64 *)&shared->beat_ns : 0;

	if (beat == 0 || now <= beat || !bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA))
		return 0;
	return now - beat;
}

/*
 * An agent that is silent may be waiting for one of its own tasks: for a page of a program that both use, say, which a task
 * had locked when its turn ended. So the tasks go on without it, in turns, until it is back or has been silent for too long.
 */
static __always_inline void watch_agent(u64 silence)
{
	agent_is_away = silence > stall_ns / AWAY_PART;
	/* Where it cannot be called, the kernel's own watchdog ends the scheduler later. */
	if (silence > stall_ns && bpf_ksym_exists(scx_bpf_error_bstr)) {
		static char format[] = "the agent did not answer for %llu ms";
		unsigned long long data[] = { silence / 1000000 };

		scx_bpf_error_bstr(format, data, sizeof(data));
	}
}

/* An event that is about no task. False: the ring is full. */
static __always_inline bool send_heartbeat(u64 now, u64 flags)
{
	struct relay_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event)
		return false;
	__builtin_memset(event, 0, sizeof(*event));
	event->time_ns = now;
	event->kind = RELAY_HEARTBEAT;
	bpf_ringbuf_submit(event, flags);
	return true;
}

/*
 * The ring wakes the agent for the first event that it has not read, and for no other. Where nobody could be woken, or should the
 * wake-up be lost, and with it the timer that the agent sleeps on, nothing else would wake it.
 */
static __always_inline void wake_agent(struct heartbeat *own, u64 silence, u64 now)
{
	bool was_unwoken = is_unwoken;

	if (!was_unwoken && (silence < SILENT_NS || now - own->woken_at < SILENT_NS))
		return;
	/* Before the event: what comes after it may not be heard. */
	is_unwoken = false;
	if (send_heartbeat(now, BPF_RB_FORCE_WAKEUP))
		own->woken_at = now;
	else
		is_unwoken |= was_unwoken;
}

/* Tells the agent that tasks still wait, when nothing else tells it anything. */
static __always_inline void remind_agent(u64 now)
{
	if (waiting > 0 && bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) == 0)
		send_heartbeat(now, 0);
}

/* Whether what was not said is still true: a task that has moved on since says the rest itself. */
static __always_inline bool is_current(const struct relay_event *event)
{
	u32 number = event->task;
	struct slot *slot = bpf_map_lookup_elem(&slots, &number);
	u64 turn;

	if (!slot)
		return false;
	turn = *(volatile u64 *)&slot->turn;
	switch (event->kind) {
	case RELAY_DEPARTED:
	case RELAY_DEAD:
		return true;
	case RELAY_BLOCKED:
		return turn == TURN(event->sequence, SLOT_ASLEEP);
	default:
		return TURN_STATE(turn) != SLOT_FREE && slot->pid == (s32)event->pid;
	}
}

static long repeat_unsaid(u32 at, void *context)
{
	struct relay_event event, *sent;

	/* Room first: what the task itself says from now on comes after it. */
	sent = bpf_ringbuf_reserve(&events, sizeof(*sent), 0);
	if (!sent)
		return 1;
	if (bpf_map_pop_elem(&unsaid, &event) != 0) {
		bpf_ringbuf_discard(sent, 0);
		return 1;
	}
	__sync_fetch_and_add(&unsaid_count, -1);
	if (!is_current(&event)) {
		bpf_ringbuf_discard(sent, 0);
		return 0;
	}
	*sent = event;
	bpf_ringbuf_submit(sent, 0);
	if (event.kind == RELAY_DEPARTED || event.kind == RELAY_DEAD)
		bpf_map_push_elem(&free_slots, &event.task, 0);
	return 0;
}

/*
 * A CPU that is being switched off takes nobody from other CPUs any more, some while before ops.cpu_offline tells: the kernel
 * waits in between for every reader of RCU, who may have to wait for whom it does not take. Nothing else tells of that time.
 */
static long watch_queue(u32 cpu, bool *others_needed)
{
	struct cpu_life *life = cpu_life(cpu);
	bool is_empty = scx_bpf_dsq_nr_queued(CPU_DSQ(cpu)) <= 0;
	u64 now = bpf_ktime_get_ns();

	if (!life)
		return 1;
	if (life->is_stuck && now - life->idle_since > SERVED_NS) {
		life->idle_since = 0;
		set_off(&life->is_stuck, 0);
	}
	if (life->is_off || life->is_stuck) {
		*others_needed |= !is_empty;
		return 0;
	}
	if (is_empty || life->is_busy || life->turns != life->seen) {
		life->seen = life->turns;
		life->idle_since = 0;
		return 0;
	}
	if (!life->idle_since)
		life->idle_since = now;
	kick_cpu(cpu, SCX_KICK_IDLE);
	if (now - life->idle_since < STUCK_NS)
		return 0;
	set_off(&life->is_stuck, 1);
	*others_needed = true;
	return 0;
}

/* Tasks on shared queues, and on those of others, run when a CPU chooses; one that need not is made to. */
static __always_inline void serve_shared_queues(struct heartbeat *own, bool others_needed)
{
	u32 cpu = own->cpu < nr_cpus ? own->cpu : 0;

	own->cpu = cpu + 1;
	if (others_needed || (agent_is_away && waiting > 0) || scx_bpf_dsq_nr_queued(FALLBACK_DSQ) > 0)
		kick_cpu(cpu, SCX_KICK_PREEMPT);
	else if (scx_bpf_dsq_nr_queued(ANY_DSQ) > 0)
		kick_cpu(cpu, SCX_KICK_IDLE);
}

static int beat(void *map, int *key, struct heartbeat *own)
{
	u64 now = bpf_ktime_get_ns(), silence = agent_silence(now);
	bool others_needed = false;

	watch_agent(silence);
	wake_agent(own, silence, now);
	if (unsaid_count > 0)
		bpf_loop(MAX_REPEATED, repeat_unsaid, NULL, 0);
	remind_agent(now);
	bpf_loop(nr_cpus, watch_queue, &others_needed, 0);
	serve_shared_queues(own, others_needed);
	bpf_timer_start(&own->timer, HEARTBEAT_NS, 0);
	return 0;
}

static __always_inline s32 start_heartbeat(void)
{
	u32 key = 0;
	struct heartbeat *own = bpf_map_lookup_elem(&heartbeats, &key);

	if (!own)
		return -1;
	bpf_timer_init(&own->timer, &heartbeats, CLOCK_MONOTONIC);
	bpf_timer_set_callback(&own->timer, beat);
	return bpf_timer_start(&own->timer, HEARTBEAT_NS, 0);
}

#endif
