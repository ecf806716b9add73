import { expect, it } from 'vitest';
import { HINTS_BYTES, readHints } from './hints.ts';

const memory = new ArrayBuffer(HINTS_BYTES);
const words = new Uint32Array(memory);
words.set([1000, -3, 7, 1], 1000 * 4);
const hints = readHints(memory);

it('knows the deadline and the class of service of a thread that left them', () => {
  expect(hints.deadline(1000)).toBe(2 ** 32 + 7);
  expect(hints.qos(1000)).toBe(-3);
});

it("does not take another thread's place for its own, nor an empty one", () => {
  for (const pid of [1000 + 65_536, 1001]) {
    expect(hints.deadline(pid)).toBe(Number.POSITIVE_INFINITY);
    expect(hints.qos(pid)).toBe(0);
  }
});

it('takes a deadline of nothing for none', () => {
  words.set([5, 2, 0, 0], 5 * 4);
  expect(hints.deadline(5)).toBe(Number.POSITIVE_INFINITY);
  expect(hints.qos(5)).toBe(2);
});
