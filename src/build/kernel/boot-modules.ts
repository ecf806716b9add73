import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { KernelArtifact } from '../../core/kernel.ts';
import { damaged } from './byte-source.ts';
import type { Decompress } from './extract-vmlinux.ts';
import type { ModuleIndex } from './modules.ts';

export interface BootModule {
  /** As `lsmod` writes it. */
  readonly name: string;
  /** Uncompressed .ko file on the host. */
  readonly path: string;
}

const DIRECTORY = 'boot-modules';
/** The largest module that a boot needs is below a tenth of this. Bytes. */
const MODULE_LIMIT = 64 * 2 ** 20;

/** Puts modules, uncompressed and numbered in the order to load them, into an artifact that is being made. */
export async function writeBootModules(
  draft: string,
  {
    index,
    names,
    decompress,
  }: { index: ModuleIndex | undefined; names: readonly string[]; decompress: Decompress },
): Promise<void> {
  mkdirSync(join(draft, DIRECTORY));
  if (!index) return;
  for (const [position, name] of names.entries()) {
    const file = join(index.dir, index.fileOf(name));
    const bytes = await uncompressed(file, decompress);
    writeFileSync(join(draft, DIRECTORY, `${String(position).padStart(2, '0')}-${name}.ko`), bytes);
  }
}

async function uncompressed(file: string, decompress: Decompress): Promise<Buffer> {
  const bytes = readFileSync(file);
  try {
    if (file.endsWith('.zst')) return zstdDecompressSync(bytes, { maxOutputLength: MODULE_LIMIT });
    if (file.endsWith('.gz')) return gunzipSync(bytes, { maxOutputLength: MODULE_LIMIT });
  } catch (cause) {
    throw damaged(file, `it cannot be unpacked (${(cause as Error).message})`);
  }
  return file.endsWith('.xz') ? await decompress('xz', bytes, MODULE_LIMIT) : bytes;
}

/** Modules that the guest's init loads before it mounts anything, in order. Empty when the kernel needs none. */
export async function bootModules(artifact: KernelArtifact): Promise<readonly BootModule[]> {
  const dir = join(dirname(artifact.bootImage), DIRECTORY);
  const files = readdirSync(dir).sort();
  return files.map((file) => ({
    name: file.replace(/^\d+-/, '').replace(/\.ko$/, ''),
    path: join(dir, file),
  }));
}
