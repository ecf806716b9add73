/*
 * The stdin of an exec. The host may send what it was granted; what the pipe does not take at once waits here, so PID 1
 * never waits for a process that does not read.
 */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loop.h"

/* granted + buffered + owed = this, always. */
#define INPUT_WINDOW (256 * 1024)

struct input {
    struct source source;
    uint32_t id;
    int fd; /* -1: closed */
    bool tty, writable, ending;
    bool started;      /* the host knows of this stdin */
    bool closed_early; /* before it did */
    uint32_t granted; /* the host may still send this much */
    uint32_t owed;    /* the process has taken this much, and the host has not been told */
    uint8_t *buffer;
    size_t start, end;
};

bool input_open(struct input *input, uint32_t id, int fd, bool tty);
/* Once the exec has started. */
void input_grant_first(struct input *input);
void input_receive(struct input *input, const uint8_t *bytes, size_t length);
/* Closes the pipe when all is written. A tty stays open: its end is a character. */
void input_end(struct input *input);
/* At the end of the exec, silently. */
void input_close(struct input *input);

#endif
