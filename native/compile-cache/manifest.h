/* For one call of a compiler: the lists of files that it was found to depend on, the newest first. */
#ifndef MANIFEST_H
#define MANIFEST_H

#include <stdbool.h>

#include "bytes.h"
#include "digest.h"

#define MOST_LISTS 16

struct manifest {
    struct bytes lists[MOST_LISTS];
    int count;
};

void load_manifest(const char *cache, const struct digest *call, struct manifest *manifest);

/* The list is the newest from now on. */
void save_manifest(const char *cache, const struct digest *call, const struct manifest *manifest, const struct bytes *list);

#endif
