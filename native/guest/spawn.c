#define _GNU_SOURCE
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "descriptors.h"
#include "tty.h"

/* Eight full frames: a writer rarely has to wait for PID 1, and 64 execs that nobody reads cost 48 MiB at most. */
#define PIPE_BYTES (1024 * 1024)

/* The child's ends. Every number is above 9 (see reserve_low_descriptors), so that moving one never hits another. */
struct ends {
    int standard[3], report, status;
};

static void close_end(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

static void close_ends(struct ends *ends) {
    if (ends->standard[2] == ends->standard[1]) ends->standard[2] = -1;
    if (ends->standard[1] == ends->standard[0]) ends->standard[1] = -1;
    for (int i = 0; i < 3; i++) close_end(&ends->standard[i]);
    close_end(&ends->report);
    close_end(&ends->status);
}

static bool fail(struct exec *exec, enum exec_step step) {
    exec->failure = (struct spawn_failure){.error = errno, .step = (int32_t)step};
    return false;
}

static bool open_output(struct exec *exec, int index, uint8_t type, uint32_t credit, int *end) {
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) < 0) return false;
    fcntl(fds[0], F_SETPIPE_SZ, PIPE_BYTES);
    *end = fds[1];
    return stream_open(&exec->streams[index], exec, fds[0], type, credit);
}

static bool open_input(struct exec *exec, bool pipe, int *end) {
    if (!pipe) return (*end = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) < 0) return false;
    fcntl(fds[1], F_SETPIPE_SZ, PIPE_BYTES);
    *end = fds[0];
    return input_open(&exec->input, exec->id, fds[1], false);
}

static bool open_tty(struct exec *exec, const struct exec_request *request, struct ends *ends) {
    int master, slave;
    if (!tty_open(request->rows, request->cols, &master, &slave)) return false;
    ends->standard[0] = ends->standard[1] = ends->standard[2] = slave;
    if (!stream_open(&exec->streams[0], exec, master, FRAME_STDOUT, request->credit)) return false;
    int copy = fcntl(master, F_DUPFD_CLOEXEC, 10);
    return copy >= 0 && input_open(&exec->input, exec->id, copy, true);
}

static bool open_streams(struct exec *exec, const struct exec_request *request, struct ends *ends) {
    uint32_t credit = request->credit;
    if (request->flags & EXEC_TTY) {
        if (!open_tty(exec, request, ends)) return fail(exec, STEP_TTY);
    } else if (!open_input(exec, request->flags & EXEC_STDIN, &ends->standard[0]) ||
               !open_output(exec, 0, FRAME_STDOUT, credit, &ends->standard[1]) ||
               !open_output(exec, 1, FRAME_STDERR, credit, &ends->standard[2])) {
        return fail(exec, STEP_PIPE);
    }
    if ((request->flags & EXEC_REPORT) && !open_output(exec, 2, FRAME_REPORT, credit, &ends->report))
        return fail(exec, STEP_PIPE);
    int fds[2];
    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0) return fail(exec, STEP_PIPE);
    exec->status_fd = fds[0];
    ends->status = fds[1];
    return loop_add(fds[0], EPOLLIN, &exec->status_source) || fail(exec, STEP_PIPE);
}

static void __attribute__((noreturn)) child_fail(enum exec_step step) {
    struct spawn_failure failure = {.error = errno, .step = (int32_t)step};
    if (write(4, &failure, sizeof failure) < 0) _exit(126);
    _exit(127);
}

/* PID 1 blocks every signal, ignores none and is real-time: none of that is the program's. */
static void become_ordinary(void) {
    for (int number = 1; number <= 64; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    umask(022);
    if (sched_getscheduler(0) == SCHED_OTHER) return;
    struct sched_param ordinary = {.sched_priority = 0};
    sched_setscheduler(0, SCHED_OTHER, &ordinary);
    setpriority(PRIO_PROCESS, 0, 0);
}

static void __attribute__((noreturn)) child(const struct exec *exec, const struct exec_request *request,
                                            const struct ends *ends, bool outside) {
    for (int i = 0; i < 3; i++) dup2(ends->standard[i], i);
    if (ends->report >= 0)
        dup2(ends->report, 3);
    else
        close(3);
    dup2(ends->status, 4);
    fcntl(4, F_SETFD, FD_CLOEXEC);
    close_from(5);
    if (setsid() < 0) child_fail(STEP_SESSION);
    if ((request->flags & EXEC_TTY) && ioctl(0, TIOCSCTTY, 0) < 0) child_fail(STEP_TTY);
    if (outside && !cgroup_join(&exec->cgroup)) child_fail(STEP_CGROUP);
    if (chdir(request->cwd[0] ? request->cwd : "/") < 0) child_fail(STEP_CHDIR);
    become_ordinary();
    environ = request->envp;
    execvpe(request->argv[0], request->argv, request->envp);
    child_fail(STEP_EXEC);
}

void spawn(struct exec *exec, const struct exec_request *request) {
    struct ends ends = {{-1, -1, -1}, -1, -1};
    exec->flags = request->flags;
    if (open_streams(exec, request, &ends)) {
        cgroup_make(&exec->cgroup, exec->id);
        bool outside;
        exec->pid = cgroup_fork(&exec->cgroup, &outside);
        if (exec->pid == 0) child(exec, request, &ends, outside);
        if (exec->pid < 0) fail(exec, STEP_FORK);
    }
    close_ends(&ends);
}
