#ifndef RUN_COMPILER_H
#define RUN_COMPILER_H

#include <stdbool.h>

#include "bytes.h"

struct compiler_run {
    /* What it read; null: what this program would have read. */
    const struct bytes *input;
    /* Whether what it writes to standard output is taken, too. */
    bool takes_text;
    /* Filled in. What it said has been handed on already. */
    struct bytes errors, text;
    /* Of the compiler; 128 and the signal that ended it. */
    int exit_code;
};

/* Runs it to its end. */
void run_compiler(char **argv, struct compiler_run *run);

/* In place of this program. */
_Noreturn void become_compiler(char **argv);

#endif
