#define _GNU_SOURCE
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cache-file.h"

#define PART_LASTS 86400 /* seconds; no compiler takes so long */
#define MOST_OPEN 16

struct kept {
    char *path;
    unsigned long long size;
    time_t used;
};

static struct {
    struct kept *files;
    size_t count, room;
    unsigned long long size;
} cache_files;

static void note(const char *path, const struct stat *about) {
    if (cache_files.count == cache_files.room) {
        cache_files.room = cache_files.room ? 2 * cache_files.room : 4096;
        cache_files.files = realloc(cache_files.files, cache_files.room * sizeof *cache_files.files);
        if (!cache_files.files) abort();
    }
    unsigned long long size = (unsigned long long)about->st_blocks * 512;
    cache_files.files[cache_files.count++] = (struct kept){strdup(path), size, about->st_mtime};
    cache_files.size += size;
}

static int visit(const char *path, const struct stat *about, int type, struct FTW *at) {
    (void)at;
    if (type == FTW_F) note(path, about);
    return 0;
}

static int visit_part(const char *path, const struct stat *about, int type, struct FTW *at) {
    (void)at;
    if (type == FTW_F && about->st_mtime + PART_LASTS < time(NULL)) unlink(path);
    return 0;
}

static int compare_used(const void *a, const void *b) {
    const struct kept *x = a, *y = b;
    return (x->used > y->used) - (x->used < y->used);
}

void trim_cache(const char *cache, unsigned long long limit) {
    static const char *const KINDS[] = {"entries", "manifests"};
    char dir[CACHE_PATH];
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        if (snprintf(dir, sizeof dir, "%s/%s", cache, KINDS[i]) < CACHE_PATH) nftw(dir, visit, MOST_OPEN, FTW_PHYS);
    }
    if (snprintf(dir, sizeof dir, "%s/parts", cache) < CACHE_PATH) nftw(dir, visit_part, MOST_OPEN, FTW_PHYS);
    if (cache_files.size <= limit) return;
    qsort(cache_files.files, cache_files.count, sizeof *cache_files.files, compare_used);
    for (size_t i = 0; i < cache_files.count && cache_files.size > limit; i++) {
        if (unlink(cache_files.files[i].path) == 0) cache_files.size -= cache_files.files[i].size;
    }
}
