/*
 * MOUNT, READ_FILE and WRITE_FILE may wait for a file system that does not answer, so each is done by a process of its
 * own, at PID 1's priority, which hands its reply back through a pipe.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Runs in the helper: returns an errno or 0, and leaves data for the reply in `out` (MAX_FILE_BYTES long). */
typedef uint32_t request_operation(const uint8_t *payload, size_t length, uint8_t *out, size_t *out_length);
/* Runs in PID 1 when an operation has succeeded. */
typedef void request_done(const uint8_t *payload, size_t length);

void request_start(uint32_t id, request_operation *run, const uint8_t *payload, size_t length, request_done *done);
/* For what needs no helper. */
void request_reply(uint32_t id, uint32_t error);
bool request_pending(uint32_t id);
/* Queues the replies that are complete, as far as there is room for them. */
void request_send_finished(void);
void request_kill_all(void);

#endif
