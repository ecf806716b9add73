#define _GNU_SOURCE
#include "find-port.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "note.h"
#include "protocol.h"
#include "uevent.h"

#define PORTS "/sys/class/virtio-ports"
#define PORT_MS 20000

static bool has_name(const char *port) {
    char path[300], name[64] = "";
    snprintf(path, sizeof path, PORTS "/%s/name", port);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t got = read(fd, name, sizeof name - 1);
    close(fd);
    name[strcspn(name, "\n")] = 0;
    return got > 0 && strcmp(name, PORT_NAME) == 0;
}

static int open_port(void) {
    DIR *ports = opendir(PORTS);
    int fd = -1;
    for (struct dirent *entry; ports && fd < 0 && (entry = readdir(ports));) {
        if (entry->d_name[0] == '.' || !has_name(entry->d_name)) continue;
        char path[300];
        snprintf(path, sizeof path, "/dev/%s", entry->d_name);
        fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    }
    if (ports) closedir(ports);
    return fd;
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
