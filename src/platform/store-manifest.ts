import { lstatSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashFile, type KeyInput } from './store-key.ts';

/** What an entry of the store consists of. Written once, beside the files it lists. */
export interface Manifest {
  readonly schema: 1;
  readonly kind: string;
  readonly key: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** Room taken on the disk, trees included, bytes. */
  readonly bytes: number;
  /** What the maker wants to know again at a lookup. */
  readonly meta: Readonly<Record<string, KeyInput>>;
  readonly files: readonly ManifestFile[];
}

export interface ManifestFile {
  /** Relative to the entry. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

const MANIFEST = 'manifest.json';
const STAMPS = 'stamps.json';
/** Its modification time is when the entry was last used. */
export const USED = 'used';

/** Lists every file below `dir`, except those below the top-level directories named in `trees`. */
export async function describeFiles(
  dir: string,
  trees: readonly string[],
  signal?: AbortSignal,
): Promise<ManifestFile[]> {
  const files: ManifestFile[] = [];
  const visit = async (relative: string): Promise<void> => {
    for (const item of readdirSync(join(dir, relative), { withFileTypes: true })) {
      const path = relative === '' ? item.name : `${relative}/${item.name}`;
      if (item.isDirectory()) {
        if (!trees.includes(path)) await visit(path);
      } else if (item.isFile()) {
        const size = lstatSync(join(dir, path)).size;
        files.push({ path, size, sha256: await hashFile(join(dir, path), signal) });
      }
    }
  };
  await visit('');
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

export function writeManifest(dir: string, manifest: Manifest): void {
  writeFileSync(join(dir, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`);
  writeFileSync(join(dir, USED), '');
  writeStamps(dir, manifest);
}

/** Undefined when there is no entry; a string says what is wrong with the manifest that is there. */
export function readManifest(dir: string, kind: string, key: string): Manifest | string | undefined {
  let text: string;
  try {
    text = readFileSync(join(dir, MANIFEST), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return `its manifest cannot be read`;
    return isDirectory(dir) ? 'its manifest is missing' : undefined;
  }
  try {
    const manifest = JSON.parse(text) as Manifest;
    const whole =
      manifest.schema === 1 &&
      manifest.kind === kind &&
      manifest.key === key &&
      typeof manifest.bytes === 'number' &&
      typeof manifest.meta === 'object' &&
      manifest.files.every(({ path, size, sha256 }) => isInside(path) && size >= 0 && sha256.length === 64);
    return whole ? manifest : 'its manifest is damaged';
  } catch {
    return 'its manifest is damaged';
  }
}

function isInside(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.split('/').includes('..');
}

function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/**
 * A file's identity on this disk. While it is what it was when the digest was last seen to be right, nobody wrote to
 * the file; a copy of the cache has other stamps and is digested once.
 */
function stampOf(file: string): string | undefined {
  const stat = lstatSync(file, { bigint: true, throwIfNoEntry: false });
  return stat?.isFile() ? `${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}` : undefined;
}

function writeStamps(dir: string, manifest: Manifest): void {
  const stamps = Object.fromEntries(manifest.files.map(({ path }) => [path, stampOf(join(dir, path)) ?? '']));
  const draft = join(dir, `${STAMPS}.${process.pid}`);
  writeFileSync(draft, JSON.stringify(stamps));
  renameSync(draft, join(dir, STAMPS));
}

function readStamps(dir: string): Readonly<Record<string, string>> {
  try {
    return JSON.parse(readFileSync(join(dir, STAMPS), 'utf8')) as Record<string, string>;
  } catch {
    return {};
  }
}

/**
 * What is wrong with an entry's files, or undefined. Only files whose stamp differs are read; with `every`, all are.
 */
export async function findDamage(
  dir: string,
  manifest: Manifest,
  { every = false, signal }: { every?: boolean; signal?: AbortSignal | undefined } = {},
): Promise<string | undefined> {
  const stamps = readStamps(dir);
  let restamp = false;
  for (const { path, size, sha256 } of manifest.files) {
    const file = join(dir, path);
    const stamp = stampOf(file);
    if (stamp === undefined) return `${path} is missing`;
    if (stamp === stamps[path] && !every) continue;
    const found = lstatSync(file).size;
    if (found !== size) return `${path} has ${found} bytes instead of ${size}`;
    if ((await hashFile(file, signal)) !== sha256) return `the digest of ${path} is not the recorded one`;
    restamp = true;
  }
  if (restamp) writeStamps(dir, manifest);
  return undefined;
}
