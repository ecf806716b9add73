/*
 * PID 1 of a devbox guest: boots it, then serves the host over one virtio port (docs/guest-protocol.md).
 * `init --serve FD [FILE]` serves an inherited descriptor as an ordinary process, for tests: nothing is mounted, no clock
 * is set, SHUTDOWN ends the process, and FILE is in the place of the disk for output in bulk.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "boot.h"
#include "bulk.h"
#include "exec.h"
#include "find-port.h"
#include "hello.h"
#include "loop.h"
#include "mode.h"
#include "note.h"
#include "port.h"
#include "protocol.h"
#include "shutdown.h"
#include "uevent.h"

bool hosted;

static int signal_fd;
static struct source signal_source;

static void signal_ready(struct source *source, uint32_t events) {
    (void)source;
    (void)events;
    struct signalfd_siginfo info;
    bool child = false;
    while (read(signal_fd, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGCHLD)
            child = true;
        else if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
            shut_down(SHUTDOWN_SIGNAL, 0);
    }
    if (child) exec_reap();
}

static void block_signals(void) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    signal_fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
    signal_source.ready = signal_ready;
    if (signal_fd < 0 || !loop_add(signal_fd, EPOLLIN, &signal_source)) fatal("signalfd: errno %d", errno);
}

static void serve(int fd) {
    port_attach(fd);
    send_hello(0);
    for (;;) loop_turn(!port_work());
}

static void boot(void) {
    boot_early();
    loop_open(); /* not before descriptors 0 to 2 are what they should be */
    block_signals();
    uevent_open();
    boot_root();
    boot_system();
    bulk_find();
    int fd = find_port();
    uevent_forward();
    serve(fd);
}

static int serve_inherited(const char *number, const char *disk) {
    int fd = atoi(number);
    hosted = true;
    reserve_low_descriptors();
    loop_open();
    block_signals();
    int port = fcntl(fd, F_DUPFD_CLOEXEC, 10);
    if (port < 0 || fcntl(port, F_SETFL, O_RDWR | O_NONBLOCK) < 0) {
        fprintf(stderr, "init: cannot serve descriptor %s: %s\n", number, strerror(errno));
        return 64;
    }
    if (disk && !bulk_open(disk, 0)) {
        fprintf(stderr, "init: cannot open %s: %s\n", disk, strerror(errno));
        return 64;
    }
    if (fd > 2) close(fd);
    reserve_low_descriptors(); /* again: that may have been one of them */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    serve(port);
    return 0;
}

int main(int argc, char **argv) {
    if ((argc == 3 || argc == 4) && strcmp(argv[1], "--serve") == 0) return serve_inherited(argv[2], argv[3]);
    if (getpid() == 1) boot();
    fputs("usage: init --serve FD [FILE] (or as PID 1)\n", stderr);
    return 64;
}
