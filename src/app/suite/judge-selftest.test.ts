import { describe, expect, it } from 'vitest';
import { judge } from '../../core/judge.ts';
import type { Verdict } from '../../core/verdict.ts';
import { TapParser } from '../../results/tap/tap-parser.ts';
import { judgeSelftest } from './judge-selftest.ts';
import type { PlannedTest } from './plan-tests.ts';

const testOn = (smp: string) =>
  ({ file: { name: 'exit', kind: 'selftest' }, cell: { smp }, expect: 'passed' }) as unknown as PlannedTest;
const test = testOn('2');
const exited = (code: number): Verdict =>
  judge({ findings: [], workload: { name: 'exit', exit: { code }, stderr: [] } });

/** What the runner prints of one case. */
const runner = (...result: readonly string[]) => {
  const parser = new TapParser({ isUnannounced: true });
  const lines = ['===== START =====', 'TEST: exit', 'DESCRIPTION: Verify', 'OUTPUT:', ...result];
  parser.push(`${lines.join('\n')}\n=====  END  =====\n\n\nRESULTS:\n\nPASSED:  1\n`);
  return parser.end();
};
const ERRORS = ['libbpf: loaded', 'ERR: exit.c:41', 'Expected kind == 64 (0 == 64)'];

describe("one of the kernel's own tests", () => {
  it('has passed when its runner says so', () => {
    expect(judgeSelftest(test, exited(0), runner('ok 1 exit # '), []).outcome).toBe('passed');
  });

  it('has failed when its runner says so, in the words of the test', () => {
    expect(judgeSelftest(test, exited(0), runner('not ok 1 exit # '), ERRORS)).toMatchObject({
      outcome: 'failed',
      verdict: {
        kind: 'test-failed',
        summary: 'exit: exit.c:41: Expected kind == 64 (0 == 64)',
        evidence: ERRORS,
      },
    });
  });

  it('has failed for a reason that it does not know when there is but one CPU', () => {
    const hints = ['1', '2'].map(
      (smp) => judgeSelftest(testOn(smp), exited(0), runner('not ok 1 exit # '), ERRORS).verdict.hint,
    );
    expect(hints).toEqual([expect.stringContaining('try --smp 2'), undefined]);
  });

  it('is skipped, with what it said of that', () => {
    const report = runner('ok 1 exit # SKIP ');
    expect(judgeSelftest(test, exited(0), report, ['SKIP: one CPU'])).toMatchObject({
      ...{ outcome: 'skipped', reason: 'one CPU' },
    });
    expect(judgeSelftest(test, exited(0), report, ['']).reason).toContain('cannot be run here');
  });

  it('has failed when its runner ended without a word of it', () => {
    expect(judgeSelftest(test, exited(0), runner(), [])).toMatchObject({
      outcome: 'failed',
      verdict: { kind: 'test-failed', summary: 'exit: its runner ended without a result.' },
    });
    const killed = judge({
      findings: [],
      workload: { name: 'exit', exit: { signal: 'SIGABRT' }, stderr: [] },
    });
    expect(judgeSelftest(test, killed, runner(), ERRORS).verdict.summary).toBe('exit was killed by SIGABRT.');
  });

  it('has not passed on a kernel that complained', () => {
    const finding = { kind: 'warning' as const, title: 'WARNING: at x', lines: [], t: 1 };
    const splat = judge({ findings: [finding], workload: { name: 'exit', exit: { code: 0 }, stderr: [] } });
    for (const result of ['ok 1 exit # ', 'not ok 1 exit # '])
      expect(judgeSelftest(test, splat, runner(result), ERRORS).verdict.kind).toBe('kernel-splat');
  });
});
