#include "loop.h"

#include <errno.h>

#include "note.h"

static int epoll_fd = -1;

void loop_open(void) {
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0) fatal("epoll_create1: errno %d", errno);
}

bool loop_add(int fd, uint32_t events, struct source *source) {
    struct epoll_event event = {.events = events | EPOLLET, .data.ptr = source};
    return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

void loop_remove(int fd) {
    epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

void loop_turn(bool wait) {
    struct epoll_event events[64];
    int count = epoll_wait(epoll_fd, events, 64, wait ? -1 : 0);
    for (int i = 0; i < count; i++) {
        struct source *source = events[i].data.ptr;
        source->ready(source, events[i].events);
    }
}
