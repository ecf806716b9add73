import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { toolchain } from '../environment/toolchain.ts';
import { compileCache, servedFiles } from './compile-cache.ts';

const debian = { builder: 'docker', toolchain: toolchain({ gcc: '14' }) } as const;

beforeEach(() => {
  vi.stubEnv('DEVBOX_CACHE', mkdtempSync(join(tmpdir(), 'devbox-cache-')));
  onTestFinished(() => {
    rmSync(process.env.DEVBOX_CACHE as string, { recursive: true });
    vi.unstubAllEnvs();
  });
});

it('keeps what root compiles in Docker apart from what it compiles without: they are two users', () => {
  const [docker, embedded] = (['docker', 'embedded'] as const).map(
    (builder) => compileCache({ ...debian, builder }, 'gcc').mounts[0],
  );
  expect(docker?.host === embedded?.host).toBe(process.getuid?.() !== 0);
  expect(docker?.guest).toBe(embedded?.guest);
});

it('knows what another toolchain compiled for another, and its program, too', () => {
  const one = compileCache(debian, 'gcc');
  const other = compileCache({ ...debian, toolchain: toolchain({ gcc: '15' }) }, 'gcc');
  expect(other.env).not.toEqual(one.env);
  expect(other.open).not.toBe(one.open);
  expect(compileCache(debian, 'clang').open).not.toBe(one.open);
  expect(compileCache({ ...debian, builder: 'embedded' }, 'gcc').env).toEqual(one.env);
});

it('reads out of the log how many files were known', () => {
  expect(servedFiles('compile-cache: 133 served, 509 compiled')).toBe(133);
  for (const line of [
    '  CC  fs/exec.o',
    'compile-cache: cannot be compiled here: everything is compiled anew',
  ])
    expect(servedFiles(line)).toBeUndefined();
});
