import { describe, expect, it } from 'vitest';
import { parseText, shown } from './parse-text.fixture.ts';

/** What they are, when nothing is wrong with the stream. */
function results(...lines: string[]): string[] {
  const result = parseText(lines);
  expect(result.problems).toEqual([]);
  return shown(result);
}

describe('nested results', () => {
  it('of TAP 14 are named after the result that follows them', () => {
    expect(
      results(
        'TAP version 14',
        '1..4',
        '# Subtest: outer',
        '    # Subtest: inner',
        '        ok 1 - a',
        '        1..1',
        '    ok 1 - inner',
        '      ---',
        '      duration_ms: 3',
        '      ...',
        '    not ok 2 - b',
        '    1..2',
        'not ok 1 - outer',
        '# Subtest: leaf',
        'ok 2 - leaf',
        '        ok 1 - twice in',
        '        1..1',
        '    ok 1 - parent',
        '    1..1',
        'ok 3 - bare',
        '# Subtest: empty',
        '    1..0',
        'ok 4 - empty',
      ),
    ).toEqual([
      'outer › inner › a: passed',
      'outer › b: failed',
      'leaf: passed',
      'bare › parent › twice in: passed',
      'empty: passed',
    ]);
  });

  it('of KTAP begin with a version, need not say how many they are, and stand among what the kernel prints', () => {
    expect(
      results(
        'KTAP version 1',
        '1..2',
        '    KTAP version 1',
        '    # Subtest: example',
        '    # module: example',
        '    1..2',
        '        KTAP version 1',
        '        # Subtest: params',
        '        ok 1 value 1 # SKIP unsupported',
        'ok then, says the driver',
        '        ok 2 value 2',
        '    # params: pass:1 fail:0 skip:1 total:2',
        '    ok 1 params',
        '    # plain: EXPECTATION FAILED at x.c:12',
        '    not ok 2 plain',
        '# example: pass:1 fail:1 skip:0 total:2',
        'not ok 1 example',
        '  KTAP version 1',
        '  1..1',
        '    # Subtest: nothing',
        '  ok 1 nothing',
        'ok 2 two columns',
      ),
    ).toEqual([
      'example › params › value 1: skipped (unsupported)',
      'example › params › value 2: passed',
      'example › plain: failed',
      'two columns › nothing: passed',
    ]);
  });

  it("of the kernel's log have time stamps, and tabs in old kernels", () => {
    expect(
      results(
        '[    0.050000] printk: console enabled',
        '[    0.060000][    T1] TAP version 14',
        '[    0.060000][    T1] 1..1',
        '[    0.060000][    T1] \t# Subtest: resource',
        '[    0.060000][    T1] \t1..2',
        '[    0.060000][    T1] \tok 1 - first',
        '[   10.060000][    T1] random: crng init done',
        'a line of another program',
        '[   10.060000][    T1] \tok 2 - second',
        '[   10.060000][    T1] ok 1 - resource',
        '[   10.070000][    T1] Kernel panic - not syncing',
      ),
    ).toEqual(['resource › first: passed', 'resource › second: passed']);
  });

  it('of kselftest stand behind hashes, which are comments elsewhere', () => {
    expect(
      results(
        'TAP version 13',
        '1..3',
        '# selftests: membarrier: single',
        '# TAP version 13',
        '# 1..2',
        '# ok 1 sys_membarrier',
        '# # a comment',
        '# not ok 2 # error command -1',
        '# # Totals: pass:1 fail:1',
        'not ok 1 selftests: membarrier: single # exit=1',
        '# selftests: x: plain',
        '# ok 7 is what it prints',
        '# 1..9',
        'ok 2 selftests: x: plain # SKIP',
        '# selftests: x: slow',
        '# KTAP version 1',
        '# 1..1',
        '#   KTAP version 1',
        '#   1..1',
        '#   ok 1 deep',
        '# ok 1 nested',
        'not ok 3 selftests: x: slow # TIMEOUT 45 seconds',
      ),
    ).toEqual([
      'selftests: membarrier: single › sys_membarrier: passed',
      'selftests: membarrier: single › test 2: failed',
      'selftests: x: plain: skipped',
      'selftests: x: slow › nested › deep: passed',
      'selftests: x: slow: failed',
    ]);
  });

  it('that give up end their own program only, when another one runs it', () => {
    const result = parseText([
      'TAP version 13',
      '1..2',
      '# TAP version 13',
      '# 1..3',
      '# Bail out! no device',
      'not ok 1 a',
      'ok 2 b',
    ]);
    expect(shown(result)).toEqual(['a: failed', 'b: passed']);
    expect(result.problems).toEqual(['line 5: it bailed out: no device']);
  });

  it('fail the whole although what runs them passes', () => {
    const result = parseText(['1..1', '    1..1', '    not ok 1 inner', 'ok 1 outer']);
    expect(shown(result)).toEqual(['outer › inner: failed']);
    expect(result.outcome).toBe('failed');
  });

  it('leave a test in the list that failed or was skipped without them', () => {
    const inner = ['    1..1', '    ok 1 inner'];
    expect(results('1..2', ...inner, 'not ok 1 outer', ...inner, 'ok 2 other # SKIP rest')).toEqual([
      'outer › inner: passed',
      'outer: failed',
      'other › inner: passed',
      'other: skipped (rest)',
    ]);
  });

  it('say it all when all were skipped, or the test around them and one of them is to do', () => {
    const inner = ['    1..1', '    ok 1 a # SKIP x'];
    expect(results('1..1', ...inner, 'ok 1 outer # SKIP y')).toEqual(['outer › a: skipped (x)']);
    const toDo = ['    1..1', '    not ok 1 a # TODO x'];
    expect(results('1..1', ...toDo, 'not ok 1 outer # TODO y')).toEqual(['outer › a: todo (x)']);
    const passed = ['    1..1', '    ok 1 a'];
    expect(results('1..1', ...passed, 'not ok 1 outer # TODO y')).toEqual([
      'outer › a: passed',
      'outer: todo (y)',
    ]);
  });

  it('are still to do when the test around them is', () => {
    const result = parseText([
      '1..1',
      '    1..2',
      '    not ok 1 a',
      '    ok 2 b',
      'not ok 1 outer # TODO soon',
    ]);
    expect(shown(result)).toEqual(['outer › a: todo (soon)', 'outer › b: passed']);
    expect(result).toMatchObject({ outcome: 'passed', counts: { failed: 0, todo: 1, passed: 1 } });
  });

  it('are text when they are indented by what no level is', () => {
    expect(results('1..1', '   ok 3 whatever', '   1..7', 'ok 1 a')).toEqual(['a: passed']);
    const inner = ['    1..1', '    ok 1 b', '  ok 9 text'];
    expect(results('1..1', ...inner, 'ok 1 a')).toEqual(['a › b: passed']);
  });
});
