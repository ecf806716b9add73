import type { SuiteResult } from '../../core/test-result.ts';
import { countOutcomes } from './matrix.ts';

/** Raised when a field goes, or changes its meaning; new fields may come without that. */
const SCHEMA = 1;

/** One JSON object, described in docs/test-reports.md. */
export function jsonReport(suite: SuiteResult): string {
  const report = {
    schema: SCHEMA,
    type: 'devbox-test-report',
    suite: suite.suite,
    startedAt: suite.startedAt,
    durationMs: suite.ms,
    verdict: suite.verdict,
    counts: countOutcomes(suite.results),
    results: suite.results.map(({ ms, earlier = [], subtests, cell, ...result }) => ({
      ...result,
      cell: { kernel: cell.kernel, smp: cell.smp, agent: cell.agent ?? null },
      durationMs: ms,
      earlier,
      subtests: subtests.map(({ ms: subtestMs, ...subtest }) => ({
        ...subtest,
        ...(subtestMs === undefined ? {} : { durationMs: subtestMs }),
      })),
    })),
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
