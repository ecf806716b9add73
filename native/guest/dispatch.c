#define _GNU_SOURCE
#include "dispatch.h"

#include "bulk.h"
#include "bytes.h"
#include "exec.h"
#include "file.h"
#include "mounting.h"
#include "port.h"
#include "protocol.h"
#include "request.h"
#include "resume.h"
#include "shutdown.h"
#include "vitals.h"

static void on_signal(uint32_t id, const uint8_t *payload) {
    uint32_t number = get_u32(payload);
    if (number < 1 || number > 64) port_break("a signal number is 1 to 64");
    struct exec *exec = exec_find(id);
    if (exec) exec_signal(exec, (int)number);
}

static void on_resize(uint32_t id, const uint8_t *payload) {
    struct exec *exec = exec_find(id);
    if (exec) exec_resize(exec, get_u16(payload), get_u16(payload + 2));
}

static void on_credit(uint32_t id, const uint8_t *payload) {
    uint32_t stream = get_u32(payload);
    if (stream < 1 || stream > STREAMS) port_break("CREDIT names stream 1, 2 or 3");
    struct exec *exec = exec_find(id);
    if (exec) stream_grant(&exec->streams[stream - 1], get_u32(payload + 4));
}

static void on_stdin(uint32_t id, const uint8_t *payload, size_t length) {
    struct exec *exec = exec_find(id);
    if (exec) input_receive(&exec->input, payload, length);
}

static void on_mount(uint32_t id, const uint8_t *payload, size_t length) {
    struct cursor cursor = {payload, payload + length, false};
    uint32_t flags = take_u32(&cursor);
    for (int i = 0; i < 4; i++) take_string(&cursor);
    if (!at_end(&cursor)) port_break("MOUNT is flags and four strings");
    if (flags & ~(uint32_t)MOUNT_READ_ONLY) port_break("MOUNT has an unknown flag");
    request_start(id, mounting_run, payload, length, mounting_done);
}

static void on_path(uint32_t id, request_operation *run, const uint8_t *payload, size_t length, bool data) {
    struct cursor cursor = {payload, payload + length, false};
    take_string(&cursor);
    if (cursor.failed || (!data && !at_end(&cursor))) port_break("a path ends with NUL");
    request_start(id, run, payload, length, NULL);
}

static void on_resume(uint32_t id, const uint8_t *payload, size_t length) {
    size_t entropy = length - 8;
    if (length < 8 + RESUME_MIN_ENTROPY || entropy > RESUME_MAX_ENTROPY) port_break("RESUME is a time and 32 to 512 bytes");
    resume(id, (int64_t)get_u64(payload), payload + 8, entropy);
}

/* Payload sizes of the frames that have only one. */
static int fixed_size(uint8_t type) {
    switch (type) {
    case FRAME_STDIN_EOF:
    case FRAME_BULK_TAKEN:
    case FRAME_PING:
    case FRAME_VITALS:
    case FRAME_SHUTDOWN: return 0;
    case FRAME_SIGNAL:
    case FRAME_RESIZE: return 4;
    case FRAME_CREDIT:
    case FRAME_SYNC_CLOCK: return 8;
    default: return -1;
    }
}

void dispatch(uint8_t type, uint32_t id, const uint8_t *payload, size_t length) {
    if (type < FRAME_EXEC || type > FRAME_VITALS) port_break("the type is one the guest knows");
    int size = fixed_size(type);
    if (size >= 0 && (size_t)size != length) port_break("the payload has the size of its type");
    if (id == 0) port_break("an id is not 0");
    bool request = (type >= FRAME_MOUNT && type != FRAME_BULK_TAKEN) || type == FRAME_EXEC || type == FRAME_EXEC_PART;
    if (request && (exec_find(id) || request_pending(id))) port_break("an id is not used twice at a time");
    switch ((enum host_frame)type) {
    case FRAME_EXEC: exec_frame(id, payload, length); break;
    case FRAME_EXEC_PART: exec_part(id, payload, length); break;
    case FRAME_STDIN: on_stdin(id, payload, length); break;
    case FRAME_STDIN_EOF: {
        struct exec *exec = exec_find(id);
        if (exec) input_end(&exec->input);
        break;
    }
    case FRAME_SIGNAL: on_signal(id, payload); break;
    case FRAME_RESIZE: on_resize(id, payload); break;
    case FRAME_CREDIT: on_credit(id, payload); break;
    case FRAME_MOUNT: on_mount(id, payload, length); break;
    case FRAME_SYNC_CLOCK: request_reply(id, clock_sync((int64_t)get_u64(payload))); break;
    case FRAME_READ_FILE: on_path(id, file_read, payload, length, false); break;
    case FRAME_WRITE_FILE: on_path(id, file_write, payload, length, true); break;
    case FRAME_PING: request_reply(id, 0); break;
    case FRAME_SHUTDOWN: shut_down(SHUTDOWN_ASKED, id); break;
    case FRAME_RESUME: on_resume(id, payload, length); break;
    case FRAME_BULK_TAKEN: bulk_taken(); break;
    case FRAME_VITALS: vitals_reply(id); break;
    }
}
