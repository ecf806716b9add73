import { describe, expect, it } from 'vitest';
import { readRunDelay, starvation } from './run-delay.ts';

describe('starvation', () => {
  it('is the share of the time spent waiting for a CPU', () => {
    expect(starvation({ ran: 1e9, waited: 3e9 })).toBe(0.75);
    expect(starvation({ ran: 4e9, waited: 0 })).toBe(0);
  });

  it('says nothing of a process that hardly wanted to run', () => {
    expect(starvation({ ran: 1000, waited: 100e6 })).toBe(0);
  });
});

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
