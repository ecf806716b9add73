#define _GNU_SOURCE
#include "request.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "bytes.h"
#include "descriptors.h"
#include "loop.h"
#include "port.h"
#include "protocol.h"

struct request {
    struct source source;
    bool used, finished;
    uint32_t id;
    int fd;
    pid_t pid;
    request_done *done;
    uint8_t *payload; /* kept for `done` only */
    size_t payload_length;
    size_t length;
    uint8_t reply[4 + MAX_FILE_BYTES];
};

static struct request requests[MAX_REQUESTS];
static unsigned finished_count;

void request_reply(uint32_t id, uint32_t error) {
    uint8_t payload[4];
    put_u32(payload, error);
    port_send(FRAME_REPLY, id, payload, 4);
}

bool request_pending(uint32_t id) {
    for (int i = 0; i < MAX_REQUESTS; i++)
        if (requests[i].used && requests[i].id == id) return true;
    return false;
}

static void request_ready(struct source *source, uint32_t events) {
    (void)events;
    struct request *request = container_of(source, struct request, source);
    while (request->used && !request->finished) {
        ssize_t got = read(request->fd, request->reply + request->length, sizeof request->reply - request->length);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) return;
        if (got > 0) {
            request->length += (size_t)got;
            if (request->length < sizeof request->reply) continue;
        }
        loop_remove(request->fd);
        close(request->fd);
        if (request->length < 4) {
            /* The helper was killed before it could answer. */
            put_u32(request->reply, EIO);
            request->length = 4;
        }
        if (request->done && get_u32(request->reply) == 0) request->done(request->payload, request->payload_length);
        free(request->payload);
        request->payload = NULL;
        request->finished = true;
        finished_count++;
    }
}

void request_send_finished(void) {
    for (int i = 0; finished_count > 0 && i < MAX_REQUESTS; i++) {
        struct request *request = &requests[i];
        if (!request->used || !request->finished) continue;
        port_send(FRAME_REPLY, request->id, request->reply, request->length);
        request->used = false;
        finished_count--;
        return; /* one at a time: the queue has room for one reply beyond its backlog */
    }
}

void request_kill_all(void) {
    for (int i = 0; i < MAX_REQUESTS; i++)
        if (requests[i].used && !requests[i].finished) kill(requests[i].pid, SIGKILL);
}

static void help(int fd, request_operation *run, const uint8_t *payload, size_t length) {
    static uint8_t reply[4 + MAX_FILE_BYTES];
    size_t out = 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* it may wait for ever, and in hosted mode nobody else would end it */
    put_u32(reply, run(payload, length, reply + 4, &out));
    for (size_t sent = 0; sent < 4 + out;) {
        ssize_t written = write(fd, reply + sent, 4 + out - sent);
        if (written <= 0) break;
        sent += (size_t)written;
    }
    _exit(0);
}

void request_start(uint32_t id, request_operation *run, const uint8_t *payload, size_t length, request_done *done) {
    struct request *request = NULL;
    for (int i = 0; i < MAX_REQUESTS && !request; i++)
        if (!requests[i].used) request = &requests[i];
    if (!request) port_break("at most 64 requests at a time");
    int pipe_fds[2];
    if (pipe2(pipe_fds, O_CLOEXEC) < 0) {
        request_reply(id, (uint32_t)errno);
        return;
    }
    pid_t pid = fork();
    if (pid == 0) {
        int fd = keep_only_standard_and(pipe_fds[1]);
        help(fd, run, payload, length);
    }
    int error = pid < 0 ? errno : 0;
    close(pipe_fds[1]);
    fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK);
    request->source.ready = request_ready;
    if (!error && !loop_add(pipe_fds[0], EPOLLIN, &request->source)) error = errno;
    if (error) {
        close(pipe_fds[0]);
        request_reply(id, (uint32_t)error);
        return;
    }
    request->used = true;
    request->finished = false;
    request->id = id;
    request->pid = pid;
    request->fd = pipe_fds[0];
    request->length = 0;
    request->done = done;
    request->payload = done ? malloc(length) : NULL;
    request->payload_length = length;
    if (request->payload)
        memcpy(request->payload, payload, length);
    else
        request->done = NULL;
}
