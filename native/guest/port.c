#define _GNU_SOURCE
#include "port.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"
#include "dispatch.h"
#include "loop.h"
#include "note.h"
#include "protocol.h"
#include "request.h"
#include "shutdown.h"
#include "stream.h"

/* Nothing more is read from the host, and nothing optional is queued, while this much waits to be sent. */
#define CONTROL_BACKLOG (128 * 1024)
/* What can still be queued then: one reply per request, and a few small frames for each exec. */
#define CONTROL_CAPACITY (CONTROL_BACKLOG + 2 * (FRAME_HEADER + FRAME_MAX_PAYLOAD) + MAX_EXECS * 512)
/* Frames per turn, so that a chatty process never keeps the loop from looking at the others. */
#define FRAMES_PER_TURN 64
/* Several at a time: with more vCPUs than cores, what a pipe's lock costs is most of its price. */
#define BULK_FRAMES 8
#define BULK_PAYLOAD 12
#define FRAME_SIZE (FRAME_HEADER + FRAME_MAX_PAYLOAD)

static struct {
    struct source source;
    int fd;
    bool readable, writable;
    bool held; /* a whole frame may be waiting in `in`, until the backlog is gone */
    uint8_t in[2 * (FRAME_HEADER + FRAME_MAX_PAYLOAD)];
    size_t in_start, in_end;
    uint8_t control[CONTROL_CAPACITY];
    size_t control_start, control_end;
    /* What one read of a pipe gave, as frames. The pipes are the queue: nothing else is outside one. */
    uint8_t bulk[BULK_FRAMES * FRAME_SIZE];
    size_t bulk_start, bulk_end;
} port = {.fd = -1};

static void port_ready(struct source *source, uint32_t events) {
    (void)source;
    if (events & (EPOLLHUP | EPOLLERR)) shut_down(SHUTDOWN_HOST_GONE, 0);
    if (events & EPOLLIN) port.readable = true;
    if (events & EPOLLOUT) port.writable = true;
}

void port_attach(int fd) {
    port.fd = fd;
    port.source.ready = port_ready;
    if (!loop_add(fd, EPOLLIN | EPOLLOUT, &port.source)) fatal("cannot wait for the port: errno %d", errno);
}

static void put_header(uint8_t *to, uint8_t type, uint32_t id, size_t length) {
    put_u32(to, (uint32_t)length);
    put_u32(to + 4, type);
    put_u32(to + 8, id);
}

static size_t backlog(void) {
    return port.control_end - port.control_start;
}

void port_send(uint8_t type, uint32_t id, const void *payload, size_t length) {
    size_t size = FRAME_HEADER + length;
    if (CONTROL_CAPACITY - port.control_end < size) {
        memmove(port.control, port.control + port.control_start, backlog());
        port.control_end -= port.control_start;
        port.control_start = 0;
        if (CONTROL_CAPACITY - port.control_end < size) fatal("the control queue overflowed");
    }
    uint8_t *frame = port.control + port.control_end;
    put_header(frame, type, id, length);
    if (length > 0) memcpy(frame + FRAME_HEADER, payload, length);
    port.control_end += size;
}

bool port_send_optional(uint8_t type, const void *payload, size_t length) {
    if (backlog() >= CONTROL_BACKLOG) return false;
    port_send(type, 0, payload, length);
    return true;
}

void port_break(const char *rule) {
    port_send(FRAME_PROTOCOL_ERROR, 0, rule, strlen(rule) + 1);
    shut_down(SHUTDOWN_PROTOCOL_ERROR, 0);
}

/* Writes from a buffer; false when the port takes no more for now. */
static bool drain(const uint8_t *buffer, size_t *start, size_t *end) {
    ssize_t written = write(port.fd, buffer + *start, *end - *start);
    if (written < 0 && errno == EINTR) return true;
    /* 0: the port's device is no more. The kernel is going down, and needs the CPU for it. */
    if (written <= 0) {
        if (written < 0 && errno != EAGAIN) shut_down(SHUTDOWN_HOST_GONE, 0);
        port.writable = false;
        return false;
    }
    *start += (size_t)written;
    if (*start == *end) *start = *end = 0;
    return true;
}

static void say_where(const struct taken *taken) {
    uint8_t *payload = port.bulk + FRAME_HEADER;
    put_header(port.bulk, FRAME_BULK, taken->id, BULK_PAYLOAD);
    put_u32(payload, taken->type - FRAME_STDOUT + 1u);
    put_u32(payload + 4, taken->offset);
    put_u32(payload + 8, (uint32_t)taken->length);
    port.bulk_end = FRAME_HEADER + BULK_PAYLOAD;
}

