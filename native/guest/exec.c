#define _GNU_SOURCE
#include "exec.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bytes.h"
#include "exec-request.h"
#include "port.h"
#include "spawn.h"

static struct exec execs[MAX_EXECS];

static const char *const step_names[] = {
    [STEP_MEMORY] = "memory",   [STEP_PIPE] = "pipe",     [STEP_TTY] = "tty",     [STEP_FORK] = "fork",
    [STEP_SESSION] = "session", [STEP_CGROUP] = "cgroup", [STEP_CHDIR] = "chdir", [STEP_EXEC] = "exec",
};

struct exec *exec_find(uint32_t id) {
    for (int i = 0; i < MAX_EXECS; i++)
        if (execs[i].state != EXEC_FREE && execs[i].id == id) return &execs[i];
    return NULL;
}

static void release(struct exec *exec) {
    for (int i = 0; i < STREAMS; i++) stream_close(&exec->streams[i]);
    input_close(&exec->input);
    if (exec->status_fd >= 0) close(exec->status_fd);
    exec->status_fd = -1;
    cgroup_retire(&exec->cgroup);
    exec->state = EXEC_FREE;
}

static void fail(struct exec *exec) {
    const char *step = step_names[exec->failure.step];
    uint8_t payload[4 + 16];
    size_t length = strlen(step) + 1;
    put_u32(payload, (uint32_t)exec->failure.error);
    memcpy(payload + 4, step, length);
    port_send(FRAME_FAILED, exec->id, payload, 4 + length);
    release(exec);
}

static void started(struct exec *exec) {
    uint8_t payload[4];
    put_u32(payload, (uint32_t)exec->pid);
    port_send(FRAME_STARTED, exec->id, payload, 4);
    exec->state = EXEC_RUNNING;
    input_grant_first(&exec->input);
    for (int i = 0; i < STREAMS; i++) stream_enable(&exec->streams[i]);
}

/* The status pipe says why the child could not start, or ends because it has. */
static void read_status(struct exec *exec) {
    ssize_t got = exec->status_fd < 0 ? -1 : read(exec->status_fd, &exec->failure, sizeof exec->failure);
    if (got < 0) return;
    loop_remove(exec->status_fd);
    close(exec->status_fd);
    exec->status_fd = -1;
    /* FAILED waits until the child is reaped, so that nothing of it is left when its id is free. */
    if (got == 0) started(exec);
}

static void status_ready(struct source *source, uint32_t events) {
    (void)events;
    struct exec *exec = container_of(source, struct exec, status_source);
    if (exec->state == EXEC_STARTING) read_status(exec);
}

void exec_part(uint32_t id, const uint8_t *payload, size_t length) {
    exec_request_part(id, payload, length);
}

void exec_frame(uint32_t id, const uint8_t *payload, size_t length) {
    struct exec_request request;
    struct exec *exec = NULL;
    for (int i = 0; i < MAX_EXECS && !exec; i++)
        if (execs[i].state == EXEC_FREE) exec = &execs[i];
    if (!exec) port_break("at most 64 execs at a time");
    memset(exec, 0, sizeof *exec);
    exec->id = id;
    exec->status_fd = exec->input.fd = -1;
    for (int i = 0; i < STREAMS; i++) exec->streams[i].fd = -1;

    exec->status_source.ready = status_ready;
    exec->failure = (struct spawn_failure){.error = ENOMEM, .step = STEP_MEMORY};
    if (exec_request_parse(&request, id, payload, length)) {
        exec->failure.error = 0;
        exec->state = EXEC_STARTING;
        spawn(exec, &request);
    }
    exec_request_free(&request);
    if (exec->failure.error) fail(exec);
}

void exec_signal(struct exec *exec, int number) {
    if (exec->state == EXEC_STARTING)
        kill(exec->pid, number); /* it may not have its own group yet */
    else if (exec->state == EXEC_RUNNING)
        kill(-exec->pid, number);
    else
        cgroup_signal(&exec->cgroup, number); /* the number of its group may already be someone else's */
}

void exec_resize(struct exec *exec, uint16_t rows, uint16_t cols) {
    struct winsize size = {.ws_row = rows, .ws_col = cols};
    if ((exec->flags & EXEC_TTY) && exec->input.fd >= 0) ioctl(exec->input.fd, TIOCSWINSZ, &size);
}

void exec_stream_ended(struct exec *exec) {
    if (exec->state != EXEC_ENDED) return;
    for (int i = 0; i < STREAMS; i++)
        if (exec->streams[i].fd >= 0) return;
    port_send(FRAME_CLOSED, exec->id, NULL, 0);
    release(exec);
}

static uint64_t microseconds(struct timeval time) {
    return (uint64_t)time.tv_sec * 1000000u + (uint64_t)time.tv_usec;
}

static void ended(struct exec *exec, int status, const struct rusage *usage) {
    if (exec->state == EXEC_STARTING) read_status(exec);
    if (exec->failure.error) {
        fail(exec);
        return;
    }
    uint8_t payload[24];
    put_u32(payload, WIFEXITED(status) ? (uint32_t)WEXITSTATUS(status) : 0);
    put_u32(payload + 4, WIFSIGNALED(status) ? (uint32_t)WTERMSIG(status) : 0);
    put_u64(payload + 8, microseconds(usage->ru_utime));
    put_u64(payload + 16, microseconds(usage->ru_stime));
    port_send(FRAME_EXITED, exec->id, payload, sizeof payload);
    exec->state = EXEC_ENDED;
    if (!(exec->flags & EXEC_KEEP_LEFTOVERS)) cgroup_kill(&exec->cgroup);
    exec_stream_ended(exec);
}

static struct exec *exec_of(pid_t pid) {
    for (int i = 0; i < MAX_EXECS; i++)
        if ((execs[i].state == EXEC_STARTING || execs[i].state == EXEC_RUNNING) && execs[i].pid == pid)
            return &execs[i];
    return NULL;
}

void exec_reap(void) {
    siginfo_t info;
    for (;;) {
        info.si_pid = 0;
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0) break;
        struct exec *exec = exec_of(info.si_pid);
        /* Without a cgroup the process group must be killed while the zombie still keeps its number from reuse. */
        if (exec && !cgroup_present(&exec->cgroup) && !(exec->flags & EXEC_KEEP_LEFTOVERS)) kill(-info.si_pid, SIGKILL);
        int status;
        struct rusage usage;
        if (wait4(info.si_pid, &status, WNOHANG, &usage) == info.si_pid && exec) ended(exec, status, &usage);
    }
    for (int i = 0; i < MAX_EXECS; i++)
        if (execs[i].state == EXEC_ENDED && !(execs[i].flags & EXEC_KEEP_LEFTOVERS)) cgroup_kill(&execs[i].cgroup);
    cgroup_sweep();
}

void exec_kill_all(void) {
    for (int i = 0; i < MAX_EXECS; i++) {
        struct exec *exec = &execs[i];
        if (exec->pid <= 1) continue; /* not forked yet; and 0 or -1 would be far more than an exec */
        if (exec->state == EXEC_STARTING) kill(exec->pid, SIGKILL);
        if (exec->state == EXEC_RUNNING) kill(-exec->pid, SIGKILL);
    }
}
