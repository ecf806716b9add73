/* The control connection: frames in, frames out, with control frames ahead of bulk ones and everything bounded. */
#ifndef PORT_H
#define PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes over `fd`, which is non-blocking. */
void port_attach(int fd);

/* For frames that answer the host or belong to an exec: always room for them, see CONTROL_CAPACITY. */
void port_send(uint8_t type, uint32_t id, const void *payload, size_t length);
/* For frames nobody asked for; false when the host is too far behind and the frame was dropped. */
bool port_send_optional(uint8_t type, const void *payload, size_t length);

/* One turn of reading and writing. True when it could go on at once, without waiting for an event. */
bool port_work(void);

/* The host broke `rule`: says so and ends this guest. */
void port_break(const char *rule) __attribute__((noreturn));

/* Sends what is queued, giving up after `milliseconds`. */
void port_flush(int milliseconds);
/* After port_flush, for the last frame of all: returns once the other side has taken it. */
void port_send_last(uint8_t type, uint32_t id, const void *payload, size_t length);

#endif
