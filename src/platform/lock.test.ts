import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startChild } from './child.ts';
import { acquireLock } from './lock.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'devbox-lock-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const file = () => join(dir, 'locks', 'one');

test('a second taker waits until the first lets go', async () => {
  const order: string[] = [];
  const first = await acquireLock({ file: file() });
  const waiting = Promise.withResolvers<void>();
  const second = acquireLock({ file: file(), onWait: () => waiting.resolve() }).then((lock) => {
    order.push('second');
    return lock;
  });
  await waiting.promise;
  order.push('first lets go');
  await first.release();
  await (await second).release();
  expect(order).toEqual(['first lets go', 'second']);
});

test('waiting ends when the signal is aborted', async () => {
  await using _held = await acquireLock({ file: file() });
  const controller = new AbortController();
  const waiting = acquireLock({ file: file(), signal: controller.signal, onWait: () => controller.abort() });
  await expect(waiting).rejects.toMatchObject({ kind: 'cancelled' });
});

test('a lock whose holder was killed is free', async () => {
  await (await acquireLock({ file: file() })).release();
  const holder = await startChild({
    argv: ['flock', '--no-fork', file(), 'sh', '-c', 'echo held; exec cat'],
    stdin: 'pipe',
  });
  await new Promise((resolve) => holder.stdout?.once('data', resolve));
  const waiting = Promise.withResolvers<void>();
  const taken = acquireLock({ file: file(), onWait: () => waiting.resolve() });
  await waiting.promise;
  await holder.kill();
  await (await taken).release();
});

test('a lock file that was removed while someone waited is made holder', async () => {
  const first = await acquireLock({ file: file() });
  const waiting = Promise.withResolvers<void>();
  const second = acquireLock({ file: file(), onWait: () => waiting.resolve() });
  await waiting.promise;
  rmSync(file());
  await first.release();
  const held = await second;
  const busy = Promise.withResolvers<void>();
  const third = acquireLock({ file: file(), onWait: () => busy.resolve() });
  await busy.promise;
  await held.release();
  await (await third).release();
});
