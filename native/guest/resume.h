/* A frozen machine that wakes up as one of many. */
#ifndef RESUME_H
#define RESUME_H

#include <stddef.h>
#include <stdint.h>

/* Makes the machine differ from all others of its template, sets the clock, then says hello with the request's id. */
void resume(uint32_t id, int64_t nanoseconds, const uint8_t *entropy, size_t length);

#endif
