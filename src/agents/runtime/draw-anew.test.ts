import { expect, it } from 'vitest';
import { drawAnew, generator } from './draw-anew.ts';

const draw = (random: () => number, count: number) => Array.from({ length: count }, random);

it('draws numbers from 0 to 1, spread evenly, by its seed alone', () => {
  const numbers = draw(generator(Uint32Array.of(1, 2, 3, 4)), 20_000);
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  const tenths = Map.groupBy(numbers, (number) => Math.floor(number * 10));
  for (const { length } of tenths.values()) expect(Math.abs(length - 2000)).toBeLessThan(250);
  expect(draw(generator(Uint32Array.of(1, 2, 3, 4)), 10)).toEqual(numbers.slice(0, 10));
  expect(draw(generator(Uint32Array.of(1, 2, 3, 5)), 10)).not.toEqual(numbers.slice(0, 10));
});

it('gives Math.random other numbers each time, and has OpenSSL seed itself', () => {
  const old = Math.random;
  let seeded = 0;
  const again = () => {
    drawAnew({ reseed: () => void seeded++ });
    return draw(Math.random, 10);
  };
  try {
    expect(again()).not.toEqual(again());
    expect(seeded).toBe(2);
  } finally {
    Math.random = old;
  }
});
