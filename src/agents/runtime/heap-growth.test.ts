import { describe, expect, test } from 'vitest';
import { HeapGrowth } from './heap-growth.ts';

describe('HeapGrowth', () => {
  test('is the median of the seconds: warming up and collections do not count', () => {
    const growth = new HeapGrowth();
    for (const bytes of [1000, 9000, 9100, 9200, 2000, 2100]) growth.look(bytes);
    expect(growth.perSecond()).toBe(100);
    expect([growth.first, growth.last]).toEqual([1000, 2100]);
  });

  test('forgets all but the last 64 seconds', () => {
    const growth = new HeapGrowth();
    let bytes = 0;
    for (let second = 0; second < 200; second += 1) {
      bytes += second < 100 ? 5000 : 7;
      growth.look(bytes);
    }
    expect(growth.perSecond()).toBe(7);
  });

  test('is not known after less than two looks', () => {
    const growth = new HeapGrowth();
    expect(growth.perSecond()).toBeNaN();
    growth.look(1000);
    expect(growth.perSecond()).toBeNaN();
  });
});
