/* What a compiler is asked to do, as far as its answer can be kept. */
#ifndef CALL_H
#define CALL_H

enum call_kind {
    /* Nothing that is kept: it is handed on. */
    CALL_OTHER,
    /* One file into another, with a list of what it depends on. */
    CALL_COMPILE,
    /* Kbuild asks what the compiler can do, by a text from standard input or by nothing at all. */
    CALL_PROBE,
};

struct call {
    enum call_kind kind;
    /* As given. `-` is standard input. */
    const char *input;
    /* Null is standard output. */
    const char *output;
    /* Null unless it is a CALL_COMPILE. */
    const char *depfile;
};

/* `argv` begins with the compiler and ends with a null. */
struct call read_call(char **argv);

#endif
