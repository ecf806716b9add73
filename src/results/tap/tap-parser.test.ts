import { describe, expect, it } from 'vitest';
import { parseText, shown } from './parse-text.fixture.ts';

describe('a TAP stream', () => {
  it('is one when a version comes, or when a plan comes first', () => {
    expect(parseText(['TAP version 13', '1..1', 'ok 1 - a'])).toMatchObject({
      isTap: true,
      outcome: 'passed',
    });
    expect(parseText(['', '1..1', 'ok'])).toMatchObject({ isTap: true, outcome: 'passed' });
    expect(parseText(['setting up', 'TAP version 14', '1..1', 'not ok 1'])).toMatchObject({
      isTap: true,
      outcome: 'failed',
    });
  });

  it('is none when it only looks a little like one', () => {
    for (const lines of [
      [],
      ['ok 1'],
      ['3 files', '1..3', 'ok 1'],
      ['  TAP version 13'],
      ['TAP version x'],
    ]) {
      expect(parseText(lines)).toMatchObject({ isTap: false, subtests: [], problems: [], outcome: 'passed' });
    }
  });

  it('gives names, outcomes and reasons', () => {
    const result = parseText([
      'TAP version 14',
      '1..9',
      'ok 1 - plain',
      'not ok 2 no dash',
      'ok 3 - gone # SKIP no such device',
      'not ok 4 - later # todo bend space',
      'ok 5 # skip',
      'not ok 6 - selftest # XFAIL known',
      'ok 7 - came true # TODO was broken',
      'ok - unnumbered # time=12.5ms',
      'not ok 9 - link https://example.com/#skip and #12 # TIMEOUT 45 seconds',
    ]);
    expect(shown(result)).toEqual([
      'plain: passed',
      'no dash: failed',
      'gone: skipped (no such device)',
      'later: todo (bend space)',
      'test 5: skipped',
      'selftest: todo (known)',
      'came true: passed (was broken)',
      'unnumbered: passed',
      'link https://example.com/#skip and #12: failed',
    ]);
    expect(result.subtests[7]?.ms).toBe(12.5);
    expect(result.subtests[8]?.diagnostics).toEqual(['TIMEOUT 45 seconds']);
    expect(result).toMatchObject({
      outcome: 'failed',
      problems: [],
      counts: { passed: 3, failed: 2, skipped: 2, todo: 2 },
      omitted: 0,
    });
  });

  it('undoes the escapes that TAP has and KTAP has not', () => {
    const line = 'ok 1 - a \\# b \\\\ c \\n # SKIP \\# of cpus';
    expect(shown(parseText(['TAP version 14', '1..1', line]))).toEqual([
      'a # b \\ c \\n: skipped (# of cpus)',
    ]);
    expect(shown(parseText(['KTAP version 1', '1..1', 'ok 1 a \\\\ b']))).toEqual(['a \\\\ b: passed']);
  });

  it('is skipped when all of it is, with the reason that its plan gives', () => {
    expect(parseText(['1..0 # SKIP needs root'])).toMatchObject({ outcome: 'skipped', reason: 'needs root' });
    expect(parseText(['1..1', 'ok 1 # SKIP x'])).toMatchObject({ outcome: 'skipped' });
    expect(parseText(['1..2', 'ok 1 # SKIP x', 'not ok 2 # TODO y'])).toMatchObject({ outcome: 'todo' });
    expect(parseText(['1..2', 'ok 1 # SKIP x', 'ok 2'])).toMatchObject({ outcome: 'passed' });
  });

  it('keeps control characters as text, and drops carriage returns at the end of lines', () => {
    const result = parseText(['1..1\r', '\u001b[31mred', 'ok 1 - a\u001b[2Jb\u0000\u2028c\r']);
    expect(result.subtests).toEqual([
      { path: ['a\u001b[2Jb\u0000\u2028c'], outcome: 'passed', diagnostics: ['\u001b[31mred'] },
    ]);
    expect(result.problems).toEqual([]);
  });

  it('takes lines before a result for its diagnostics, its YAML too, and those at the end for a failure', () => {
    const result = parseText([
      '1..2',
      '# a comment',
      'some text',
      'not ok 1 - a # exit=3',
      '  ---',
      '  message: "no"',
      '  duration_ms: 1.25',
      '  data:',
      '    - 1',
      '',
      '  ...',
      'not ok 2 - b',
      '#   Failed test b',
    ]);
    expect(result.subtests).toEqual([
      {
        path: ['a'],
        outcome: 'failed',
        diagnostics: ['a comment', 'some text', 'exit=3', 'message: "no"', 'data:', '  - 1', ''],
        ms: 1.25,
      },
      { path: ['b'], outcome: 'failed', diagnostics: ['  Failed test b'] },
    ]);
  });

  it('is not swallowed by a YAML block that nobody ends', () => {
    const result = parseText(['1..2', 'ok 1 - a', '  ---', '  x: 1', 'not ok 2 - b']);
    expect(shown(result)).toEqual(['a: passed', 'b: failed']);
    expect(parseText(['1..1', 'ok 1 - a', '  ---', '  ok 2']).subtests[0]?.diagnostics).toEqual(['ok 2']);
  });

  it('may be followed by another one', () => {
    const stream = ['make: Entering directory', 'TAP version 13', '1..1', 'ok 1 a'];
    const result = parseText([...stream, ...stream]);
    expect(shown(result)).toEqual(['a: passed', 'a: passed']);
    expect(result.problems).toEqual([]);
  });

  it('may be unannounced and without a plan when the caller knows that it is one', () => {
    const lines = [
      '===== START =====',
      'ok 1 minimal # ',
      '=====  END  =====',
      'ok 2 numa # SKIP ',
      'not ok 3 exit #',
    ];
    expect(parseText(lines)).toMatchObject({ isTap: false });
    const result = parseText(lines, { isUnannounced: true });
    expect(shown(result)).toEqual(['minimal: passed', 'numa: skipped', 'exit: failed']);
    expect(result).toMatchObject({ isTap: true, problems: [], outcome: 'failed' });
    expect(parseText(['nothing'], { isUnannounced: true })).toMatchObject({ isTap: false });
  });
});
