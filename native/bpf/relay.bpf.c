/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lets a program in user space, the agent, schedule.
 *
 * A task that becomes runnable waits here, and an event about it goes to the agent through a ring buffer. The agent answers
 * through a second ring: this task, on that CPU, for so long. A CPU that has to choose takes all answers out of the ring
 * first. A task under the agent has a slot, whose number names it (relay-task.h).
 *
 * Nothing here waits for the agent that the agent may need: kernel threads, PID 1 and the agent's own process are put on a
 * CPU at once, before everything else, and what they interrupt goes on after them without anybody being asked. A task for which no event can be
 * sent (the ring is full, there is no slot) goes on a shared queue; so do those that wait when the agent is silent for long,
 * because it may wait for one of them. When it leaves events unread for too long the scheduler ends and the tasks go back to
 * the kernel's own class (relay-heartbeat.h).
 *
 * Bad at:
 * - Latency: every wake-up is a round trip through a process, which has to be woken itself.
 * - More runnable tasks than slots (32,768), and machines with more than 256 CPUs.
 * - Cgroups: their weights come through, their hierarchy does not.
 */
#include "scx.h"

#include "exit-record.h"
#include "relay.h"

#include "relay-task.h"

#include "relay-decisions.h"

#include "relay-heartbeat.h"

#include "relay-enqueue.h"

char _license[] SEC("license") = "GPL";

/* Whether the policy hears of timer ticks. Set when it is known, before the scheduler is enabled. */
bool want_ticks;

/* Alternates, so that neither queue starves the other. */
u8 fallback_first[RELAY_MAX_CPUS];

SEC("struct_ops/relay_select_cpu")
s32 BPF_PROG(relay_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu;

	/* The agent says later where it runs. */
	if (!is_direct(p))
		return prev_cpu;
	cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);
	if (is_idle) {
		COUNT(direct);
		scx_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	}
	return cpu;
}

SEC("struct_ops/relay_enqueue")
void BPF_PROG(relay_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 kind = RELAY_RUNNABLE, sequence;
	struct slot *slot;
	struct task *t;

	if (is_direct(p)) {
		run_directly(p, enq_flags);
		look_again(p, enq_flags);
		return;
	}
	t = find_task(p);
	if (!t) {
		run_unsent(p, enq_flags);
		return;
	}
	if (!t->slot)
		take_slot(p, t);
	slot = find_slot(t);
	if (!slot) {
		run_unsent(p, enq_flags);
		return;
	}
	if (resume(p, t, slot)) {
		look_again(p, enq_flags);
		return;
	}
	if (t->stopped)
		kind = t->yielded ? RELAY_YIELDED : RELAY_PREEMPTED;
	else
		t->ran_ns = t->waited_ns = 0;
	slot->is_unwanted = 0;
	sequence = TURN_SEQUENCE(slot->turn) + 1;
	/* Before the event, which may be answered at once. */
	set_turn(slot, TURN(sequence, SLOT_WAITING));
	t->runnable_at = bpf_ktime_get_ns();
	t->told = send_event(p, t, kind, sequence);
	t->stopped = t->yielded = false;
	t->ran_ns = t->waited_ns = 0;
	t->fallback = !t->told;
	if (!t->told) {
		set_turn(slot, TURN(sequence, SLOT_SENT));
		slot->slice_ns = SCX_SLICE_DFL;
		slot->sent_to = RELAY_ANY_CPU;
		run_unsent(p, enq_flags);
	}
}

static long take_from_off_cpu(u32 cpu, void *context)
{
	return is_off(cpu) && scx_move_to_local(CPU_DSQ(cpu));
}

static __always_inline bool choose(s32 cpu)
{
	bool fallback_now = false;

	if ((u32)cpu < RELAY_MAX_CPUS)
		fallback_now = ++fallback_first[cpu] & 1;
	/* The first of these also puts what was decided on the queues. */
	if (fallback_now && scx_move_to_local(FALLBACK_DSQ))
		return true;
	return scx_move_to_local(CPU_DSQ(cpu)) || scx_move_to_local(ANY_DSQ) || scx_move_to_local(FALLBACK_DSQ);
}

