import type { SuiteResult } from '../../core/test-result.ts';
import { githubSummary } from '../../results/reporters/github-summary.ts';
import { jsonReport } from '../../results/reporters/json.ts';
import { junit } from '../../results/reporters/junit.ts';
import { ktap } from '../../results/reporters/ktap.ts';
import { prettyLines } from '../../results/reporters/pretty.ts';
import { tap } from '../../results/reporters/tap.ts';

const WRITERS = {
  ...{ junit, tap, ktap, json: jsonReport, github: githubSummary },
  pretty: (result: SuiteResult) =>
    prettyLines(result)
      .map(({ text }) => `${text}\n`)
      .join(''),
};

/** The forms that a report has: `github` is the page of a job's summary. */
export type ReportForm = keyof typeof WRITERS;

export async function formatReport(form: ReportForm, result: SuiteResult): Promise<string> {
  return WRITERS[form](result);
}
