/* What in a source decides what is compiled from it, besides its own text. */
#ifndef SCAN_H
#define SCAN_H

#include <stdbool.h>

#include "bytes.h"
#include "digest.h"

struct settings;

/* Whether it takes in files that no list of dependencies names, or the time of day. */
bool is_beyond_text(const struct bytes *source);

/* Adds the values of all options that a source names, to what it is known by. */
void hash_settings(struct hash *hash, const struct bytes *source, struct settings *settings);

#endif
