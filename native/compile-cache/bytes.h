/* A run of bytes in memory. Nothing is ever given back: the program ends after one call of a compiler. */
#ifndef BYTES_H
#define BYTES_H

#include <stdbool.h>
#include <stddef.h>

struct bytes {
    char *at;
    size_t size;
};

/* All that can be read from `fd`, at most `limit` bytes of it; there is a NUL behind them. False on errors, or if there is more. */
bool read_all(int fd, size_t limit, struct bytes *into);
bool read_file(const char *path, size_t limit, struct bytes *into);
bool write_all(int fd, const void *bytes, size_t size);

/* Memory, or the end of the program. */
void *must_allocate(size_t size);

#endif
