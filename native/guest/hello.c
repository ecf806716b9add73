#define _GNU_SOURCE
#include "hello.h"

#include <stdio.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"
#include "note.h"
#include "port.h"
#include "protocol.h"

void send_hello(uint32_t id) {
    struct utsname name;
    struct sysinfo memory;
    struct timespec up;
    uint8_t payload[512];
    uname(&name);
    sysinfo(&memory);
    clock_gettime(CLOCK_BOOTTIME, &up);
    put_u32(payload, HELLO_MAGIC);
    put_u16(payload + 4, PROTOCOL_VERSION);
    put_u16(payload + 6, PROTOCOL_VERSION);
    int length = snprintf((char *)payload + 8, sizeof payload - 8, "release=%s%cvcpus=%ld%cmemory-kib=%llu%cboot-ns=%llu", name.release, 0,
                          sysconf(_SC_NPROCESSORS_ONLN), 0, (unsigned long long)memory.totalram * memory.mem_unit / 1024, 0,
                          (unsigned long long)up.tv_sec * 1000000000ull + (unsigned long long)up.tv_nsec);
    port_send(FRAME_HELLO, id, payload, 8 + (size_t)length + 1);
    note_release();
}
