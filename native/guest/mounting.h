/* MOUNT, and the unmounting at the end of what it mounted. */
#ifndef MOUNTING_H
#define MOUNTING_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Makes `path` and the directories above it. 0 or an errno. */
int make_directories(const char *path, mode_t mode);

uint32_t mounting_run(const uint8_t *payload, size_t length, uint8_t *out, size_t *out_length);
/* In PID 1: remembers the target. */
void mounting_done(const uint8_t *payload, size_t length);
/* Unmounts all, last first. 0 or the first errno. May wait for ever: call it in a helper. */
uint32_t unmount_all(void);

#endif
