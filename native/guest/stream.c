#define _GNU_SOURCE
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bulk.h"
#include "exec.h"
#include "port.h"
#include "protocol.h"

/* Whose turn is next; NULL when no stream is ready. */
static struct stream *turn;

static void leave(struct stream *stream) {
    if (!stream->next) return;
    if (turn == stream) turn = stream->next == stream ? NULL : stream->next;
    stream->previous->next = stream->next;
    stream->next->previous = stream->previous;
    stream->next = stream->previous = NULL;
}

static void join(struct stream *stream) {
    if (stream->next) return;
    if (!turn) {
        turn = stream->next = stream->previous = stream;
        return;
    }
    stream->next = turn;
    stream->previous = turn->previous;
    turn->previous->next = stream;
    turn->previous = stream;
}

/* Puts the stream where it belongs after something about it has changed. */
static void settle(struct stream *stream) {
    if (stream->fd < 0 || !stream->enabled) return;
    int left = 0;
    if (stream->credit == 0 && stream->hung_up && ioctl(bulk_source(stream), FIONREAD, &left) == 0 && left == 0) {
        /* The end needs no credit. */
        stream_close(stream);
        exec_stream_ended(stream->exec);
        return;
    }
    if (stream->readable && stream->credit > 0)
        join(stream);
    else
        leave(stream);
}

static void stream_ready(struct source *source, uint32_t events) {
    struct stream *stream = container_of(source, struct stream, source);
    stream->readable = true;
    if (events & (EPOLLHUP | EPOLLERR)) stream->hung_up = true;
    settle(stream);
}

bool stream_open(struct stream *stream, struct exec *exec, int fd, uint8_t type, uint32_t credit) {
    stream->tty = isatty(fd);
    stream->source.ready = stream_ready;
    stream->exec = exec;
    stream->fd = fd;
    stream->type = type;
    stream->credit = credit;
    stream->readable = stream->hung_up = stream->enabled = false;
    fcntl(fd, F_SETFL, O_NONBLOCK | O_RDWR);
    return loop_add(fd, EPOLLIN, &stream->source);
}

void stream_enable(struct stream *stream) {
    stream->enabled = true;
    settle(stream);
}

void stream_close(struct stream *stream) {
    leave(stream);
    if (stream->fd < 0) return;
    bulk_forget(stream);
    loop_remove(stream->fd);
    close(stream->fd);
    stream->fd = -1;
}

void stream_grant(struct stream *stream, uint32_t bytes) {
    if (bytes > MAX_CREDIT - stream->credit) port_break("outstanding credit is at most 1 GiB");
    stream->credit += bytes;
    settle(stream);
}

bool streams_waiting(void) {
    return turn != NULL;
}

/* Cuts `parts` down to `limit` bytes in all, and says how many bytes that leaves room for. */
static size_t limit_parts(struct iovec *to, int *parts, size_t limit) {
    size_t room = 0;
    for (int i = 0; i < *parts; i++) {
        if (to[i].iov_len >= limit - room) {
            to[i].iov_len = limit - room;
            *parts = i + 1;
        }
        room += to[i].iov_len;
    }
    return room;
}

bool stream_take(struct iovec *to, int parts, struct taken *taken) {
    while (turn) {
        struct stream *stream = turn;
        turn = stream->next;
        uint32_t offset;
        size_t moved = bulk_move(stream, stream->credit, &offset);
        if (moved > 0) {
            *taken = (struct taken){stream->type, stream->exec->id, moved, true, offset};
            stream->credit -= (uint32_t)moved;
            settle(stream);
            return true;
        }
        struct iovec limited[parts];
        int count = parts;
        memcpy(limited, to, sizeof limited);
        size_t room = limit_parts(limited, &count, stream->credit);
        int source = bulk_source(stream);
        ssize_t got = readv(source, limited, count);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) {
            stream->readable = false;
            leave(stream);
            continue;
        }
        if (got <= 0) {
            /* A tty says EIO when its last process has gone. */
            stream_close(stream);
            exec_stream_ended(stream->exec);
            continue;
        }
        *taken = (struct taken){stream->type, stream->exec->id, (size_t)got, false, 0};
        stream->credit -= (uint32_t)got;
        bulk_consumed(stream, (size_t)got);
        /*
         * That emptied the pipe, so its next byte is an event. Trying again at once would only wait for the pipe's lock
         * while the writer fills it, which on a host with fewer cores than vCPUs costs more than all the rest.
         */
        if ((size_t)got < room && source == stream->fd && !stream->tty && !stream->hung_up) stream->readable = false;
        settle(stream);
        return true;
    }
    return false;
}
