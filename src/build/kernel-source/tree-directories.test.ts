import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { directoriesOf, directoriesStamp } from './tree-directories.ts';

let top: string;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'devbox-directories-'));
  for (const path of ['a/b', 'empty', '.git/objects', 'a/.git'])
    mkdirSync(join(top, path), { recursive: true });
  writeFileSync(join(top, 'a/b/file'), '');
  later(1);
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(top, { recursive: true });
});

/** As it is seen some minutes after now. */
const later = (minutes: number) =>
  vi.useFakeTimers({ toFake: ['Date'], now: performance.timeOrigin + performance.now() + minutes * 60_000 });
const stamp = () => directoriesStamp(top, DIRECTORIES);
const DIRECTORIES = ['', 'a', 'empty', 'a/.git', 'a/b'];

it('finds every directory, with nothing of git or devbox at the top', () => {
  expect(directoriesOf(top).sort()).toEqual(DIRECTORIES.toSorted());
});

it('stays the same while nothing comes or goes', () => {
  const before = stamp();
  expect(before).toMatch(/^[0-9a-f]{64}$/);
  appendFileSync(join(top, 'a/b/file'), 'more');
  expect(stamp()).toBe(before);
});

it.each(['new', 'empty/new', 'a/b/new'])('changes when %s comes', (path) => {
  const before = stamp();
  writeFileSync(join(top, path), '');
  expect(stamp()).not.toBe(before);
});

it('is unknown when a directory has gone, or changes just now', () => {
  later(0);
  writeFileSync(join(top, 'a/new'), '');
  expect(stamp()).toBe(undefined);
  later(1);
  expect(stamp()).toBeDefined();
  rmSync(join(top, 'empty'), { recursive: true });
  expect(stamp()).toBe(undefined);
});
