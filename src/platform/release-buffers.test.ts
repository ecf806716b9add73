import { expect, it } from 'vitest';
import { releaseBuffers } from './release-buffers.ts';

it('gives back buffers that nobody has any more', () => {
  const before = process.memoryUsage().arrayBuffers;
  for (let index = 0; index < 64; index += 1) Buffer.alloc(2 ** 18);
  const piled = process.memoryUsage().arrayBuffers - before;
  releaseBuffers();
  releaseBuffers(); // What has survived one collection already goes in the second.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(piled / 2);
});
