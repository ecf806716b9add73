import { describe, expect, it } from 'vitest';
import { setIdFilter } from './set-id-filter.ts';

const X86_64 = 0xc000_003e;
const ALLOWED = 0x7fff_0000;
const EPERM = 0x0005_0001;
const ENOSYS = 0x0005_0026;
const KILLED = 0x8000_0000;

/** What the kernel would make of a call: an interpreter of the few instructions that the filter has. */
function verdict(number: number, args: readonly number[] = [], arch = X86_64): number {
  const filter = setIdFilter();
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number, 0);
  data.writeUInt32LE(arch, 4);
  args.forEach((value, index) => void data.writeUInt32LE(value, 16 + 8 * index));
  let loaded = 0;
  for (let at = 0; ; at += 8) {
    const code = filter.readUInt16LE(at);
    const value = filter.readUInt32LE(at + 4);
    if (code === 0x06) return value;
    if (code === 0x20) {
      loaded = data.readUInt32LE(value);
      continue;
    }
    const passed = { 21: loaded === value, 53: loaded >= value, 69: (loaded & value) !== 0 }[code];
    if (passed === undefined) throw new Error(`instruction ${code}`);
    at += 8 * filter.readUInt8(at + (passed ? 2 : 3));
  }
}

describe('the filter of a share', () => {
  it.each([
    ['chmod', 90, (mode: number) => [0, mode]],
    ['fchmod', 91, (mode: number) => [3, mode]],
    ['fchmodat', 268, (mode: number) => [3, 0, mode]],
    ['fchmodat2', 452, (mode: number) => [3, 0, mode]],
    ['creat', 85, (mode: number) => [0, mode]],
    ['mknod', 133, (mode: number) => [0, mode]],
    ['mknodat', 259, (mode: number) => [3, 0, mode]],
    ['mkdir', 83, (mode: number) => [0, mode]],
    ['mkdirat', 258, (mode: number) => [3, 0, mode]],
    ['open', 2, (mode: number) => [0, 0o101, mode]],
    ['openat', 257, (mode: number) => [3, 0, 0o101, mode]],
    ['openat of a file without a name', 257, (mode: number) => [3, 0, 0o20_200_001, mode]],
  ])('refuses %s with a set-id bit, and nothing else of it', (_, number, args) => {
    for (const mode of [0o4755, 0o2755, 0o6000, 0o104_755]) expect(verdict(number, args(mode))).toBe(EPERM);
    for (const mode of [0, 0o755, 0o1777, 0o100_644]) expect(verdict(number, args(mode))).toBe(ALLOWED);
  });

  it('does not look at the mode of a file that is opened, not made: it may be anything', () => {
    expect(verdict(257, [3, 0, 0o2, 0o4755])).toBe(ALLOWED);
    expect(verdict(2, [0, 0o200_000, 0xffff_ffff])).toBe(ALLOWED);
  });

  it('has no call whose mode it could not see', () => {
    expect(verdict(437)).toBe(ENOSYS);
    expect(verdict(425)).toBe(ENOSYS);
  });

  it('lets other calls be, and kills what speaks another ABI', () => {
    expect(verdict(0, [0, 0o4755, 0o4755, 0o4755])).toBe(ALLOWED);
    expect(verdict(90, [0, 0o755], 0x4000_0003)).toBe(KILLED);
    expect(verdict(0x4000_0000 + 90, [0, 0o755])).toBe(KILLED);
  });
});
