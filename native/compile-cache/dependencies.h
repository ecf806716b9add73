/* What a file that was compiled depends on. */
#ifndef DEPENDENCIES_H
#define DEPENDENCIES_H

#include <stdbool.h>
#include <time.h>

#include "bytes.h"
#include "digest.h"

/* Paths, each with a NUL behind it, out of the first rule that a compiler wrote for make. False if it is written in an unusual way. */
bool read_dependencies(const struct bytes *depfile, struct bytes *paths);

/* What all of them amount to, as they are now; the conditions of know_file hold for each. */
bool hash_dependencies(const struct bytes *paths, const struct timespec *before, struct hash *hash);

#endif
