import { escapeForTerminal } from '../../core/escape-bytes.ts';
import type { SuiteResult, TestResult } from '../../core/test-result.ts';
import { formatDuration } from '../../core/units.ts';
import { caseName, flakyText, subtestName } from './case-name.ts';
import { countOutcomes, countsText, type OutcomeCounts, suiteMatrix } from './matrix.ts';
import { linesOf, oneLine } from './one-line.ts';

/** GitHub refuses a summary of more than a mebibyte. */
const MAX_BYTES = 900 * 1024;
const MAX_OUTPUT_LINES = 60;

/** A job summary in Markdown, for the file that `GITHUB_STEP_SUMMARY` names: the matrix, then what needs a look. */
export function githubSummary(suite: SuiteResult): string {
  const bad = suite.results.filter(({ outcome }) => outcome === 'failed' || outcome === 'flaky');
  const head = [
    `## devbox test ${markdown(suite.suite)}: ${suite.verdict.kind}`,
    '',
    `${markdown(suite.verdict.summary)} ${countsText(countOutcomes(suite.results))}, ${formatDuration(suite.ms)}.`,
    '',
    ...matrixLines(suite),
  ].join('\n');
  const blocks: string[] = [];
  let bytes = Buffer.byteLength(head);
  for (const result of bad) {
    const block = detailsLines(result).join('\n');
    bytes += Buffer.byteLength(block) + 2;
    if (bytes > MAX_BYTES) break;
    blocks.push(block);
  }
  const left = bad.length - blocks.length;
  return `${[head, ...blocks, ...(left > 0 ? [`… and ${left} more.`] : [])].join('\n\n')}\n`;
}

function matrixLines(suite: SuiteResult): string[] {
  const { smps, rows } = suiteMatrix(suite);
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = ['kernel', 'agent', ...smps.map((smp) => `smp ${markdown(smp)}`)];
  return [
    row(head),
    row(head.map(() => '---')),
    ...rows.map(({ kernel, agent, cells }) =>
      row([markdown(kernel), markdown(agent), ...cells.map(cellText)]),
    ),
  ];
}

function cellText(counts: OutcomeCounts | undefined): string {
  if (!counts) return '–';
  const mark = counts.failed > 0 ? '❌' : counts.flaky > 0 || counts.inconclusive > 0 ? '⚠️' : '✅';
  return `${mark} ${countsText(counts)}`;
}

function detailsLines(result: TestResult): string[] {
  const { outcome, verdict, output } = result;
  const isFlaky = outcome === 'flaky';
  const failed = result.subtests.filter((subtest) => subtest.outcome === 'failed');
  const lines = linesOf(output);
  const shown = lines.slice(-MAX_OUTPUT_LINES);
  const kind = isFlaky ? 'flaky' : verdict.kind;
  const text = [
    ...(isFlaky ? [`It ${flakyText(result)}.`] : [verdict.summary, ...verdict.evidence]),
    ...(result.earlier ?? []).map((earlier) => `${earlier.kind}: ${earlier.summary}`),
    ...failed.map((subtest) => `not ok ${subtestName(subtest)}`),
    ...(verdict.hint === undefined ? [] : [`hint: ${verdict.hint}`]),
    `again: ${result.again}`,
    ...(lines.length > 0 ? ['', `output${lines.length > shown.length ? ', its end' : ''}:`, ...shown] : []),
  ];
  return [
    `<details><summary>${html(`${kind}: ${caseName(result)}`)}</summary>`,
    '',
    ...codeBlock(text.join('\n')),
    '',
    '</details>',
  ];
}

/** With a fence longer than any in it. */
function codeBlock(text: string): string[] {
  const shown = escapeForTerminal(text);
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, shown, fence];
}

function markdown(text: string): string {
  return html(oneLine(text)).replace(/[\\`*_{}[\]()#|~]/g, '\\$&');
}

function html(text: string): string {
  return oneLine(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
