import { type ByteSource, damaged, notKernel, wrongArchitecture } from './byte-source.ts';

/** As much of an ELF64 file as devbox reads; see elf(5). */
export interface Elf {
  /** `ET_REL` 1, `ET_EXEC` 2, `ET_DYN` 3. */
  readonly type: number;
  readonly sections: readonly ElfSection[];
  readonly segments: readonly ElfSegment[];
}

export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly offset: number;
  readonly size: number;
}

export interface ElfSegment {
  readonly type: number;
  readonly offset: number;
  readonly fileSize: number;
}

export interface ElfNote {
  readonly name: string;
  readonly type: number;
}

const EM_X86_64 = 62;
const MACHINES: Readonly<Record<number, string>> = {
  3: '32-bit x86',
  8: 'MIPS',
  20: '32-bit PowerPC',
  21: 'PowerPC',
  22: 's390',
  40: '32-bit ARM',
  183: 'arm64',
  243: 'RISC-V',
  258: 'LoongArch',
};
const SHT_NOBITS = 8;
const SHT_NOTE = 7;
const PT_NOTE = 4;
/** A kernel has about 80 sections, one with function sections some thousand. */
const COUNT_LIMIT = 0xff00;
const NOTES_LIMIT = 2 ** 20;
const NAMES_LIMIT = 16 * 2 ** 20;

/** Reads the headers of an x86-64 ELF file. Throws `Failure` usage when it is cut, damaged or for another machine. */
export function readElf(source: ByteSource): Elf {
  const head = source.read(0, 64);
  if (head.toString('latin1', 0, 4) !== '\x7fELF') throw notKernel(source.name, 'no ELF file');
  const machine = head.readUInt16LE(18);
  const is64 = head.readUInt8(4) === 2;
  if (!is64 || machine !== EM_X86_64 || head.readUInt8(5) !== 1) {
    throw wrongArchitecture(source.name, MACHINES[machine] ?? `machine ${machine}${is64 ? '' : ', 32-bit'}`);
  }
  return {
    type: head.readUInt16LE(16),
    sections: readSections(source, head),
    segments: readSegments(source, head),
  };
}

function readSections(source: ByteSource, head: Buffer): ElfSection[] {
  const table = tableOf(source, {
    start: readOffset(source, head, 40),
    entry: head.readUInt16LE(58),
    count: head.readUInt16LE(60),
    least: 64,
  });
  const raw = table.map((entry) => ({
    nameOffset: entry.readUInt32LE(0),
    type: entry.readUInt32LE(4),
    offset: readOffset(source, entry, 24),
    size: readOffset(source, entry, 32),
  }));
  const strings = raw[head.readUInt16LE(62)];
  if (strings === undefined || strings.type === SHT_NOBITS) return [];
  if (strings.size > NAMES_LIMIT) throw damaged(source.name, 'its section names are too long');
  const names = source.read(strings.offset, strings.size);
  return raw.map(({ nameOffset, type, offset, size }) => ({
    name: nameAt(names, nameOffset),
    type,
    offset,
    size,
  }));
}

function readSegments(source: ByteSource, head: Buffer): ElfSegment[] {
  const table = tableOf(source, {
    start: readOffset(source, head, 32),
    entry: head.readUInt16LE(54),
    count: head.readUInt16LE(56),
    least: 56,
  });
  return table.map((entry) => ({
    type: entry.readUInt32LE(0),
    offset: readOffset(source, entry, 8),
    fileSize: readOffset(source, entry, 32),
  }));
}

function tableOf(
  source: ByteSource,
  table: { start: number; entry: number; count: number; least: number },
): Buffer[] {
  const { start, entry, count, least } = table;
  if (count === 0) return [];
  if (entry < least || count > COUNT_LIMIT) throw damaged(source.name, 'its ELF headers make no sense');
  const bytes = source.read(start, entry * count);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * entry, (index + 1) * entry));
}

/** A 64-bit offset or size; anything that a file cannot have is damage. */
function readOffset(source: ByteSource, bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged(source.name, 'its ELF headers make no sense');
  return Number(value);
}

function nameAt(names: Buffer, offset: number): string {
  if (offset >= names.length) return '';
  const end = names.indexOf(0, offset);
  return names.toString('latin1', offset, Math.min(end < 0 ? names.length : end, offset + 256));
}

/** The content of a section; undefined when there is none of that name, or it has no bytes in the file. */
export function readSection(source: ByteSource, elf: Elf, name: string, limit: number): Buffer | undefined {
  const section = elf.sections.find((candidate) => candidate.name === name);
  if (section === undefined || section.type === SHT_NOBITS) return undefined;
  if (section.size > limit) throw damaged(source.name, `its section ${name} has ${section.size} bytes`);
  return source.read(section.offset, section.size);
}

/** All notes of sections and segments, without what they say. */
export function readNotes(source: ByteSource, elf: Elf): ElfNote[] {
  const places = [
    ...elf.segments
      .filter(({ type }) => type === PT_NOTE)
      .map(({ offset, fileSize }) => ({ offset, size: fileSize })),
    ...elf.sections.filter(({ type }) => type === SHT_NOTE),
  ];
  return places.flatMap(({ offset, size }) =>
    size > NOTES_LIMIT || offset + size > source.size ? [] : parseNotes(source.read(offset, size)),
  );
}

function parseNotes(bytes: Buffer): ElfNote[] {
  const notes: ElfNote[] = [];
  let at = 0;
  while (at + 12 <= bytes.length) {
    const nameSize = bytes.readUInt32LE(at);
    const dataSize = bytes.readUInt32LE(at + 4);
    const end = at + 12 + aligned(nameSize) + aligned(dataSize);
    if (at + 12 + nameSize > bytes.length) break;
    const name = bytes.toString('latin1', at + 12, at + 12 + nameSize).replace(/\0.*$/s, '');
    notes.push({ name, type: bytes.readUInt32LE(at + 8) });
    at = end;
  }
  return notes;
}

function aligned(size: number): number {
  return Math.ceil(size / 4) * 4;
}

/** Whether QEMU can boot it as it is: XEN_ELFNOTE_PHYS32_ENTRY, include/xen/interface/elfnote.h. */
export function hasPvhNote(notes: readonly ElfNote[]): boolean {
  return notes.some(({ name, type }) => name === 'Xen' && type === 18);
}
