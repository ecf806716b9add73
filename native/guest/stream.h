/*
 * An output stream of an exec: a pipe (or a tty) that is read only when the host has given credit for it and the port
 * can take a frame. A stream nobody reads therefore fills its own pipe and stops its own writer, nothing else.
 */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "loop.h"

struct exec;

struct stream {
    struct source source;
    struct exec *exec;
    int fd; /* -1: at its end, or never there */
    uint8_t type;
    bool tty, enabled, readable, hung_up;
    uint32_t credit;
    /* Neighbours in the ring of streams that have both something to read and credit. */
    struct stream *next, *previous;
};

bool stream_open(struct stream *stream, struct exec *exec, int fd, uint8_t type, uint32_t credit);
/* From here on it may be read: output never comes before STARTED. */
void stream_enable(struct stream *stream);
void stream_close(struct stream *stream);
void stream_grant(struct stream *stream, uint32_t bytes);

struct taken {
    uint8_t type;
    uint32_t id;
    size_t length;
    bool bulk;       /* it lies on the disk, not where it was to go */
    uint32_t offset; /* there */
};
/* Reads from the stream whose turn it is, as much as there is, fits and has credit. False when there is none. */
bool stream_take(struct iovec *to, int parts, struct taken *taken);
bool streams_waiting(void);

#endif
