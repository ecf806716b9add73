#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boot.h"
#include "cgroup.h"
#include "note.h"

#define SAFE (MS_NOSUID | MS_NODEV | MS_NOEXEC)

static const struct {
    const char *type, *target;
    unsigned long flags;
    const char *options;
    const char *missing; /* what is lost without it; NULL: nothing devbox needs */
} file_systems[] = {
    {"devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "mode=620,ptmxmode=666,gid=5", "no terminals"},
    {"tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777", "no shared memory"},
    {"tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=755", "/run is not writable"},
    {"tmpfs", "/tmp", MS_NOSUID | MS_NODEV, "mode=1777", "/tmp is not writable"},
    {"cgroup2", "/sys/fs/cgroup", SAFE, NULL, "what an exec leaves behind outside its process group goes on running"},
    {"bpf", "/sys/fs/bpf", SAFE, "mode=700", NULL},
    {"debugfs", "/sys/kernel/debug", SAFE, "mode=700", NULL},
    {"tracefs", "/sys/kernel/tracing", SAFE, "mode=700", NULL},
    {"securityfs", "/sys/kernel/security", SAFE, NULL, NULL},
    {"mqueue", "/dev/mqueue", SAFE, NULL, NULL},
};

#define MODULE_LOADER "/proc/sys/kernel/modprobe"

static void set(const char *path, const char *value) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, value, strlen(value)) < 0)
        note(NOTE_WARNING, "cannot set %s: %s", path, strerror(errno));
    if (fd >= 0) close(fd);
}

/* Stops the kernel from loading modules by itself. Leaves in `loader` what to set to let it again; empty: it cannot. */
static void stop_module_loader(char *loader, size_t size) {
    int fd = open(MODULE_LOADER, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, loader, size - 1);
    if (fd >= 0) close(fd);
    loader[got > 0 ? got : 0] = 0;
    if (loader[0]) set(MODULE_LOADER, "\n");
}

static void mount_file_systems(void) {
    /* Mounting bpf looks for a module that Debian does not build: a fifth of a second when emulated. */
    char loader[256];
    stop_module_loader(loader, sizeof loader);
    for (unsigned i = 0; i < sizeof file_systems / sizeof file_systems[0]; i++) {
        const char *type = file_systems[i].type, *target = file_systems[i].target;
        mkdir(target, 0755);
        int error = mount(type, target, type, file_systems[i].flags, file_systems[i].options) < 0 ? errno : 0;
        if (strcmp(type, "cgroup2") == 0 && !error && !cgroup_init()) error = errno;
        if (error && file_systems[i].missing)
            note(NOTE_WARNING, "no %s at %s (%s): %s", type, target, strerror(error), file_systems[i].missing);
    }
    if (loader[0]) set(MODULE_LOADER, loader);
}

/* devtmpfs knows devices only; programs expect these, too. */
static void link_standard_descriptors(void) {
    static const char *const links[][2] = {
        {"/proc/self/fd", "/dev/fd"},
        {"/proc/self/fd/0", "/dev/stdin"},
        {"/proc/self/fd/1", "/dev/stdout"},
        {"/proc/self/fd/2", "/dev/stderr"},
    };
    for (int i = 0; i < 4; i++)
        if (symlink(links[i][0], links[i][1]) < 0 && errno != EEXIST)
            note(NOTE_WARNING, "no %s: %s", links[i][1], strerror(errno));
}

/* Warnings must reach the console, where the host looks for them; a chattier level that was asked for stays. */
static void let_warnings_through(void) {
    FILE *file = fopen("/proc/sys/kernel/printk", "re");
    int level = 0;
    if (file && fscanf(file, "%d", &level) == 1 && level < 5) set("/proc/sys/kernel/printk", "5");
    if (file) fclose(file);
}

static void raise_limits(void) {
    struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    struct rlimit files = {65536, 1048576};
    /* BPF maps and mlockall in agents. */
    if (setrlimit(RLIMIT_MEMLOCK, &unlimited) < 0) note(NOTE_WARNING, "RLIMIT_MEMLOCK: %s", strerror(errno));
    if (setrlimit(RLIMIT_NOFILE, &files) < 0) note(NOTE_WARNING, "RLIMIT_NOFILE: %s", strerror(errno));
}

static void bring_up_loopback(void) {
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0) note(NOTE_INFO, "no loopback network: %s", strerror(errno));
    if (fd >= 0) close(fd);
}

/* Above whatever is tested: a scheduler that stalls stops its own tasks, not the one that reports it. */
static void become_real_time(void) {
    struct sched_param priority = {.sched_priority = 50};
    if (sched_setscheduler(0, SCHED_FIFO, &priority) < 0)
        note(NOTE_WARNING, "no real-time priority for PID 1: %s", strerror(errno));
}

void boot_system(void) {
    mount_file_systems();
    link_standard_descriptors();
    if (sethostname("devbox", 6) < 0) note(NOTE_WARNING, "hostname: %s", strerror(errno));
    let_warnings_through();
    set("/proc/sys/kernel/sysrq", "1");
    reboot(RB_DISABLE_CAD);
    raise_limits();
    bring_up_loopback();
    become_real_time();
}
