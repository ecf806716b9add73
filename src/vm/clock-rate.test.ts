import { expect, it } from 'vitest';
import { wrongRate } from './clock-rate.ts';

const reading = (guest: number, before: number, after = before + 1) => ({ guest, before, after });

it('finds a clock that goes too fast or too slowly', () => {
  expect(wrongRate(reading(2000, 0), reading(2750, 100))).toBeCloseTo(7.5, 1);
  expect(wrongRate(reading(2000, 0), reading(2020, 100))).toBeCloseTo(0.2, 1);
});

it('does not blame a clock for answers that come late', () => {
  expect(wrongRate(reading(2000, 0), reading(2100, 100))).toBeUndefined();
  expect(wrongRate(reading(2000, 0, 500), reading(2050, 510))).toBeUndefined();
  expect(wrongRate(reading(2000, 0), reading(2600, 100, 700))).toBeUndefined();
});

it('does not believe a guest that says nonsense', () => {
  expect(wrongRate(reading(Number.NaN, 0), reading(1, 100))).toBeNaN();
});
