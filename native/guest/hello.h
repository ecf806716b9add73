#ifndef HELLO_H
#define HELLO_H

#include <stdint.h>

/* Says who this is, then what was noted while booting. `id` is that of the RESUME it answers; 0: none. */
void send_hello(uint32_t id);

#endif
