/* READ_FILE, WRITE_FILE, SYNC_CLOCK. */
#ifndef FILE_H
#define FILE_H

#include <stddef.h>
#include <stdint.h>

uint32_t file_read(const uint8_t *payload, size_t length, uint8_t *out, size_t *out_length);
uint32_t file_write(const uint8_t *payload, size_t length, uint8_t *out, size_t *out_length);
uint32_t clock_sync(int64_t nanoseconds);

#endif
