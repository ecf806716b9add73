import type { SubtestResult, SuiteResult, TestResult } from '../../core/test-result.ts';
import type { Verdict, VerdictKind } from '../../core/verdict.ts';

export function verdictOf(kind: VerdictKind, summary = 'All went well.'): Verdict {
  return { kind, summary, evidence: [], findings: [] };
}

export function subtest(path: readonly string[], more: Partial<SubtestResult> = {}): SubtestResult {
  return { path, outcome: 'passed', diagnostics: [], ...more };
}

export function testResult(more: Partial<TestResult> = {}): TestResult {
  return {
    file: 'tests/nice.test.ts',
    cell: { kernel: 'scx-6.12', smp: '4', agent: 'fifo' },
    outcome: 'passed',
    verdict: verdictOf('passed'),
    ms: 1250,
    attempts: 1,
    subtests: [],
    output: '',
    console: [],
    again: 'devbox test integration tests/nice.test.ts --kernel scx-6.12 --smp 4 --agent fifo',
    ...more,
  };
}

export function suiteResult(results: readonly TestResult[], more: Partial<SuiteResult> = {}): SuiteResult {
  return {
    suite: 'integration',
    startedAt: '2026-11-20T10:15:30.000Z',
    ms: 61_234,
    results,
    verdict: verdictOf('test-failed', 'Two of five cases failed.'),
    ...more,
  };
}

/** One of each outcome, on two kernels, with everything that is hard to quote. */
export const MIXED: SuiteResult = suiteResult([
  testResult({
    subtests: [
      subtest(['weights', 'nice 0'], { ms: 12.5 }),
      subtest(['weights', 'nice 19'], { outcome: 'skipped', reason: 'needs 2 CPUs' }),
      subtest(['C# \\ escapes'], { outcome: 'todo', reason: 'see #12' }),
    ],
  }),
  testResult({
    file: 'tests/storm.sh',
    outcome: 'failed',
    verdict: {
      kind: 'scheduler-ejected',
      summary: 'The scheduler was ejected: <runnable task stall> & more.',
      evidence: ['sched_ext: fifo: "x[1]" stalled ]]>', '--- not YAML', '...'],
      findings: [{ kind: 'warning', title: 'WARNING: at kernel/x.c:1', lines: [], t: 1 }],
      hint: 'Look for a lost task.',
    },
    subtests: [
      subtest(['fork storm', 'first'], { outcome: 'failed', diagnostics: ['expected 1, 2', '---'], ms: 3 }),
      subtest(['fork storm', 'second']),
    ],
    output: 'a line\n\u001b[31mred\u001b[0m\u0000 50% done, ok\r\nBail out! no\n``` fence | pipe',
    console: ['[    1.0] sched_ext: disabled'],
  }),
  testResult({
    file: 'tests/stall.c',
    cell: { kernel: 'debian-7.2', smp: '1' },
    outcome: 'flaky',
    attempts: 3,
    earlier: [verdictOf('test-failed', 'It exited with 1.'), verdictOf('guest-hang', 'It hung.')],
  }),
  testResult({
    file: 'tests/numa.sh',
    cell: { kernel: 'debian-7.2', smp: '1' },
    outcome: 'skipped',
    reason: 'one node only',
  }),
  testResult({
    file: 'tests/fair.ts',
    cell: { kernel: 'debian-7.2', smp: '4' },
    outcome: 'failed',
    verdict: verdictOf('inconclusive', 'The host starved the guest.'),
  }),
  testResult({ file: 'tests/later.ts', outcome: 'todo', reason: 'hotplug' }),
]);
