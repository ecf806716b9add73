#define _GNU_SOURCE
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "port.h"
#include "protocol.h"

static void input_flush(struct input *input);

static void input_ready(struct source *source, uint32_t events) {
    struct input *input = container_of(source, struct input, source);
    if (input->fd < 0) return;
    if (!input->tty && (events & EPOLLERR)) {
        /* Nobody has the other end any more. */
        input_close(input);
        /* Before STARTED the host knows of no stdin: a program that could not be started says FAILED, nothing else. */
        input->closed_early = !input->started;
        if (input->started && !input->ending) port_send(FRAME_STDIN_CLOSED, input->id, NULL, 0);
        return;
    }
    input->writable = true;
    input_flush(input);
}

bool input_open(struct input *input, uint32_t id, int fd, bool tty) {
    memset(input, 0, sizeof *input);
    input->source.ready = input_ready;
    input->id = id;
    input->fd = fd;
    input->tty = tty;
    input->buffer = malloc(INPUT_WINDOW);
    fcntl(fd, F_SETFL, O_NONBLOCK | O_RDWR);
    return input->buffer && loop_add(fd, EPOLLOUT, &input->source);
}

static void grant(struct input *input, uint32_t bytes) {
    uint8_t payload[4];
    put_u32(payload, bytes);
    input->granted += bytes;
    port_send(FRAME_STDIN_CREDIT, input->id, payload, 4);
}

void input_grant_first(struct input *input) {
    input->started = true;
    if (input->fd >= 0) grant(input, INPUT_WINDOW);
    else if (input->closed_early) port_send(FRAME_STDIN_CLOSED, input->id, NULL, 0);
}

/* How many of `bytes` the process took. */
static size_t push(struct input *input, const uint8_t *bytes, size_t length) {
    size_t taken = 0;
    while (taken < length && input->writable) {
        ssize_t written = write(input->fd, bytes + taken, length - taken);
        if (written > 0) {
            taken += (size_t)written;
        } else if (written < 0 && errno == EINTR) {
            continue;
        } else {
            /* EPIPE comes with EPOLLERR, which tells the host. */
            input->writable = false;
        }
    }
    input->owed += (uint32_t)taken;
    return taken;
}

static void settle(struct input *input) {
    if (input->ending && input->start == input->end) {
        input_close(input);
    } else if (input->owed >= INPUT_WINDOW / 4) {
        uint32_t owed = input->owed;
        input->owed = 0;
        grant(input, owed);
    }
}

static void input_flush(struct input *input) {
    input->start += push(input, input->buffer + input->start, input->end - input->start);
    if (input->start == input->end) input->start = input->end = 0;
    settle(input);
}

void input_receive(struct input *input, const uint8_t *bytes, size_t length) {
    if (length > input->granted) port_break("STDIN stays within its credit");
    if (input->ending) port_break("no STDIN after STDIN_EOF");
    input->granted -= (uint32_t)length;
    if (input->fd < 0) return; /* sent before the host heard of STDIN_CLOSED */
    if (input->start == input->end) {
        size_t taken = push(input, bytes, length);
        bytes += taken;
        length -= taken;
    } else if (INPUT_WINDOW - input->end < length) {
        memmove(input->buffer, input->buffer + input->start, input->end - input->start);
        input->end -= input->start;
        input->start = 0;
    }
    memcpy(input->buffer + input->end, bytes, length);
    input->end += length;
    settle(input);
}

void input_end(struct input *input) {
    if (input->fd < 0 || input->tty) return;
    input->ending = true;
    settle(input);
}

void input_close(struct input *input) {
    if (input->fd >= 0) {
        loop_remove(input->fd);
        close(input->fd);
    }
    input->fd = -1;
    free(input->buffer);
    input->buffer = NULL;
    input->start = input->end = 0;
}
