import { describe, expect, it } from 'vitest';
import { parseText, shown } from '../tap/parse-text.fixture.ts';
import { ktap } from './ktap.ts';
import { MIXED, subtest, suiteResult, testResult } from './suite-result.fixture.ts';

describe('the KTAP report', () => {
  it('nests with versions and plans, explains before the result, and lets what is flaky fail', () => {
    const lines = ktap(MIXED).split('\n');
    expect(lines.slice(0, 8)).toEqual([
      'KTAP version 1',
      '1..6',
      '  KTAP version 1',
      '  # Subtest: tests/nice.test.ts [scx-6.12, smp 4, fifo]',
      '  1..2',
      '    KTAP version 1',
      '    # Subtest: weights',
      '    1..2',
    ]);
    expect(lines.filter((line) => /^ *(?:not )?ok /.test(line))).toEqual([
      '    ok 1 nice 0',
      '    ok 2 nice 19 # SKIP needs 2 CPUs',
      '  ok 1 weights',
      '  ok 2 C＃ \\ escapes # XFAIL see #12',
      'ok 1 tests/nice.test.ts [scx-6.12, smp 4, fifo]',
      '    not ok 1 first',
      '    ok 2 second',
      '  not ok 1 fork storm',
      'not ok 2 tests/storm.sh [scx-6.12, smp 4, fifo]',
      'not ok 3 tests/stall.c [debian-7.2, smp 1, no agent] # FLAKY failed, then passed at attempt 3',
      'ok 4 tests/numa.sh [debian-7.2, smp 1, no agent] # SKIP one node only',
      'not ok 5 tests/fair.ts [debian-7.2, smp 4, no agent]',
      'ok 6 tests/later.ts [scx-6.12, smp 4, fifo] # XFAIL hotplug',
    ]);
    expect(lines).toContain('# scheduler-ejected: The scheduler was ejected: <runnable task stall> & more.');
    expect(lines).toContain('# output: Bail out! no');
  });

  it('is read back as it was meant', () => {
    const result = parseText(ktap(MIXED).split('\n'));
    expect(result.problems).toEqual([]);
    expect(shown(result)).toContain(
      'tests/nice.test.ts [scx-6.12, smp 4, fifo] › weights › nice 19: skipped (needs 2 CPUs)',
    );
    expect(result.counts).toEqual({ passed: 2, failed: 3, skipped: 2, todo: 2 });
  });

  it('lets no diagnostic look like the beginning of another stream', () => {
    const diagnostics = ['TAP version 13', '# Subtest: x', 'Subtest: y', '1..3'];
    const suite = suiteResult([
      testResult({ subtests: [subtest(['a'], { outcome: 'failed', diagnostics })] }),
    ]);
    const { problems, subtests } = parseText(ktap(suite).split('\n'));
    expect(problems).toEqual([]);
    expect(subtests[0]?.diagnostics).toHaveLength(4);
  });
});
