#define _GNU_SOURCE
#include "note.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "bytes.h"
#include "mode.h"
#include "port.h"

#define NOTE_BYTES 512
#define HELD_NOTES 32

static struct {
    enum note_level level;
    char text[NOTE_BYTES];
} held[HELD_NOTES];
static unsigned held_count;
static bool released;
static unsigned dropped;

static void send_note(enum note_level level, const char *text) {
    uint8_t payload[4 + NOTE_BYTES];
    put_u32(payload, level);
    size_t length = strlen(text) + 1;
    memcpy(payload + 4, text, length);
    if (!port_send_optional(FRAME_NOTE, payload, 4 + length)) dropped++;
}

void note(enum note_level level, const char *format, ...) {
    char text[NOTE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (!released) {
        if (held_count == HELD_NOTES) {
            dropped++;
            return;
        }
        held[held_count].level = level;
        memcpy(held[held_count++].text, text, sizeof text);
        return;
    }
    if (dropped > 0) {
        char lost[64];
        snprintf(lost, sizeof lost, "%u notes were dropped", dropped);
        dropped = 0;
        send_note(NOTE_WARNING, lost);
    }
    send_note(level, text);
}

void note_release(void) {
    released = true;
    for (unsigned i = 0; i < held_count; i++) send_note(held[i].level, held[i].text);
}

void fatal(const char *format, ...) {
    char line[NOTE_BYTES + 32] = "<2>devbox-init: ";
    size_t prefix = strlen(line);
    va_list args;
    va_start(args, format);
    vsnprintf(line + prefix, NOTE_BYTES, format, args);
    va_end(args);
    strcat(line, "\n");
    int log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
    if (hosted || log < 0 || write(log, line, strlen(line)) < 0) dprintf(2, "%s", line + 3);
    if (hosted) _exit(70);
    sync();
    reboot(RB_POWER_OFF);
    _exit(70);
}
