/** The port of QEMU's isa-debug-exit device. */
export const EXIT_PORT = 0xf4;
const EXIT_VALUE = 0x10;
/** isa-debug-exit ends QEMU with `(value << 1) | 1`. */
export const EXIT_CODE = (EXIT_VALUE << 1) | 1;

/**
 * The smallest guest there is: a boot sector that ends QEMU with `EXIT_CODE`. It is loaded at 0000:7c00 in real mode, so
 * before it runs the firmware has been through 16- and 32-bit code already.
 */
export function bootSector(): Uint8Array {
  const code = [
    0xfa, //                                cli
    0x31,
    0xc0, //                          xor ax, ax
    0x0f,
    0xa2, //                          cpuid
    0x0f,
    0x31, //                          rdtsc
    0xba,
    EXIT_PORT & 0xff,
    EXIT_PORT >> 8, // mov dx, EXIT_PORT
    0xb0,
    EXIT_VALUE, //                    mov al, EXIT_VALUE
    0xee, //                                out dx, al
    0xf4, //                                hlt
    0xeb,
    0xfd, //                          jmp to hlt
  ];
  const sector = new Uint8Array(512);
  sector.set(code);
  sector.set([0x55, 0xaa], 510);
  return sector;
}
