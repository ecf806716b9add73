import type { SubtestResult, SuiteResult, TestResult } from '../../core/test-result.ts';
import { formatDuration } from '../../core/units.ts';
import { line, type StyledLine, type Tone } from '../styled-line.ts';
import { verdictLine, verdictLines } from '../summary-lines.ts';
import { tableLines } from '../table.ts';
import { caseName, flakyText, subtestName } from './case-name.ts';
import { countedOutcome, countOutcomes, countsText, type OutcomeCounts, suiteMatrix } from './matrix.ts';
import { linesOf } from './one-line.ts';

const CONSOLE_LINES = 40;
const DIAGNOSTIC_LINES = 30;

/**
 * For people: what went wrong, with all that was kept of its output, then the matrix and the counts. Text may hold a guest's
 * bytes: escape before printing.
 */
export function prettyLines(suite: SuiteResult): StyledLine[] {
  const lines = [
    ...suite.results.flatMap(caseLines),
    line(''),
    ...matrixLines(suite),
    line(''),
    line(`${countsText(countOutcomes(suite.results))}, ${formatDuration(suite.ms)}`, 'strong'),
    verdictLine(suite.verdict),
  ];
  return lines.map(({ text, tone }) => line(text.replace(/[\r\n]+/g, ' '), tone));
}

function caseLines(result: TestResult): StyledLine[] {
  switch (result.outcome) {
    case 'passed':
      return [];
    case 'skipped':
    case 'todo':
      return [line(`${result.outcome}: ${caseName(result)}${because(result.reason)}`, 'dim')];
    case 'flaky':
      return [
        line(''),
        line(`flaky: ${caseName(result)}`, 'warning'),
        line(`  ${flakyText(result)}`),
        ...(result.earlier ?? []).flatMap((verdict) => verdictLines(verdict).map(indented)),
        ...againLines(result),
      ];
    case 'failed':
      return [
        line(''),
        line(`${countedOutcome(result)}: ${caseName(result)}`, 'bad'),
        ...verdictLines(result.verdict).map(indented),
        ...result.subtests.filter(({ outcome }) => outcome === 'failed').flatMap(subtestLines),
        ...quoted('output', linesOf(result.output)),
        ...quoted("the kernel's console meanwhile", result.console.slice(-CONSOLE_LINES)),
        ...againLines(result),
      ];
  }
}

function subtestLines(subtest: SubtestResult): StyledLine[] {
  const { diagnostics } = subtest;
  const hidden = diagnostics.length - DIAGNOSTIC_LINES;
  return [
    line(`  not ok ${subtestName(subtest)}`, 'bad'),
    ...diagnostics.slice(0, DIAGNOSTIC_LINES).map((text) => line(`    │ ${text}`)),
    ...(hidden > 0 ? [line(`    │ … ${hidden} more lines`, 'dim')] : []),
  ];
}

function quoted(title: string, lines: readonly string[]): StyledLine[] {
  if (lines.length === 0) return [];
  return [line(`  ${title}`, 'dim'), ...lines.map((text) => line(`  │ ${text}`))];
}

function againLines(result: TestResult): StyledLine[] {
  const { again, kept } = result;
  return [
    line(`  again  ${again}`, 'strong'),
    ...(kept === undefined ? [] : [line(`  enter  devbox shell --run ${kept}`, 'strong')]),
  ];
}

function because(reason: string | undefined): string {
  return reason === undefined ? '' : `: ${reason}`;
}

function indented({ text, tone }: StyledLine): StyledLine {
  return line(`  ${text}`, tone);
}

function matrixLines(suite: SuiteResult): StyledLine[] {
  const { smps, rows } = suiteMatrix(suite);
  const [head = '', ...body] = tableLines(
    [
      ['kernel', 'agent', ...smps.map((smp) => `smp ${smp}`)],
      ...rows.map(({ kernel, agent, cells }) => [
        kernel,
        agent,
        ...cells.map((counts) => (counts ? countsText(counts) : '–')),
      ]),
    ],
    () => false,
  );
  return [line(head, 'strong'), ...body.map((text, index) => line(text, rowTone(rows[index]?.cells ?? [])))];
}

function rowTone(cells: readonly (OutcomeCounts | undefined)[]): Tone {
  if (cells.some((counts) => counts && counts.failed > 0)) return 'bad';
  return cells.some((counts) => counts && counts.flaky + counts.inconclusive > 0) ? 'warning' : 'good';
}
