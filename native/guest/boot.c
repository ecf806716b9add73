#define _GNU_SOURCE
#include "boot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "note.h"

#define MODULES "/modules"

static void need(const char *type, const char *target, const char *option) {
    mkdir(target, 0755);
    if (mount(type, target, type, MS_NOSUID, NULL) < 0 && errno != EBUSY)
        fatal("cannot mount %s at %s: %s (%s)", type, target, strerror(errno), option);
}

static int is_module(const struct dirent *entry) {
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".ko") == 0;
}

static void load_module(const char *name) {
    char path[512];
    snprintf(path, sizeof path, MODULES "/%s", name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST))
        note(NOTE_WARNING, "cannot load module %s: %s", name, strerror(errno));
    if (fd >= 0) close(fd);
    unlink(path); /* the initramfs is memory */
}

static void load_modules(void) {
    struct dirent **names;
    int count = scandir(MODULES, &names, is_module, alphasort);
    for (int i = 0; i < count; i++) {
        load_module(names[i]->d_name);
        free(names[i]);
    }
    if (count >= 0) free(names);
}

void reserve_low_descriptors(void) {
    for (;;) {
        int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (fd < 0) fatal("cannot open /dev/null: %s", strerror(errno));
        if (fd > 9) {
            close(fd);
            return;
        }
        if (fd < 3) fcntl(fd, F_SETFD, 0);
    }
}

void boot_early(void) {
    need("devtmpfs", "/dev", "CONFIG_DEVTMPFS");
    need("proc", "/proc", "CONFIG_PROC_FS");
    need("sysfs", "/sys", "CONFIG_SYSFS");
    int console = open("/dev/console", O_RDWR | O_NOCTTY);
    for (int fd = 0; console >= 0 && fd < 3; fd++)
        if (fd != console) dup2(console, fd);
    if (console > 2) close(console);
    reserve_low_descriptors();
    load_modules();
}
