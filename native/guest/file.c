#define _GNU_SOURCE
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mode.h"
#include "protocol.h"

uint32_t file_read(const uint8_t *payload, size_t length, uint8_t *out, size_t *out_length) {
    (void)length;
    int fd = open((const char *)payload, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return (uint32_t)errno;
    /* Until the end, not until its size: files of /proc and /sys say 0 or 4096. */
    while (*out_length < MAX_FILE_BYTES) {
        ssize_t got = read(fd, out + *out_length, MAX_FILE_BYTES - *out_length);
        if (got < 0) return (uint32_t)errno;
        if (got == 0) break;
        *out_length += (size_t)got;
    }
    return 0;
}

uint32_t file_write(const uint8_t *payload, size_t length, uint8_t *out, size_t *out_length) {
    (void)out;
    (void)out_length;
    size_t path = strlen((const char *)payload) + 1;
    int fd = open((const char *)payload, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC, 0644);
    if (fd < 0) return (uint32_t)errno;
    /* One write: that is what a file of /sys takes as one value. */
    ssize_t written = write(fd, payload + path, length - path);
    if (written < 0) return (uint32_t)errno;
    if ((size_t)written < length - path) return ENOSPC;
    return close(fd) < 0 ? (uint32_t)errno : 0;
}

uint32_t clock_sync(int64_t nanoseconds) {
    if (hosted) return EPERM;
    struct timespec time = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    return clock_settime(CLOCK_REALTIME, &time) < 0 ? (uint32_t)errno : 0;
}
