import { describe, expect, it } from 'vitest';
import { parseText } from './parse-text.fixture.ts';

function problems(...lines: string[]): readonly string[] {
  const { problems, outcome } = parseText(lines);
  expect(outcome).toBe('failed');
  return problems;
}

describe('what is wrong with a TAP stream', () => {
  it('is a plan that is not kept', () => {
    expect(problems('1..3', 'ok 1', 'ok 2')).toEqual(['line 3: a plan of 3, but 2 came']);
    expect(problems('1..1', 'ok 1', 'ok 2', 'ok 3')).toEqual(['line 3: result 2 of a plan of 1']);
    expect(problems('TAP version 14', 'ok 1', '1..2')).toEqual(['line 3: a plan of 2, but 1 came']);
    expect(problems('1..0 # SKIP', 'ok 1')).toEqual(['line 2: result 1 of a plan of 0']);
  });

  it('is a plan that is missing, said twice, or does not begin with 1', () => {
    const noPlan = 'line 2: no plan (1..1): whether that was all is not known';
    expect(problems('TAP version 13', 'ok 1')).toEqual([noPlan]);
    expect(problems('TAP version 13')).toEqual(['line 1: no plan (1..0): whether that was all is not known']);
    expect(problems('1..1', 'ok 1', '1..1')).toEqual(['line 3: a second plan']);
    expect(problems('2..3', 'ok 2', 'ok 3')).toEqual(['line 1: a plan that begins with 2, not with 1']);
  });

  it('is a number out of sequence, once for each gap', () => {
    expect(problems('1..3', 'ok 1', 'ok 3', 'ok 4')).toEqual(['line 3: number 3 where 2 was to come']);
    expect(problems('1..3', 'ok 1', 'ok 1', 'ok')).toEqual(['line 3: number 1 where 2 was to come']);
  });

  it('is a result after the end', () => {
    expect(problems('TAP version 14', 'ok 1', '1..1', 'ok 2', 'ok 3')).toEqual([
      'line 4: a result after the end: its plan came before it',
    ]);
  });

  it('is that it bailed out, and not what is then missing', () => {
    expect(problems('1..4', 'ok 1', 'Bail out! no such device')).toEqual([
      'line 3: it bailed out: no such device',
    ]);
    expect(problems('TAP version 14', 'bail out!')).toEqual(['line 2: it bailed out']);
    expect(problems('1..4', 'Bail out!', 'ok 1', 'ok 2')).toEqual([
      'line 2: it bailed out',
      'line 3: a result after the end: it had bailed out',
    ]);
    expect(problems('TAP version 14', '1..2', '    1..2', '    Bail out! x')).toEqual([
      'line 4: it bailed out: x',
    ]);
  });

  it('is that it ends within subtests', () => {
    expect(problems('1..1', '# Subtest: a', '    1..2', '    ok 1 b')).toEqual([
      'line 4: a plan of 2, but 1 came',
      'line 4: subtests without the result that they belong to',
      'line 4: a plan of 1, but 0 came',
    ]);
  });

  it('is cut short when there is much of it', () => {
    const lines = Array.from({ length: 1000 }, () => 'ok 7');
    const all = problems('1..1000', ...lines);
    expect(all).toHaveLength(51);
    expect(all.at(-1)).toBe('line 1001: 950 more like these');
  });
});
