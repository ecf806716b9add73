import type { CaseOutcome, SuiteResult, TestResult } from '../../core/test-result.ts';
import { caseName, flakyText } from './case-name.ts';
import { linesOf, oneLine } from './one-line.ts';
import { nodeOutcome, type SubtestNode, subtestTree } from './subtest-tree.ts';

/**
 * KTAP 1, for what reads the kernel's tests: a test for each file in each cell, its subtests nested in it, the evidence as
 * diagnostics before the result. What is `flaky` is `not ok` with a directive that readers do not know: it failed.
 */
export function ktap(suite: SuiteResult): string {
  const lines = [
    ...headLines(suite.results.length),
    ...suite.results.flatMap((result, index) => caseLines(result, index + 1)),
  ];
  return `${lines.join('\n')}\n`;
}

function headLines(count: number): string[] {
  return ['KTAP version 1', `1..${count}`];
}

function caseLines(result: TestResult, number: number): string[] {
  const { verdict, outcome } = result;
  const isFine = outcome === 'passed' || outcome === 'skipped';
  const diagnostics = isFine
    ? []
    : [
        ...(result.earlier ?? []).map(({ kind, summary }) => `earlier: ${kind}: ${summary}`),
        `${verdict.kind}: ${verdict.summary}`,
        ...verdict.evidence,
        ...(verdict.hint === undefined ? [] : [`hint: ${verdict.hint}`]),
        `again: ${result.again}`,
        ...linesOf(result.output).map((line) => `output: ${line}`),
      ];
  return [
    ...nestedLines(caseName(result), subtestTree(result.subtests)),
    ...diagnostics.map(diagnosticLine),
    resultLine(number, caseName(result), outcome, outcome === 'flaky' ? flakyText(result) : result.reason),
  ];
}

function nestedLines(name: string, nodes: readonly SubtestNode[]): string[] {
  if (nodes.length === 0) return [];
  const [version = '', plan = ''] = headLines(nodes.length);
  const inner = [
    version,
    `# Subtest: ${ktapText(name)}`,
    plan,
    ...nodes.flatMap((node, index) => nodeLines(node, index + 1)),
  ];
  return inner.map((line) => `  ${line}`);
}

function nodeLines(node: SubtestNode, number: number): string[] {
  return [
    ...nestedLines(node.name, node.children),
    ...(node.own?.diagnostics ?? []).map(diagnosticLine),
    resultLine(number, node.name, nodeOutcome(node), node.own?.reason),
  ];
}

function resultLine(number: number, name: string, outcome: CaseOutcome, reason = ''): string {
  // As kselftest has it: what is expected to fail is `ok`, with a directive.
  const ok = outcome === 'failed' || outcome === 'flaky' ? 'not ok' : 'ok';
  const directive = DIRECTIVES[outcome];
  const point = `${ok} ${number} ${ktapText(name)}`.trimEnd();
  return directive === undefined ? point : `${point} # ${directive} ${oneLine(reason)}`.trimEnd();
}

const DIRECTIVES: Readonly<Partial<Record<CaseOutcome, string>>> = {
  skipped: 'SKIP',
  todo: 'XFAIL',
  flaky: 'FLAKY',
};

/** A line of text that no reader takes for a header, or for a nested stream behind hashes. */
function diagnosticLine(text: string): string {
  const shown = oneLine(text);
  return /^(?:K?TAP version|Subtest\b|#)/.test(shown) ? `# | ${shown}` : `# ${shown}`;
}

/** KTAP has no escapes, and its readers do not take a line for a result when its name holds a hash. */
function ktapText(text: string): string {
  return oneLine(text).replaceAll('#', '＃');
}
