export interface SeededRandom {
  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number;
  bytes(length: number): Buffer;
}

/** The same numbers for the same seed, so that what a fuzz test finds it finds again (xorshift32). */
export function seededRandom(seed: number): SeededRandom {
  let state = seed | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  const below = (limit: number) => next() % limit;
  return { below, bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))) };
}
