import type { SubtestResult, SuiteResult, TestCell, TestResult } from '../../core/test-result.ts';
import type { Verdict, VerdictKind } from '../../core/verdict.ts';
import { cellName, flakyText, subtestName } from './case-name.ts';
import { xmlElement, xmlText } from './xml.ts';

/** No answer could be had; every other verdict says something of what was tested. */
const ERRORS: readonly VerdictKind[] = ['boot-failed', 'infrastructure-failed', 'inconclusive', 'cancelled'];

interface JunitCase {
  readonly xml: string;
  readonly kind: 'passed' | 'failure' | 'error' | 'skipped';
}

/**
 * JUnit's XML as Jenkins publishes its schema (junit-10.xsd of its xunit plugin): a `testsuite` for each cell; in it a
 * `testcase` for each file, and one for each of its subtests. The type of a failure is the kind of the verdict. What is
 * `flaky` is a failure of that type: what the schema has for flaky tests, readers count as passed.
 */
export function junit(suite: SuiteResult): string {
  const cells = [...Map.groupBy(suite.results, ({ cell }) => cellName(cell)).values()];
  const suites = cells.map((results, id) => testSuite(suite, results, id));
  const root = xmlElement(
    'testsuites',
    {
      name: suite.suite,
      time: seconds(suite.ms),
      tests: sum(suites.map(({ cases }) => cases.length)),
      failures: sum(suites.map(({ cases }) => count(cases, 'failure'))),
      errors: sum(suites.map(({ cases }) => count(cases, 'error'))),
    },
    suites.map(({ xml }) => `\n${xml}`).concat('\n'),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

function testSuite(suite: SuiteResult, results: readonly TestResult[], id: number) {
  const { cell } = results[0] as TestResult;
  const cases = results.flatMap((result) => [
    fileCase(result),
    ...result.subtests.map((subtest) => subtestCase(result, subtest)),
  ]);
  const xml = xmlElement(
    'testsuite',
    {
      name: `${suite.suite} [${cellName(cell)}]`,
      id,
      tests: cases.length,
      failures: count(cases, 'failure'),
      errors: count(cases, 'error'),
      skipped: count(cases, 'skipped'),
      time: seconds(sum(results.map(({ ms }) => ms))),
      timestamp: suite.startedAt,
    },
    [cellProperties(cell), ...cases.map((testCase) => testCase.xml)].map((part) => `\n${part}`).concat('\n'),
  );
  return { xml, cases };
}

function cellProperties({ kernel, smp, agent = 'none' }: TestCell): string {
  const properties = Object.entries({ kernel, smp, agent });
  return xmlElement(
    'properties',
    {},
    properties.map(([name, value]) => xmlElement('property', { name, value })),
  );
}

function fileCase(result: TestResult): JunitCase {
  const [kind, element] = fileOutcome(result);
  return testCase(result, result.file, result.ms, kind, [
    ...element,
    ...(result.output === '' ? [] : [xmlElement('system-out', {}, [xmlText(result.output)])]),
    ...(result.console.length === 0
      ? []
      : [xmlElement('system-err', {}, [xmlText(result.console.map((line) => `${line}\n`).join(''))])]),
  ]);
}

function fileOutcome(result: TestResult): readonly [JunitCase['kind'], readonly string[]] {
  const { outcome, verdict, reason } = result;
  switch (outcome) {
    case 'passed':
      return ['passed', []];
    case 'skipped':
      return ['skipped', [xmlElement('skipped', { message: reason })]];
    case 'todo':
      return ['skipped', [xmlElement('skipped', { message: toDo(reason) })]];
    case 'flaky': {
      const text = (result.earlier ?? []).map(verdictText).join('\n');
      return [
        'failure',
        [xmlElement('failure', { type: 'flaky', message: flakyText(result) }, [xmlText(text)])],
      ];
    }
    case 'failed': {
      const kind = ERRORS.includes(verdict.kind) ? 'error' : 'failure';
      const text = `${verdictText(verdict)}again: ${result.again}\n`;
      return [kind, [xmlElement(kind, { type: verdict.kind, message: verdict.summary }, [xmlText(text)])]];
    }
  }
}

function subtestCase(result: TestResult, subtest: SubtestResult): JunitCase {
  const { outcome, reason, diagnostics, ms } = subtest;
  const name = subtestName(subtest);
  const text = diagnostics.map((line) => `${line}\n`).join('');
  if (outcome === 'failed') {
    const message = diagnostics.find((line) => line.trim() !== '') ?? 'failed';
    const failure = xmlElement('failure', { type: 'test-failed', message }, [xmlText(text)]);
    return testCase(result, name, ms, 'failure', [failure]);
  }
  const content = text === '' ? [] : [xmlElement('system-out', {}, [xmlText(text)])];
  if (outcome === 'passed') return testCase(result, name, ms, 'passed', content);
  const message = outcome === 'todo' ? toDo(reason) : reason;
  return testCase(result, name, ms, 'skipped', [xmlElement('skipped', { message }), ...content]);
}

function testCase(
  { file, cell }: TestResult,
  name: string,
  ms: number | undefined,
  kind: JunitCase['kind'],
  content: readonly string[],
): JunitCase {
  // Readers tell cases apart by these two alone, so the cell is part of the name.
  const attributes = {
    classname: file,
    name: `${name} [${cellName(cell)}]`,
    time: ms === undefined ? undefined : seconds(ms),
  };
  return { kind, xml: xmlElement('testcase', attributes, content) };
}

function verdictText(verdict: Verdict): string {
  const lines = [
    `${verdict.kind}: ${verdict.summary}`,
    ...verdict.evidence,
    ...verdict.findings.map(({ kind, title }) => `kernel ${kind}: ${title}`),
    ...(verdict.hint === undefined ? [] : [`hint: ${verdict.hint}`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function toDo(reason: string | undefined): string {
  return reason === undefined ? 'to do' : `to do: ${reason}`;
}

function seconds(ms: number): string {
  return (Math.max(0, ms) / 1000).toFixed(3);
}

function count(cases: readonly JunitCase[], kind: JunitCase['kind']): number {
  return cases.filter((testCase) => testCase.kind === kind).length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
