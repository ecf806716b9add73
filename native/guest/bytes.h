/* Little-endian fields, whatever the processor, and a cursor over a payload that never reads past its end. */
#ifndef BYTES_H
#define BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline void put_u16(uint8_t *to, uint16_t value) {
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
}
static inline void put_u32(uint8_t *to, uint32_t value) {
    put_u16(to, (uint16_t)value);
    put_u16(to + 2, (uint16_t)(value >> 16));
}
static inline void put_u64(uint8_t *to, uint64_t value) {
    put_u32(to, (uint32_t)value);
    put_u32(to + 4, (uint32_t)(value >> 32));
}
static inline uint16_t get_u16(const uint8_t *from) {
    return (uint16_t)(from[0] | from[1] << 8);
}
static inline uint32_t get_u32(const uint8_t *from) {
    return get_u16(from) | (uint32_t)get_u16(from + 2) << 16;
}
static inline uint64_t get_u64(const uint8_t *from) {
    return get_u32(from) | (uint64_t)get_u32(from + 4) << 32;
}

struct cursor {
    const uint8_t *at, *end;
    bool failed; /* something was missing; everything read since is 0 or NULL */
};

static inline const uint8_t *take(struct cursor *cursor, size_t size) {
    if (cursor->failed || (size_t)(cursor->end - cursor->at) < size) {
        cursor->failed = true;
        return NULL;
    }
    const uint8_t *at = cursor->at;
    cursor->at += size;
    return at;
}
static inline uint16_t take_u16(struct cursor *cursor) {
    const uint8_t *at = take(cursor, 2);
    return at ? get_u16(at) : 0;
}
static inline uint32_t take_u32(struct cursor *cursor) {
    const uint8_t *at = take(cursor, 4);
    return at ? get_u32(at) : 0;
}
static inline const char *take_string(struct cursor *cursor) {
    const uint8_t *end = cursor->failed || cursor->at == cursor->end
                             ? NULL
                             : memchr(cursor->at, 0, (size_t)(cursor->end - cursor->at));
    return (const char *)take(cursor, end ? (size_t)(end - cursor->at) + 1 : SIZE_MAX);
}
static inline bool at_end(const struct cursor *cursor) {
    return !cursor->failed && cursor->at == cursor->end;
}

#endif
