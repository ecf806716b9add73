#define _GNU_SOURCE
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "note.h"

#define BASE "/sys/fs/cgroup/devbox"
/* Emptied later than their exec ended. Each has a living process in it, so there are few. */
#define MAX_RETIRED 256

static bool available;
static struct cgroup retired[MAX_RETIRED];
static unsigned retired_count;

bool cgroup_init(void) {
    available = mkdir(BASE, 0755) == 0 || errno == EEXIST;
    return available;
}

void cgroup_make(struct cgroup *cgroup, uint32_t id) {
    if (!available) return;
    snprintf(cgroup->path, sizeof cgroup->path, BASE "/exec-%u", id);
    /* The id's last exec may have left processes running. */
    for (int again = 1; mkdir(cgroup->path, 0755) < 0; again++) {
        if (errno != EEXIST || again == MAX_RETIRED) {
            cgroup->path[0] = 0;
            note(NOTE_WARNING, "no cgroup for exec %u: errno %d", id, errno);
            return;
        }
        snprintf(cgroup->path, sizeof cgroup->path, BASE "/exec-%u.%d", id, again);
    }
}

bool cgroup_present(const struct cgroup *cgroup) {
    return cgroup->path[0] != 0;
}

static bool write_value(const char *directory, const char *name, const char *value) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool written = write(fd, value, strlen(value)) >= 0;
    close(fd);
    return written;
}

/*
 * To move a process between cgroups the kernel waits for a grace period of RCU, which is a third of the time that an empty
 * program takes when emulated. One that is born there need not be moved (CLONE_INTO_CGROUP, since 5.7).
 */
pid_t cgroup_fork(const struct cgroup *cgroup, bool *outside) {
    *outside = cgroup_present(cgroup);
    int fd = *outside ? open(cgroup->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd < 0) return fork();
    struct clone_args args = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)fd};
    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
    int error = errno;
    if (pid == 0) *outside = false;
    if (pid != 0) close(fd);
    errno = error;
    return pid < 0 && (error == ENOSYS || error == EINVAL || error == E2BIG) ? fork() : pid;
}

bool cgroup_join(const struct cgroup *cgroup) {
    return write_value(cgroup->path, "cgroup.procs", "0");
}

static int signal_number;

static int signal_directory(const char *path, const struct stat *stat, int type, struct FTW *walk) {
    (void)stat;
    (void)walk;
    if (type != FTW_DP && type != FTW_D) return 0;
    char procs[4200];
    snprintf(procs, sizeof procs, "%s/cgroup.procs", path);
    FILE *file = fopen(procs, "re");
    if (!file) return 0;
    int pid;
    while (fscanf(file, "%d", &pid) == 1)
        if (pid > 1) kill(pid, signal_number);
    fclose(file);
    return 0;
}

static int remove_directory(const char *path, const struct stat *stat, int type, struct FTW *walk) {
    (void)stat;
    (void)walk;
    if (type == FTW_DP) rmdir(path);
    return 0;
}

void cgroup_signal(const struct cgroup *cgroup, int number) {
    if (!cgroup_present(cgroup)) return;
    signal_number = number;
    nftw(cgroup->path, signal_directory, 8, FTW_PHYS);
}

void cgroup_kill(struct cgroup *cgroup) {
    if (!cgroup_present(cgroup) || cgroup->killed) return;
    cgroup->killed = write_value(cgroup->path, "cgroup.kill", "1");
    if (cgroup->killed) return;
    /* Frozen processes do not fork away, and SIGKILL ends them all the same. */
    write_value(cgroup->path, "cgroup.freeze", "1");
    cgroup_signal(cgroup, SIGKILL);
}

static bool remove_cgroup(const struct cgroup *cgroup) {
    if (rmdir(cgroup->path) == 0 || errno == ENOENT) return true;
    /* The program may have made cgroups below its own. */
    nftw(cgroup->path, remove_directory, 8, FTW_PHYS | FTW_DEPTH);
    return access(cgroup->path, F_OK) < 0;
}

void cgroup_retire(struct cgroup *cgroup) {
    if (cgroup_present(cgroup) && !remove_cgroup(cgroup)) {
        if (retired_count < MAX_RETIRED)
            retired[retired_count++] = *cgroup;
        else
            note(NOTE_WARNING, "%s stays: there are too many like it", cgroup->path);
    }
    cgroup->path[0] = 0;
}

void cgroup_sweep(void) {
    for (unsigned i = 0; i < retired_count;) {
        if (remove_cgroup(&retired[i]))
            retired[i] = retired[--retired_count];
        else
            i++;
    }
}