SEC("struct_ops/relay_dispatch")
void BPF_PROG(relay_dispatch, s32 cpu, struct task_struct *prev)
{
	struct kicks *kicks = take_decisions();
	bool chosen;

	if (agent_is_away)
		run_without_agent(kicks);
	chosen = choose(cpu);

	/* Also when there is enough to do here: who waits for a CPU that is off waits nowhere else. */
	if (off_count > 0)
		bpf_loop(nr_cpus, take_from_off_cpu, NULL, 0);
	if (!chosen) {
		/* There being nobody else, it may as well go on. */
		if (prev && (is_direct(prev) || (prev->flags & PF_EXITING)))
			scx_set_slice(prev, SCX_SLICE_DFL);
	}
	send_kicks(kicks);
}

SEC("struct_ops/relay_running")
void BPF_PROG(relay_running, struct task_struct *p)
{
	struct task *t = find_task(p);
	u32 cpu = scx_bpf_task_cpu(p);
	struct slot *slot;

	COUNT(dispatched);
	note_turn(cpu, t && t->cpu != (s32)cpu);
	if (!t)
		return;
	t->running_at = bpf_ktime_get_ns();
	t->cpu = cpu;
	slot = find_slot(t);
	if (!slot)
		return;
	if (t->runnable_at) {
		t->waited_ns = t->running_at - t->runnable_at;
		t->runnable_at = 0;
	}
	if (cpu < RELAY_MAX_CPUS) {
		current_slot[cpu] = t->slot;
		interrupted_slot[cpu] = 0;
	}
	/* Once: a task that exits is put back on its CPU by the kernel without our being asked. */
	if (slot->is_unwanted == 1) {
		slot->is_unwanted = 2;
		kick_cpu(cpu, SCX_KICK_PREEMPT);
	}
	/* A turn that another class, or the agent itself, had interrupted goes on. */
	t->stopped = false;
	if (TURN_STATE(set_turn(slot, TURN(TURN_SEQUENCE(slot->turn), SLOT_RUNNING))) == SLOT_WAITING) {
		t->fallback = true;
		slot->slice_ns = SCX_SLICE_DFL;
		slot->sent_to = RELAY_ANY_CPU;
	}
}

SEC("struct_ops/relay_stopping")
void BPF_PROG(relay_stopping, struct task_struct *p, bool runnable)
{
	struct relay_cpu_stats *stats = this_cpu_stats();
	struct task *t = find_task(p);
	u32 cpu = scx_bpf_task_cpu(p);
	u64 ran;

	note_end_of_turn(cpu);
	/* 0: it ran already when this scheduler took over. */
	if (!t || !t->running_at)
		return;
	ran = bpf_ktime_get_ns() - t->running_at;
	t->running_at = 0;
	if (cpu < RELAY_MAX_CPUS)
		current_slot[cpu] = 0;
	t->ran_ns += ran;
	t->runtime_ns += ran;
	t->stopped = true;
	if (!stats)
		return;
	stats->run_ns += ran;
	if (runnable)
		stats->requeued++;
	else
		stats->slept++;
}

SEC("struct_ops/relay_quiescent")
void BPF_PROG(relay_quiescent, struct task_struct *p, u64 deq_flags)
{
	struct task *t = find_task(p);
	struct slot *slot = t ? find_slot(t) : NULL;

	/* Without the flag it is only taken off to be changed, and comes back at once. */
	if (!slot || !(deq_flags & SCX_DEQ_SLEEP))
		return;
	set_turn(slot, TURN(TURN_SEQUENCE(slot->turn), SLOT_ASLEEP));
	slot->is_unwanted = 0;
	if (t->told)
		send_event_surely(p, t, RELAY_BLOCKED, TURN_SEQUENCE(slot->turn));
	t->told = t->stopped = t->yielded = t->fallback = false;
	t->ran_ns = t->waited_ns = t->runnable_at = 0;
}

SEC("struct_ops/relay_tick")
void BPF_PROG(relay_tick, struct task_struct *p)
{
	struct task *t;

	if (!want_ticks)
		return;
	t = find_task(p);
	if (t && t->slot)
		send_event(p, t, RELAY_TICK, 0);
}

SEC("struct_ops/relay_yield")
bool BPF_PROG(relay_yield, struct task_struct *from, struct task_struct *to)
{
	struct task *t;

	/* To a task of its choice: not offered. */
	if (to)
		return false;
	t = find_task(from);
	if (t)
		t->yielded = true;
	scx_set_slice(from, 0);
	return false;
}

SEC("struct_ops/relay_set_weight")
void BPF_PROG(relay_set_weight, struct task_struct *p, u32 weight)
{
	struct task *t = find_task(p);
	struct slot *slot = t ? find_slot(t) : NULL;

	if (!slot || t->weight == weight)
		return;
	t->weight = weight;
	send_event_surely(p, t, RELAY_PRIORITY_CHANGED, TURN_SEQUENCE(slot->turn));
}

