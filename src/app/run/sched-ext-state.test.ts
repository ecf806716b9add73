import { constants } from 'node:os';
import { expect, it } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { GuestError } from '../../vm/channel/guest-failure.ts';
import { fileExists, readText } from './sched-ext-state.ts';

const { signal } = new AbortController();
const reader = (readFile: () => Promise<Uint8Array>) => ({
  readFile,
  onUevent: () => () => {},
});

it('takes a file that the guest cannot read for absent, and an answer that never came for no answer', async () => {
  const absent = reader(() => Promise.reject(new GuestError('read', constants.errno.ENOENT)));
  expect(await readText(absent, '/x', signal)).toBeUndefined();
  expect(await fileExists(absent, '/x', signal)).toBe(false);
  expect(
    await readText(
      reader(async () => Buffer.from(' text\n')),
      '/x',
      signal,
    ),
  ).toBe('text');
  const gone = new Failure({ kind: 'guest', code: 'guest-gone', message: 'The guest is gone.' });
  const lost = reader(() => Promise.reject(gone));
  await expect(readText(lost, '/x', signal)).rejects.toBe(gone);
  await expect(fileExists(lost, '/x', signal)).rejects.toBe(gone);
});
