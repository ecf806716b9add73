#include "dependencies.h"

#include <string.h>

#include "known-files.h"
#include "settings.h"

bool read_dependencies(const struct bytes *depfile, struct bytes *paths) {
    const char *at = memchr(depfile->at, ':', depfile->size), *end = depfile->at + depfile->size;
    *paths = (struct bytes){must_allocate(depfile->size + 1), 0};
    if (!at) return false;
    for (at++; at < end && *at != '\n';) {
        if (*at == ' ' || *at == '\t') {
            at++;
        } else if (*at == '\\' && end - at >= 2 && at[1] == '\n') {
            at += 2;
        } else {
            size_t size = strcspn(at, " \t\n\\$#");
            if (at[size] == '\\' ? at[size + 1] != '\n' : at[size] == '$' || at[size] == '#') return false;
            memcpy(paths->at + paths->size, at, size);
            paths->at[paths->size + size] = 0;
            paths->size += size + 1;
            at += size;
        }
    }
    return paths->size > 0;
}

static struct settings *settings_among(const struct bytes *paths) {
    for (const char *path = paths->at; path < paths->at + paths->size; path += strlen(path) + 1)
        if (is_settings_path(path)) return open_settings(path);
    return NULL;
}

bool hash_dependencies(const struct bytes *paths, const struct timespec *before, struct hash *hash) {
    struct settings *settings = settings_among(paths);
    for (const char *path = paths->at; path < paths->at + paths->size; path += strlen(path) + 1) {
        struct digest digest;
        hash_string(hash, path);
        bool is_settings = settings && is_settings_path(path);
        if (is_settings && !before) continue;
        if (!know_file(path, is_settings ? NULL : settings, before, &digest)) return false;
        if (!is_settings) hash_add(hash, digest.bytes, sizeof digest.bytes);
    }
    return true;
}
