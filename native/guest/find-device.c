#define _GNU_SOURCE
#include "find-device.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool says(const char *path, const char *wanted) {
    char text[64] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t got = read(fd, text, sizeof text - 1);
    close(fd);
    text[strcspn(text, "\n")] = 0;
    return got > 0 && strcmp(text, wanted) == 0;
}

bool find_device(const char *directory, const char *attribute, const char *wanted, char *device, size_t size) {
    DIR *devices = opendir(directory);
    bool found = false;
    for (struct dirent *entry; devices && !found && (entry = readdir(devices));) {
        char path[400];
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s/%s", directory, entry->d_name, attribute);
        if (!says(path, wanted)) continue;
        snprintf(device, size, "/dev/%s", entry->d_name);
        found = access(device, F_OK) == 0;
    }
    if (devices) closedir(devices);
    return found;
}
