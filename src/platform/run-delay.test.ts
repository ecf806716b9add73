import { describe, expect, it } from 'vitest';
import { readRunDelay } from './run-delay.ts';

describe('readRunDelay', () => {
  it('counts what this process has used', () => {
    const before = readRunDelay(process.pid)?.ran ?? 0;
    for (const end = performance.now() + 20; performance.now() < end; );
    expect((readRunDelay(process.pid)?.ran ?? 0) - before).toBeGreaterThan(5e6);
  });

  it('knows nothing of a process that does not exist', () => {
    expect(readRunDelay(2 ** 30)).toBeUndefined();
  });
});
