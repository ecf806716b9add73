import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { kconfigDigest } from './kconfig-digest.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'devbox-digest-'));
  for (const file of ['Makefile', 'Kconfig', 'mm/Kconfig.debug', 'mm/slub.c', 'scripts/cc-version.sh'])
    write(file, file);
});
afterEach(() => rmSync(dir, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(dir, file)), { recursive: true });
  writeFileSync(join(dir, file), text);
}

it('stays as it was when a source file is edited or added', () => {
  const before = kconfigDigest(dir);
  write('mm/slub.c', 'edited');
  write('mm/new.h', '');
  expect(kconfigDigest(dir)).toBe(before);
});

it.each([
  'Makefile',
  'Kconfig',
  'mm/Kconfig.debug',
  'scripts/cc-version.sh',
  'kernel/configs/tiny.config',
  'fs/Kconfig',
])('changes with %s', (file) => {
  const before = kconfigDigest(dir);
  write(file, 'edited');
  expect(kconfigDigest(dir)).not.toBe(before);
});
