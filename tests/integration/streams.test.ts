import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { devbox, temporaryDirectory } from '../support/devbox.ts';

const exec = (command: string, options: Parameters<typeof devbox>[1] = {}) =>
  devbox(['exec', '--no-share', '--', 'sh', '-c', command], options);

describe('devbox exec', () => {
  it('hands on output byte for byte, and stdout and stderr apart', async () => {
    using dir = temporaryDirectory();
    const all = 'import os; os.write(1, bytes(range(256)) * 3); os.write(2, b"\\xff\\x00err\\r\\n")';
    const run = await devbox(['exec', '--no-share', '--', 'python3', '-c', all], { cwd: dir.path });
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    expect(run.stdoutBytes.equals(Buffer.concat([every, every, every]))).toBe(true);
    expect(run.stderr).toContain('err\r\n');
    expect(run.code).toBe(0);
  });

  it.each([
    ['exit 7', 7],
    ['kill -9 $$', 137],
  ])('ends as `%s` ends', async (command, code) => {
    using dir = temporaryDirectory();
    expect((await exec(command, { cwd: dir.path })).code).toBe(code);
  });

  it('says 127 for a program that is not there', async () => {
    using dir = temporaryDirectory();
    const run = await devbox(['exec', '--no-share', '--', 'no-such-program'], { cwd: dir.path });
    expect(run.code).toBe(127);
    expect(run.stderr).toContain('no-such-program');
  });

  it('hands standard input in, whole', async () => {
    using dir = temporaryDirectory();
    const input = Buffer.alloc(5_000_000, 'binary\0\xff\n');
    const run = await exec('sha256sum', { cwd: dir.path, input });
    expect(run.stdout.slice(0, 64)).toBe(createHash('sha256').update(input).digest('hex'));
  });

  it('delivers 200 MB whole and in order', async () => {
    using dir = temporaryDirectory();
    const run = await exec('seq 1 23000000', { cwd: dir.path });
    expect(run.code).toBe(0);
    const same = spawnSync('seq', ['1', '23000000'], { maxBuffer: 2 ** 30 }).stdout;
    expect(same.length).toBeGreaterThan(190_000_000);
    expect(run.stdoutBytes.equals(same)).toBe(true);
  });

  it('has output in bulk come over its disk, whole and in order with the rest', async () => {
    using dir = temporaryDirectory();
    const blocks = 'seq 1 8000000 > /dev/shm/all; dd if=/dev/shm/all bs=128k status=none';
    const told = 'read -r _ _ _ _ _ _ sectors _ < /sys/block/vda/stat; echo $sectors >&2';
    const run = await exec(`echo first; ${blocks}; echo last; ${told}`, { cwd: dir.path });
    expect(run.code).toBe(0);
    const same = spawnSync('seq', ['1', '8000000'], { maxBuffer: 2 ** 30 }).stdout;
    const whole = Buffer.concat([Buffer.from('first\n'), same, Buffer.from('last\n')]);
    expect(run.stdoutBytes.equals(whole)).toBe(true);
    expect(Number(run.stderr.match(/^\d+$/m)?.[0]) * 512).toBeGreaterThan(same.length / 2);
  });
});
