import { escapeForTerminal } from '../../core/escape-bytes.ts';
import type { SuiteResult, TestResult } from '../../core/test-result.ts';
import { caseName, flakyText, subtestName } from './case-name.ts';

const MAX_SUBTESTS = 10;
const MAX_EVIDENCE = 20;

/**
 * Workflow commands, one for each case that failed (`::error`) or is flaky (`::warning`), to be printed to standard
 * output: GitHub shows them beside the file. https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function githubAnnotations(suite: SuiteResult): string {
  return suite.results
    .flatMap((result) => {
      if (result.outcome === 'failed') return [annotation('error', result, failureText(result))];
      if (result.outcome === 'flaky') return [annotation('warning', result, flakyLines(result))];
      return [];
    })
    .map((line) => `${line}\n`)
    .join('');
}

function failureText(result: TestResult): string[] {
  const { verdict, subtests } = result;
  const failed = subtests.filter(({ outcome }) => outcome === 'failed');
  const more = failed.length - MAX_SUBTESTS;
  return [
    verdict.summary,
    ...failed.slice(0, MAX_SUBTESTS).map((subtest) => `not ok ${subtestName(subtest)}`),
    ...(more > 0 ? [`… and ${more} more subtests`] : []),
    ...verdict.evidence.slice(0, MAX_EVIDENCE),
    ...(verdict.hint === undefined ? [] : [`hint: ${verdict.hint}`]),
    `again: ${result.again}`,
  ];
}

function flakyLines(result: TestResult): string[] {
  return [
    `It ${flakyText(result)}.`,
    ...(result.earlier ?? []).map(({ kind, summary }) => `${kind}: ${summary}`),
    `again: ${result.again}`,
  ];
}

function annotation(command: 'error' | 'warning', result: TestResult, lines: readonly string[]): string {
  const kind = command === 'error' ? result.verdict.kind : 'flaky';
  const properties = [
    `file=${escapeProperty(result.file)}`,
    `title=${escapeProperty(`${kind}: ${caseName(result)}`)}`,
  ];
  return `::${command} ${properties.join(',')}::${escapeData(lines.join('\n'))}`;
}

function escapeData(text: string): string {
  const shown = escapeForTerminal(text.replaceAll('\r', ''));
  return shown.replaceAll('%', '%25').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
