/* From the kernel's hands to a root file system. */
#ifndef BOOT_H
#define BOOT_H

/* boot.c: what everything else needs: /proc, /sys, /dev, the console, modules. */
void boot_early(void);
/* root.c: finds the root disk, lays a writable layer over it, makes it /. */
void boot_root(void);
/* system.c: file systems, limits, settings and the loopback of the running guest. */
void boot_system(void);
/* Descriptors 3 to 9 are kept for children (see spawn.c). */
void reserve_low_descriptors(void);

#endif
