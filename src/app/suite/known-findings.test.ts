import { describe, expect, it } from 'vitest';
import type { FindingKind, KernelFinding } from '../../core/finding.ts';
import { judge } from '../../core/judge.ts';
import type { Verdict } from '../../core/verdict.ts';
import { type KnownFinding, KnownFindings } from './known-findings.ts';

const warning = (title: string, kind: FindingKind = 'warning'): KernelFinding => ({
  ...{ kind, title, lines: [title], t: 1 },
});
const TITLE = 'WARNING: CPU: 1 PID: 24 at kernel/sched/deadline.c:265 task_non_contending+0x2fd/0x3d0';
const KNOWN: KnownFinding = {
  ...{ finding: 'task_non_contending', kernel: '6.12.*', files: 'tests/hot*' },
  why: 'mended in 6.18',
};
const place = { file: 'tests/hotplug.sh', release: '6.12.117' };
const byFindings = (findings: readonly KernelFinding[], exitCode = 0) => {
  const exit = { code: exitCode };
  const verdict: Verdict = judge({ findings, workload: { name: 'hotplug.sh', exit, stderr: [] } });
  return { outcome: verdict.kind === 'passed' ? ('passed' as const) : ('failed' as const), verdict };
};
const excuse = (findings: readonly KernelFinding[], where = place, exitCode = 0) =>
  new KnownFindings([KNOWN]).excuse<
    ReturnType<typeof byFindings> | { outcome: 'todo'; verdict: Verdict; reason: string }
  >(findings, where, (some) => byFindings(some, exitCode));

describe('a finding that a kernel is known for', () => {
  it('makes a test that is fine otherwise to do: shown with its reason, neither passed nor failed', () => {
    expect(excuse([warning(TITLE)])).toMatchObject({
      outcome: 'todo',
      reason: expect.stringMatching(/task_non_contending.*This is known: mended in 6\.18/),
      verdict: { kind: 'kernel-splat', findings: [{ title: TITLE }] },
    });
  });

  it('is none on another kernel, and none in another test', () => {
    expect(excuse([warning(TITLE)], { ...place, release: '6.18.15' }).outcome).toBe('failed');
    expect(excuse([warning(TITLE)], { ...place, file: 'tests/affinity.sh' }).outcome).toBe('failed');
  });

  it('hides no other finding, and no failure of the test itself', () => {
    const other = warning('WARNING: at kernel/foo.c:1');
    expect(excuse([warning(TITLE), other])).toMatchObject({
      outcome: 'failed',
      verdict: { kind: 'kernel-splat', summary: other.title, findings: [{ title: TITLE }, other] },
    });
    expect(excuse([warning(TITLE)], place, 3)).toMatchObject({
      outcome: 'failed',
      verdict: { kind: 'test-failed', findings: [{ title: TITLE }] },
    });
  });

  it('is never a panic nor an ejected scheduler', () => {
    for (const kind of ['panic', 'scheduler-ejected'] as const)
      expect(excuse([warning(TITLE, kind)]).outcome).toBe('failed');
  });

  it('changes nothing for a test that passes', () => {
    expect(excuse([])).toMatchObject({ outcome: 'passed', verdict: { kind: 'passed' } });
  });

  it('is stale when it does not show in any test that it is listed for', () => {
    const other = { ...KNOWN, finding: 'somewhere_else' };
    const known = new KnownFindings([KNOWN, other]);
    const look = (findings: readonly KernelFinding[], where = place) =>
      known.excuse(findings, where, () => byFindings([]));
    look([], { ...place, file: 'tests/affinity.sh' });
    known.excuse([], place, () => ({ ...byFindings([]), outcome: 'skipped' as const }));
    expect(known.stale()).toEqual([]);
    look([]);
    expect(known.stale()).toMatchObject([{ ...KNOWN, tests: 1 }, { finding: 'somewhere_else' }]);
    look([warning(TITLE)]);
    expect(known.stale()).toEqual([{ ...other, tests: 2 }]);
  });
});
