import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runStage } from '../core/run-stage.ts';
import { processIdentity } from '../platform/process-identity.ts';
import { collectErrorLines } from './error-lines.ts';
import { runLogged } from './run-logged.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'devbox-logged-'));
  vi.stubEnv('DEVBOX_CACHE', dir);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

const shell = (script: string) => ({ argv: ['sh', '-c', script], name: 'test', title: 'Testing' });

test('output is handed on by lines, returned, and kept in a log below the command', async () => {
  const lines: string[] = [];
  const result = await runLogged({
    ...shell('echo one; echo two; printf three'),
    onLine: (line) => lines.push(line),
  });
  expect(lines).toEqual(['one', 'two', 'three']);
  expect(result.stdout).toBe('one\ntwo\nthree');
  expect(readFileSync(result.log, 'utf8')).toBe(
    `$ sh -c 'echo one; echo two; printf three'\none\ntwo\nthree`,
  );
});

test('a failure quotes the first real errors and names the log', async () => {
  const script = `echo ok; echo 'a.c:1: error: bad' >&2; echo 'make: *** [x] Error 1' >&2; exit 3`;
  const error = await runLogged(shell(script)).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ kind: 'build', evidence: ['a.c:1: error: bad'] });
  expect((error as Error).message).toBe('Testing failed with exit code 3.');
  expect(readFileSync((error as { log: string }).log, 'utf8')).toContain('*** [x] Error 1');
});

test('a program that finds the disk full says so as such', async () => {
  const failing = runLogged({
    ...shell('echo "tar: x: No space left on device" >&2; exit 2'),
    writesTo: { dir, needs: 2 ** 20 },
  });
  await expect(failing).rejects.toMatchObject({ kind: 'infrastructure', code: 'disk-full' });
  await expect(failing).rejects.toThrow(/1\.0 MiB needed/);
});

test('an abort ends the program and what it started', async () => {
  const controller = new AbortController();
  let pid = 0;
  const running = runLogged({
    ...shell('sleep 1000 & echo $!; wait'),
    signal: controller.signal,
    onLine: (line) => {
      pid = Number(line);
      controller.abort();
    },
  });
  await expect(running).rejects.toMatchObject({ kind: 'cancelled' });
  // Its pipes close a moment before the kernel lets go of it.
  await vi.waitFor(() => expect(processIdentity(pid)).toBeUndefined());
});

test('without anything that looks like an error the last lines are quoted', () => {
  const errors = collectErrorLines(2);
  for (const line of ['one', 'two', '', 'three']) errors.add(line);
  expect(errors.lines()).toEqual(['two', 'three']);
});

test('a stage tells its start, its progress and its end, a failed one too', async () => {
  const emit = vi.fn();
  const stage = { emit, stage: 'kernel', title: 'Kernel scx' } as const;
  await runStage({
    ...stage,
    work: async (progress) => {
      progress('fetching');
      return { value: 1, cached: true, detail: '7.2' };
    },
  });
  const failing = runStage({ ...stage, work: () => Promise.reject(new Error('no')) });
  await expect(failing).rejects.toThrow('no');
  expect(emit.mock.calls.map(([event]) => event)).toMatchObject([
    { type: 'stage-started', title: 'Kernel scx' },
    { type: 'stage-progress', detail: 'fetching' },
    { type: 'stage-finished', outcome: 'cached', detail: '7.2' },
    { type: 'stage-started' },
    { type: 'stage-finished', outcome: 'failed' },
  ]);
});
