#define _GNU_SOURCE
#include "scan.h"

#include <string.h>

#include "settings.h"

#define PREFIX "CONFIG_"
#define LONGEST_NAME 200

static const char *const BEYOND_TEXT[] = {".incbin", "#embed", "__has_embed", "__DATE__", "__TIME__", "__TIMESTAMP__"};

/* The assembler's own: `.include "file"`, in C inside of a string. A word of a comment is none. */
static bool has_assembler_include(const struct bytes *source) {
    static const char WORD[] = ".include";
    const char *at = source->at, *end = source->at + source->size;
    while ((at = memmem(at, (size_t)(end - at), WORD, sizeof WORD - 1))) {
        at += sizeof WORD - 1;
        while (at < end && (*at == ' ' || *at == '\t')) at++;
        if (at < end && (*at == '"' || *at == '\\')) return true;
    }
    return false;
}

bool is_beyond_text(const struct bytes *source) {
    if (has_assembler_include(source)) return true;
    for (size_t i = 0; i < sizeof BEYOND_TEXT / sizeof *BEYOND_TEXT; i++)
        if (memmem(source->at, source->size, BEYOND_TEXT[i], strlen(BEYOND_TEXT[i]))) return true;
    return false;
}

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Past blanks: whether a name is glued together from parts there, so that it may be any. */
static bool is_glued(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t')) at++;
    return end - at >= 2 && at[0] == '#' && at[1] == '#';
}

/* X and X_MODULE are one option. */
static size_t option_length(const char *name, size_t size) {
    static const char MODULE[] = "_MODULE";
    size_t less = sizeof MODULE - 1;
    return size > less && memcmp(name + size - less, MODULE, less) == 0 ? size - less : size;
}

void hash_settings(struct hash *hash, const struct bytes *source, struct settings *settings) {
    const char *at = source->at, *end = source->at + source->size;
    while ((at = memmem(at, (size_t)(end - at), PREFIX, sizeof PREFIX - 1))) {
        const char *name = at + sizeof PREFIX - 1, *behind = name;
        while (behind < end && is_word(*behind)) behind++;
        size_t size = (size_t)(behind - name);
        if (is_glued(behind, end) || size > LONGEST_NAME) {
            hash_all_settings(hash, settings);
        } else if (size > 0) {
            hash_setting(hash, settings, name, size);
            size_t less = option_length(name, size);
            if (less < size) hash_setting(hash, settings, name, less);
        }
        at = behind;
    }
}
