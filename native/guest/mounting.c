#define _GNU_SOURCE
#include "mounting.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "mode.h"
#include "note.h"
#include "protocol.h"

#define MAX_MOUNTS 64

static char *targets[MAX_MOUNTS];
static unsigned target_count;

int make_directories(const char *path, mode_t mode) {
    char part[PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof part) return ENAMETOOLONG;
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != 0) continue;
        memcpy(part, path, i);
        part[i] = 0;
        if (mkdir(part, mode) < 0 && errno != EEXIST) {
            int error = errno;
            struct stat there;
            if (stat(part, &there) < 0) return error; /* on a read-only root mkdir says EROFS for what exists, too */
        }
    }
    return 0;
}

uint32_t mounting_run(const uint8_t *payload, size_t length, uint8_t *out, size_t *out_length) {
    (void)out;
    (void)out_length;
    if (hosted) return EPERM;
    struct cursor cursor = {payload, payload + length, false};
    uint32_t flags = take_u32(&cursor);
    const char *source = take_string(&cursor);
    const char *target = take_string(&cursor);
    const char *type = take_string(&cursor);
    const char *options = take_string(&cursor);
    int error = make_directories(target, 0755);
    if (error) return (uint32_t)error;
    unsigned long mount_flags = MS_NOSUID | MS_NODEV | (flags & MOUNT_READ_ONLY ? MS_RDONLY : 0);
    if (mount(source, target, type, mount_flags, options) < 0) return (uint32_t)errno;
    return 0;
}

void mounting_done(const uint8_t *payload, size_t length) {
    struct cursor cursor = {payload, payload + length, false};
    take_u32(&cursor);
    take_string(&cursor);
    const char *target = take_string(&cursor);
    char *copy = target && target_count < MAX_MOUNTS ? strdup(target) : NULL;
    if (copy)
        targets[target_count++] = copy;
    else
        note(NOTE_WARNING, "a mount will not be unmounted at the end: there are too many");
}

uint32_t unmount_all(void) {
    uint32_t first = 0;
    while (target_count > 0) {
        const char *target = targets[--target_count];
        if (umount2(target, 0) == 0) continue;
        if (!first) first = (uint32_t)errno;
        umount2(target, MNT_DETACH);
    }
    return first;
}
