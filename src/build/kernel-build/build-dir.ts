import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SOURCE_FILE } from '../../platform/kept-directories.ts';
import { acquireLock } from '../../platform/lock.ts';
import { cacheDir } from '../../platform/paths.ts';
import type { SourceTree } from '../kernel-source/source.ts';

/** Where make puts objects: absolute, this build's alone until it is disposed of. */
export interface BuildDir extends AsyncDisposable {
  readonly dir: string;
  /** Whether objects of an earlier build may be in it. */
  readonly isKept: boolean;
}

interface BuildDirOptions {
  readonly tree: SourceTree;
  /** Of whom it is, besides the tree: name of the kernel, digest of the toolchain. */
  readonly owner: readonly string[];
  /** Where a directory may be made that is gone with the build. */
  readonly draft: string;
  readonly signal?: AbortSignal | undefined;
  readonly onWait: () => void;
}

export const buildDirs = () => join(cacheDir(), 'kernel-build');

/** A tree that changes a file at a time keeps its objects between builds; any other source is built from nothing. */
export async function openBuildDir(options: BuildDirOptions): Promise<BuildDir> {
  const { tree, owner, draft, signal, onWait } = options;
  if (!tree.incremental) {
    const dir = join(draft, 'objects');
    mkdirSync(dir);
    return {
      dir,
      isKept: false,
      [Symbol.asyncDispose]: async () => rmSync(dir, { recursive: true, force: true }),
    };
  }
  const id = createHash('sha256')
    .update([tree.dir, ...owner].join('\0'))
    .digest('hex')
    .slice(0, 16);
  const dir = join(buildDirs(), id);
  mkdirSync(buildDirs(), { recursive: true });
  const lock = await acquireLock({
    file: join(buildDirs(), `${id}.lock`),
    onWait,
    ...(signal && { signal }),
  });
  const isKept = existsSync(dir);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, SOURCE_FILE), `${tree.dir}\n`);
  return { dir, isKept, [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose]() };
}
