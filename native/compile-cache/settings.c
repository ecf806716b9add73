#define _GNU_SOURCE
#include "settings.h"

#include <string.h>

#include "bytes.h"

#define LONGEST 0x1000000
#define PLACES 0x8000 /* More than a kernel has options; a power of two. */

static const char DEFINE[] = "#define CONFIG_";

/* NAME and everything behind it, up to the end of the line. */
struct setting {
    const char *name;
    size_t size, line;
};

struct settings {
    struct bytes text;
    struct digest digest;
    bool is_indexed;
    size_t count;
    struct setting places[PLACES];
};

bool is_settings_path(const char *path) {
    static const char NAME[] = "include/generated/autoconf.h";
    size_t size = strlen(path), least = sizeof NAME - 1;
    return size >= least && strcmp(path + size - least, NAME) == 0 && (size == least || path[size - least - 1] == '/');
}

struct settings *open_settings(const char *path) {
    static struct settings settings;
    struct hash hash;
    if (settings.text.at) return &settings;
    if (!read_file(path, LONGEST, &settings.text)) return NULL;
    hash_begin(&hash);
    hash_add(&hash, settings.text.at, settings.text.size);
    settings.digest = hash_end(&hash);
    return &settings;
}

uint64_t settings_identity(struct settings *settings) {
    uint64_t identity;
    memcpy(&identity, settings->digest.bytes, sizeof identity);
    return identity | 1;
}

static uint32_t place_of(const char *name, size_t size) {
    uint32_t place = 2166136261u;
    for (size_t i = 0; i < size; i++) place = (place ^ (unsigned char)name[i]) * 16777619u;
    return place;
}

static struct setting *find(struct settings *settings, const char *name, size_t size) {
    for (uint32_t place = place_of(name, size);; place++) {
        struct setting *setting = &settings->places[place % PLACES];
        if (!setting->name || (setting->size == size && memcmp(setting->name, name, size) == 0)) return setting;
    }
}

static void index_settings(struct settings *settings) {
    const char *end = settings->text.at + settings->text.size;
    for (const char *line = settings->text.at; line < end;) {
        const char *behind = memchr(line, '\n', (size_t)(end - line));
        if (!behind) behind = end;
        if ((size_t)(behind - line) > sizeof DEFINE - 1 && memcmp(line, DEFINE, sizeof DEFINE - 1) == 0) {
            const char *name = line + sizeof DEFINE - 1;
            size_t size = strcspn(name, " \n");
            struct setting *setting = find(settings, name, size);
            if (!setting->name && ++settings->count == PLACES / 2) return; /* None has so many. */
            *setting = (struct setting){name, size, (size_t)(behind - name)};
        }
        line = behind + 1;
    }
    settings->is_indexed = true;
}

static void hash_one(struct hash *hash, struct settings *settings, const char *name, size_t size) {
    const struct setting *setting = find(settings, name, size);
    hash_add(hash, name, size);
    if (setting->name) hash_add(hash, setting->name + size, setting->line - size);
    hash_add(hash, "", 1);
}

void hash_setting(struct hash *hash, struct settings *settings, const char *name, size_t size) {
    char module[size + sizeof "_MODULE"];
    if (!settings->is_indexed) index_settings(settings);
    if (!settings->is_indexed) {
        hash_all_settings(hash, settings);
        return;
    }
    hash_one(hash, settings, name, size);
    memcpy(module, name, size);
    memcpy(module + size, "_MODULE", sizeof "_MODULE");
    hash_one(hash, settings, module, sizeof module - 1);
}

void hash_all_settings(struct hash *hash, struct settings *settings) {
    hash_add(hash, settings->digest.bytes, sizeof settings->digest.bytes);
}
