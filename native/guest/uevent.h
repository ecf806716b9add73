/* The kernel's uevents: what boot waits on, and what sched_ext says about its schedulers. */
#ifndef UEVENT_H
#define UEVENT_H

#include <stdbool.h>
#include <stdint.h>

/* Before anything that is waited for could happen. Without netlink, uevent_wait looks again every 20 ms. */
void uevent_open(void);
/* Until something has changed; false when `deadline` (CLOCK_MONOTONIC, ms) has passed. */
bool uevent_wait(int64_t deadline);
int64_t monotonic_ms(void);
/* From now on events of the subsystem sched_ext go to the host. */
void uevent_forward(void);

#endif
