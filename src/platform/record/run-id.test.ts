import { describe, expect, it } from 'vitest';
import { RUN_ID } from './latest-link.ts';
import { newRunId } from './run-id.ts';

describe('a run id', () => {
  it('tells the time and looks like one', () => {
    expect(newRunId(new Date('2026-11-20T10:15:30.900Z'), 2)).toBe('20261120-101530-e102');
    expect(newRunId(new Date())).toMatch(RUN_ID);
  });

  it('sorts by time down to the millisecond', () => {
    const times = ['30.000', '30.001', '30.999', '31.000'].map(
      (second) => new Date(`2026-11-20T10:15:${second}Z`),
    );
    const ids = times.map((time, index) => newRunId(time, 63 - index));
    expect(ids.toSorted()).toEqual(ids);
  });
});