/* Reads into the payloads' places; the headers go into the gaps that were left for them. */
static bool take_bulk(void) {
    struct iovec payloads[BULK_FRAMES];
    for (int i = 0; i < BULK_FRAMES; i++) {
        payloads[i].iov_base = port.bulk + i * FRAME_SIZE + FRAME_HEADER;
        payloads[i].iov_len = FRAME_MAX_PAYLOAD;
    }
    struct taken taken;
    if (!stream_take(payloads, BULK_FRAMES, &taken)) return false;
    if (taken.bulk) {
        say_where(&taken);
        return true;
    }
    for (size_t length = taken.length; length > 0;) {
        size_t part = length < FRAME_MAX_PAYLOAD ? length : FRAME_MAX_PAYLOAD;
        put_header(port.bulk + port.bulk_end, taken.type, taken.id, part);
        port.bulk_end += FRAME_HEADER + part;
        length -= part;
    }
    return true;
}

/* Sends one frame, or a part of one. False when there is none or it must wait. */
static bool send_next(void) {
    if (!port.writable) return false;
    /* What was taken from a pipe goes first: the exec's CLOSED may be queued already. */
    if (port.bulk_end > 0) return drain(port.bulk, &port.bulk_start, &port.bulk_end);
    if (backlog() == 0) request_send_finished();
    if (backlog() > 0) return drain(port.control, &port.control_start, &port.control_end);
    /* Looking for output may find an end instead, which queues a control frame. */
    if (!take_bulk()) return backlog() > 0;
    return drain(port.bulk, &port.bulk_start, &port.bulk_end);
}

static bool may_receive(void) {
    return backlog() < CONTROL_BACKLOG;
}

static void receive(void) {
    if (port.readable && !port.held) {
        if (port.in_start > 0) {
            memmove(port.in, port.in + port.in_start, port.in_end - port.in_start);
            port.in_end -= port.in_start;
            port.in_start = 0;
        }
        ssize_t got = read(port.fd, port.in + port.in_end, sizeof port.in - port.in_end);
        if (got == 0) shut_down(SHUTDOWN_HOST_GONE, 0);
        if (got < 0) {
            if (errno != EAGAIN && errno != EINTR) shut_down(SHUTDOWN_HOST_GONE, 0);
            if (errno == EAGAIN) port.readable = false;
        } else {
            port.in_end += (size_t)got;
        }
    }
    port.held = false;
    while (port.in_end - port.in_start >= FRAME_HEADER) {
        if (!may_receive()) {
            port.held = true;
            return;
        }
        const uint8_t *header = port.in + port.in_start;
        size_t length = get_u32(header);
        if (length > FRAME_MAX_PAYLOAD) port_break("a payload has at most 32756 bytes");
        if (header[5] != 0 || get_u16(header + 6) != 0) port_break("flags and reserved are 0");
        if (port.in_end - port.in_start < FRAME_HEADER + length) return;
        port.in_start += FRAME_HEADER + length;
        dispatch(header[4], get_u32(header + 8), header + FRAME_HEADER, length);
    }
}

bool port_work(void) {
    if ((port.readable || port.held) && may_receive()) receive();
    bool more = false;
    for (int i = 0; i < FRAMES_PER_TURN; i++) {
        more = send_next();
        if (!more) break;
    }
    return more || ((port.readable || port.held) && may_receive());
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void port_flush(int milliseconds) {
    int64_t deadline = now_ms() + milliseconds;
    while (port.bulk_end > 0 || backlog() > 0) {
        bool bulk = port.bulk_end > 0;
        const uint8_t *from = bulk ? port.bulk + port.bulk_start : port.control + port.control_start;
        ssize_t written = write(port.fd, from, bulk ? port.bulk_end - port.bulk_start : backlog());
        if (written < 0 && errno == EAGAIN) {
            struct pollfd wait = {.fd = port.fd, .events = POLLOUT};
            int64_t left = deadline - now_ms();
            if (left <= 0 || poll(&wait, 1, (int)left) <= 0 || (wait.revents & POLLHUP)) return;
        } else if (written < 0) {
            return;
        } else if (bulk) {
            port.bulk_start += (size_t)written;
            if (port.bulk_start == port.bulk_end) port.bulk_start = port.bulk_end = 0;
        } else {
            port.control_start += (size_t)written;
        }
    }
}

void port_send_last(uint8_t type, uint32_t id, const void *payload, size_t length) {
    struct pollfd wait = {.fd = port.fd, .events = POLLOUT};
    port_flush(1000);
    if (backlog() > 0 || poll(&wait, 1, 0) != 1 || (wait.revents & (POLLHUP | POLLERR))) return;
    /* A blocking write to a virtio port returns only when the host has used the buffer: powering off loses nothing. */
    fcntl(port.fd, F_SETFL, fcntl(port.fd, F_GETFL) & ~O_NONBLOCK);
    port_send(type, id, payload, length);
    port_flush(1000);
}
