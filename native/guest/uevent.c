#define _GNU_SOURCE
#include "uevent.h"

#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "loop.h"
#include "note.h"
#include "port.h"
#include "protocol.h"

static int uevent_fd = -1;
static struct source source;
static unsigned lost;

void uevent_open(void) {
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
    int bytes = 1 << 20;
    uevent_fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
    if (uevent_fd >= 0 && bind(uevent_fd, (struct sockaddr *)&address, sizeof address) == 0) {
        setsockopt(uevent_fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
        return;
    }
    note(NOTE_WARNING, "no uevents (CONFIG_NET): errno %d", errno);
    if (uevent_fd >= 0) close(uevent_fd);
    uevent_fd = -1;
}

int64_t monotonic_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool uevent_wait(int64_t deadline) {
    int64_t left = deadline - monotonic_ms();
    if (left <= 0) return false;
    if (uevent_fd < 0) {
        poll(NULL, 0, 20);
        return true;
    }
    struct pollfd wait = {.fd = uevent_fd, .events = POLLIN};
    if (poll(&wait, 1, (int)left) <= 0) return false;
    char event[8192];
    while (recv(uevent_fd, event, sizeof event, 0) > 0 || errno == ENOBUFS) errno = 0;
    return true;
}

/* `ACTION@DEVPATH`, then KEY=value strings, of which the first is dropped. */
static void forward(char *event, size_t length) {
    char *end = event + length;
    char *pairs = event + strlen(event) + 1;
    if (pairs >= end || length > FRAME_MAX_PAYLOAD) return;
    for (char *pair = pairs; pair < end; pair += strlen(pair) + 1) {
        if (strcmp(pair, "SUBSYSTEM=sched_ext") != 0) continue;
        if (!port_send_optional(FRAME_UEVENT, pairs, (size_t)(end - pairs))) lost++;
        return;
    }
}

static void uevent_ready(struct source *self, uint32_t events) {
    (void)self;
    (void)events;
    char event[8192 + 1];
    for (;;) {
        struct sockaddr_nl from = {.nl_pid = 0};
        socklen_t size = sizeof from;
        ssize_t got = recvfrom(uevent_fd, event, sizeof event - 1, 0, (struct sockaddr *)&from, &size);
        if (got < 0 && errno == ENOBUFS) {
            lost++;
            continue;
        }
        if (got <= 0) break;
        event[got] = 0;
        /* Only the kernel's: a process of the guest can send to this group, too. */
        if (from.nl_pid == 0 && event[got - 1] == 0) forward(event, (size_t)got);
    }
    if (lost > 0) note(NOTE_WARNING, "uevents were lost %u times", lost);
    lost = 0;
}

void uevent_forward(void) {
    source.ready = uevent_ready;
    if (uevent_fd >= 0) loop_add(uevent_fd, EPOLLIN, &source);
}
