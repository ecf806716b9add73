/*
 * Stands before a compiler's name: `compile-cache gcc -c …`. What was compiled once of the same files, with the same words and
 * the same values of those options that these files name, is taken from the cache.
 *
 *   DEVBOX_COMPILE_CACHE            the directory of the cache; without it the compiler is called, and that is all
 *   DEVBOX_COMPILE_CACHE_TOOLCHAIN  what the compiler is known by
 *   DEVBOX_COMPILE_CACHE_KNOWN      a file that calls of one build share, and no other build
 *
 * `compile-cache --end BYTES` ends a build: says how many calls were served, and leaves at most so much in the cache.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cache-file.h"
#include "compile.h"
#include "known-files.h"
#include "run-compiler.h"

static int end(const struct cache *cache, const char *limit) {
    printf("compile-cache: %lu served, %lu compiled\n", calls_counted(TALLY_SERVED), calls_counted(TALLY_COMPILED));
    if (cache->dir) trim_cache(cache->dir, strtoull(limit, NULL, 10));
    return 0;
}

int main(int argc, char **argv) {
    struct cache cache = {.dir = getenv("DEVBOX_COMPILE_CACHE"), .toolchain = getenv("DEVBOX_COMPILE_CACHE_TOOLCHAIN")};
    if (argc < 2) {
        fprintf(stderr, "usage: %s COMPILER [ARGUMENT…]\n       %s --end BYTES\n", argv[0], argv[0]);
        return 2;
    }
    open_known_files(getenv("DEVBOX_COMPILE_CACHE_KNOWN"));
    if (strcmp(argv[1], "--end") == 0 && argc == 3) return end(&cache, argv[2]);
    struct call call = read_call(argv + 1);
    if (!cache.dir || !cache.toolchain || call.kind == CALL_OTHER) become_compiler(argv + 1);
    return call.kind == CALL_COMPILE ? compile(&cache, &call, argv + 1) : probe(&cache, &call, argv + 1);
}
