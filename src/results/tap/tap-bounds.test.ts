import { describe, expect, it } from 'vitest';
import { parseText } from './parse-text.fixture.ts';
import { TapParser } from './tap-parser.ts';

describe('memory', () => {
  it('does not grow with results: the first are kept, the others counted, and failures looked for longer', () => {
    const parser = new TapParser({ limits: { results: 100 } });
    parser.push('TAP version 13\n');
    for (let number = 1; number <= 2000; number += 1) {
      parser.push(`${number % 10 === 0 ? 'not ok' : 'ok'} ${number} - test number ${number}\n`);
    }
    parser.push('1..2000\n');
    const result = parser.end();
    expect(result.subtests).toHaveLength(200);
    expect(result.subtests[99]?.path).toEqual(['test number 100']);
    expect(result.subtests[199]).toMatchObject({ path: ['test number 1100'], outcome: 'failed' });
    expect(result).toMatchObject({
      counts: { passed: 1800, failed: 200, skipped: 0, todo: 0 },
      omitted: 1800,
      problems: [],
    });
  });

  it('does not grow with levels', () => {
    const lines = Array.from({ length: 1000 }, (_, level) => `${' '.repeat(4 * level)}ok 1 - a`);
    const result = parseText(['TAP version 13', ...lines]);
    expect(result.problems).toContain('line 18: nested deeper than 16 levels');
    expect(result.subtests.length).toBeLessThan(20);
  });

  it('does not grow with what is printed for one result or for all', () => {
    const noise = Array.from({ length: 500 }, (_, index) => `noise ${index}`);
    const first = parseText(['1..1', ...noise, 'ok 1']).subtests[0]?.diagnostics;
    expect(first).toHaveLength(100);
    expect(first?.at(-1)).toBe('noise 499');
    const block = ['not ok', '  ---', ...noise.map((line) => `  ${line}`), '  ...'];
    const all = parseText(['1..50', ...Array.from({ length: 50 }, () => block).flat()], {
      limits: { diagnosticLength: 10_000 },
    });
    const length = all.subtests.flatMap(({ diagnostics }) => diagnostics).join('\n').length;
    expect(length).toBeGreaterThan(9000);
    expect(length).toBeLessThan(10_000);
  });

  it('does not grow with a line that has no end, nor is the rest of that line a result', () => {
    const parser = new TapParser();
    parser.push('TAP version 13\n1..2\nok 1 - ');
    const part = Buffer.from('not ok 2 x '.repeat(10_000));
    for (let count = 0; count < 100; count += 1) parser.push(part);
    parser.push('\nok 2 - after it\n');
    const result = parser.end();
    expect(result).toMatchObject({ outcome: 'passed', problems: [], counts: { passed: 2 } });
    expect(result.subtests[0]?.path[0]).toHaveLength(512);
  });
});
