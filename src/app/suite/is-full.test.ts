import { expect, it } from 'vitest';
import { isFull } from './is-full.ts';

const guest = (meminfo: string | undefined) => ({
  readFile: () =>
    meminfo === undefined ? Promise.reject(new Error('gone')) : Promise.resolve(Buffer.from(meminfo)),
  onUevent: () => ({ [Symbol.dispose]: () => {} }),
});
const { signal } = new AbortController();

it('calls a guest full whose files have taken nearly all the memory that they may', async () => {
  expect(await isFull(guest('MemTotal:  1000 kB\nMemFree: 1 kB\nShmem:  480 kB\n') as never, signal)).toBe(
    true,
  );
  expect(await isFull(guest('MemTotal:  1000 kB\nMemFree: 1 kB\nShmem:  120 kB\n') as never, signal)).toBe(
    false,
  );
  await expect(isFull(guest(undefined) as never, signal)).rejects.toThrow('gone');
});
