import { describe, expect, it } from 'vitest';
import { choice, count, duration, paramFlags, readParams } from './params.ts';

const SPECS = {
  minGranularity: duration('The least', { default: '1ms' }),
  slice: duration('The most', { default: 'infinite', infinite: true }),
  cpu: count('Which', { default: -1, min: -1, max: 7 }),
  order: choice('How', { of: ['fair', 'fast'], default: 'fair' }),
};

describe('parameters', () => {
  it('are flags', () => {
    expect(paramFlags(SPECS).map(({ name, placeholder }) => `--${name} ${placeholder}`)).toEqual([
      '--min-granularity DURATION',
      '--slice DURATION',
      '--cpu N',
      '--order fair|fast',
    ]);
  });

  it('have values: defaults, or what was typed, times in nanoseconds', () => {
    expect(readParams('policy p', SPECS, [])).toEqual({
      ...{ minGranularity: 1e6, slice: Number.POSITIVE_INFINITY, cpu: -1, order: 'fair' },
    });
    const typed = ['--slice', '50us', '--order=fast', '--cpu', '3'];
    expect(readParams('policy p', SPECS, typed)).toMatchObject({ slice: 50_000, order: 'fast', cpu: 3 });
  });

  it('refuse what is unknown or out of range', () => {
    expect(() => readParams('policy p', SPECS, ['--slize', '1ms'])).toThrow(
      'The policy p has no flag --slize.',
    );
    expect(() => readParams('policy p', SPECS, ['--slice', '11s'])).toThrow('not "11s"');
    expect(() => duration('x', { default: '1ms', min: 'soon' })).toThrow('"soon" is not a duration');
  });
});
