#ifndef COMPILE_H
#define COMPILE_H

#include "bytes.h"
#include "call.h"
#include "digest.h"

struct cache {
    /* Its directory. */
    const char *dir;
    /* What the compiler is known by, and everything that it calls. */
    const char *toolchain;
};

/* Both: from the cache, else by the compiler. Return the exit code. */
int compile(const struct cache *cache, const struct call *call, char **argv);
int probe(const struct cache *cache, const struct call *call, char **argv);

/* Anew, in place of what is there: a file may be linked to another. Nothing when `path` is a device. */
int write_output(const char *path, const struct bytes *content);

/* What any call of a compiler is known by, but for its words. */
void hash_circumstances(struct hash *hash, const struct cache *cache, const char *kind, const char *compiler);

#endif
