import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { removeUnusedKept } from './kept-directories.ts';
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

function keep(kind: string, name: string, usedFile: string, daysAgo: number): string {
  const dir = join(cache, kind, name);
  mkdirSync(dir, { recursive: true });
  if (usedFile !== '') writeFileSync(join(dir, usedFile), '');
  const time = Date.now() / 1000 - daysAgo * 86_400;
  utimesSync(join(dir, usedFile), time, time);
  return dir;
}
const remove = (dryRun = false) => removeUnusedKept({ unusedForMs: 86_400_000, dryRun });

it('removes what was not used for long, and nothing else', async () => {
  const old = [keep('kernel-build', 'a', '', 2), keep('kernel-trees', 'a', 'path', 2)];
  const fresh = [keep('kernel-build', 'b', '', 0), keep('kernel-trees', 'b', 'path', 0)];
  expect(await remove(true)).toEqual(old);
  expect(old.every((dir) => existsSync(dir))).toBe(true);
  expect(await remove()).toEqual(old);
  expect(old.some((dir) => existsSync(dir))).toBe(false);
  expect(fresh.every((dir) => existsSync(dir))).toBe(true);
});

it('leaves what a build is using', async () => {
  const build = keep('kernel-build', 'a', '', 2);
  const tree = keep('kernel-trees', 'a', 'path', 2);
  await using _one = await acquireLock({ file: `${build}.lock` });
  await using _two = await acquireLock({ file: join(tree, 'lock') });
  utimesSync(build, 0, 0);
  expect(await remove()).toEqual([]);
});
