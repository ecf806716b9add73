import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type KernelLock, readLock, requireLocked, withKernel, writeLock } from './kernel-lock.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'devbox-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const source = { kind: 'git', url: 'https://example.org/linux', commit: 'abc' } as const;
const environment = {
  builder: 'docker',
  image: 'sha256:1',
  toolchain: { digest: 'd1', packages: { gcc: '14.2', make: '4.4' } },
} as const;
const locked = (): KernelLock => withKernel(readLock(dir), 'mine', source, environment);

it('reads back what it wrote, and writes nothing when nothing changed', () => {
  writeLock(locked());
  const { mtimeMs } = statSync(join(dir, 'devbox.lock'));
  const lock = readLock(dir);
  expect(lock.kernels.mine).toEqual({ source, image: { docker: 'sha256:1' }, toolchain: 'd1' });
  writeLock(lock);
  expect(statSync(join(dir, 'devbox.lock')).mtimeMs).toBe(mtimeMs);
});

it('lies beside devbox.config when that is further up', () => {
  writeFileSync(join(dir, 'devbox.config.json'), '{}');
  expect(readLock(join(dir, 'a', 'b')).file).toBe(join(dir, 'devbox.lock'));
});

it('keeps the images of both builders while their toolchain is the same', () => {
  const both = withKernel(locked(), 'mine', source, { ...environment, builder: 'embedded', image: 'key' });
  expect(both.kernels.mine?.image).toEqual({ docker: 'sha256:1', embedded: 'key' });
  const moved = withKernel(both, 'mine', source, {
    ...environment,
    toolchain: { digest: 'd2', packages: {} },
  });
  expect(moved.kernels.mine?.image).toEqual({ docker: 'sha256:1' });
  expect(Object.keys(moved.toolchains)).toEqual(['d2']);
});

it('accepts what it has, and names every difference to what it has not', () => {
  const lock = locked();
  expect(() => requireLocked(lock, 'mine', { source, toolchain: environment.toolchain })).not.toThrow();
  const toolchain = { digest: 'd2', packages: { gcc: '14.3', flex: '2.6' } };
  expect(() => requireLocked(lock, 'mine', { source: { ...source, commit: 'def' }, toolchain })).toThrow(
    expect.objectContaining({
      code: 'lock-moved',
      evidence: [
        'source commit: locked "abc", now "def"',
        'package flex: locked absent, now 2.6',
        'package gcc: locked 14.2, now 14.3',
        'package make: locked 4.4, now absent',
      ],
    }),
  );
});

it('refuses a kernel that it does not have, and a file that is no lock', () => {
  expect(() => requireLocked(readLock(dir), 'mine', { source, toolchain: environment.toolchain })).toThrow(
    expect.objectContaining({ code: 'lock-moved', evidence: ['it does not have the kernel mine'] }),
  );
  writeFileSync(join(dir, 'devbox.lock'), '{"version": 7}');
  expect(() => readLock(dir)).toThrow(expect.objectContaining({ code: 'bad-lock' }));
});

it('is the same file whoever writes it', () => {
  writeLock(locked());
  const text = readFileSync(join(dir, 'devbox.lock'), 'utf8');
  const other = withKernel(
    { ...readLock(dir), kernels: {} },
    'mine',
    { commit: 'abc', url: source.url, kind: 'git' },
    environment,
  );
  writeLock(other);
  expect(readFileSync(join(dir, 'devbox.lock'), 'utf8')).toBe(text);
});
