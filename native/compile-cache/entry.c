#define _GNU_SOURCE
#include "entry.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "cache-file.h"

#define LARGEST 0x40000000
#define PARTS 4

struct header {
    char magic[8];
    uint64_t sizes[PARTS];
    uint64_t checksum;
};

static const char MAGIC[8] = "dvbxcc1";

/* Against a disk that lost something, not against somebody: quick. */
static uint64_t checksum(uint64_t sum, const struct bytes *part) {
    size_t at = 0;
    for (; at + 8 <= part->size; at += 8) {
        uint64_t word;
        memcpy(&word, part->at + at, 8);
        sum = (sum ^ word) * 0x9e3779b97f4a7c15;
        sum ^= sum >> 29;
    }
    for (; at < part->size; at++) sum = (sum ^ (unsigned char)part->at[at]) * 0x9e3779b97f4a7c15;
    return sum ^ part->size;
}

bool load_entry(const char *cache, const struct digest *key, struct entry *entry) {
    char path[CACHE_PATH];
    struct bytes all;
    struct header header;
    struct bytes *const parts[PARTS] = {&entry->output, &entry->depfile, &entry->errors, &entry->text};
    uint64_t sum = 0;
    if (!cache_path(cache, "entries", key, path) || !read_file(path, LARGEST, &all)) return false;
    if (all.size < sizeof header) return false;
    memcpy(&header, all.at, sizeof header);
    if (memcmp(header.magic, MAGIC, sizeof MAGIC) != 0) return false;
    size_t at = sizeof header;
    for (int i = 0; i < PARTS; i++) {
        if (header.sizes[i] > all.size - at) return false;
        *parts[i] = (struct bytes){all.at + at, header.sizes[i]};
        at += header.sizes[i];
        sum = checksum(sum, parts[i]);
    }
    if (at != all.size || sum != header.checksum) return false;
    mark_used(path);
    return true;
}

void save_entry(const char *cache, const struct digest *key, const struct entry *entry) {
    const struct bytes *const parts[PARTS] = {&entry->output, &entry->depfile, &entry->errors, &entry->text};
    struct header header = {0};
    struct bytes pieces[PARTS + 1] = {{(char *)&header, sizeof header}};
    memcpy(header.magic, MAGIC, sizeof MAGIC);
    for (int i = 0; i < PARTS; i++) {
        header.sizes[i] = parts[i]->size;
        header.checksum = checksum(header.checksum, parts[i]);
        pieces[i + 1] = *parts[i];
    }
    write_cache_file(cache, "entries", key, pieces, PARTS + 1);
}
