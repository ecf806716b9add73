#define _GNU_SOURCE
#include "cache-file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define USED_ANEW_AFTER 3600 /* seconds */

bool cache_path(const char *cache, const char *kind, const struct digest *key, char *path) {
    char name[33];
    digest_text(key, name);
    return snprintf(path, CACHE_PATH, "%s/%s/%.2s/%s", cache, kind, name, name + 2) < CACHE_PATH;
}

static int open_part(const char *cache, char *path) {
    static const char TEMPLATE[] = "%s/parts/XXXXXX";
    if (snprintf(path, CACHE_PATH, TEMPLATE, cache) >= CACHE_PATH) return -1;
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0) return fd;
    char dir[CACHE_PATH];
    snprintf(dir, sizeof dir, "%s/parts", cache);
    mkdir(dir, 0777);
    snprintf(path, CACHE_PATH, TEMPLATE, cache);
    return mkostemp(path, O_CLOEXEC);
}

/* `path` is of a file two directories down. */
static void make_directories(const char *cache, const char *kind, const struct digest *key) {
    char name[33], dir[CACHE_PATH];
    digest_text(key, name);
    snprintf(dir, sizeof dir, "%s/%s", cache, kind);
    mkdir(dir, 0777);
    snprintf(dir, sizeof dir, "%s/%s/%.2s", cache, kind, name);
    mkdir(dir, 0777);
}

void write_cache_file(const char *cache, const char *kind, const struct digest *key, const struct bytes *pieces, size_t count) {
    char path[CACHE_PATH], part[CACHE_PATH];
    if (!cache_path(cache, kind, key, path)) return;
    int fd = open_part(cache, part);
    if (fd < 0) return;
    bool is_written = true;
    for (size_t i = 0; i < count; i++) is_written = is_written && write_all(fd, pieces[i].at, pieces[i].size);
    is_written = close(fd) == 0 && is_written;
    if (is_written && rename(part, path) == 0) return;
    make_directories(cache, kind, key);
    if (!is_written || rename(part, path) < 0) unlink(part);
}

void mark_used(const char *path) {
    struct stat about;
    if (stat(path, &about) == 0 && about.st_mtime + USED_ANEW_AFTER < time(NULL)) utimensat(AT_FDCWD, path, NULL, 0);
}
