#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compile.h"
#include "entry.h"
#include "run-compiler.h"

#define LARGEST 0x1000000
#define MOST_ERRORS 0x10000

/* Kbuild gives every probe a file of another name. */
static bool is_output(const struct call *call, char **word) {
    return call->output && (*word == call->output || *word + 2 == call->output);
}

static struct digest known_as(const struct cache *cache, const struct call *call, const struct bytes *input, char **argv) {
    struct hash hash;
    hash_circumstances(&hash, cache, "probe", argv[0]);
    for (char **word = argv; *word; word++) hash_string(&hash, is_output(call, word) ? "-o" : *word);
    hash_add(&hash, input->at, input->size);
    return hash_end(&hash);
}

/* Only what went well is kept: a compiler can fail for want of memory, too, and a kernel would be configured by that for ever. */
int probe(const struct cache *cache, const struct call *call, char **argv) {
    struct bytes input = {"", 0};
    struct entry entry = {0};
    struct compiler_run run = {.takes_text = true};
    if (strcmp(call->input, "-") == 0) {
        if (!read_all(STDIN_FILENO, LARGEST, &input)) {
            fputs("compile-cache: standard input cannot be read, or is longer than 16 MB\n", stderr);
            return 1;
        }
        run.input = &input;
    }
    struct digest key = known_as(cache, call, &input, argv);
    if (load_entry(cache->dir, &key, &entry)) {
        write_all(STDERR_FILENO, entry.errors.at, entry.errors.size);
        write_all(STDOUT_FILENO, entry.text.at, entry.text.size);
        return call->output ? write_output(call->output, &entry.output) : 0;
    }
    run_compiler(argv, &run);
    if (run.exit_code != 0 || run.errors.size > MOST_ERRORS || run.text.size > LARGEST) return run.exit_code;
    /* #include, .incbin: there is more to it than the text. */
    if (memmem(input.at, input.size, "inc", 3)) return 0;
    if (call->output && strcmp(call->output, "/dev/null") != 0 && !read_file(call->output, LARGEST, &entry.output)) return 0;
    entry.errors = run.errors;
    entry.text = run.text;
    save_entry(cache->dir, &key, &entry);
    return 0;
}
