#include "manifest.h"

#include <stdint.h>
#include <string.h>

#include "cache-file.h"

#define LARGEST 0x4000000

void load_manifest(const char *cache, const struct digest *call, struct manifest *manifest) {
    char path[CACHE_PATH];
    struct bytes all;
    manifest->count = 0;
    if (!cache_path(cache, "manifests", call, path) || !read_file(path, LARGEST, &all)) return;
    for (size_t at = 0; manifest->count < MOST_LISTS && all.size - at > sizeof(uint32_t);) {
        uint32_t size;
        memcpy(&size, all.at + at, sizeof size);
        at += sizeof size;
        /* Paths end with a NUL each: a list without one at its end is none. */
        if (size == 0 || size > all.size - at || all.at[at + size - 1] != 0) return;
        manifest->lists[manifest->count++] = (struct bytes){all.at + at, size};
        at += size;
    }
    if (manifest->count > 0) mark_used(path);
}

static bool is_same(const struct bytes *a, const struct bytes *b) {
    return a->size == b->size && memcmp(a->at, b->at, a->size) == 0;
}

void save_manifest(const char *cache, const struct digest *call, const struct manifest *manifest, const struct bytes *list) {
    uint32_t sizes[MOST_LISTS];
    struct bytes pieces[2 * MOST_LISTS];
    size_t count = 0;
    if (manifest->count > 0 && is_same(&manifest->lists[0], list)) return;
    for (int i = -1; i < manifest->count && count < 2 * MOST_LISTS; i++) {
        const struct bytes *each = i < 0 ? list : &manifest->lists[i];
        if (i >= 0 && is_same(each, list)) continue;
        sizes[count / 2] = (uint32_t)each->size;
        pieces[count] = (struct bytes){(char *)&sizes[count / 2], sizeof *sizes};
        pieces[count + 1] = *each;
        count += 2;
    }
    write_cache_file(cache, "manifests", call, pieces, count);
}
