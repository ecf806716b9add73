/*
 * What all calls of one build know of the files that go into it. A header goes into a thousand objects; it is read once.
 * In shared memory, append only: a file that changed is another one.
 */
#ifndef KNOWN_FILES_H
#define KNOWN_FILES_H

#include <stdbool.h>
#include <time.h>

#include "digest.h"

struct settings;

enum tally { TALLY_SERVED, TALLY_COMPILED, TALLIES };

/* `path` is the memory's; without it every call finds out for itself. */
void open_known_files(const char *path);

/*
 * What a file is known by: its text and, with `settings`, what it makes of them. False when it cannot be read or was changed at
 * `before` or later; when its text is not all that decides, too, and what it is known by is told all the same.
 */
bool know_file(const char *path, struct settings *settings, const struct timespec *before, struct digest *digest);

/* For the closing line of a build. */
void count_call(enum tally what);
unsigned long calls_counted(enum tally what);

#endif
