import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { threadPlace } from './thread-place.ts';

const tasks = mkdtempSync(join(tmpdir(), 'thread-place-'));
afterAll(() => rmSync(tasks, { recursive: true }));

test.each([
  ['do_epoll_wait', "the policy's thread 7: state S in do_epoll_wait(), CPU 3"],
  ['0', "the policy's thread 7: state S, CPU 3"],
])('says where a thread is: %s', (wchan, said) => {
  mkdirSync(join(tasks, '7'), { recursive: true });
  const fields = ['S', ...Array(35).fill('1'), '3', '0'];
  writeFileSync(join(tasks, '7', 'stat'), `7 (a) b) ${fields.join(' ')}\n`);
  writeFileSync(join(tasks, '7', 'wchan'), wchan);
  expect(threadPlace(7, tasks)).toBe(said);
  expect(threadPlace(8, tasks)).toBeUndefined();
});

test('says it of this thread', () => {
  expect(threadPlace(process.pid)).toMatch(/^the policy's thread \d+: state R.*, CPU \d+$/);
});
