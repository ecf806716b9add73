import { describe, expect, it } from 'vitest';
import type { Verdict, VerdictKind } from '../../core/verdict.ts';
import { TapParser } from '../../results/tap/tap-parser.ts';
import { judgeAttempt } from './attempt.ts';
import type { PlannedTest } from './plan-tests.ts';

const test = (expected: VerdictKind = 'passed') =>
  ({ file: { name: 'x.sh' }, expect: expected }) as unknown as PlannedTest;
const verdict = (kind: VerdictKind): Verdict => ({ kind, summary: 'because', evidence: [], findings: [] });
const tap = (...lines: readonly string[]) => {
  const parser = new TapParser();
  parser.push(lines.map((line) => `${line}\n`).join(''));
  return parser.end();
};

describe('a try of a test', () => {
  it('passes with exit code 0 on a kernel that did not complain', () => {
    expect(judgeAttempt(test(), verdict('passed'), undefined, { code: 0 }).outcome).toBe('passed');
  });

  it('fails by anything weightier than what it printed', () => {
    const report = tap('1..1', 'ok 1 - fine');
    expect(judgeAttempt(test(), verdict('kernel-splat'), report)).toMatchObject({
      ...{ outcome: 'failed', verdict: { kind: 'kernel-splat' } },
    });
  });

  it('fails by a subtest, and by a plan that was not kept, though it exited with 0', () => {
    const failed = judgeAttempt(test(), verdict('passed'), tap('1..2', 'ok 1 - a', 'not ok 2 - b'));
    expect(failed.verdict).toMatchObject({
      ...{ kind: 'test-failed', summary: 'x.sh: 1 of 2 subtests failed.', evidence: ['not ok b'] },
    });
    const short = judgeAttempt(test(), verdict('passed'), tap('1..3', 'ok 1 - a'));
    expect(short).toMatchObject({ outcome: 'failed', verdict: { kind: 'test-failed' } });
  });

  it('says which subtest failed rather than the exit code that came of it, but not of a test that was too late', () => {
    const report = tap('1..1', 'not ok 1 - a');
    const exited = { ...verdict('test-failed'), evidence: ['stderr'] };
    expect(judgeAttempt(test(), exited, report, { code: 1 }).verdict).toMatchObject({
      ...{ summary: 'x.sh: 1 of 1 subtests failed.', evidence: ['not ok a', 'stderr'] },
    });
    expect(judgeAttempt(test(), exited, report).verdict.summary).toBe('because');
  });

  it('is skipped by exit code 4, and by a plan of nothing, with the reason', () => {
    expect(judgeAttempt(test(), verdict('passed'), undefined, { code: 4 }).outcome).toBe('skipped');
    const said = judgeAttempt(test(), verdict('passed'), tap('1..0 # SKIP no such CPU'), { code: 0 });
    expect(said).toMatchObject({ outcome: 'skipped', reason: 'no such CPU' });
  });

  it('that demands a failure passes with that one, and with no other', () => {
    const wanted = test('scheduler-ejected');
    expect(judgeAttempt(wanted, verdict('scheduler-ejected')).outcome).toBe('passed');
    expect(judgeAttempt(wanted, verdict('kernel-panic'))).toMatchObject({
      ...{ outcome: 'failed', verdict: { kind: 'kernel-panic' } },
    });
    expect(judgeAttempt(wanted, verdict('passed'))).toMatchObject({
      outcome: 'failed',
      verdict: {
        kind: 'test-failed',
        summary: 'x.sh was to end in scheduler-ejected, but ended in passed: because',
      },
    });
  });
});
