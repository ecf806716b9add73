/*
 * Output in bulk leaves the guest through a disk that the host reads: there the pages of a pipe go by reference, while
 * through the port every byte is copied twice more. The port only says where it lies.
 */
#ifndef BULK_H
#define BULK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stream;

/* Without the disk, or on a kernel that cannot, everything goes through the port. */
void bulk_find(void);
/* For tests: a file in the disk's place. */
bool bulk_open(const char *path, int flags);

/*
 * Moves at most `limit` bytes of the stream's pipe to the disk; says how many and where. 0: they are to be copied, from
 * the descriptor that bulk_source names.
 */
size_t bulk_move(struct stream *stream, size_t limit, uint32_t *offset);
/* Where the next byte of the stream is: its own pipe, or what could not be written to the disk. */
int bulk_source(const struct stream *stream);
/* So many bytes were read from that. */
void bulk_consumed(const struct stream *stream, size_t bytes);
/* The stream has gone. */
void bulk_forget(const struct stream *stream);

/* The host has read the oldest piece. */
void bulk_taken(void);

#endif
