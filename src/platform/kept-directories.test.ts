import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { removeUnusedKept, SOURCE_FILE } from './kept-directories.ts';
import { acquireLock } from './lock.ts';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'devbox-kept-'));
  vi.stubEnv('DEVBOX_CACHE', cache);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

const FILES = {
  'kernel-build': SOURCE_FILE,
  'kernel-trees': 'path',
  'kernel-git': 'git/description',
} as const;

function keep(kind: keyof typeof FILES, name: string, daysAgo: number, source = cache): string {
  const dir = join(cache, kind, name);
  const file = join(dir, FILES[kind]);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${source}\n`);
  const time = Date.now() / 1000 - daysAgo * 86_400;
  utimesSync(file, time, time);
  return dir;
}
const remove = (dryRun = false) => removeUnusedKept({ unusedForMs: 86_400_000, dryRun });

it('removes what was not used for long, and nothing else', async () => {
  const kinds = ['kernel-trees', 'kernel-build', 'kernel-git'] as const;
  const old = kinds.map((kind) => keep(kind, 'a', 2));
  const fresh = kinds.map((kind) => keep(kind, 'b', 0));
  expect(await remove(true)).toEqual(old);
  expect(old.every((dir) => existsSync(dir))).toBe(true);
  expect(await remove()).toEqual(old);
  expect(old.some((dir) => existsSync(dir))).toBe(false);
  expect(fresh.every((dir) => existsSync(dir))).toBe(true);
});

it('removes at once what was made of a directory that is gone', async () => {
  const gone = keep('kernel-build', 'a', 0, join(cache, 'no-such-tree'));
  keep('kernel-git', 'a', 0, 'https://example.org/linux.git');
  expect(await remove()).toEqual([gone]);
});

it('leaves what a build is using', async () => {
  const build = keep('kernel-build', 'a', 2);
  const tree = keep('kernel-trees', 'a', 2);
  await using _one = await acquireLock({ file: `${build}.lock` });
  await using _two = await acquireLock({ file: join(tree, 'lock') });
  expect(await remove()).toEqual([]);
});
