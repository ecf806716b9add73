/* The options that a kernel is configured with, as include/generated/autoconf.h tells every file that is compiled. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "digest.h"

struct settings;

/* Whether it is the file which tells all options: those that a source names count, not the file. */
bool is_settings_path(const char *path);

/* A call of a compiler has one such file: asked for again, it is as it was the first time. Null when there is none. */
struct settings *open_settings(const char *path);

/* Another one for other options. Never 0. */
uint64_t settings_identity(struct settings *settings);

/* One option, `name` without CONFIG_: as built in, and as a module. */
void hash_setting(struct hash *hash, struct settings *settings, const char *name, size_t size);
void hash_all_settings(struct hash *hash, struct settings *settings);

#endif
