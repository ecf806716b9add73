#define _GNU_SOURCE
#include "vitals.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "bytes.h"
#include "mode.h"
#include "port.h"
#include "protocol.h"

/* What the kernel hands out at a time: CONSOLE_EXT_LOG_MAX, PRINTK_MESSAGE_MAX since 6.8. */
#define MAX_RECORD 8192
/* The host writes one between two looks, or a few; a program could write them without end. */
#define MAX_MARKS 64

static int log_fd = -1;

/* A record is "PRIORITY,SEQUENCE,TIME,FLAGS;TEXT" with more lines behind it. */
static bool is_mark(const char *record, size_t length) {
    const char *text = memchr(record, ';', length);
    size_t prefix = strlen(LOG_MARK);
    return text && (size_t)(record + length - text) > prefix && memcmp(text + 1, LOG_MARK, prefix) == 0;
}

/* The first time: since it booted. What cannot be told counts as yes. */
static bool log_has_grown(void) {
    if (log_fd < 0) log_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (log_fd < 0) return true;
    char record[MAX_RECORD];
    for (int marks = 0; marks < MAX_MARKS; marks++) {
        ssize_t got = read(log_fd, record, sizeof record);
        if (got < 0 && errno == EAGAIN) return false;
        if (got <= 0 || !is_mark(record, (size_t)got)) break;
    }
    lseek(log_fd, 0, SEEK_END);
    return true;
}

void vitals_reply(uint32_t id) {
    struct sysinfo memory;
    uint8_t payload[4 + 20];
    sysinfo(&memory);
    put_u32(payload, 0);
    put_u64(payload + 4, (uint64_t)memory.totalram * memory.mem_unit / 1024);
    put_u64(payload + 12, (uint64_t)memory.sharedram * memory.mem_unit / 1024);
    put_u32(payload + 20, hosted || log_has_grown());
    port_send(FRAME_REPLY, id, payload, sizeof payload);
}
