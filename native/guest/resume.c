#define _GNU_SOURCE
#include "resume.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "file.h"
#include "hello.h"
#include "mode.h"
#include "note.h"
#include "protocol.h"

/*
 * Every clone wakes up with the same state of the kernel's random number generator. What the host brings is mixed in
 * and counted, then all that was derived from the old state is thrown away.
 */
static void reseed(const uint8_t *entropy, size_t length) {
    struct {
        struct rand_pool_info info;
        uint8_t bytes[RESUME_MAX_ENTROPY];
    } pool = {.info = {.entropy_count = (int)length * 8, .buf_size = (int)length}};
    memcpy(pool.bytes, entropy, length);
    int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
    if (fd < 0 || ioctl(fd, RNDADDENTROPY, &pool) < 0 || ioctl(fd, RNDRESEEDCRNG) < 0)
        fatal("cannot give the kernel fresh entropy: %s", strerror(errno));
    close(fd);
}

void resume(uint32_t id, int64_t nanoseconds, const uint8_t *entropy, size_t length) {
    if (!hosted) {
        reseed(entropy, length);
        uint32_t error = clock_sync(nanoseconds);
        if (error) note(NOTE_WARNING, "cannot set the clock: %s", strerror((int)error));
    }
    send_hello(id);
}
