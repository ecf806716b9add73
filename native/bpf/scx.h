/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of the kernel's sched_ext interface that our schedulers use, written out by hand.
 *
 * A whole vmlinux.h ties the source to the kernel it was generated from. Here every struct holds only the members we
 * touch and is relocated against the running kernel's BTF when it is loaded (preserve_access_index), and every kfunc
 * is weak: which one exists is asked with bpf_ksym_exists() when the program is loaded, never derived from a version.
 *
 * libbpf drops the last ___suffix of a kfunc's local name before it looks the name up, so one kernel function can be
 * declared with several prototypes; a weak one whose prototype does not match counts as missing.
 */
#ifndef DEVBOX_SCX_H
#define DEVBOX_SCX_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef long long s64;
/* The names that bpf_helper_defs.h wants. */
typedef u8 __u8;
typedef u16 __u16;
typedef u32 __u32;
typedef u64 __u64;
typedef s32 __s32;
typedef s64 __s64;
typedef u16 __be16;
typedef u32 __be32;
typedef u32 __wsum;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

enum bpf_map_type {
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_QUEUE = 22,
	BPF_MAP_TYPE_STACK = 23,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_MAP_TYPE_TASK_STORAGE = 29,
	BPF_MAP_TYPE_USER_RINGBUF = 31,
};
#define BPF_F_NO_PREALLOC 1
#define BPF_F_MMAPABLE 1024
#define BPF_LOCAL_STORAGE_GET_F_CREATE 1
#define BPF_RB_NO_WAKEUP 1
#define BPF_RB_FORCE_WAKEUP 2
#define BPF_RB_AVAIL_DATA 0
#define CLOCK_MONOTONIC 1

/* The verifier knows these two by name and size. */
struct bpf_timer {
	u64 opaque[2];
};
struct bpf_dynptr {
	u64 opaque[2];
};

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct cpumask {
	unsigned long bits[1];
};

struct sched_ext_entity {
	u32 weight;
	u64 slice;
};

struct task_struct {
	s32 pid;
	s32 tgid;
	u32 flags;
	char comm[16];
	const struct cpumask *cpus_ptr;
	struct sched_ext_entity scx;
};

struct scx_init_task_args {
	bool fork;
};

struct scx_exit_task_args {
	bool cancelled;
};

/* Relocation wants the same kind of type as the kernel's; user space has the names. */
enum scx_exit_kind {
	SCX_EXIT_NONE = 0,
};

struct scx_exit_info {
	enum scx_exit_kind kind;
	s64 exit_code;
	const char *reason;
	char *msg;
	char *dump;
};

#pragma clang attribute pop

/* include/linux/sched/ext.h and kernel/sched/ext: the same numbers in every kernel so far. */
#define SCX_DSQ_GLOBAL 0x8000000000000001ULL
#define SCX_DSQ_LOCAL 0x8000000000000002ULL
#define SCX_SLICE_DFL 20000000ULL
#define SCX_OPS_ENQ_LAST 2ULL
#define SCX_OPS_SWITCH_PARTIAL 8ULL
#define SCX_ENQ_WAKEUP 1ULL
#define SCX_ENQ_HEAD 0x10ULL
#define SCX_ENQ_PREEMPT (1ULL << 32)
#define SCX_ENQ_LAST (1ULL << 41)
#define SCX_DEQ_SLEEP 1ULL
#define SCX_KICK_IDLE 1ULL
#define SCX_KICK_PREEMPT 2ULL
/* include/linux/sched.h */
#define PF_EXITING 0x4
#define PF_KTHREAD 0x200000

/*
 * libbpf matches members by name with the running kernel's struct, so order does not matter and absent members do not
 * either. A member set here that the kernel lacks fails the load.
 */
struct sched_ext_ops {
	s32 (*select_cpu)(struct task_struct *p, s32 prev_cpu, u64 wake_flags);
	void (*enqueue)(struct task_struct *p, u64 enq_flags);
	void (*dispatch)(s32 cpu, struct task_struct *prev);
	void (*tick)(struct task_struct *p);
	void (*runnable)(struct task_struct *p, u64 enq_flags);
	void (*running)(struct task_struct *p);
	void (*stopping)(struct task_struct *p, bool runnable);
	void (*quiescent)(struct task_struct *p, u64 deq_flags);
	bool (*yield)(struct task_struct *from, struct task_struct *to);
	void (*set_weight)(struct task_struct *p, u32 weight);
	void (*set_cpumask)(struct task_struct *p, const struct cpumask *cpumask);
	s32 (*init_task)(struct task_struct *p, struct scx_init_task_args *args);
	void (*enable)(struct task_struct *p);
	void (*disable)(struct task_struct *p);
	s32 (*init)(void);
	void (*exit)(struct scx_exit_info *ei);
	void (*cpu_online)(s32 cpu);
	void (*cpu_offline)(s32 cpu);
	u32 dispatch_max_batch;
	u64 flags;
	u32 timeout_ms;
	u32 exit_dump_len;
	u64 hotplug_seq;
	char name[128];
};

