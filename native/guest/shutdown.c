#define _GNU_SOURCE
#include "shutdown.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"
#include "exec.h"
#include "mode.h"
#include "mounting.h"
#include "port.h"
#include "protocol.h"
#include "request.h"
#include "uevent.h"

#define KILL_MS 3000
#define UNMOUNT_MS 10000

/* Reaps until `pid` has ended (-1: until there is no child left). False when time is up first. SIGCHLD is blocked, so no wake-up is lost. */
static bool reap_until(pid_t pid, int64_t deadline, int *status) {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    for (;;) {
        pid_t ended = waitpid(-1, status, WNOHANG);
        if (ended == pid || (ended < 0 && errno == ECHILD)) return true;
        if (ended > 0) continue;
        int64_t left = deadline - monotonic_ms();
        if (left <= 0) return false;
        struct timespec wait = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
        sigtimedwait(&child, NULL, &wait);
    }
}

static void kill_everything(void) {
    int status;
    if (hosted) {
        exec_kill_all();
        request_kill_all();
    } else {
        kill(-1, SIGKILL);
    }
    reap_until(-1, monotonic_ms() + KILL_MS, &status);
}

/* In a helper: a file system whose server is gone may never answer. */
static uint32_t unmount_and_sync(void) {
    pid_t pid = fork();
    if (pid < 0) return (uint32_t)errno;
    if (pid == 0) {
        uint32_t error = unmount_all();
        sync();
        _exit((int)error);
    }
    int status = 0;
    if (!reap_until(pid, monotonic_ms() + UNMOUNT_MS, &status)) return ETIMEDOUT;
    return WIFEXITED(status) ? (uint32_t)WEXITSTATUS(status) : EIO;
}

void shut_down(enum shutdown_reason reason, uint32_t id) {
    static bool under_way;
    if (under_way) _exit(70);
    under_way = true;
    if (reason == SHUTDOWN_PROTOCOL_ERROR) port_flush(1000);
    kill_everything();
    uint32_t error = hosted ? 0 : unmount_and_sync();
    if (reason == SHUTDOWN_ASKED) {
        uint8_t payload[4];
        put_u32(payload, error);
        port_send_last(FRAME_REPLY, id, payload, 4);
    }
    if (hosted) exit(reason == SHUTDOWN_PROTOCOL_ERROR ? 3 : 0);
    reboot(RB_POWER_OFF);
    /* Without a way to power off, QEMU's -no-reboot makes this the same. */
    reboot(RB_AUTOBOOT);
    for (;;) pause();
}
