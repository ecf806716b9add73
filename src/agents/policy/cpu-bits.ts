import { type CpuId, NONE } from './policy.ts';

/**
 * The first CPU from `from` on, and from 0 after the last, whose bit is set in both: `words` words of `a` from `at`, and of `b`
 * from 0. NONE when there is none.
 */
export function nextInBoth(a: Uint32Array, at: number, b: Uint32Array, words: number, from: CpuId): CpuId {
  const first = from >>> 5;
  for (let step = 0; step <= words; step += 1) {
    let index = first + step;
    if (index >= words) index -= words;
    let bits = (a[at + index] as number) & (b[index] as number);
    // What lies before `from` in its word comes last, when the word is looked at again.
    if (step === 0) bits &= -1 << (from & 31);
    if (bits !== 0) return index * 32 + 31 - Math.clz32(bits & -bits);
  }
  return NONE;
}
