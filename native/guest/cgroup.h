/*
 * A cgroup for each exec, to find and kill what it leaves behind. No controller is switched on: a scheduler under test
 * should not see weights that nobody asked for.
 */
#ifndef CGROUP_H
#define CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct cgroup {
    char path[64]; /* empty: there is none */
    bool killed;
};

/* Once at boot, when cgroup2 is mounted. False: there will be none. */
bool cgroup_init(void);
void cgroup_make(struct cgroup *cgroup, uint32_t id);
bool cgroup_present(const struct cgroup *cgroup);
/* fork(2) into it, or an ordinary one when there is none. -1 with errno. A child that is outside all the same must join it. */
pid_t cgroup_fork(const struct cgroup *cgroup, bool *outside);
bool cgroup_join(const struct cgroup *cgroup);
void cgroup_signal(const struct cgroup *cgroup, int number);
/* SIGKILL for all in it. May be called again: kernels before 5.14 need that after each process that ends. */
void cgroup_kill(struct cgroup *cgroup);
/* Removed as soon as it is empty. */
void cgroup_retire(struct cgroup *cgroup);
/* After processes have ended: the last one of a cgroup is always PID 1's to reap. */
void cgroup_sweep(void);

#endif
