/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** From 0 to below 1. */
  next(): number;
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  /** A whole number of at least 1, of that mean, distributed exponentially: times between independent events. */
  exponential(mean: number): number;
}

/** Mulberry32 by Tommy Ettinger: 32 bits of state, enough for loads. */
export function seededRandom(seed: number): Random {
  let state = Math.trunc(seed) | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    below: (limit) => Math.floor(next() * limit),
    exponential: (mean) => Math.max(1, Math.round(-Math.log(1 - next()) * mean)),
  };
}
