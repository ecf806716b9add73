/* What PID 1 wants to be known: NOTE frames for the host, the kernel's log when there is no other way. */
#ifndef NOTE_H
#define NOTE_H

#include "protocol.h"

/* Held back until the HELLO is out; dropped (and counted) when the host does not read. */
void note(enum note_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Sends what was held back. Called once, after HELLO. */
void note_release(void);
/* For a guest that cannot go on: one line in the kernel's log, then power off (or exit in hosted mode). */
void fatal(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
