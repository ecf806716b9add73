import type { CaseOutcome, SubtestResult, SuiteResult, TestResult } from '../../core/test-result.ts';
import { caseName, flakyText } from './case-name.ts';
import { linesOf, oneLine } from './one-line.ts';
import { nodeOutcome, type SubtestNode, subtestTree } from './subtest-tree.ts';
import { yamlLines } from './yaml.ts';

const SUBTEST_INDENT = '    ';

/**
 * TAP 14: a test point for each file in each cell, its subtests nested in it, the evidence as YAML. What is `flaky` is
 * `not ok` with a TODO: something to look at, for which no reader of TAP fails the whole.
 */
export function tap(suite: SuiteResult): string {
  const lines = [
    'TAP version 14',
    `1..${suite.results.length}`,
    ...suite.results.flatMap((result, index) => caseLines(result, index + 1)),
  ];
  return `${lines.join('\n')}\n`;
}

function caseLines(result: TestResult, number: number): string[] {
  const name = caseName(result);
  const { verdict, outcome } = result;
  const isFine = outcome === 'passed' || outcome === 'skipped';
  const reason = outcome === 'flaky' ? `flaky: ${flakyText(result)}` : result.reason;
  const yaml = [
    ...yamlLines('duration_ms', result.ms),
    ...(isFine
      ? []
      : [
          ...yamlLines('verdict', verdict.kind),
          ...yamlLines('message', verdict.summary),
          ...yamlLines('attempts', result.attempts),
          ...yamlLines(
            'earlier',
            (result.earlier ?? []).map(({ kind, summary }) => `${kind}: ${summary}`),
          ),
          ...yamlLines('evidence', verdict.evidence),
          ...yamlLines('hint', verdict.hint),
          ...yamlLines('again', result.again),
          ...yamlLines('output', linesOf(result.output)),
          ...yamlLines('console', result.console),
        ]),
  ];
  return [
    ...nestedLines(name, subtestTree(result.subtests)),
    pointLine(number, name, outcome, reason),
    ...blockLines(yaml),
  ];
}

function nestedLines(name: string, nodes: readonly SubtestNode[]): string[] {
  if (nodes.length === 0) return [];
  const inner = [`1..${nodes.length}`, ...nodes.flatMap((node, index) => nodeLines(node, index + 1))];
  return [`# Subtest: ${tapText(name)}`, ...inner.map((line) => `${SUBTEST_INDENT}${line}`)];
}

function nodeLines(node: SubtestNode, number: number): string[] {
  return [
    ...nestedLines(node.name, node.children),
    pointLine(number, node.name, nodeOutcome(node), node.own?.reason),
    ...blockLines(node.own ? subtestYaml(node.own) : []),
  ];
}

function subtestYaml({ ms, diagnostics }: SubtestResult): string[] {
  return [...yamlLines('duration_ms', ms), ...yamlLines('diagnostics', diagnostics)];
}

function pointLine(number: number, name: string, outcome: CaseOutcome, reason = ''): string {
  const ok = outcome === 'passed' || outcome === 'skipped' ? 'ok' : 'not ok';
  const point = [ok, number, '-', tapText(name)].join(' ');
  const directive = directiveOf(outcome, reason);
  return (directive === '' ? point : `${point} # ${directive} ${tapText(reason)}`).trimEnd();
}

function directiveOf(outcome: CaseOutcome, reason: string): string {
  if (outcome === 'skipped') return 'SKIP';
  if (outcome === 'todo' || outcome === 'flaky') return 'TODO';
  // It was still to do, and has come true.
  return outcome === 'passed' && reason !== '' ? 'TODO' : '';
}

function blockLines(yaml: readonly string[]): string[] {
  return yaml.length === 0 ? [] : ['---', ...yaml, '...'].map((line) => `  ${line}`);
}

function tapText(text: string): string {
  return oneLine(text).replace(/[\\#]/g, '\\$&');
}
