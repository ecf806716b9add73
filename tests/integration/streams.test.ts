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
    const lines = 20_000_000;
    const run = await exec(`seq -f %09.0f 1 ${lines}`, { cwd: dir.path });
    expect(run.code).toBe(0);
    expect(run.stdoutBytes.length).toBe(lines * 10);
    let wrong = 0;
    for (let line = 0; line < lines; line += 9973) {
      if (run.stdoutBytes.toString('latin1', line * 10, line * 10 + 9) !== String(line + 1).padStart(9, '0'))
        wrong += 1;
    }
    expect(wrong).toBe(0);
  });
});
