#define _GNU_SOURCE
#include "compile.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "dependencies.h"
#include "entry.h"
#include "known-files.h"
#include "manifest.h"
#include "run-compiler.h"

#define LARGEST 0x10000000
#define MOST_ERRORS 0x100000

/* Where compilers look for more than their words tell. */
static const char *const TOLD_ASIDE[] = {"CPATH", "C_INCLUDE_PATH", "COMPILER_PATH", "GCC_EXEC_PREFIX", "LANG", "LC_ALL"};

/* As execvp finds it. */
static bool find_program(const char *name, char *path, size_t size) {
    const char *places = getenv("PATH");
    if (strchr(name, '/')) return snprintf(path, size, "%s", name) < (int)size;
    while (places && *places) {
        int length = (int)strcspn(places, ":");
        if (snprintf(path, size, "%.*s/%s", length, places, name) < (int)size && access(path, X_OK) == 0) return true;
        places += length + (places[length] == ':');
    }
    return false;
}

void hash_circumstances(struct hash *hash, const struct cache *cache, const char *kind, const char *compiler) {
    char path[4096];
    struct digest program = {0};
    hash_begin(hash);
    hash_string(hash, kind);
    hash_string(hash, cache->toolchain);
    for (size_t i = 0; i < sizeof TOLD_ASIDE / sizeof *TOLD_ASIDE; i++) {
        const char *value = getenv(TOLD_ASIDE[i]);
        hash_string(hash, value ? value : "");
    }
    /* Somebody may have put another one there than the toolchain's. */
    if (find_program(compiler, path, sizeof path)) know_file(path, NULL, NULL, &program);
    hash_add(hash, program.bytes, sizeof program.bytes);
}

static struct digest known_as(const struct cache *cache, char **argv) {
    struct hash hash;
    char directory[4096] = "";
    hash_circumstances(&hash, cache, "compile", argv[0]);
    hash_string(&hash, getcwd(directory, sizeof directory) ? directory : "");
    for (char **word = argv; *word; word++) hash_string(&hash, *word);
    return hash_end(&hash);
}

static bool entry_key(const struct digest *call, const struct bytes *paths, const struct timespec *before, struct digest *key) {
    struct hash hash;
    hash_begin(&hash);
    hash_add(&hash, call->bytes, sizeof call->bytes);
    if (!hash_dependencies(paths, before, &hash)) return false;
    *key = hash_end(&hash);
    return true;
}

int write_output(const char *path, const struct bytes *content) {
    struct stat about;
    bool is_there = stat(path, &about) == 0;
    if (is_there && !S_ISREG(about.st_mode)) return 0;
    if (is_there) unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool is_written = fd >= 0 && write_all(fd, content->at, content->size);
    if (fd >= 0 && close(fd) < 0) is_written = false;
    if (!is_written) perror(path);
    return is_written ? 0 : 1;
}

static int serve(const struct call *call, const struct entry *entry) {
    write_all(STDERR_FILENO, entry->errors.at, entry->errors.size);
    int failed = write_output(call->output, &entry->output);
    return failed ? failed : write_output(call->depfile, &entry->depfile);
}

int compile(const struct cache *cache, const struct call *call, char **argv) {
    struct digest known = known_as(cache, argv), key;
    struct manifest manifest;
    struct entry entry = {0};
    load_manifest(cache->dir, &known, &manifest);
    for (int i = 0; i < manifest.count; i++) {
        if (!entry_key(&known, &manifest.lists[i], NULL, &key) || !load_entry(cache->dir, &key, &entry)) continue;
        count_call(TALLY_SERVED);
        return serve(call, &entry);
    }
    struct timespec began;
    struct compiler_run run = {0};
    struct bytes paths;
    clock_gettime(CLOCK_REALTIME_COARSE, &began);
    run_compiler(argv, &run);
    count_call(TALLY_COMPILED);
    if (run.exit_code != 0 || run.errors.size > MOST_ERRORS) return run.exit_code;
    if (!read_file(call->depfile, LARGEST, &entry.depfile) || !read_dependencies(&entry.depfile, &paths)) return 0;
    if (!entry_key(&known, &paths, &began, &key) || !read_file(call->output, LARGEST, &entry.output)) return 0;
    entry.errors = run.errors;
    save_entry(cache->dir, &key, &entry);
    save_manifest(cache->dir, &known, &manifest, &paths);
    return 0;
}
