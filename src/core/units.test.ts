import { describe, expect, it } from 'vitest';
import { exactDuration, formatBytes, formatDuration, parseBytes, parseDuration } from './units.ts';

describe('parseBytes', () => {
  it.each([
    ['1G', 2 ** 30],
    ['512m', 512 * 2 ** 20],
    ['1.5GiB', 1.5 * 2 ** 30],
    ['64KB', 64 * 1024],
    ['4096', 4096],
  ])('reads %s as %d', (text, bytes) => expect(parseBytes(text)).toBe(bytes));

  it.each(['', 'G', '-1G', '1X', '1 G G', '1e9', '99999999999999999999'])('refuses %j', (text) =>
    expect(parseBytes(text)).toBeUndefined(),
  );
});

describe('parseDuration', () => {
  it.each([
    ['30s', 30_000],
    ['500ms', 500],
    ['2m', 120_000],
    ['1.5h', 5_400_000],
    ['20', 20_000],
    ['50us', 0.05],
  ])('reads %s as %d ms', (text, ms) => expect(parseDuration(text)).toBeCloseTo(ms, 6));

  it.each(['', 's', '-1s', '1 fortnight', '1:30'])('refuses %j', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );
});

describe('formatting', () => {
  it.each([
    [17, '17 B'],
    [1536, '1.5 KiB'],
    [812 * 2 ** 20, '812 MiB'],
    [2 ** 40, '1.0 TiB'],
  ])('writes %d bytes as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [840, '840 ms'],
    [2314, '2.31 s'],
    [31_400, '31.4 s'],
    [65_000, '1 min 05 s'],
    [3_900_000, '1 h 05 min'],
  ])('writes %d ms as %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

  it.each([
    [0.05, '50us'],
    [20, '20ms'],
    [1500, '1500ms'],
    [10_000, '10s'],
    [86_400_000, '24h'],
    [0, '0'],
  ])('writes %d ms exactly as %s, which reads back the same', (ms, text) => {
    expect(exactDuration(ms)).toBe(text);
    expect(parseDuration(text)).toBeCloseTo(ms, 9);
  });
});