/* 6.12 names. */
void scx_bpf_dispatch(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) __ksym __weak;
bool scx_bpf_consume(u64 dsq_id) __ksym __weak;
/* From 6.13. From 6.19 scx_bpf_dsq_insert___v2 returns bool; the old one stays beside it. */
void scx_bpf_dsq_insert(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) __ksym __weak;
bool scx_bpf_dsq_insert___v2___bool(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) __ksym __weak;
bool scx_bpf_dsq_move_to_local(u64 dsq_id) __ksym __weak;
/* From 7.1. */
bool scx_bpf_dsq_move_to_local___v2___flags(u64 dsq_id, u64 enq_flags) __ksym __weak;

s32 scx_bpf_create_dsq(u64 dsq_id, s32 node) __ksym __weak;
s32 scx_bpf_select_cpu_dfl(struct task_struct *p, s32 prev_cpu, u64 wake_flags, bool *is_idle) __ksym __weak;
void scx_bpf_error_bstr(char *fmt, unsigned long long *data, u32 data__sz) __ksym __weak;
u64 scx_bpf_now(void) __ksym __weak;
/* From 6.19; before, p->scx.slice is written. */
bool scx_bpf_task_set_slice(struct task_struct *p, u64 slice) __ksym __weak;

const struct cpumask *scx_bpf_get_online_cpumask(void) __ksym __weak;
void scx_bpf_put_cpumask(const struct cpumask *cpumask) __ksym __weak;

/* The same everywhere. A scheduler that calls one of these needs it: without, it does not load, and the failure names it. */
void scx_bpf_kick_cpu(s32 cpu, u64 flags) __ksym;
s32 scx_bpf_task_cpu(const struct task_struct *p) __ksym;
u32 scx_bpf_dispatch_nr_slots(void) __ksym;
void scx_bpf_dispatch_cancel(void) __ksym;
s32 scx_bpf_dsq_nr_queued(u64 dsq_id) __ksym;
s32 scx_bpf_pick_idle_cpu(const struct cpumask *cpus_allowed, u64 flags) __ksym;
struct task_struct *bpf_task_from_pid(s32 pid) __ksym;
void bpf_task_release(struct task_struct *p) __ksym;
void bpf_rcu_read_lock(void) __ksym;
void bpf_rcu_read_unlock(void) __ksym;
bool bpf_cpumask_test_cpu(u32 cpu, const struct cpumask *cpumask) __ksym;

/* Puts a task on a dispatch queue; a slice of 0 keeps what the task has left. */
static __always_inline void scx_insert(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags)
{
	if (bpf_ksym_exists(scx_bpf_dsq_insert___v2___bool))
		scx_bpf_dsq_insert___v2___bool(p, dsq_id, slice, enq_flags);
	else if (bpf_ksym_exists(scx_bpf_dsq_insert))
		scx_bpf_dsq_insert(p, dsq_id, slice, enq_flags);
	else
		scx_bpf_dispatch(p, dsq_id, slice, enq_flags);
}

/* Moves the first task of a queue of ours that may run here to this CPU. False when there is none. */
static __always_inline bool scx_move_to_local(u64 dsq_id)
{
	if (bpf_ksym_exists(scx_bpf_dsq_move_to_local___v2___flags))
		return scx_bpf_dsq_move_to_local___v2___flags(dsq_id, 0);
	if (bpf_ksym_exists(scx_bpf_dsq_move_to_local))
		return scx_bpf_dsq_move_to_local(dsq_id);
	return scx_bpf_consume(dsq_id);
}

/*
 * Whether a queue of our own can be made and taken from. Some kernels are built with type information that leaves out a
 * random few of the functions that take a hidden argument (from 7.0), and the verifier refuses those.
 */
static __always_inline bool scx_has_own_queues(void)
{
	return bpf_ksym_exists(scx_bpf_create_dsq) &&
	       (bpf_ksym_exists(scx_bpf_dsq_move_to_local___v2___flags) ||
		bpf_ksym_exists(scx_bpf_dsq_move_to_local) || bpf_ksym_exists(scx_bpf_consume));
}

static __always_inline void scx_set_slice(struct task_struct *p, u64 slice)
{
	if (bpf_ksym_exists(scx_bpf_task_set_slice))
		scx_bpf_task_set_slice(p, slice);
	else
		p->scx.slice = slice;
}

static __always_inline u64 scx_now(void)
{
	return bpf_ksym_exists(scx_bpf_now) ? scx_bpf_now() : bpf_ktime_get_ns();
}

/*
 * Whether the CPU that this runs on is about to be switched off and takes no interrupts any more, which is when it wakes up
 * whoever asked for it. What the kernel does by interrupting itself (kernel/irq_work.c), a kick or the wake-up of a ring
 * buffer's reader, would not be done there, nor would anything of that kind after it, on any CPU or by that one once it is back.
 */
static __always_inline bool scx_cpu_is_leaving(void)
{
	const struct cpumask *online;
	bool is_leaving;

	if (!bpf_ksym_exists(scx_bpf_get_online_cpumask))
		return false;
	online = scx_bpf_get_online_cpumask();
	is_leaving = !bpf_cpumask_test_cpu(bpf_get_smp_processor_id(), online);
	scx_bpf_put_cpumask(online);
	return is_leaving;
}

#endif
