#define _GNU_SOURCE
#include "exec-request.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "port.h"
#include "protocol.h"

static const char *const default_env[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    "TERM=linux",
    "LANG=C.UTF-8",
    "USER=root",
};
#define DEFAULTS (sizeof default_env / sizeof default_env[0])
#define REPORT_ENV "DEVBOX_REPORT_FD=3"

/* The one payload that is coming in parts. */
static struct {
    uint32_t id;
    uint8_t *bytes;
    size_t length;
} parts;

void exec_request_part(uint32_t id, const uint8_t *payload, size_t length) {
    if (parts.length > 0 && parts.id != id) port_break("the parts of one EXEC come in a row");
    if (parts.length + length > MAX_EXEC_PAYLOAD) port_break("an EXEC has at most 1 MiB in all");
    if (length == 0) port_break("an EXEC_PART is not empty");
    uint8_t *bytes = realloc(parts.bytes, parts.length + length);
    /* A guest without 1 MiB left could not exec anything either. */
    if (!bytes) port_break("out of memory for EXEC_PART");
    memcpy(bytes + parts.length, payload, length);
    parts.id = id;
    parts.bytes = bytes;
    parts.length += length;
}

static size_t name_length(const char *entry) {
    return (size_t)(strchrnul(entry, '=') - entry);
}

static bool has_name(char *const *envp, const char *entry) {
    size_t length = name_length(entry) + 1;
    for (; *envp; envp++)
        if (strncmp(*envp, entry, length) == 0) return true;
    return false;
}

static void add_defaults(char **envp, size_t count, bool report) {
    for (size_t i = 0; i < DEFAULTS; i++)
        if (!has_name(envp, default_env[i])) envp[count++] = (char *)default_env[i];
    if (report && !has_name(envp, REPORT_ENV)) envp[count++] = (char *)REPORT_ENV;
}

bool exec_request_parse(struct exec_request *request, uint32_t id, const uint8_t *payload, size_t length) {
    memset(request, 0, sizeof *request);
    if (parts.length > 0) {
        exec_request_part(id, payload, length);
        payload = parts.bytes;
        length = parts.length;
    }
    struct cursor cursor = {payload, payload + length, false};
    request->flags = take_u32(&cursor);
    request->rows = take_u16(&cursor);
    request->cols = take_u16(&cursor);
    request->credit = take_u32(&cursor);
    size_t argc = take_u16(&cursor);
    size_t envc = take_u16(&cursor);
    request->cwd = take_string(&cursor);
    if (cursor.failed) port_break("EXEC has all its fields");
    if (request->flags & ~(uint32_t)EXEC_ALL_FLAGS) port_break("EXEC has an unknown flag");
    if (request->credit > MAX_CREDIT) port_break("outstanding credit is at most 1 GiB");
    if (argc == 0) port_break("EXEC names a program");
    /* Every string has at least its NUL: counts beyond what is left would only ask for memory. */
    if (argc + envc > (size_t)(cursor.end - cursor.at)) port_break("EXEC has all its strings");
    request->argv = calloc(argc + 1, sizeof(char *));
    request->envp = calloc(envc + DEFAULTS + 2, sizeof(char *));
    if (!request->argv || !request->envp) return false;
    for (size_t i = 0; i < argc; i++) request->argv[i] = (char *)take_string(&cursor);
    for (size_t i = 0; i < envc; i++) {
        request->envp[i] = (char *)take_string(&cursor);
        if (request->envp[i] && !strchr(request->envp[i], '=')) port_break("an environment string is NAME=value");
    }
    if (!at_end(&cursor)) port_break("EXEC has all its strings and nothing else");
    add_defaults(request->envp, envc, request->flags & EXEC_REPORT);
    return true;
}

void exec_request_free(struct exec_request *request) {
    free(request->argv);
    free(request->envp);
    free(parts.bytes);
    memset(&parts, 0, sizeof parts);
}
