import { gzipSync, zstdCompressSync } from 'node:zlib';

/** Builds the smallest files that the readers of kernels take for whole ones. */
export interface CraftedSection {
  readonly name: string;
  readonly type?: number;
  readonly data: Buffer;
}

const EHDR = 64;
const PHDR = 56;
const SHDR = 64;

export function craftElf(sections: readonly CraftedSection[], machine = 62, type = 2): Buffer {
  const all = [{ name: '', type: 0, data: Buffer.alloc(0) }, ...sections];
  const names = Buffer.from(`${[...all.map(({ name }) => name), '.shstrtab'].join('\0')}\0`, 'latin1');
  const named = [...all, { name: '.shstrtab', type: 3, data: names }];
  const nameOffsets = named.map((_, index) =>
    [...named.slice(0, index)].reduce((sum, { name }) => sum + name.length + 1, 0),
  );
  let offset = EHDR + PHDR;
  const offsets = named.map(({ data }) => {
    const at = offset;
    offset += Math.ceil(data.length / 8) * 8;
    return at;
  });
  const bytes = Buffer.alloc(offset + named.length * SHDR);
  bytes.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  bytes.writeUInt16LE(type, 16);
  bytes.writeUInt16LE(machine, 18);
  bytes.writeBigUInt64LE(BigInt(EHDR), 32);
  bytes.writeBigUInt64LE(BigInt(offset), 40);
  bytes.writeUInt16LE(PHDR, 54);
  bytes.writeUInt16LE(1, 56);
  bytes.writeUInt16LE(SHDR, 58);
  bytes.writeUInt16LE(named.length, 60);
  bytes.writeUInt16LE(named.length - 1, 62);
  bytes.writeUInt32LE(1, EHDR); // PT_LOAD
  for (const [index, { data, type: sectionType }] of named.entries()) {
    data.copy(bytes, offsets[index]);
    const at = offset + index * SHDR;
    bytes.writeUInt32LE(nameOffsets[index] as number, at);
    bytes.writeUInt32LE(sectionType ?? 1, at + 4);
    bytes.writeBigUInt64LE(BigInt(offsets[index] as number), at + 24);
    bytes.writeBigUInt64LE(BigInt(data.length), at + 32);
  }
  return bytes;
}

export function craftNote(name: string, type: number, data = Buffer.alloc(8)): Buffer {
  const padded = Buffer.alloc(Math.ceil((name.length + 1) / 4) * 4);
  padded.write(name, 'latin1');
  const head = Buffer.alloc(12);
  head.writeUInt32LE(name.length + 1, 0);
  head.writeUInt32LE(data.length, 4);
  head.writeUInt32LE(type, 8);
  return Buffer.concat([head, padded, data]);
}

const STRUCT = 4;
const FUNC = 12;

/** BTF that defines nothing but empty structures of these names. */
export function craftBtf(structs: readonly string[]): Buffer {
  return craftTypes(structs.map((name) => ({ kind: STRUCT, name })));
}

/** BTF that defines functions of no type, whose ids begin with 1, then empty structures. */
export function craftBtfFunctions(functions: readonly string[], structs: readonly string[] = []): Buffer {
  return craftTypes([
    ...functions.map((name) => ({ kind: FUNC, name })),
    ...structs.map((name) => ({ kind: STRUCT, name })),
  ]);
}

function craftTypes(all: readonly { readonly kind: number; readonly name: string }[]): Buffer {
  const strings = Buffer.from(`\0${all.map(({ name }) => `${name}\0`).join('')}`, 'latin1');
  const types = Buffer.alloc(12 * all.length);
  let nameOffset = 1;
  for (const [index, { kind, name }] of all.entries()) {
    types.writeUInt32LE(nameOffset, index * 12);
    types.writeUInt32LE(kind << 24, index * 12 + 4);
    nameOffset += name.length + 1;
  }
  const head = Buffer.alloc(24);
  head.writeUInt16LE(0xeb9f, 0);
  head.writeUInt8(1, 2);
  head.writeUInt32LE(24, 4);
  head.writeUInt32LE(0, 8);
  head.writeUInt32LE(types.length, 12);
  head.writeUInt32LE(types.length, 16);
  head.writeUInt32LE(strings.length, 20);
  return Buffer.concat([head, types, strings]);
}

/** A set of kfuncs in .BTF_ids: ids, which must ascend, each with its flags. */
export function craftBtfIds(kfuncs: readonly (readonly [id: number, flags: number])[]): Buffer {
  const bytes = Buffer.alloc(8 + 8 * kfuncs.length);
  bytes.writeUInt32LE(kfuncs.length, 0);
  bytes.writeUInt32LE(1, 4);
  for (const [index, [id, flags]] of kfuncs.entries()) {
    bytes.writeUInt32LE(id, 8 + 8 * index);
    bytes.writeUInt32LE(flags, 12 + 8 * index);
  }
  return bytes;
}

export function craftIkconfig(text: string): Buffer {
  return Buffer.concat([Buffer.from('IKCFG_ST'), gzipSync(text), Buffer.from('IKCFG_ED')]);
}

export const RELEASE = '7.2.12-test';

export function craftVmlinux(
  options: { config?: string; structs?: readonly string[]; pvh?: boolean } = {},
): Buffer {
  const { config, structs, pvh = true } = options;
  return craftElf([
    {
      name: '.rodata',
      data: Buffer.concat([
        Buffer.from(`xx%s version %s\0Linux version ${RELEASE} (someone@somewhere) (gcc) #1 SMP\n\0`),
        config === undefined ? Buffer.alloc(0) : craftIkconfig(config),
      ]),
    },
    ...(structs ? [{ name: '.BTF', data: craftBtf(structs) }] : []),
    ...(pvh
      ? [{ name: '.notes', type: 7, data: Buffer.concat([craftNote('Linux', 1), craftNote('Xen', 18)]) }]
      : []),
  ]);
}

export function craftBzImage(
  vmlinux: Buffer,
  options: { format?: 'gzip' | 'zstd'; payload?: Buffer; xloadflags?: number } = {},
): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(vmlinux.length);
  const payload =
    options.payload ??
    (options.format === 'zstd' ? Buffer.concat([zstdCompressSync(vmlinux), size]) : gzipSync(vmlinux));
  const setup = Buffer.alloc(1024);
  setup.writeUInt8(1, 0x1f1);
  setup.writeUInt32LE(Math.ceil(payload.length / 16), 0x1f4);
  setup.writeUInt16LE(0xaa55, 0x1fe);
  setup.write('HdrS', 0x202, 'latin1');
  setup.writeUInt16LE(0x020f, 0x206);
  setup.writeUInt16LE(0x100, 0x20e);
  setup.writeUInt8(1, 0x211);
  setup.writeUInt16LE(options.xloadflags ?? 1, 0x236);
  setup.writeUInt32LE(0, 0x248);
  setup.writeUInt32LE(payload.length, 0x24c);
  setup.write(`${RELEASE} (someone@somewhere) #1 SMP\0`, 0x300, 'latin1');
  return Buffer.concat([setup, payload]);
}
