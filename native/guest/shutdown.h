/* The end of the guest. */
#ifndef SHUTDOWN_H
#define SHUTDOWN_H

#include <stdint.h>

enum shutdown_reason { SHUTDOWN_ASKED, SHUTDOWN_HOST_GONE, SHUTDOWN_PROTOCOL_ERROR, SHUTDOWN_SIGNAL };

/* Kills everything, unmounts what the host mounted, syncs, answers request `id` if there is one, powers off. */
void shut_down(enum shutdown_reason reason, uint32_t id) __attribute__((noreturn));

#endif
