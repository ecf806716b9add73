#include "digest.h"

#include <string.h>

static const uint64_t IV[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

static const unsigned char SIGMA[12][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
};

static inline uint64_t turn(uint64_t value, int by) {
    return value >> by | value << (64 - by);
}

#define MIX(a, b, c, d, x, y)     \
    do {                          \
        a += b + (x);             \
        d = turn(d ^ a, 32);      \
        c += d;                   \
        b = turn(b ^ c, 24);      \
        a += b + (y);             \
        d = turn(d ^ a, 16);      \
        c += d;                   \
        b = turn(b ^ c, 63);      \
    } while (0)

static void compress(struct hash *hash, const unsigned char *block, int is_last) {
    uint64_t v[16], m[16];
    memcpy(m, block, sizeof m); /* x86-64 is little-endian, as BLAKE2 is. */
    memcpy(v, hash->state, sizeof hash->state);
    memcpy(v + 8, IV, sizeof IV);
    v[12] ^= hash->length;
    if (is_last) v[14] = ~v[14];
    for (int round = 0; round < 12; round++) {
        const unsigned char *s = SIGMA[round];
        MIX(v[0], v[4], v[8], v[12], m[s[0]], m[s[1]]);
        MIX(v[1], v[5], v[9], v[13], m[s[2]], m[s[3]]);
        MIX(v[2], v[6], v[10], v[14], m[s[4]], m[s[5]]);
        MIX(v[3], v[7], v[11], v[15], m[s[6]], m[s[7]]);
        MIX(v[0], v[5], v[10], v[15], m[s[8]], m[s[9]]);
        MIX(v[1], v[6], v[11], v[12], m[s[10]], m[s[11]]);
        MIX(v[2], v[7], v[8], v[13], m[s[12]], m[s[13]]);
        MIX(v[3], v[4], v[9], v[14], m[s[14]], m[s[15]]);
    }
    for (int i = 0; i < 8; i++) hash->state[i] ^= v[i] ^ v[i + 8];
}

void hash_begin(struct hash *hash) {
    memcpy(hash->state, IV, sizeof IV);
    hash->state[0] ^= 0x01010000 ^ sizeof(struct digest);
    hash->length = 0;
    hash->filled = 0;
}

void hash_add(struct hash *hash, const void *bytes, size_t size) {
    const unsigned char *from = bytes;
    while (size > 0) {
        /* The last block is another one: a full one waits until it is known not to be it. */
        if (hash->filled == sizeof hash->block) {
            hash->length += sizeof hash->block;
            compress(hash, hash->block, 0);
            hash->filled = 0;
        }
        while (hash->filled == 0 && size > sizeof hash->block) {
            hash->length += sizeof hash->block;
            compress(hash, from, 0);
            from += sizeof hash->block;
            size -= sizeof hash->block;
        }
        size_t part = sizeof hash->block - hash->filled;
        if (part > size) part = size;
        memcpy(hash->block + hash->filled, from, part);
        hash->filled += part;
        from += part;
        size -= part;
    }
}

void hash_string(struct hash *hash, const char *text) {
    hash_add(hash, text, strlen(text) + 1);
}

struct digest hash_end(struct hash *hash) {
    struct digest digest;
    hash->length += hash->filled;
    memset(hash->block + hash->filled, 0, sizeof hash->block - hash->filled);
    compress(hash, hash->block, 1);
    memcpy(digest.bytes, hash->state, sizeof digest.bytes);
    return digest;
}

void digest_text(const struct digest *digest, char *text) {
    static const char HEX[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof digest->bytes; i++) {
        *text++ = HEX[digest->bytes[i] >> 4];
        *text++ = HEX[digest->bytes[i] & 15];
    }
    *text = 0;
}
