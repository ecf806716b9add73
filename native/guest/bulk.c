#define _GNU_SOURCE
#include "bulk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "find-device.h"
#include "port.h"
#include "protocol.h"
#include "stream.h"

#define SERIAL "devbox-bulk"
#define PAGE 4096u
/* Less is copied sooner than a disk is asked. */
#define BULK_MIN (64 * 1024)

static struct {
    int disk;
    /* Between a process's pipe and the disk, so that the process can go on writing while the disk works. */
    int in, out;
    /* Whose bytes the disk refused; they are still in `out`. */
    const struct stream *owner;
    size_t left;
    unsigned next, used; /* slots */
} bulk = {.disk = -1};

bool bulk_open(const char *path, int flags) {
    int pipe_fds[2];
    int disk = open(path, O_RDWR | O_CLOEXEC | flags);
    if (disk < 0) return false;
    if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) < 0) {
        close(disk);
        return false;
    }
    fcntl(pipe_fds[0], F_SETPIPE_SZ, BULK_SLOT);
    bulk.disk = disk;
    bulk.out = pipe_fds[0];
    bulk.in = pipe_fds[1];
    return true;
}

void bulk_find(void) {
    struct utsname name;
    unsigned major = 0, minor = 0;
    char device[300];
    uname(&name);
    /* Before 5.12 a kernel hands on empty buffers of a pipe, too, which a disk does not expect. */
    if (sscanf(name.release, "%u.%u", &major, &minor) != 2 || major * 1000 + minor < 5012) return;
    if (find_device("/sys/block", "serial", SERIAL, device, sizeof device)) bulk_open(device, O_DIRECT);
}

size_t bulk_move(struct stream *stream, size_t limit, uint32_t *offset) {
    int ready;
    if (bulk.disk < 0 || bulk.owner || bulk.used == BULK_SLOTS || limit < BULK_MIN || stream->tty) return 0;
    if (ioctl(stream->fd, FIONREAD, &ready) < 0 || ready < BULK_MIN) return 0;
    if (limit > (size_t)ready) limit = (size_t)ready;
    if (limit > BULK_SLOT) limit = BULK_SLOT;
    ssize_t moved = splice(stream->fd, NULL, bulk.in, NULL, limit & ~(size_t)(PAGE - 1), SPLICE_F_NONBLOCK);
    if (moved <= 0) return 0;
    loff_t at = (loff_t)bulk.next * BULK_SLOT;
    *offset = (uint32_t)at;
    /* Refused when the pages are not full: programs that write in odd sizes have their output copied. */
    ssize_t written = splice(bulk.out, NULL, bulk.disk, &at, (size_t)moved, 0);
    if (written < 0) written = 0;
    bulk.left = (size_t)(moved - written);
    bulk.owner = bulk.left > 0 ? stream : NULL;
    if (written == 0) return 0;
    bulk.next = (bulk.next + 1) % BULK_SLOTS;
    bulk.used++;
    return (size_t)written;
}

int bulk_source(const struct stream *stream) {
    return bulk.owner == stream ? bulk.out : stream->fd;
}

void bulk_consumed(const struct stream *stream, size_t bytes) {
    if (bulk.owner != stream) return;
    bulk.left -= bytes;
    if (bulk.left == 0) bulk.owner = NULL;
}

void bulk_forget(const struct stream *stream) {
    char gone[PAGE];
    if (bulk.owner != stream) return;
    while (read(bulk.out, gone, sizeof gone) > 0) {}
    bulk.owner = NULL;
}

void bulk_taken(void) {
    if (bulk.used == 0) port_break("no more is taken from the disk than was put there");
    bulk.used--;
}
