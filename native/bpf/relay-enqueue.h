/* SPDX-License-Identifier: GPL-2.0 */
/* Where relay.bpf.c puts a task that becomes runnable when it does not ask the agent: it need not, may not, or cannot. */
#ifndef DEVBOX_RELAY_ENQUEUE_H
#define DEVBOX_RELAY_ENQUEUE_H

/* Process id of the agent. */
const volatile s32 agent_tgid = 0;

/* Whether the task never waits for the agent. */
static __always_inline bool is_direct(const struct task_struct *p)
{
	return (p->flags & PF_KTHREAD) || p->tgid == 1 || p->tgid == agent_tgid;
}

static __always_inline void run_directly(struct task_struct *p, u64 enq_flags)
{
	struct task *t = find_task(p);
	u32 cpu = scx_bpf_task_cpu(p);

	COUNT(direct);
	if (enq_flags & SCX_ENQ_WAKEUP) {
		enq_flags |= SCX_ENQ_PREEMPT;
		if (cpu < RELAY_MAX_CPUS && current_slot[cpu])
			interrupted_slot[cpu] = current_slot[cpu];
	} else if (t && t->yielded) {
		/* The agent yields to have its decisions taken, not to wait. */
		enq_flags |= SCX_ENQ_HEAD;
	}
	if (t)
		t->yielded = false;
	scx_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags);
}

/* With SCX_ENQ_LAST the kernel has already chosen to let this CPU sleep: it has to be made to look again. */
static __always_inline void look_again(struct task_struct *p, u64 enq_flags)
{
	if (enq_flags & SCX_ENQ_LAST)
		kick_cpu(scx_bpf_task_cpu(p), 0);
}

/* A task that was interrupted by one that needs no decision goes on where it was, with what it has left. */
static __always_inline bool resume(struct task_struct *p, struct task *t, struct slot *slot)
{
	u32 cpu = scx_bpf_task_cpu(p);
	u64 slice = slot->slice_ns ?: SCX_SLICE_DFL;

	if (cpu >= RELAY_MAX_CPUS || interrupted_slot[cpu] != t->slot || slot->is_unwanted)
		return false;
	if (!t->stopped || t->yielded || TURN_STATE(slot->turn) != SLOT_RUNNING || t->ran_ns >= slice || is_off(cpu))
		return false;
	/* The agent thinks it elsewhere: whom it sends here would pass this one by, again and again. */
	if (slot->sent_to != RELAY_ANY_CPU && slot->sent_to != (s32)cpu)
		return false;
	COUNT(resumed);
	scx_insert(p, CPU_DSQ(cpu), slice == ~0ULL ? slice : slice - t->ran_ns, SCX_ENQ_HEAD);
	return true;
}

static __always_inline void run_unsent(struct task_struct *p, u64 enq_flags)
{
	s32 idle;

	COUNT(unsent);
	scx_insert(p, FALLBACK_DSQ, SCX_SLICE_DFL, enq_flags);
	idle = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
	if (idle >= 0)
		kick_cpu(idle, 0);
	else
		look_again(p, enq_flags);
}

#endif
