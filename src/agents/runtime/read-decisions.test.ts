import { expect, it } from 'vitest';
import { readDecisions } from './read-decisions.ts';

it('reads records back that were written for the kernel', () => {
  const words = new Uint32Array(24);
  words.set([9, 4, 0xffffffff, 1, 20_000_000, 0, 0, 0, 10, 5, 2, 0, 0xffffffff, 0xffffffff, 0, 0]);
  expect(readDecisions(words, 2)).toEqual([
    { time: 0, task: 9, pid: -1, cpu: -1, flags: 1, slice: 20_000_000 },
    { time: 0, task: 10, pid: -1, cpu: 2, flags: 0, slice: Number.POSITIVE_INFINITY },
  ]);
});

it('reads no further than there is memory', () => {
  expect(readDecisions(new Uint32Array(8), 100)).toHaveLength(1);
});
