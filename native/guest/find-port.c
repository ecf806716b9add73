#define _GNU_SOURCE
#include "find-port.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "find-device.h"
#include "note.h"
#include "protocol.h"
#include "uevent.h"

#define PORTS "/sys/class/virtio-ports"
#define PORT_MS 20000

static int open_port(void) {
    char path[300];
    if (!find_device(PORTS, "name", PORT_NAME, path, sizeof path)) return -1;
    return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

/* Until the host has connected, the port is hung up; edge-triggered, so that this sleeps rather than spins. */
static void wait_for_host(int fd) {
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLOUT | EPOLLET};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) fatal("cannot wait for the host: errno %d", errno);
    do {
        if (epoll_wait(epoll, &event, 1, -1) < 0 && errno != EINTR) fatal("epoll_wait: errno %d", errno);
    } while (!(event.events & EPOLLOUT) || (event.events & EPOLLHUP));
    close(epoll);
}

int find_port(void) {
    int64_t deadline = monotonic_ms() + PORT_MS;
    int fd;
    while ((fd = open_port()) < 0)
        if (!uevent_wait(deadline))
            fatal("no virtio port %s within %d s (CONFIG_VIRTIO_CONSOLE)", PORT_NAME, PORT_MS / 1000);
    wait_for_host(fd);
    return fd;
}
