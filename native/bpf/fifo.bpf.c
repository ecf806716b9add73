/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Global FIFO.
 *
 * Every runnable task of the system waits in one queue, in the order in which tasks became runnable, whatever their
 * nice value. A CPU that runs dry takes the first task that may run on it. A task that is woken while a CPU is idle
 * skips the queue (there is normally nobody in it) and goes straight to that CPU. A task runs for one slice, then goes
 * to the end of the queue.
 *
 * Good at: throughput of independent tasks on few CPUs that share a cache; being easy to reason about.
 *
 * Bad at:
 * - Latency under load. A task that wakes up waits for everything before it: with N busy tasks on C CPUs about N/C
 *   slices, interactive or not, and so do per-CPU kernel threads. Shorter slices trade it for switches.
 * - Many CPUs. All of them take the lock of the one queue, and tasks lose their cache when they move.
 * - Affinity. A CPU walks past tasks at the head that may not run on it, so many pinned tasks make every pick slow.
 * - Weights, cgroups and NUMA: ignored.
 *
 * On a kernel that does not let us make a queue (scx_has_own_queues), the built-in global queue serves instead: the
 * same order, but one queue for each NUMA node.
 */
#include "scx.h"

#include "exit-record.h"
#include "fifo.h"

char _license[] SEC("license") = "GPL";

#define SHARED_DSQ 0

/* How long a task may run before it goes to the end of the queue, nanoseconds. */
const volatile u64 slice_ns = 20000000;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct fifo_cpu_stats);
} cpu_stats SEC(".maps");

/* When the task that runs on this CPU began to, nanoseconds. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} running_since SEC(".maps");

static __always_inline struct fifo_cpu_stats *this_cpu_stats(void)
{
	u32 key = 0;

	return bpf_map_lookup_elem(&cpu_stats, &key);
}

SEC("struct_ops/fifo_select_cpu")
s32 BPF_PROG(fifo_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle) {
		struct fifo_cpu_stats *stats = this_cpu_stats();

		if (stats)
			stats->enqueued_local++;
		scx_insert(p, SCX_DSQ_LOCAL, slice_ns, 0);
	}
	return cpu;
}

SEC("struct_ops/fifo_enqueue")
void BPF_PROG(fifo_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct fifo_cpu_stats *stats = this_cpu_stats();

	if (stats)
		stats->enqueued_global++;
	scx_insert(p, scx_has_own_queues() ? SHARED_DSQ : SCX_DSQ_GLOBAL, slice_ns, enq_flags);
}

SEC("struct_ops/fifo_dispatch")
void BPF_PROG(fifo_dispatch, s32 cpu, struct task_struct *prev)
{
	/* The kernel itself takes tasks from the built-in global queue. */
	if (scx_has_own_queues())
		scx_move_to_local(SHARED_DSQ);
}

SEC("struct_ops/fifo_running")
void BPF_PROG(fifo_running, struct task_struct *p)
{
	struct fifo_cpu_stats *stats = this_cpu_stats();
	u32 key = 0;
	u64 *since = bpf_map_lookup_elem(&running_since, &key);

	if (stats)
		stats->dispatched++;
	if (since)
		*since = scx_now();
}

SEC("struct_ops/fifo_stopping")
void BPF_PROG(fifo_stopping, struct task_struct *p, bool runnable)
{
	struct fifo_cpu_stats *stats = this_cpu_stats();
	u32 key = 0;
	u64 *since = bpf_map_lookup_elem(&running_since, &key);
	u64 now = scx_now();

	if (!stats)
		return;
	if (runnable)
		stats->requeued++;
	else
		stats->slept++;
	/* Zero: the task already ran when this scheduler took over. */
	if (since && *since && now > *since)
		stats->run_ns += now - *since;
}

SEC("struct_ops.s/fifo_init")
s32 BPF_PROG(fifo_init)
{
	return scx_has_own_queues() ? scx_bpf_create_dsq(SHARED_DSQ, -1) : 0;
}

/* Without these two a CPU that comes or goes ends the scheduler. A single queue has nothing to adjust. */
SEC("struct_ops/fifo_cpu_online")
void BPF_PROG(fifo_cpu_online, s32 cpu)
{
}

SEC("struct_ops/fifo_cpu_offline")
void BPF_PROG(fifo_cpu_offline, s32 cpu)
{
}

SEC("struct_ops/fifo_exit")
void BPF_PROG(fifo_exit, struct scx_exit_info *ei)
{
	record_exit(ei);
}

SEC(".struct_ops.link")
struct sched_ext_ops fifo = {
	.select_cpu = (void *)fifo_select_cpu,
	.enqueue = (void *)fifo_enqueue,
	.dispatch = (void *)fifo_dispatch,
	.running = (void *)fifo_running,
	.stopping = (void *)fifo_stopping,
	.cpu_online = (void *)fifo_cpu_online,
	.cpu_offline = (void *)fifo_cpu_offline,
	.init = (void *)fifo_init,
	.exit = (void *)fifo_exit,
	.exit_dump_len = EXIT_DUMP_LEN,
	.name = "devbox_fifo_bpf",
};
