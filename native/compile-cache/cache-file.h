/* Files of the cache: entries and manifests, each named by a digest. */
#ifndef CACHE_FILE_H
#define CACHE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "bytes.h"
#include "digest.h"

#define CACHE_PATH 4096

/* `path` holds CACHE_PATH characters. False when it would not fit. */
bool cache_path(const char *cache, const char *kind, const struct digest *key, char *path);

/* Whole or not at all, in place of what was there. */
void write_cache_file(const char *cache, const char *kind, const struct digest *key, const struct bytes *pieces, size_t count);

/* What was not used for long goes first when there is too much. */
void mark_used(const char *path);

/* Removes what was not used for longest until at most `limit` bytes are left, and what calls that were killed left. */
void trim_cache(const char *cache, unsigned long long limit);

#endif
