#define _GNU_SOURCE
#include "run-compiler.h"

#include <errno.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fcntl.h>

extern char **environ;

_Noreturn void become_compiler(char **argv) {
    execvp(argv[0], argv);
    int code = errno == ENOENT ? 127 : 126;
    fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
    exit(code);
}

struct stream {
    int from, to;
    struct bytes *into;
    size_t room;
};

/* Hands on what came, and keeps it. False at the end. */
static bool pass_on(struct stream *stream) {
    char piece[16384];
    ssize_t got = read(stream->from, piece, sizeof piece);
    if (got < 0 && errno == EINTR) return true;
    if (got <= 0) return false;
    write_all(stream->to, piece, (size_t)got);
    if (stream->into->size + (size_t)got > stream->room) {
        stream->room = 2 * (stream->into->size + (size_t)got);
        stream->into->at = realloc(stream->into->at, stream->room);
        if (!stream->into->at) abort();
    }
    memcpy(stream->into->at + stream->into->size, piece, (size_t)got);
    stream->into->size += (size_t)got;
    return true;
}

static void pass_all(struct stream *streams, int count) {
    struct pollfd polled[2];
    int open = count;
    for (int i = 0; i < count; i++) polled[i] = (struct pollfd){.fd = streams[i].from, .events = POLLIN};
    while (open > 0) {
        if (poll(polled, (nfds_t)count, -1) < 0 && errno != EINTR) return;
        for (int i = 0; i < count; i++) {
            if (polled[i].fd < 0 || !polled[i].revents || pass_on(&streams[i])) continue;
            close(polled[i].fd);
            polled[i].fd = -1;
            open--;
        }
    }
}

static int input_of(const struct bytes *input) {
    int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd < 0 || !write_all(fd, input->at, input->size) || lseek(fd, 0, SEEK_SET) < 0) abort();
    return fd;
}

void run_compiler(char **argv, struct compiler_run *run) {
    int errors[2], text[2], status = 0, count = 0;
    struct stream streams[2];
    posix_spawn_file_actions_t actions;
    pid_t pid;
    posix_spawn_file_actions_init(&actions);
    if (pipe2(errors, O_CLOEXEC) < 0) become_compiler(argv);
    posix_spawn_file_actions_adddup2(&actions, errors[1], STDERR_FILENO);
    streams[count++] = (struct stream){.from = errors[0], .to = STDERR_FILENO, .into = &run->errors};
    if (run->takes_text) {
        if (pipe2(text, O_CLOEXEC) < 0) become_compiler(argv);
        posix_spawn_file_actions_adddup2(&actions, text[1], STDOUT_FILENO);
        streams[count++] = (struct stream){.from = text[0], .to = STDOUT_FILENO, .into = &run->text};
    }
    if (run->input) posix_spawn_file_actions_adddup2(&actions, input_of(run->input), STDIN_FILENO);
    int error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
    close(errors[1]);
    if (run->takes_text) close(text[1]);
    if (error) {
        fprintf(stderr, "%s: %s\n", argv[0], strerror(error));
        run->exit_code = error == ENOENT ? 127 : 126;
        return;
    }
    pass_all(streams, count);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    run->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
