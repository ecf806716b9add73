/*
 * A PID 1 that means harm, in the place of native/guest: it says hello as it should, answers until it is asked for what
 * it waits for, and then does the one thing that `hostile=` on the kernel's command line names.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>

#define MAX_PAYLOAD 32756
/* A title, a colour, a bell, a C1 control and a character that reorders text: nothing a terminal may get. */
#define EVIL "\033]0;owned\007\033[31mred\302\233\342\200\256 evil"

enum { EXEC = 0x01, SHUTDOWN = 0x0d, RESUME = 0x0e };
enum { HELLO = 0x80, STARTED, STDOUT, STDERR, REPORT, EXITED, CLOSED, FAILED, REPLY = 0x8a, UEVENT, NOTE, RULE };

static int port;
static const char *harm = "";

static int is(const char *name) { return strcmp(harm, name) == 0; }

static void say(const char *text) { (void)!write(1, text, strlen(text)); }

static void flood_console(void) {
    for (;;) say("[    1.000000] " EVIL " and so on, for ever and ever\n" EVIL);
}

static void put(const void *bytes, size_t size) {
    for (const char *at = bytes; size > 0;) {
        ssize_t done = write(port, at, size);
        if (done < 0 && errno == EAGAIN) continue;
        if (done <= 0) exit(1);
        at += done;
        size -= done;
    }
}

static void frame(int type, uint32_t id, const void *payload, uint32_t size) {
    static uint8_t bytes[12 + MAX_PAYLOAD];
    uint32_t header[3] = {size, type, id};
    memcpy(bytes, header, sizeof header);
    memcpy(bytes + 12, payload, size);
    put(bytes, 12 + size);
}

static void get(void *bytes, size_t size) {
    for (char *at = bytes; size > 0;) {
        ssize_t done = read(port, at, size);
        if (done < 0) continue;
        at += done;
        size -= done;
    }
}

static void garbage(void) {
    uint8_t noise[4096];
    for (uint32_t seed = 1;;) {
        for (size_t i = 0; i < sizeof noise; i++) noise[i] = (seed = seed * 1664525 + 1013904223) >> 24;
        put(noise, sizeof noise);
    }
}

/* `id` is that of the request to go on as a clone. */
static void hello(uint32_t id) {
    char payload[600];
    uint32_t magic = 0x58425644;
    uint16_t versions[2] = {3, is("from-the-future") ? 9 : 3};
    if (is("from-the-future")) versions[0] = 8;
    memcpy(payload, &magic, 4);
    memcpy(payload + 4, versions, 4);
    int size = 8 + snprintf(payload + 8, sizeof payload - 8, "release=%s%cvcpus=%s%cmemory-kib=1%cboot-ns=1", EVIL, 0,
                            is("not-a-number") ? "1e9" EVIL : "1", 0, 0);
    frame(HELLO, id, payload, size + 1);
}

static void flood(int type, uint32_t id) {
    static char payload[MAX_PAYLOAD];
    memset(payload, 'x', sizeof payload);
    for (;;) frame(type, id, payload, sizeof payload);
}

/* Every other one is no JSON, and no two have the same key. */
static void fill_with_reports(char *lines, size_t size) {
    static uint32_t count;
    char line[] = "{\"........\":0}\n";
    for (size_t at = 0; at < size; at += sizeof line - 1, count++) {
        for (int digit = 0; digit < 8; digit++) line[2 + digit] = 'a' + (count >> 4 * digit & 15);
        line[10] = count & 1 ? '!' : '"';
        memcpy(lines + at, line, size - at < sizeof line - 1 ? size - at : sizeof line - 1);
    }
}

/* Only what a well-behaved guest may send, in the worst way: all its credit at once, unasked news, and never an end. */
static void talk(int stream, uint32_t id, uint32_t credit) {
    enum { LINES = 500, BYTES = LINES * sizeof EVIL };
    static char lines[BYTES], reports[BYTES];
    static uint32_t frames;
    for (size_t at = 0; at < BYTES; at += sizeof EVIL) memcpy(lines + at, EVIL "\n", sizeof EVIL);
    for (uint32_t size; credit > 0; credit -= size) {
        size = credit < BYTES ? credit : BYTES;
        int reporting = stream == 3 && ++frames & 1;
        if (reporting) fill_with_reports(reports, size);
        frame(STDOUT + stream - 1, id, reporting ? reports : lines, size);
        frame(UEVENT, 0, "ACTION=" EVIL, sizeof "ACTION=" EVIL);
        frame(NOTE, 0, "\4\0\0\0" EVIL, sizeof "\4\0\0\0" EVIL);
    }
}

