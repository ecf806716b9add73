/* A pseudo-terminal. */
#ifndef TTY_H
#define TTY_H

#include <stdbool.h>
#include <stdint.h>

/* Both ends close on exec. False with errno when there is none to be had. */
bool tty_open(uint16_t rows, uint16_t cols, int *master, int *slave);

#endif
