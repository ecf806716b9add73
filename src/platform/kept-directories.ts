import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from './lock.ts';
import { cacheDir } from './paths.ts';
import { removeTree } from './store-temporary.ts';

/** In a directory of objects: names the directory that they are made of. Written anew at each use. */
export const SOURCE_FILE = 'devbox-source';

/**
 * Directories in the cache that change from one build to the next, and are no artifacts therefore: copies of local
 * kernel trees, and the objects that were compiled from them. Each kind has its locks where its builds take them.
 */
const KINDS = [
  {
    name: 'kernel-trees',
    locks: (dir: string) => [join(dir, 'snapshot-lock'), join(dir, 'lock')],
    sourceFile: 'path',
  },
  { name: 'kernel-build', locks: (dir: string) => [`${dir}.lock`], sourceFile: SOURCE_FILE },
] as const;

interface RemoveOptions {
  readonly unusedForMs: number;
  readonly dryRun: boolean;
  readonly signal?: AbortSignal;
}

/** Removes those that nobody has used for so long, or whose source is gone, and nobody uses now. Returns them, absolute. */
export async function removeUnusedKept({ unusedForMs, dryRun, signal }: RemoveOptions): Promise<string[]> {
  const removed: string[] = [];
  for (const { name, locks, sourceFile } of KINDS) {
    for (const dir of directoriesIn(join(cacheDir(), name))) {
      if (!isUnused(join(dir, sourceFile), unusedForMs)) continue;
      await using stack = new AsyncDisposableStack();
      const held = [];
      for (const file of locks(dir)) held.push(await tryLock({ file, ...(signal && { signal }) }));
      for (const lock of held) if (lock) stack.use(lock);
      if (held.includes(undefined)) continue;
      removed.push(dir);
      if (dryRun) continue;
      removeTree(dir);
      rmSync(`${dir}.lock`, { force: true });
    }
  }
  return removed;
}

function isUnused(sourceFile: string, unusedForMs: number): boolean {
  const used = statSync(sourceFile, { throwIfNoEntry: false })?.mtimeMs;
  if (used === undefined || Date.now() - used >= unusedForMs) return true;
  return !existsSync(readFileSync(sourceFile, 'utf8').replace(/\n$/, ''));
}

function directoriesIn(parent: string): string[] {
  if (!existsSync(parent)) return [];
  const entries = readdirSync(parent, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(parent, name));
}
