#ifndef FIND_DEVICE_H
#define FIND_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Leaves in `device` the path in /dev of the device whose file `attribute` in sysfs's `directory` says `wanted`, if it is
 * there: a virtio-blk disk by its serial number, a virtio port by its name.
 */
bool find_device(const char *directory, const char *attribute, const char *wanted, char *device, size_t size);

#endif
