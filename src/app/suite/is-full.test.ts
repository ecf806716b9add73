import { expect, it } from 'vitest';
import { isFull } from './is-full.ts';

it('calls a guest full whose files have taken nearly all the memory that they may', () => {
  const memory = { memoryKiB: 1000, hasPrinted: false };
  expect(isFull({ ...memory, filesKiB: 480 })).toBe(true);
  expect(isFull({ ...memory, filesKiB: 120 })).toBe(false);
});
