import { blameSlowHost, type Slowness } from '../../core/judge.ts';
import type { TapResult } from '../../results/tap/tap-result.ts';
import type { Judged } from './attempt.ts';

/** How TAP of node:test tells a failure to be in time, as `devbox/guest` throws it. */
const IS_LATE = /^\s*name: ['"]?TimingError['"]?\s*$/;

/** A test that failed by nothing but subtests that were too late proves nothing when the host gave it no time. */
export function excuseSlowHost<Result extends Pick<Judged, 'outcome' | 'verdict'>>(
  judged: Result,
  { subtests, problems, counts }: Pick<TapResult, 'subtests' | 'problems' | 'counts'>,
  slowness: Slowness,
): Result {
  const { outcome, verdict } = judged;
  if (outcome !== 'failed' || verdict.kind !== 'test-failed' || verdict.findings.length > 0) return judged;
  const failed = subtests.filter((subtest) => subtest.outcome === 'failed');
  const areLate = failed.every(({ diagnostics }) => diagnostics.some((line) => IS_LATE.test(line)));
  if (failed.length === 0 || failed.length < counts.failed || problems.length > 0 || !areLate) return judged;
  return { ...judged, verdict: blameSlowHost(verdict, slowness) };
}
