/* What a compiler answered once, in a file of its own. */
#ifndef ENTRY_H
#define ENTRY_H

#include <stdbool.h>

#include "bytes.h"
#include "digest.h"

struct entry {
    /* The file that -o names. */
    struct bytes output;
    /* The list of what it depends on, as make reads it. */
    struct bytes depfile;
    /* What it said: to standard error, to standard output. */
    struct bytes errors, text;
};

/* False when there is none, or when it is not whole. */
bool load_entry(const char *cache, const struct digest *key, struct entry *entry);

/* As well as it goes: a full disk is no failure of the compiler. */
void save_entry(const char *cache, const struct digest *key, const struct entry *entry);

#endif
