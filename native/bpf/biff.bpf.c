/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Global FIFO that keeps books, and preempts by them. All of it is here: nobody in user space decides anything.
 *
 * Runnable tasks wait in one queue, in the order in which they became runnable. For each CPU it is known who runs there and
 * since when, for each task how long it has run and waited. A task that wakes up takes an idle CPU; there being none, it takes
 * the CPU that it was on last away from whoever has run there for `preempt_after_ns`, and waits in the queue otherwise.
 *
 * Good at: what ghOSt's agent of the same name shows, a scheduler without an agent.
 *
 * Bad at:
 * - Fairness: a task that sleeps often is let in before those that compute, however much it has had.
 * - Many CPUs: all of them take the lock of one queue.
 * - Weights, cgroups, caches and NUMA: ignored.
 */
#include "scx.h"

#include "exit-record.h"

char _license[] SEC("license") = "GPL";

#define SHARED_DSQ 0
#define MAX_CPUS 256

/* How long a task may run before it goes to the end of the queue, nanoseconds. */
const volatile u64 slice_ns = 10000000;
/* How long a task runs undisturbed by those that wake up, nanoseconds. */
const volatile u64 preempt_after_ns = 1000000;

struct biff_task {
	/* 0: it does not wait, or does not run. */
	u64 runnable_at;
	u64 running_at;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, s32);
	__type(value, struct biff_task);
} tasks SEC(".maps");

/* One per CPU, of the CPU on which it happened; read by its BTF. */
struct biff_cpu_stats {
	/* Tasks that began to run here. */
	u64 dispatched;
	/* Woken while some CPU was idle: handed straight to it. */
	u64 enqueued_local;
	/* Put at the tail of the queue. */
	u64 enqueued_global;
	/* Of those, the ones for which a task that had run long enough was taken off its CPU. */
	u64 preempting;
	/* Stopped running here while still runnable. */
	u64 requeued;
	/* Stopped running here because there was nothing to do. */
	u64 slept;
	/* Time that tasks ran here, nanoseconds. */
	u64 run_ns;
	/* Time that they had waited before, nanoseconds. */
	u64 wait_ns;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct biff_cpu_stats);
} cpu_stats SEC(".maps");

/* Since when the task runs that runs on each CPU; 0: none of ours. */
u64 running_since[MAX_CPUS];

static __always_inline struct biff_cpu_stats *this_cpu_stats(void)
{
	u32 key = 0;

	return bpf_map_lookup_elem(&cpu_stats, &key);
}

static __always_inline struct biff_task *find_task(struct task_struct *p)
{
	return bpf_task_storage_get(&tasks, p, NULL, 0);
}

SEC("struct_ops/biff_select_cpu")
s32 BPF_PROG(biff_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle) {
		struct biff_cpu_stats *stats = this_cpu_stats();

		if (stats)
			stats->enqueued_local++;
		scx_insert(p, SCX_DSQ_LOCAL, slice_ns, 0);
	}
	return cpu;
}

SEC("struct_ops/biff_enqueue")
void BPF_PROG(biff_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct biff_cpu_stats *stats = this_cpu_stats();
	u32 cpu = scx_bpf_task_cpu(p);
	u64 since = cpu < MAX_CPUS ? running_since[cpu] : 0;

	if (stats)
		stats->enqueued_global++;
	if ((enq_flags & SCX_ENQ_WAKEUP) && since && bpf_ktime_get_ns() - since > preempt_after_ns) {
		if (stats)
			stats->preempting++;
		scx_insert(p, SHARED_DSQ, slice_ns, enq_flags | SCX_ENQ_HEAD);
		if (!scx_cpu_is_leaving())
			scx_bpf_kick_cpu(cpu, SCX_KICK_PREEMPT);
		return;
	}
	scx_insert(p, SHARED_DSQ, slice_ns, enq_flags);
}

SEC("struct_ops/biff_dispatch")
void BPF_PROG(biff_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_move_to_local(SHARED_DSQ);
}

SEC("struct_ops/biff_runnable")
void BPF_PROG(biff_runnable, struct task_struct *p, u64 enq_flags)
{
	struct biff_task *t = find_task(p);

	if (t)
		t->runnable_at = bpf_ktime_get_ns();
}

SEC("struct_ops/biff_running")
void BPF_PROG(biff_running, struct task_struct *p)
{
	struct biff_cpu_stats *stats = this_cpu_stats();
	struct biff_task *t = find_task(p);
	u64 now = bpf_ktime_get_ns();
	u32 cpu = scx_bpf_task_cpu(p);

	if (cpu < MAX_CPUS)
		running_since[cpu] = now;
	if (!stats || !t)
		return;
	stats->dispatched++;
	if (t->runnable_at)
		stats->wait_ns += now - t->runnable_at;
	t->runnable_at = 0;
	t->running_at = now;
}

SEC("struct_ops/biff_stopping")
void BPF_PROG(biff_stopping, struct task_struct *p, bool runnable)
{
	struct biff_cpu_stats *stats = this_cpu_stats();
	struct biff_task *t = find_task(p);
	u64 now = bpf_ktime_get_ns();
	u32 cpu = scx_bpf_task_cpu(p);

	if (cpu < MAX_CPUS)
		running_since[cpu] = 0;
	if (!stats || !t)
		return;
	if (runnable)
		stats->requeued++;
	else
		stats->slept++;
	/* 0: it ran already when this scheduler took over. */
	if (t->running_at)
		stats->run_ns += now - t->running_at;
	t->running_at = 0;
	t->runnable_at = runnable ? now : 0;
}

SEC("struct_ops.s/biff_init_task")
s32 BPF_PROG(biff_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	/* Here memory may be waited for; -ENOMEM otherwise. */
	return bpf_task_storage_get(&tasks, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE) ? 0 : -12;
}

SEC("struct_ops.s/biff_init")
s32 BPF_PROG(biff_init)
{
	return scx_bpf_create_dsq(SHARED_DSQ, -1);
}

/* Without these two a CPU that comes or goes ends the scheduler. A single queue has nothing to adjust. */
SEC("struct_ops/biff_cpu_online")
void BPF_PROG(biff_cpu_online, s32 cpu)
{
}

SEC("struct_ops/biff_cpu_offline")
void BPF_PROG(biff_cpu_offline, s32 cpu)
{
}

SEC("struct_ops/biff_exit")
void BPF_PROG(biff_exit, struct scx_exit_info *ei)
{
	record_exit(ei);
}

SEC(".struct_ops.link")
struct sched_ext_ops biff = {
	.select_cpu = (void *)biff_select_cpu,
	.enqueue = (void *)biff_enqueue,
	.dispatch = (void *)biff_dispatch,
	.runnable = (void *)biff_runnable,
	.running = (void *)biff_running,
	.stopping = (void *)biff_stopping,
	.init_task = (void *)biff_init_task,
	.cpu_online = (void *)biff_cpu_online,
	.cpu_offline = (void *)biff_cpu_offline,
	.init = (void *)biff_init,
	.exit = (void *)biff_exit,
	.exit_dump_len = EXIT_DUMP_LEN,
	.name = "devbox_biff",
};
