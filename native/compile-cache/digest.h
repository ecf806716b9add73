/* BLAKE2b (RFC 7693) with a digest of 16 bytes: what is compiled and what it depends on is known by it. */
#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>
#include <stdint.h>

struct digest {
    unsigned char bytes[16];
};

struct hash {
    uint64_t state[8];
    uint64_t length;
    unsigned char block[128];
    size_t filled;
};

void hash_begin(struct hash *hash);
void hash_add(struct hash *hash, const void *bytes, size_t size);
/* With its closing NUL, so that two strings in a row are not another two. */
void hash_string(struct hash *hash, const char *text);
struct digest hash_end(struct hash *hash);

/* `text` holds 33 characters. */
void digest_text(const struct digest *digest, char *text);

#endif
