import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEVBOX, devbox, startDevbox, temporaryDirectory } from '../support/devbox.ts';
import { leftovers } from '../support/leftovers.ts';
import { openTerminal } from '../support/pseudo-terminal.ts';

/** Short: sockets lie in it. */
const dir = temporaryDirectory('dbe-');
const env = { XDG_RUNTIME_DIR: dir.path };
const inDir = { cwd: dir.path, env };
const script = (name: string, ...lines: readonly string[]) => {
  writeFileSync(join(dir.path, name), ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(join(dir.path, name), 0o755);
};

beforeAll(() => {
  chmodSync(dir.path, 0o700);
  script('hangs.sh', '# devbox-test: timeout=1s', 'echo begun', 'exec sleep 54321');
  script('passes.sh', 'true');
});
afterAll(() => dir[Symbol.dispose]());

const enter = (...command: readonly string[]) => devbox(['exec', '--run', 'latest', '--', ...command], inDir);

describe('a guest that another devbox runs', () => {
  it('takes commands and terminals, and ends as if they had never been', async () => {
    const owner = startDevbox(['exec', '--smp', '1', '--', 'sh', '-c', 'echo up; exec sleep 1000'], inDir);
    await owner.seen('up');

    const command = await enter('sh', '-c', 'pwd; echo error >&2; touch /tmp/been; exit 5');
    expect(command).toMatchObject({ code: 5, stdout: `${dir.path}\n` });
    expect(command.stderr).toContain('error\n');
    expect((await enter('nothing-like-this')).code).toBe(127);
    const input = 'line\n'.repeat(100_000);
    const counted = await devbox(['exec', '--run', 'latest', '--', 'wc', '-c'], { ...inDir, input });
    expect(counted.stdout.trim()).toBe(String(input.length));

    const terminal = await openTerminal({
      ...inDir,
      command: `'${DEVBOX}' shell --run latest; echo "exit code $?"`,
      ...{ rows: 31, cols: 91 },
    });
    await terminal.shows('root@devbox');
    terminal.type('stty size; ls /tmp/been\r');
    await terminal.shows('31 91\r\n/tmp/been\r\n');
    terminal.type('exit 7\r');
    await terminal.shows('exit code 7');
    await terminal.ended;

    const visitor = startDevbox(['exec', '--run', 'latest', '--', 'sh', '-c', 'echo in; sleep 1000'], inDir);
    await visitor.seen('in');
    owner.process.kill('SIGINT');
    expect((await owner.result).code).toBe(130);
    expect((await visitor.result).stderr).toContain('The guest has ended');
    expect(leftovers(dir.path)).toEqual([]);
  });

  it('must be there, and is as it is', async () => {
    const nobody = await enter('true');
    expect(nobody).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('No guest "latest" is running'),
    });
    const other = await devbox(['exec', '--run', 'latest', '--smp', '2', '--', 'true'], inDir);
    expect(other).toMatchObject({ code: 64, stderr: expect.stringContaining('--smp cannot go together') });
  });
});

it('devbox test --keep keeps the guest of a test that failed, as it was, while the suite goes on', async () => {
  const words = ['test', './hangs.sh', './passes.sh', '--jobs', '1', '--keep', '--reporter', 'json:r.json'];
  const run = startDevbox(words, inDir);
  await run.seen('stays until Ctrl-C');
  const { results } = JSON.parse(readFileSync(join(dir.path, 'r.json'), 'utf8')) as {
    results: { outcome: string; kept?: string; output: string; verdict: { evidence: string[] } }[];
  };
  expect(results.map(({ outcome }) => outcome)).toEqual(['failed', 'passed']);
  const [failed] = results;
  expect(failed?.output).toBe('begun\n');
  expect(failed?.verdict.evidence[0]).toMatch(/^CPU 0: /);
  const inside = await devbox(['exec', '--run', String(failed?.kept), '--', 'pgrep', '-a', 'sleep'], inDir);
  expect(inside.stdout).toContain('sleep 54321');
  run.process.kill('SIGINT');
  const ended = await run.result;
  expect([1, 108]).toContain(ended.code); // A busy host makes it inconclusive.
  expect(ended.stdout + ended.stderr).toContain(`devbox shell --run ${failed?.kept}`);
  expect(leftovers(dir.path)).toEqual([]);
});
