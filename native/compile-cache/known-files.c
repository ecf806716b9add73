#define _GNU_SOURCE
#include "known-files.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "scan.h"
#include "settings.h"

#define PLACES 0x20000 /* A power of two. */
#define MOST_TRIES 64
#define LARGEST 0x8000000

/* What tells one state of a file from another without reading it. */
struct identity {
    uint64_t device, inode, size, settings;
    struct timespec modified, changed;
};

struct known_file {
    _Atomic uint32_t state;
    uint32_t is_beyond_text;
    struct identity identity;
    struct digest digest;
};

enum { EMPTY, BUSY, READY };

static struct {
    _Atomic unsigned long tallies[TALLIES];
    struct known_file places[PLACES];
} *known;

void open_known_files(const char *path) {
    int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
    if (fd < 0) return;
    if (ftruncate(fd, sizeof *known) == 0) {
        void *memory = mmap(NULL, sizeof *known, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (memory != MAP_FAILED) known = memory;
    }
    close(fd);
}

void count_call(enum tally what) {
    if (known) atomic_fetch_add_explicit(&known->tallies[what], 1, memory_order_relaxed);
}

unsigned long calls_counted(enum tally what) {
    return known ? atomic_load_explicit(&known->tallies[what], memory_order_relaxed) : 0;
}

static bool is_same(const struct identity *a, const struct identity *b) {
    return a->inode == b->inode && a->device == b->device && a->size == b->size && a->settings == b->settings &&
           a->modified.tv_sec == b->modified.tv_sec && a->modified.tv_nsec == b->modified.tv_nsec &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

static bool is_before(const struct timespec *a, const struct timespec *b) {
    return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

/* A ready place that holds the file, else an empty one, else null. */
static struct known_file *find(const struct identity *identity) {
    uint64_t mixed = (identity->inode ^ identity->settings << 7 ^ identity->device << 40) * 0x9e3779b97f4a7c15;
    for (size_t i = 0; known && i < MOST_TRIES; i++) {
        struct known_file *place = &known->places[((mixed >> 40) + i) % PLACES];
        uint32_t state = atomic_load_explicit(&place->state, memory_order_acquire);
        if (state == EMPTY || (state == READY && is_same(&place->identity, identity))) return place;
    }
    return NULL;
}

static void keep(struct known_file *place, const struct identity *identity, struct digest digest, bool is_beyond) {
    uint32_t state = EMPTY;
    if (!place || !atomic_compare_exchange_strong(&place->state, &state, BUSY)) return;
    place->identity = *identity;
    place->digest = digest;
    place->is_beyond_text = is_beyond;
    atomic_store_explicit(&place->state, READY, memory_order_release);
}

/* A file of this instant can change once more without looking any different. */
static bool is_settled(const struct timespec *changed) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    now.tv_sec -= 1;
    return is_before(changed, &now);
}

bool know_file(const char *path, struct settings *settings, const struct timespec *before, struct digest *digest) {
    struct stat about;
    struct bytes text;
    struct hash hash;
    if (stat(path, &about) < 0 || !S_ISREG(about.st_mode)) return false;
    if (before && !is_before(&about.st_ctim, before)) return false;
    struct identity identity = {
        .device = about.st_dev,
        .inode = about.st_ino,
        .size = (uint64_t)about.st_size,
        .settings = settings ? settings_identity(settings) : 0,
        .modified = about.st_mtim,
        .changed = about.st_ctim,
    };
    struct known_file *place = find(&identity);
    if (place && atomic_load_explicit(&place->state, memory_order_acquire) == READY && is_same(&place->identity, &identity)) {
        *digest = place->digest;
        return !place->is_beyond_text;
    }
    if (!read_file(path, LARGEST, &text)) return false;
    hash_begin(&hash);
    hash_add(&hash, text.at, text.size);
    if (settings) {
        hash_add(&hash, "", 1);
        hash_settings(&hash, &text, settings);
    }
    *digest = hash_end(&hash);
    bool is_beyond = is_beyond_text(&text);
    if (is_settled(&about.st_ctim)) keep(place, &identity, *digest, is_beyond);
    return !is_beyond;
}
