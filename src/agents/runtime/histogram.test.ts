import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram } from './histogram.ts';

const values = fc.array(
  fc.oneof(
    fc.nat(5000),
    fc.maxSafeNat().map((value) => value % 3.6e12),
  ),
  {
    minLength: 1,
    maxLength: 200,
  },
);

function of(numbers: readonly number[], significantDigits: 2 | 3 = 2): Histogram {
  const histogram = new Histogram({ significantDigits });
  for (const number of numbers) histogram.record(number);
  return histogram;
}

describe('a histogram', () => {
  it('knows how many, the smallest, the largest and the mean exactly', () => {
    const histogram = of([5, 1_000_000, 300]);
    expect([histogram.count, histogram.min, histogram.max, histogram.mean]).toEqual([
      3,
      5,
      1_000_000,
      1_000_305 / 3,
    ]);
  });

  it('is empty at first', () => {
    const histogram = new Histogram();
    expect([histogram.count, histogram.min, histogram.max, histogram.mean, histogram.percentile(50)]).toEqual(
      [0, 0, 0, 0, 0],
    );
  });

  it.each([
    [2, 0.01],
    [3, 0.001],
  ] as const)('has percentiles to %d digits', (digits, error) => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 100, noNaN: true }), (numbers, percent) => {
        const sorted = numbers.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(0, Math.ceil((percent * sorted.length) / 100) - 1)] as number;
        const found = of(numbers, digits).percentile(percent);
        expect(found).toBeGreaterThanOrEqual(exact);
        expect(found - exact).toBeLessThanOrEqual(exact * error);
      }),
      { numRuns: 200 },
    );
  });

  it('is the same whether counted together or added up', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const sum = of(a);
        sum.add(of(b));
        const together = of([...a, ...b]);
        expect(sum.toJSON()).toEqual(together.toJSON());
        expect([sum.min, sum.count]).toEqual([together.min, together.count]);
        expect(sum.mean).toBeCloseTo(together.mean, 3);
      }),
      { numRuns: 100 },
    );
    expect(() => of([1], 2).add(of([1], 3))).toThrow(RangeError);
  });

  it('counts whole ranks: 99.9 % of 2000 are 1998', () => {
    expect(
      of(
        Array.from({ length: 2000 }, (_, index) => index + 1),
        3,
      ).percentile(99.9),
    ).toBe(1998);
  });

  it('takes what is too large, negative or no number to the nearest that it can count', () => {
    const histogram = of([1e300, -5, Number.NaN, Number.POSITIVE_INFINITY]);
    expect([histogram.count, histogram.min, histogram.max]).toEqual([4, 0, 3.6e12]);
  });

  it('reads a value of two words', () => {
    const histogram = new Histogram({ significantDigits: 3 });
    histogram.recordWords(new Uint32Array([9, 7, 1]), 1);
    expect(histogram.max).toBe(2 ** 32 + 7);
  });

  it('is percentiles as JSON', () => {
    expect(of(Array.from({ length: 100 }, (_, index) => index + 1)).toJSON()).toEqual({
      ...{ p50: 50, p75: 75, p90: 90, p97_5: 98, p99: 99, p99_9: 100, p99_99: 100, p99_999: 100 },
      ...{ max: 100, totalCount: 100 },
    });
  });
});
