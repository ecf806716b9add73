import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { meantPath, nearPath, programsIn } from './near-path.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'near-path-'));
  mkdirSync(join(dir, 'build/bin'), { recursive: true });
  writeFileSync(join(dir, 'build/bin/my scheduler'), '', { mode: 0o755 });
  writeFileSync(join(dir, 'build/bin/another'), '', { mode: 0o755 });
  writeFileSync(join(dir, 'build/bin/notes'), '', { mode: 0o644 });
});
afterAll(() => rmSync(dir, { recursive: true }));

describe('what a path that does not exist was meant to be', () => {
  it('has the nearest name in its directory', () => {
    expect(nearPath(join(dir, 'build/bin/my-schedulr'))).toBe(join(dir, 'build/bin/my scheduler'));
    expect(nearPath(join(dir, 'build/bin/quite-different'))).toBeUndefined();
  });

  it('has the nearest directory where that is wrong, whole when the rest is there', () => {
    expect(nearPath(join(dir, 'biuld/bin/another'))).toBe(join(dir, 'build/bin/another'));
    expect(nearPath(join(dir, 'build/bim/nowhere'))).toBe(join(dir, 'build/bin'));
    expect(nearPath(join(dir, 'quite-different/bin'))).toBeUndefined();
    expect(nearPath(join(dir, 'build/bin/another/below'))).toBeUndefined();
  });

  it('is quoted for the shell, and there may be something else to say', () => {
    expect(meantPath(join(dir, 'build/bin/my-schedulr'), 'x')).toBe(
      `Did you mean '${dir}/build/bin/my scheduler'?`,
    );
    expect(meantPath('/quite/different', 'Give another.')).toBe('Give another.');
  });
});

it('the programs in a directory are its executable files', () => {
  expect(programsIn(join(dir, 'build/bin'), 5)).toEqual(
    ['another', 'my scheduler'].map((name) => join(dir, 'build/bin', name)),
  );
  expect(programsIn(join(dir, 'build/bin'), 1)).toHaveLength(1);
  expect(programsIn(join(dir, 'build'), 5)).toEqual([]);
  expect(programsIn(join(dir, 'nowhere'), 5)).toEqual([]);
});
