/** One member of an archive in the "newc" format: Documentation/driver-api/early-userspace/buffer-format.rst */
export type CpioEntry =
  | { readonly type: 'directory'; readonly path: string; readonly mode?: number }
  | { readonly type: 'file'; readonly path: string; readonly mode?: number; readonly data: Uint8Array }
  | { readonly type: 'symlink'; readonly path: string; readonly target: string }
  | {
      readonly type: 'character-device';
      readonly path: string;
      readonly major: number;
      readonly minor: number;
      readonly mode?: number;
    };

const TYPE_BITS = {
  directory: 0o040000,
  file: 0o100000,
  symlink: 0o120000,
  'character-device': 0o020000,
} as const;

/**
 * An uncompressed initramfs, byte for byte the same for the same entries: time stamps and owners are zero. Parents are
 * added where an entry lacks them. Paths are relative, without a leading slash.
 */
export function cpioArchive(entries: readonly CpioEntry[]): Buffer {
  const complete = withParents(entries);
  const parts = complete.flatMap((entry, index) => member(entry, index + 1));
  return Buffer.concat([
    ...parts,
    ...record({ path: 'TRAILER!!!', mode: 0, inode: 0, data: new Uint8Array() }),
  ]);
}

function withParents(entries: readonly CpioEntry[]): CpioEntry[] {
  const seen = new Set<string>();
  const complete: CpioEntry[] = [];
  for (const entry of entries) {
    const steps = entry.path.split('/');
    for (let depth = 1; depth < steps.length; depth += 1) {
      const path = steps.slice(0, depth).join('/');
      if (!seen.has(path)) complete.push({ type: 'directory', path });
      seen.add(path);
    }
    if (!seen.has(entry.path)) complete.push(entry);
    seen.add(entry.path);
  }
  return complete;
}

function member(entry: CpioEntry, inode: number): Uint8Array[] {
  const mode = TYPE_BITS[entry.type] | permissions(entry);
  const data = entry.type === 'file' ? entry.data : Buffer.from(entry.type === 'symlink' ? entry.target : '');
  const device = entry.type === 'character-device' ? { major: entry.major, minor: entry.minor } : undefined;
  return record({ path: entry.path, mode, inode, data, ...(device ? { device } : {}) });
}

function permissions(entry: CpioEntry): number {
  if (entry.type === 'symlink') return 0o777;
  return entry.mode ?? (entry.type === 'directory' ? 0o755 : 0o644);
}

interface CpioRecord {
  readonly path: string;
  readonly mode: number;
  readonly inode: number;
  readonly data: Uint8Array;
  readonly device?: { readonly major: number; readonly minor: number };
}

function record({ path, mode, inode, data, device }: CpioRecord): Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  const links = (mode & 0o170000) === TYPE_BITS.directory ? 2 : 1;
  const numbers = [
    ...[inode, mode, 0, 0, links, 0, data.length],
    ...[0, 0, device?.major ?? 0, device?.minor ?? 0, name.length, 0],
  ];
  const header = Buffer.from(`070701${numbers.map((n) => n.toString(16).padStart(8, '0')).join('')}`);
  return [header, name, padding(header.length + name.length), data, padding(data.length)];
}

function padding(length: number): Uint8Array {
  return Buffer.alloc((4 - (length % 4)) % 4);
}
