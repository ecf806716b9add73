#include "bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_ROOM 16384

void *must_allocate(size_t size) {
    void *memory = malloc(size ? size : 1);
    if (!memory) abort();
    return memory;
}

bool read_all(int fd, size_t limit, struct bytes *into) {
    struct stat about;
    bool is_known = fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
    size_t room = is_known ? (size_t)about.st_size + 2 : FIRST_ROOM;
    into->size = 0;
    if (is_known && (size_t)about.st_size > limit) return false;
    into->at = must_allocate(room);
    for (;;) {
        if (into->size + 1 == room) {
            room *= 2;
            into->at = realloc(into->at, room);
            if (!into->at) abort();
        }
        ssize_t got = read(fd, into->at + into->size, room - into->size - 1);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return false;
        into->at[into->size += (size_t)got] = 0;
        if (got == 0) return true;
        if (into->size > limit) return false;
    }
}

bool read_file(const char *path, size_t limit, struct bytes *into) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool is_read = read_all(fd, limit, into);
    close(fd);
    return is_read;
}

bool write_all(int fd, const void *bytes, size_t size) {
    const char *from = bytes;
    while (size > 0) {
        ssize_t put = write(fd, from, size);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return false;
        from += put;
        size -= (size_t)put;
    }
    return true;
}