SEC("struct_ops/relay_set_cpumask")
void BPF_PROG(relay_set_cpumask, struct task_struct *p, const struct cpumask *cpumask)
{
	struct task *t = find_task(p);
	struct slot *slot = t ? find_slot(t) : NULL;

	if (slot && copy_mask(t->slot - 1, cpumask))
		send_event_surely(p, t, RELAY_AFFINITY_CHANGED, TURN_SEQUENCE(slot->turn));
}

SEC("struct_ops.s/relay_init_task")
s32 BPF_PROG(relay_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	/* Here memory may be waited for; -ENOMEM otherwise. */
	return bpf_task_storage_get(&tasks, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE) ? 0 : -12;
}

SEC("struct_ops/relay_enable")
void BPF_PROG(relay_enable, struct task_struct *p)
{
	struct task *t = find_task(p);

	if (t && !is_direct(p))
		take_slot(p, t);
}

SEC("struct_ops/relay_disable")
void BPF_PROG(relay_disable, struct task_struct *p)
{
	struct task *t = find_task(p);

	if (!t)
		return;
	give_slot_back(p, t);
	t->told = t->stopped = t->yielded = t->fallback = false;
	t->running_at = t->runnable_at = t->runtime_ns = 0;
}

SEC("struct_ops/relay_cpu_online")
void BPF_PROG(relay_cpu_online, s32 cpu)
{
	struct cpu_life *life = cpu_life(cpu);

	if (life)
		set_off(&life->is_off, 0);
}

SEC("struct_ops/relay_cpu_offline")
void BPF_PROG(relay_cpu_offline, s32 cpu)
{
	struct cpu_life *life = cpu_life(cpu);

	if (life)
		set_off(&life->is_off, 1);
}

SEC("struct_ops.s/relay_init")
s32 BPF_PROG(relay_init)
{
	s32 error = scx_bpf_create_dsq(ANY_DSQ, -1);

	if (!error)
		error = scx_bpf_create_dsq(FALLBACK_DSQ, -1);
	for (u32 cpu = 0; cpu < RELAY_MAX_CPUS && !error; cpu++) {
		if (cpu >= nr_cpus)
			break;
		error = scx_bpf_create_dsq(CPU_DSQ(cpu), -1);
	}
	return error ?: start_heartbeat();
}

SEC("struct_ops/relay_exit")
void BPF_PROG(relay_exit, struct scx_exit_info *ei)
{
	record_exit(ei);
}

/*
 * Called by an agent of another class (SCX_OPS_SWITCH_PARTIAL), whose going to sleep takes no CPU into ops.dispatch: makes
 * some CPU take its decisions.
 */
SEC("syscall")
int relay_poke(struct relay_poke *poke)
{
	struct task_struct *agent = bpf_get_current_task_btf();
	s32 cpu = poke->cpu, idle;

	if ((u32)cpu < nr_cpus)
		kick_cpu(cpu, poke->flags & RELAY_PREEMPT ? SCX_KICK_PREEMPT : SCX_KICK_IDLE);
	bpf_rcu_read_lock();
	idle = scx_bpf_pick_idle_cpu(agent->cpus_ptr, 0);
	bpf_rcu_read_unlock();
	if (idle >= 0)
		kick_cpu(idle, 0);
	return 0;
}

SEC(".struct_ops.link")
struct sched_ext_ops relay = {
	.select_cpu = (void *)relay_select_cpu,
	.enqueue = (void *)relay_enqueue,
	.dispatch = (void *)relay_dispatch,
	.tick = (void *)relay_tick,
	.running = (void *)relay_running,
	.stopping = (void *)relay_stopping,
	.quiescent = (void *)relay_quiescent,
	.yield = (void *)relay_yield,
	.set_weight = (void *)relay_set_weight,
	.set_cpumask = (void *)relay_set_cpumask,
	.init_task = (void *)relay_init_task,
	.enable = (void *)relay_enable,
	.disable = (void *)relay_disable,
	.cpu_online = (void *)relay_cpu_online,
	.cpu_offline = (void *)relay_cpu_offline,
	.init = (void *)relay_init,
	.exit = (void *)relay_exit,
	.dispatch_max_batch = MAX_BATCH,
	.flags = SCX_OPS_ENQ_LAST,
	.exit_dump_len = EXIT_DUMP_LEN,
	.name = "devbox_relay",
};
