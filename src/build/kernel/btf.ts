/** See Documentation/bpf/btf.rst. */
const MAGIC = 0xeb9f;
const KIND_STRUCT = 4;
export const KIND_FUNC = 12;

/** Bytes after the 12-byte type header, by kind; `each` is for every one of its `vlen` members. */
const EXTRA: Readonly<Record<number, { readonly fixed: number; readonly each: number }>> = {
  1: { fixed: 4, each: 0 }, // INT
  2: { fixed: 0, each: 0 }, // PTR
  3: { fixed: 12, each: 0 }, // ARRAY
  4: { fixed: 0, each: 12 }, // STRUCT
  5: { fixed: 0, each: 12 }, // UNION
  6: { fixed: 0, each: 8 }, // ENUM
  7: { fixed: 0, each: 0 }, // FWD
  8: { fixed: 0, each: 0 }, // TYPEDEF
  9: { fixed: 0, each: 0 }, // VOLATILE
  10: { fixed: 0, each: 0 }, // CONST
  11: { fixed: 0, each: 0 }, // RESTRICT
  12: { fixed: 0, each: 0 }, // FUNC
  13: { fixed: 0, each: 8 }, // FUNC_PROTO
  14: { fixed: 4, each: 0 }, // VAR
  15: { fixed: 0, each: 12 }, // DATASEC
  16: { fixed: 0, each: 0 }, // FLOAT
  17: { fixed: 4, each: 0 }, // DECL_TAG
  18: { fixed: 0, each: 0 }, // TYPE_TAG
  19: { fixed: 0, each: 12 }, // ENUM64
};

export interface Btf {
  readonly types: Buffer;
  /** Every name, each ended by a zero byte. */
  readonly strings: Buffer;
}

/** The two tables of BTF, or undefined when its header is damaged. */
export function readBtf(btf: Buffer): Btf | undefined {
  if (btf.length < 24 || btf.readUInt16LE(0) !== MAGIC) return undefined;
  const headerLength = btf.readUInt32LE(4);
  const types = slice(btf, headerLength + btf.readUInt32LE(8), btf.readUInt32LE(12));
  const strings = slice(btf, headerLength + btf.readUInt32LE(16), btf.readUInt32LE(20));
  return types && strings && { types, strings };
}

/**
 * Visits every type, in the order of their ids, which begin with 1. False when the table is damaged or has a kind of
 * type that is not known here: then nothing can be told from what was not found.
 */
export function walkTypes(
  types: Buffer,
  visit: (kind: number, nameOffset: number, id: number) => void,
): boolean {
  let at = 0;
  for (let id = 1; at + 12 <= types.length; id += 1) {
    const info = types.readUInt32LE(at + 4);
    const kind = (info >>> 24) & 0x1f;
    const extra = EXTRA[kind];
    if (extra === undefined) return false;
    visit(kind, types.readUInt32LE(at), id);
    at += 12 + extra.fixed + extra.each * (info & 0xffff);
  }
  return at === types.length;
}

/** Which of the wanted structures a kernel's BTF defines. Undefined when that cannot be told. */
export function findStructs(bytes: Buffer, wanted: ReadonlySet<string>): Set<string> | undefined {
  const btf = readBtf(bytes);
  if (btf === undefined) return undefined;
  const names = new Map(
    [...wanted].flatMap((name) => offsetsOf(btf.strings, name).map((offset) => [offset, name])),
  );
  const found = new Set<string>();
  const isWhole = walkTypes(btf.types, (kind, nameOffset) => {
    const name = kind === KIND_STRUCT ? names.get(nameOffset) : undefined;
    if (name !== undefined) found.add(name);
  });
  return isWhole ? found : undefined;
}

function slice(btf: Buffer, start: number, length: number): Buffer | undefined {
  return start + length <= btf.length ? btf.subarray(start, start + length) : undefined;
}

/** Where a whole name begins in the table; BTF may keep it as the end of a longer one. */
export function offsetsOf(strings: Buffer, name: string): number[] {
  const offsets: number[] = [];
  const bytes = Buffer.from(`${name}\0`, 'latin1');
  for (let at = strings.indexOf(bytes); at >= 0; at = strings.indexOf(bytes, at + 1)) offsets.push(at);
  return offsets;
}
