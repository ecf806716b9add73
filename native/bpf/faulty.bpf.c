/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A scheduler that breaks on purpose, to show what happens to one that does.
 *
 * It is a global FIFO without counters until `fault_after` tasks have been enqueued. From then on, for tasks whose comm
 * is `fault_comm` (or for every task when that is empty), it does one of these:
 *
 * - FAULT_STALL: takes the task and never dispatches it. The watchdog ejects the scheduler after ops.timeout_ms.
 * - FAULT_ERROR: raises scx_bpf_error(). Where the kernel does not offer that in a form that can be called, it puts the
 *   task on a queue that does not exist, which the kernel answers with an error of its own.
 *
 * Does badly at everything: it is a test scheduler.
 */
#include "scx.h"

#include "exit-record.h"

char _license[] SEC("license") = "GPL";

enum fault {
	FAULT_STALL = 0,
	FAULT_ERROR = 1,
};

#define COMM_LEN 16
#define NO_SUCH_DSQ 0xdead

const volatile u32 fault = FAULT_STALL;
const volatile u64 fault_after = 0;
const volatile char fault_comm[COMM_LEN] = "";
/* How long a task may run before it goes to the end of the queue, nanoseconds. */
const volatile u64 slice_ns = 20000000;

/* Tasks enqueued so far. */
u64 enqueued;

static __always_inline bool is_victim(struct task_struct *p)
{
	char comm[COMM_LEN] = {};

	if (!fault_comm[0])
		return true;
	bpf_probe_read_kernel_str(comm, sizeof(comm), p->comm);
	for (int i = 0; i < COMM_LEN; i++) {
		if (comm[i] != fault_comm[i])
			return false;
		if (!comm[i])
			break;
	}
	return true;
}

SEC("struct_ops/faulty_select_cpu")
s32 BPF_PROG(faulty_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;

	/* Nothing is dispatched from here, so that every task passes through enqueue. */
	return scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);
}

SEC("struct_ops/faulty_enqueue")
void BPF_PROG(faulty_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 nth = __sync_fetch_and_add(&enqueued, 1);

	if (nth < fault_after || !is_victim(p)) {
		scx_insert(p, SCX_DSQ_GLOBAL, slice_ns, enq_flags);
		return;
	}
	if (fault == FAULT_STALL)
		return;
	if (bpf_ksym_exists(scx_bpf_error_bstr)) {
		static char format[] = "devbox test error after %llu tasks";
		unsigned long long data[] = { nth };

		scx_bpf_error_bstr(format, data, sizeof(data));
		return;
	}
	scx_insert(p, NO_SUCH_DSQ, slice_ns, enq_flags);
}

SEC("struct_ops/faulty_exit")
void BPF_PROG(faulty_exit, struct scx_exit_info *ei)
{
	record_exit(ei);
}

SEC(".struct_ops.link")
struct sched_ext_ops faulty = {
	.select_cpu = (void *)faulty_select_cpu,
	.enqueue = (void *)faulty_enqueue,
	.exit = (void *)faulty_exit,
	.exit_dump_len = EXIT_DUMP_LEN,
	.name = "devbox_faulty",
};
