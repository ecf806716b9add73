import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runRequestOf } from '../../app/library/run.ts';
import { execOptions, runOptions, shownBy } from './guest-options.ts';
import { parseWords } from './parse-words.ts';

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'devbox-requests-')));
afterAll(() => rmSync(dir, { recursive: true }));
const run = (...words: string[]) => {
  const parsed = parseWords(['run', ...words, 'fifo']);
  shownBy(parsed);
  return runRequestOf({ ...runOptions(parsed), cwd: dir });
};

describe('the words of a command', () => {
  it('has defaults for everything that is not said', () => {
    const request = run();
    expect(request).toMatchObject({
      memoryBytes: 2 ** 30,
      accel: 'auto',
      append: [],
      kernel: 'scx',
      agent: { kind: 'named', name: 'fifo' },
      agentArgs: [],
      workingDirectory: dir,
      shares: [{ host: dir, guest: dir, readOnly: false }],
    });
    expect(request.smp.cpus).toBeGreaterThanOrEqual(1);
    expect(request).not.toHaveProperty('timeoutMs');
    expect(request).not.toHaveProperty('workload');
  });

  it('takes sizes and times with their units', () => {
    expect(run('--memory', '512M', '--timeout', '1m')).toMatchObject({
      memoryBytes: 512 * 2 ** 20,
      timeoutMs: 60_000,
    });
    expect(run('--memory', '200000000').memoryBytes).toBe(191 * 2 ** 20);
  });

  it.each([
    [['--memory', '127M', '--smp', '2'], 'a guest with 2 vCPUs needs at least 128 MiB'],
    [['--memory', '128M', '--smp', '64'], 'a guest with 64 vCPUs needs at least 192 MiB'],
    [['--memory', 'lots'], 'that is not a size'],
    [['--timeout', '0'], 'that is not a time'],
    [['--timeout', 'soon'], 'that is not a time'],
    [['--timeout', '700h'], 'is too long'],
    [['--json', '--quiet'], 'cannot go together'],
    [['--share', '.', '--no-share'], 'cannot go together'],
    [['--share', 'nowhere'], 'The directory to share, "nowhere", does not exist.'],
    [['--workload', ' '], '--workload is empty'],
  ])('is refused with %j: %s', (words, message) => {
    expect(() => run(...words)).toThrow(
      expect.objectContaining({ kind: 'usage', message: expect.stringContaining(message) }),
    );
  });

  it('shares directories whatever their names, and files never', () => {
    const odd = 'a b\'"\n:c';
    mkdirSync(join(dir, odd));
    writeFileSync(join(dir, 'file'), '');
    expect(run('--share', `${odd}:/mnt:ro`).shares).toEqual([
      { host: join(dir, odd), guest: '/mnt', readOnly: true },
    ]);
    expect(() => run('--share', 'file')).toThrow('"file" is not a directory');
  });

  it('shows a directory that is reached through a link under the name that was given', () => {
    mkdirSync(join(dir, 'real'));
    symlinkSync('real', join(dir, 'link'));
    expect(run('--share', 'link').shares).toEqual([
      { host: join(dir, 'real'), guest: join(dir, 'link'), readOnly: false },
    ]);
  });

  it('starts in / of the guest when nothing is shared, and in a share when the current directory is in none', () => {
    mkdirSync(join(dir, 'other'));
    expect(run('--no-share').workingDirectory).toBe('/');
    expect(run('--share', 'other:/mnt').workingDirectory).toBe('/mnt');
    expect(run('--share', `${dir}:/mnt`).workingDirectory).toBe('/mnt');
  });

  it('takes a word with a slash as a path to an agent', () => {
    writeFileSync(join(dir, 'scx_mine'), '');
    chmodSync(join(dir, 'scx_mine'), 0o755);
    const request = runRequestOf({ ...runOptions(parseWords(['run', './scx_mine', '--', '-v'])), cwd: dir });
    expect(request).toMatchObject({
      agent: { kind: 'path', path: join(dir, 'scx_mine') },
      agentArgs: ['-v'],
    });
  });

  it.each([
    ['spin', { kind: 'named', name: 'spin', args: [] }],
    ['spin:--threads 3  --json', { kind: 'named', name: 'spin', args: ['--threads', '3', '--json'] }],
    ['departed-many: --threads=3', { kind: 'named', name: 'departed-many', args: ['--threads=3'] }],
    ['./test.sh', { kind: 'shell', command: './test.sh' }],
    ['make -j4 && ./t', { kind: 'shell', command: 'make -j4 && ./t' }],
    ['echo a:b', { kind: 'shell', command: 'echo a:b' }],
  ])('understands the workload %j', (text, workload) => {
    expect(run('--workload', text).workload).toEqual(workload);
  });

  it('carries the command of exec as it was typed', () => {
    const { argv } = execOptions(parseWords(['exec', '--', 'sh', '-c', 'exit 3']));
    expect(argv).toEqual(['sh', '-c', 'exit 3']);
  });
});
