/*
 * free → starting → running → ended → free
 *           └ could not start: FAILED → free
 * `starting` lasts until the child has called exec, which closes its end of the status pipe. `ended` lasts until every
 * stream is at its end.
 */
#ifndef EXEC_H
#define EXEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "cgroup.h"
#include "input.h"
#include "protocol.h"
#include "stream.h"

#define STREAMS 3

enum exec_state { EXEC_FREE, EXEC_STARTING, EXEC_RUNNING, EXEC_ENDED };

/* What could not be done, as FAILED names it. */
enum exec_step { STEP_MEMORY, STEP_PIPE, STEP_TTY, STEP_FORK, STEP_SESSION, STEP_CGROUP, STEP_CHDIR, STEP_EXEC };

struct spawn_failure {
    int32_t error;
    int32_t step;
};

struct exec {
    enum exec_state state;
    uint32_t id;
    uint32_t flags;
    pid_t pid;
    int status_fd;
    struct spawn_failure failure; /* error 0: none so far */
    struct source status_source;
    struct stream streams[STREAMS]; /* stdout (or the tty), stderr, report */
    struct input input;
    struct cgroup cgroup;
};

struct exec *exec_find(uint32_t id);
void exec_part(uint32_t id, const uint8_t *payload, size_t length);
void exec_frame(uint32_t id, const uint8_t *payload, size_t length);
void exec_signal(struct exec *exec, int number);
void exec_resize(struct exec *exec, uint16_t rows, uint16_t cols);
void exec_stream_ended(struct exec *exec);
/* Takes every process that has ended, ours or orphaned. */
void exec_reap(void);
/* SIGKILL for all of them, without waiting. */
void exec_kill_all(void);

#endif
