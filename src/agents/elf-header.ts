/** The little of an ELF file that tells whether a kernel could run it. Format: elf(5). */
export interface ElfHeader {
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
  /** `e_machine`: 62 is x86-64. */
  readonly machine: number;
  /** As people call it: `x86-64`, `AArch64`. */
  readonly machineName: string;
  readonly type: 'executable' | 'shared' | 'relocatable' | 'core' | 'other';
}

const MACHINES: ReadonlyMap<number, string> = new Map([
  [3, 'i386'],
  [8, 'MIPS'],
  [20, 'PowerPC'],
  [21, 'PowerPC64'],
  [22, 's390'],
  [40, 'ARM'],
  [50, 'Itanium'],
  [62, 'x86-64'],
  [183, 'AArch64'],
  [243, 'RISC-V'],
  [247, 'BPF'],
  [258, 'LoongArch'],
]);

const TYPES: ReadonlyMap<number, ElfHeader['type']> = new Map([
  [1, 'relocatable'],
  [2, 'executable'],
  [3, 'shared'],
  [4, 'core'],
]);

/** `head` is the start of the file, 64 bytes are enough. Undefined when it is not an ELF file, or is cut short. */
export function readElfHeader(head: Uint8Array): ElfHeader | undefined {
  if (head.length < 20 || head[0] !== 0x7f || String.fromCharCode(...head.subarray(1, 4)) !== 'ELF')
    return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const littleEndian = head[5] === 1;
  if ((head[4] !== 1 && head[4] !== 2) || (head[5] !== 1 && head[5] !== 2)) return undefined;
  const machine = view.getUint16(18, littleEndian);
  return {
    bits: head[4] === 2 ? 64 : 32,
    littleEndian,
    machine,
    machineName: MACHINES.get(machine) ?? `machine ${machine}`,
    type: TYPES.get(view.getUint16(16, littleEndian)) ?? 'other',
  };
}

const PT_INTERP = 3;

/**
 * The dynamic linker that a 64-bit little-endian program asks for, when it asks for one within `head`. Linkers put
 * the name right behind the program headers, so the first 4 KiB hold it.
 */
export function readInterpreter(head: Uint8Array): string | undefined {
  const header = readElfHeader(head);
  if (header?.bits !== 64 || !header.littleEndian || head.length < 64) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const table = Number(view.getBigUint64(32, true));
  const entrySize = view.getUint16(54, true);
  for (let i = 0; i < view.getUint16(56, true); i += 1) {
    const entry = table + i * entrySize;
    if (entrySize < 56 || entry + 56 > head.length) return undefined;
    if (view.getUint32(entry, true) !== PT_INTERP) continue;
    const start = Number(view.getBigUint64(entry + 8, true));
    const end = start + Number(view.getBigUint64(entry + 32, true));
    if (end > head.length) return undefined;
    return new TextDecoder().decode(head.subarray(start, end)).replace(/\0.*$/s, '');
  }
  return undefined;
}
