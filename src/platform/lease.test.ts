import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startChild } from './child.ts';
import { listLeases, sweepDeadLeases, takeLease } from './lease.ts';
import { runtimeDir } from './paths.ts';
import { processIdentity } from './process-identity.ts';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'lease-'));
  vi.stubEnv('XDG_RUNTIME_DIR', base);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(base, { recursive: true });
});

describe('takeLease', () => {
  it('makes a directory that only its user can enter, and removes it', () => {
    let dir: string;
    {
      using lease = takeLease({ runId: 'run1', record: '/records/run1' });
      dir = lease.dir;
      expect(statSync(dir).mode & 0o777).toBe(0o700);
      expect(listLeases()).toMatchObject([{ runId: 'run1', alive: true, record: '/records/run1' }]);
    }
    expect(existsSync(dir)).toBe(false);
  });

  it('refuses a path that no socket could have', () => {
    vi.stubEnv('XDG_RUNTIME_DIR', join(base, 'x'.repeat(80)));
    mkdirSync(join(base, 'x'.repeat(80)));
    expect(() => takeLease({ runId: 'run1', record: '' })).toThrow(/too long for the kernel/);
  });
});

describe('sweepDeadLeases', () => {
  it('leaves the living alone', () => {
    using lease = takeLease({ runId: 'run1', record: '' });
    expect(sweepDeadLeases()).toEqual([]);
    expect(existsSync(lease.dir)).toBe(true);
  });

  it('ends the children of a dead run and removes its directory', async () => {
    const dead = spawnSync('true').pid;
    await using child = await startChild({ argv: ['sleep', '1000'] });
    const dir = join(runtimeDir(), `${dead}-1-run2`);
    mkdirSync(dir, { mode: 0o700 });
    writeFileSync(join(dir, 'children'), `${child.pid} ${processIdentity(child.pid)?.startTime}\n`);
    expect(sweepDeadLeases()).toMatchObject([{ runId: 'run2', alive: false }]);
    expect(await child.exited).toEqual({ signal: 'SIGKILL' });
    expect(existsSync(dir)).toBe(false);
  });

  it('removes the files of a dead run that lie elsewhere', () => {
    const ram = join(base, 'ram');
    writeFileSync(ram, '');
    {
      const lease = takeLease({ runId: 'run4', record: '' });
      lease.addFile(ram);
      renameSync(lease.dir, join(runtimeDir(), `${spawnSync('true').pid}-1-run4`));
    }
    expect(sweepDeadLeases()).toMatchObject([{ runId: 'run4' }]);
    expect(existsSync(ram)).toBe(false);
  });

  it('does not end a process that only has the number of a child', async () => {
    await using child = await startChild({ argv: ['sleep', '1000'] });
    const dir = join(runtimeDir(), '1-0-run3');
    mkdirSync(dir, { mode: 0o700 });
    writeFileSync(join(dir, 'children'), `${child.pid} 12345\n`);
    sweepDeadLeases();
    expect(existsSync(dir)).toBe(false);
    expect(processIdentity(child.pid)).toBeDefined();
  });
});

describe('runtimeDir', () => {
  it('refuses a directory that others may enter', () => {
    mkdirSync(join(base, 'devbox'), { mode: 0o755 });
    expect(() => runtimeDir()).toThrow(/not a directory that only this user can enter/);
  });

  it('refuses a link that someone laid there', () => {
    symlinkSync('/tmp', join(base, 'devbox'));
    expect(() => runtimeDir()).toThrow(/not a directory that only this user can enter/);
  });
});
