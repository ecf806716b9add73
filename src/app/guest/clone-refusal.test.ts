import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { refusalOf, rememberRefusal } from './clone-refusal.ts';

const HOUR = 3_600_000;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'refusal-'));
  vi.stubEnv('DEVBOX_CACHE', dir);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

it('remembers of each template why it was of no use twice, for an hour', () => {
  rememberRefusal('a', 'once', 500);
  rememberRefusal('b', 'once', 500);
  expect(refusalOf('a', 600)).toBeUndefined();
  rememberRefusal('a', 'no such device', 1000);
  rememberRefusal('b', 'too late', 2000);
  expect(refusalOf('a', 3000)).toBe('no such device');
  expect(refusalOf('b', 3000)).toBe('too late');
  expect(refusalOf('c', 3000)).toBeUndefined();
  expect(refusalOf('a', 1000 + HOUR)).toBeUndefined();
});

it('does not believe a clock that was set back', () => {
  for (const _ of [1, 2]) rememberRefusal('a', 'no such device', 5 * HOUR);
  expect(refusalOf('a', HOUR)).toBeUndefined();
});
