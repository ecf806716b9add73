import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from './lock.ts';
import { cacheDir } from './paths.ts';
import { removeTree } from './store-temporary.ts';

/** In a directory of objects: names the directory that they are made of. Written anew at each use. */
export const SOURCE_FILE = 'devbox-source';

/**
 * Directories in the cache that change from one build to the next, and are no artifacts therefore: copies of local
 * kernel trees, the objects that were compiled from them, and what was fetched of git repositories. Each kind has its
 * locks where its builds take them, and a file that is written at each use.
 */
const KINDS = [
  {
    name: 'kernel-trees',
    locks: (dir: string) => [join(dir, 'snapshot-lock'), join(dir, 'lock')],
    usedFile: 'path',
    namesSource: true,
  },
  { name: 'kernel-build', locks: (dir: string) => [`${dir}.lock`], usedFile: SOURCE_FILE, namesSource: true },
  {
    name: 'kernel-git',
    locks: (dir: string) => [join(dir, 'lock')],
    usedFile: 'git/description',
    namesSource: false,
  },
] as const;

interface RemoveOptions {
  readonly unusedForMs: number;
  readonly dryRun: boolean;
  readonly signal?: AbortSignal;
}

/** Removes those that nobody has used for so long, or whose source is gone, and nobody uses now. Returns them, absolute. */
export async function removeUnusedKept({ unusedForMs, dryRun, signal }: RemoveOptions): Promise<string[]> {
  const removed: string[] = [];
  for (const { name, locks, usedFile, namesSource } of KINDS) {
    for (const dir of directoriesIn(join(cacheDir(), name))) {
      if (!isUnused(join(dir, usedFile), unusedForMs, namesSource)) continue;
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

function isUnused(file: string, unusedForMs: number, namesSource: boolean): boolean {
  const used = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (used === undefined || Date.now() - used >= unusedForMs) return true;
  return namesSource && !existsSync(readFileSync(file, 'utf8').replace(/\n$/, ''));
}

function directoriesIn(parent: string): string[] {
  if (!existsSync(parent)) return [];
  const entries = readdirSync(parent, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(parent, name));
}
