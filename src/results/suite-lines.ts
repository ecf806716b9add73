import type { SuiteResult } from '../core/test-result.ts';
import type { Verdict } from '../core/verdict.ts';
import { prettyLines } from './reporters/pretty.ts';
import { line, type StyledLine } from './styled-line.ts';
import type { RunSummary } from './summary.ts';
import { contextLines } from './summary-lines.ts';

const NO_VERDICT: Verdict = { kind: 'cancelled', summary: 'It was not over.', evidence: [], findings: [] };

/** The summary of a suite of tests as people read it, below the live output. */
export function suiteLines(summary: RunSummary, suite: NonNullable<RunSummary['suite']>): StyledLine[] {
  const { verdict = NO_VERDICT, startedAt = '', ms } = summary;
  const result: SuiteResult = { suite: suite.name, startedAt, ms, results: suite.results, verdict };
  return [...prettyLines(result), line(''), ...contextLines(summary)];
}