static void started(uint32_t id, const uint8_t *request, uint32_t size) {
    uint32_t pid = 42, credit;
    uint64_t ended[3] = {300};
    memcpy(&credit, request + 8, 4);
    /* What a template is warmed up with; the harm is for the run. */
    if (memmem(request, size, "/bin/true", 10)) {
        frame(FAILED, id, "\2\0\0\0exec", 9);
        return;
    }
    if (is("refuse")) {
        frame(FAILED, id, "\x07\x27\0\0" EVIL, sizeof "\x07\x27\0\0" EVIL);
        return;
    }
    frame(STARTED, id, &pid, 4);
    if (is("beyond-credit")) flood(STDOUT, id);
    if (is("impossible-exit")) frame(EXITED, id, ended, sizeof ended);
    if (is("closed-early")) frame(CLOSED, id, "", 0);
    for (int stream = 1; is("torrent") && stream <= 3; stream++) talk(stream, id, credit);
}

static void harm_after_hello(void) {
    if (is("oversize")) put("\xff\xff\xff\xff\x82\0\0\0\1\0\0\0", 12);
    if (is("unasked-output")) flood(STDOUT, 4242);
    if (is("unasked-replies")) flood(REPLY, 7);
    if (is("blame")) frame(RULE, 0, EVIL, sizeof EVIL);
    if (is("exit")) exit(3);
    if (is("false-panic")) say("[    1.000000] Kernel panic - not syncing: " EVIL "\n");
    if (is("false-panic") || is("power-off")) reboot(RB_POWER_OFF);
}

/* A devbox that writes to the kernel's log wants to see it on the console. */
static void written(const char *path, uint32_t id) {
    if (strcmp(path, "/dev/kmsg") == 0) say(path + strlen(path) + 1 + strlen("<4>"));
    frame(REPLY, id, "\0\0\0\0", 4);
}

static void uptime(uint32_t id) {
    struct timespec now;
    char reply[64] = "";
    clock_gettime(CLOCK_BOOTTIME, &now);
    int size = snprintf(reply + 4, sizeof reply - 4, "%ld.%02ld 0.00\n", now.tv_sec, now.tv_nsec / 10000000);
    frame(REPLY, id, reply, 4 + size);
}

static void serve(void) {
    static uint8_t payload[MAX_PAYLOAD + 1];
    for (;;) {
        uint32_t header[3];
        get(header, sizeof header);
        if (header[0] > MAX_PAYLOAD) exit(1);
        get(payload, header[0]);
        payload[header[0]] = 0;
        int type = header[1] & 0xff;
        if (type == EXEC) started(header[2], payload, header[0]);
        else if (type == 0x07) {
            uint32_t granted[2];
            memcpy(granted, payload, sizeof granted);
            if (is("torrent")) talk(granted[0], header[2], granted[1]);
        } else if (type == 0x0a && strstr((char *)payload, "/ops")) frame(REPLY, header[2], "\0\0\0\0devbox_fifo", 15);
        else if (type == 0x0a && strstr((char *)payload, "/uptime")) uptime(header[2]);
        else if (type == 0x0a) frame(REPLY, header[2], "\0\0\0\0enabled", 11);
        else if (type == 0x0b) written((char *)payload, header[2]);
        else if (type == RESUME) {
            hello(header[2]);
            harm_after_hello();
        }
        else if (type >= 0x08) frame(REPLY, header[2], "\0\0\0\0", 4);
    }
}

int main(void) {
    if (getenv("hostile")) harm = getenv("hostile");
    mount("dev", "/dev", "devtmpfs", 0, "");
    if (is("console-flood")) flood_console();
    while ((port = open("/dev/vport0p1", O_RDWR | O_CLOEXEC)) < 0) usleep(10000);
    if (is("garbage")) garbage();
    hello(0);
    harm_after_hello();
    serve();
}
