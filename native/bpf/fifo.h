/* SPDX-License-Identifier: GPL-2.0 */
/* What fifo.bpf.c and its readers share. User space decodes the map by its BTF: these names are the names it reports. */
#ifndef DEVBOX_FIFO_H
#define DEVBOX_FIFO_H

/* One per CPU, of the CPU on which the event happened. */
struct fifo_cpu_stats {
	/* Tasks that began to run here. */
	u64 dispatched;
	/* Woken here while some CPU was idle: handed straight to that CPU. */
	u64 enqueued_local;
	/* Put here at the tail of the shared queue. */
	u64 enqueued_global;
	/* Stopped running here while still runnable: slice used up, or preempted by a higher class. */
	u64 requeued;
	/* Stopped running here because there was nothing to do. */
	u64 slept;
	/* Time that tasks of ours ran here, nanoseconds. */
	u64 run_ns;
};

#endif
