import { expect, it } from 'vitest';
import { ConsoleTail } from './console-tail.ts';

it('gives what came since a moment, however much came before', () => {
  const tail = new ConsoleTail(3);
  for (let line = 0; line < 1000; line += 1) tail.push(`before ${line}`);
  const moment = tail.now();
  expect(tail.since(moment)).toEqual([]);
  tail.push('a');
  tail.push('b');
  expect(tail.since(moment)).toEqual(['a', 'b']);
});

it('keeps the newest of much', () => {
  const tail = new ConsoleTail(3);
  const moment = tail.now();
  for (let line = 0; line < 1000; line += 1) tail.push(String(line));
  expect(tail.since(moment)).toEqual(['997', '998', '999']);
});
