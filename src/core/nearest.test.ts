import { describe, expect, it } from 'vitest';
import { didYouMean, nearest } from './nearest.ts';

describe('nearest', () => {
  const agents = ['fifo', 'fifo-centralized', 'round-robin', 'shinjuku'];

  it.each([
    ['fif', 'fifo'],
    ['fiof', 'fifo'],
    ['FIFO', 'fifo'],
    ['round_robin', 'round-robin'],
    ['shinjku', 'shinjuku'],
    ['fifo-c', 'fifo-centralized'],
  ])('takes %s for %s', (word, expected) => expect(nearest(word, agents)).toBe(expected));

  it.each(['x', 'zz', 'quicksort', ''])('finds nothing near %j', (word) =>
    expect(nearest(word, agents)).toBeUndefined(),
  );

  it('takes the shortest of those that begin with it, wherever it stands', () => {
    expect(nearest('fif', ['fifo-centralized', 'fifo', 'fifo-native'])).toBe('fifo');
  });

  it('makes the end of a message of it, or nothing', () => {
    expect(didYouMean('fiof', agents)).toBe(' Did you mean "fifo"?');
    expect(didYouMean('quicksort', agents)).toBe('');
  });
});
