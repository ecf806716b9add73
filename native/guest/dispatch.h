/* One frame of the host: checked against the rules, then handed to whom it concerns. */
#ifndef DISPATCH_H
#define DISPATCH_H

#include <stddef.h>
#include <stdint.h>

void dispatch(uint8_t type, uint32_t id, const uint8_t *payload, size_t length);

#endif
