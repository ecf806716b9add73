import { closeSync, openSync, readSync } from 'node:fs';
import type { NativeAddon } from './addon.ts';

/** Gives the calling thread numbers by chance that no other clone of this process has: of Math.random and of node:crypto. */
export function drawAnew(addon: Pick<NativeAddon, 'reseed'>): void {
  addon.reseed();
  Math.random = generator(readSeed());
}

/** From the kernel, which was given new entropy when the guest woke up. */
function readSeed(): Uint32Array {
  const seed = new Uint32Array(4);
  const file = openSync('/dev/urandom', 'r');
  try {
    readSync(file, seed);
  } finally {
    closeSync(file);
  }
  return seed;
}

/** sfc32 of PractRand, http://pracrand.sourceforge.net: 53 bits of two turns. The engine's own cannot be seeded again. */
export function generator(seed: Uint32Array): () => number {
  let [a = 0, b = 0, c = 0, counter = 1] = seed;
  const turn = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let warm = 0; warm < 15; warm += 1) turn();
  return () => ((turn() >>> 5) * 2 ** 26 + (turn() >>> 6)) / 2 ** 53;
}
