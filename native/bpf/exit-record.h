/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a scheduler of ours tells user space that it is gone: ops.exit fills `exit_record` and `exit_dump`, then puts one
 * byte-sized event into the ring buffer `exit_events`, whose file descriptor user space sleeps on.
 */
#ifndef DEVBOX_EXIT_RECORD_H
#define DEVBOX_EXIT_RECORD_H

/* As large as the kernel makes them (SCX_EXIT_MSG_LEN 1024, dump by ops.exit_dump_len). */
#define EXIT_REASON_LEN 128
#define EXIT_MSG_LEN 1024
#define EXIT_DUMP_LEN 32768

struct exit_record {
	/* `enum scx_exit_kind`; 0 until the scheduler has left. */
	u32 kind;
	s64 exit_code;
	char reason[EXIT_REASON_LEN];
	char message[EXIT_MSG_LEN];
};

#ifdef __bpf__

struct exit_record exit_record;
char exit_dump[EXIT_DUMP_LEN];

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} exit_events SEC(".maps");

static __always_inline void record_exit(struct scx_exit_info *ei)
{
	u32 kind = BPF_CORE_READ(ei, kind);

	bpf_probe_read_kernel_str(exit_record.reason, sizeof(exit_record.reason), BPF_CORE_READ(ei, reason));
	bpf_probe_read_kernel_str(exit_record.message, sizeof(exit_record.message), BPF_CORE_READ(ei, msg));
	bpf_probe_read_kernel_str(exit_dump, sizeof(exit_dump), BPF_CORE_READ(ei, dump));
	exit_record.exit_code = BPF_CORE_READ(ei, exit_code);
	/* The kind is what tells a reader that the rest is there. */
	__sync_lock_test_and_set(&exit_record.kind, kind);
	bpf_ringbuf_output(&exit_events, &kind, sizeof(kind), BPF_RB_FORCE_WAKEUP);
}

#endif
#endif
