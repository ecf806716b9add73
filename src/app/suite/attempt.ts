import type { ProcessExit } from '../../core/event.ts';
import { describeExit } from '../../core/judge.ts';
import type { CaseOutcome, SubtestResult } from '../../core/test-result.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { TapResult } from '../../results/tap/tap-result.ts';
import type { PlannedTest } from './plan-tests.ts';

/** How one try of a test went. */
export interface Attempt extends Judged {
  readonly ms: number;
  readonly subtests: readonly SubtestResult[];
  readonly output: string;
  readonly console: readonly string[];
  /** Its guest stays: the id. */
  readonly kept?: string;
}

export interface Judged {
  readonly outcome: Exclude<CaseOutcome, 'flaky'>;
  readonly verdict: Verdict;
  /** Why it was skipped. */
  readonly reason?: string;
}

/** kselftest's code for "cannot be tested here". */
export const EXIT_SKIP = 4;

/**
 * What comes of a verdict for this test: a failure may be what it demands, and what it said of itself in TAP counts as far
 * as nothing weightier was found.
 */
export function judgeAttempt(
  test: PlannedTest,
  verdict: Verdict,
  report?: TapResult,
  exit?: ProcessExit,
): Judged {
  const isOwnDoing = verdict.kind === 'passed' || (verdict.kind === 'test-failed' && (exit?.code ?? 0) !== 0);
  const judged = isOwnDoing && report?.isTap ? judgeTap(test, verdict, report) : verdict;
  const isMet = judged.kind === test.expect;
  if (test.expect !== 'passed') {
    return isMet
      ? { verdict: judged, outcome: 'passed' }
      : { verdict: unexpected(test, judged), outcome: 'failed' };
  }
  const reason = skipReason(report, exit);
  if (isMet && reason !== undefined) return { verdict: judged, outcome: 'skipped', reason };
  return { verdict: judged, outcome: isMet ? 'passed' : 'failed' };
}

/** What TAP says of a failure says more than an exit code. */
function judgeTap(test: PlannedTest, verdict: Verdict, tap: TapResult): Verdict {
  if (tap.outcome !== 'failed') return verdict;
  const { counts, problems } = tap;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const failed = tap.subtests.filter(({ outcome }) => outcome === 'failed');
  const why = [
    ...(counts.failed > 0 ? [`${counts.failed} of ${total} subtests failed`] : []),
    ...problems.slice(0, 1),
  ];
  return {
    ...verdict,
    kind: 'test-failed',
    summary: `${test.file.name}: ${why.join('; ')}.`,
    evidence: [...failed.map(({ path }) => `not ok ${path.join(' › ')}`), ...problems, ...verdict.evidence],
  };
}

function unexpected({ file, expect }: PlannedTest, verdict: Verdict): Verdict {
  return {
    ...verdict,
    kind: verdict.kind === 'passed' ? 'test-failed' : verdict.kind,
    summary: `${file.name} was to end in ${expect}, but ended in ${verdict.kind}: ${verdict.summary}`,
  };
}

function skipReason(tap: TapResult | undefined, exit: ProcessExit | undefined): string | undefined {
  if (exit?.code === EXIT_SKIP) return `it ${describeExit(exit)}, which says that it cannot be run here`;
  if (!tap?.isTap || tap.outcome !== 'skipped') return undefined;
  return tap.reason ?? tap.subtests[0]?.reason ?? 'it skipped all of its subtests';
}
