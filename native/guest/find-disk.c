#define _GNU_SOURCE
#include "find-disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool has_serial(const char *disk, const char *wanted) {
    char path[300], serial[32] = "";
    snprintf(path, sizeof path, "/sys/block/%s/serial", disk);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t got = read(fd, serial, sizeof serial - 1);
    close(fd);
    serial[strcspn(serial, "\n")] = 0;
    return got > 0 && strcmp(serial, wanted) == 0;
}

bool find_disk(const char *serial, char *device, size_t size) {
    DIR *disks = opendir("/sys/block");
    bool found = false;
    for (struct dirent *entry; disks && !found && (entry = readdir(disks));) {
        if (entry->d_name[0] == '.' || !has_serial(entry->d_name, serial)) continue;
        snprintf(device, size, "/dev/%s", entry->d_name);
        found = access(device, F_OK) == 0;
    }
    if (disks) closedir(disks);
    return found;
}
