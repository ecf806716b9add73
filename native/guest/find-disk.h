#ifndef FIND_DISK_H
#define FIND_DISK_H

#include <stdbool.h>
#include <stddef.h>

/* Leaves in `device` the path of the virtio-blk disk with this serial number, if it is there. */
bool find_disk(const char *serial, char *device, size_t size);

#endif
