import { type ByteSource, notKernel, wrongArchitecture } from './byte-source.ts';

export type KernelFormat = 'bzimage' | 'elf';

/** What a file is, by its first bytes. Throws `Failure` usage with what it looks like when it is no kernel. */
export function identifyKernel(source: ByteSource): KernelFormat {
  const head = source.read(0, Math.min(source.size, 0x280));
  if (isBzImage(head)) return 'bzimage';
  if (starts(head, '\x7fELF')) return 'elf';
  if (head.length >= 64 && head.toString('latin1', 56, 60) === 'ARM\x64') {
    throw wrongArchitecture(source.name, 'arm64');
  }
  if (head.length >= 64 && head.toString('latin1', 56, 60) === 'RSC\x05') {
    throw wrongArchitecture(source.name, 'RISC-V');
  }
  throw notKernel(source.name, looksLike(head));
}

/** Documentation/arch/x86/boot.rst: the boot sector's mark and the header's magic. */
function isBzImage(head: Buffer): boolean {
  return (
    head.length >= 0x210 &&
    head.readUInt16LE(0x1fe) === 0xaa55 &&
    head.toString('latin1', 0x202, 0x206) === 'HdrS'
  );
}

const MAGIC: readonly (readonly [string, string])[] = [
  ['#!', 'a script'],
  ['!<arch>\n', 'an ar archive or a Debian package'],
  ['\x1f\x8b', 'gzip-compressed data'],
  ['\xfd7zXZ', 'xz-compressed data'],
  ['\x28\xb5\x2f\xfd', 'zstd-compressed data'],
  ['BZh', 'bzip2-compressed data'],
  ['070701', 'a cpio archive'],
  ['hsqs', 'a SquashFS image'],
  ['QFI\xfb', 'a qcow2 disk image'],
  ['PK\x03\x04', 'a ZIP archive'],
  ['MZ', 'a DOS or EFI program'],
];

function looksLike(head: Buffer): string {
  if (head.length === 0) return 'an empty file';
  const known = MAGIC.find(([magic]) => starts(head, magic));
  if (known) return known[1];
  if (head.length > 262 && head.toString('latin1', 257, 262) === 'ustar') return 'a tar archive';
  if (head.every((byte) => byte === 0)) return 'nothing but zeros';
  const isText = head.every(
    (byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte !== 127),
  );
  return isText ? 'text' : 'data of an unknown kind';
}

function starts(head: Buffer, magic: string): boolean {
  return head.toString('latin1', 0, magic.length) === magic;
}
