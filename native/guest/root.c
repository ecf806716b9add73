#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "boot.h"
#include "find-device.h"
#include "mounting.h"
#include "note.h"
#include "uevent.h"

#define SERIAL "devbox-root"
#define DISK_MS 20000
#define LOWER "/.root/lower"
#define LAYER "/.root/layer"
#define MERGED "/.root/merged"
#define PAYLOAD "/opt/devbox"
#define KERNEL_CONFIG PAYLOAD "/kernel-config"

static const char *const types[] = {"ext4", "erofs"};
/* Made writable when there is no overlay, besides /tmp and /run. /opt is among them because the payload needs a place. */
static const char *const writable[] = {"var/tmp", "var/log", "root", "home", "mnt", "srv", "opt"};

static void mount_disk(void) {
    char device[300];
    int64_t deadline = monotonic_ms() + DISK_MS;
    while (!find_device("/sys/block", "serial", SERIAL, device, sizeof device))
        if (!uevent_wait(deadline))
            fatal("no disk with serial %s within %d s (virtio-blk, CONFIG_VIRTIO_BLK)", SERIAL, DISK_MS / 1000);
    int errors[2];
    for (int i = 0; i < 2; i++) {
        if (mount(device, LOWER, types[i], MS_RDONLY | MS_NODEV, NULL) == 0) return;
        errors[i] = errno;
    }
    fatal("cannot mount %s: ext4: %s, erofs: %s", device, strerror(errors[0]), strerror(errors[1]));
}

static bool mount_overlay(void) {
    if (mount("tmpfs", LAYER, "tmpfs", MS_NODEV, "mode=755") < 0) return false;
    mkdir(LAYER "/upper", 0755);
    mkdir(LAYER "/work", 0755);
    const char *options = "lowerdir=" LOWER ",upperdir=" LAYER "/upper,workdir=" LAYER "/work";
    if (mount("root", MERGED, "overlay", MS_NODEV, options) == 0) return true;
    int error = errno;
    umount(LAYER);
    errno = error;
    return false;
}

static void mount_without_overlay(void) {
    note(NOTE_WARNING, "no overlay (CONFIG_OVERLAY_FS): %s; only some directories are writable", strerror(errno));
    if (mount(LOWER, MERGED, NULL, MS_BIND, NULL) < 0) fatal("cannot use the root disk: %s", strerror(errno));
    for (unsigned i = 0; i < sizeof writable / sizeof writable[0]; i++) {
        char path[64];
        snprintf(path, sizeof path, MERGED "/%s", writable[i]);
        mount("tmpfs", path, "tmpfs", MS_NODEV, strcmp(writable[i], "var/tmp") == 0 ? "mode=1777" : "mode=755");
    }
}

/* What devbox itself brings lies in the initramfs, in memory already: it only has to be seen. */
static void bind_payload(void) {
    if (access(PAYLOAD, F_OK) < 0) return;
    int error = make_directories(MERGED PAYLOAD, 0755);
    if (!error && mount(PAYLOAD, MERGED PAYLOAD, NULL, MS_BIND, NULL) < 0) error = errno;
    if (!error && mount(NULL, MERGED PAYLOAD, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NODEV, NULL) < 0) error = errno;
    if (error) note(NOTE_WARNING, "no " PAYLOAD ": %s", strerror(error));
}

/* As distributions install it, for libbpf and for people; where the root cannot be written, /proc/config.gz has to do. */
static void link_kernel_config(void) {
    struct utsname name;
    char link[sizeof MERGED "/boot/config-" + sizeof name.release];
    if (access(KERNEL_CONFIG, F_OK) < 0 || uname(&name) < 0) return;
    mkdir(MERGED "/boot", 0755);
    snprintf(link, sizeof link, MERGED "/boot/config-%s", name.release);
    int ignored = symlink(KERNEL_CONFIG, link);
    (void)ignored;
}

static void move(const char *from, const char *to) {
    if (mount(from, to, NULL, MS_MOVE, NULL) < 0) fatal("cannot move %s to %s: %s", from, to, strerror(errno));
}

void boot_root(void) {
    make_directories(LOWER, 0755);
    make_directories(LAYER, 0755);
    make_directories(MERGED, 0755);
    mount_disk();
    if (!mount_overlay()) mount_without_overlay();
    bind_payload();
    link_kernel_config();
    static const char *const moved[] = {"/dev", "/proc", "/sys"};
    for (int i = 0; i < 3; i++) {
        char target[64];
        snprintf(target, sizeof target, MERGED "%s", moved[i]);
        mkdir(target, 0755);
        move(moved[i], target);
    }
    if (chdir(MERGED) < 0) fatal("cannot enter the new root: %s", strerror(errno));
    move(".", "/");
    if (chroot(".") < 0 || chdir("/") < 0) fatal("cannot switch root: %s", strerror(errno));
}
