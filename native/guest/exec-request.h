/* EXEC and EXEC_PART payloads: parsed, with every rule checked. */
#ifndef EXEC_REQUEST_H
#define EXEC_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the host asked for; the strings point into the payload. */
struct exec_request {
    uint32_t flags, credit;
    uint16_t rows, cols;
    const char *cwd;
    char **argv, **envp;
};

void exec_request_part(uint32_t id, const uint8_t *payload, size_t length);
/* False when there is no memory for it. Free it in either case. */
bool exec_request_parse(struct exec_request *request, uint32_t id, const uint8_t *payload, size_t length);
void exec_request_free(struct exec_request *request);

#endif
