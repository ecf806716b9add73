import { chmodSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { contextDigest } from './build-context.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'devbox-context-'));
  writeFileSync(join(dir, 'Dockerfile'), 'FROM x\n');
  writeFileSync(join(dir, 'packages'), 'gcc\n');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('an image is what it is made of, not when', () => {
  const before = contextDigest(dir);
  utimesSync(join(dir, 'packages'), 1, 1);
  expect(contextDigest(dir)).toBe(before);
});

test.each([
  ['content', () => writeFileSync(join(dir, 'packages'), 'g++\n')],
  ['another file', () => writeFileSync(join(dir, 'more'), '')],
  ['the right to be executed', () => chmodSync(join(dir, 'packages'), 0o755)],
])('%s makes it another one', (_, change) => {
  const before = contextDigest(dir);
  change();
  expect(contextDigest(dir)).not.toBe(before);
});

test('a directory without a Dockerfile is no image, nor is none at all', () => {
  rmSync(join(dir, 'Dockerfile'));
  expect(() => contextDigest(dir)).toThrow(`The image ${dir} has no Dockerfile.`);
  expect(() => contextDigest(join(dir, 'none'))).toThrow(/cannot be read/);
});
