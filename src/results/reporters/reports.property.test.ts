import fc from 'fast-check';
import { Parser } from 'tap-parser';
import { describe, expect, it } from 'vitest';
import { CASE_OUTCOMES, type SuiteResult, type TestResult } from '../../core/test-result.ts';
import { VERDICT_KINDS } from '../../core/verdict.ts';
import { githubAnnotations } from './github.ts';
import { githubSummary } from './github-summary.ts';
import { jsonReport } from './json.ts';
import { junit } from './junit.ts';
import { ktap } from './ktap.ts';
import { prettyLines } from './pretty.ts';
import { checkJunit, readXml } from './read-xml.fixture.ts';
import { suiteResult, testResult } from './suite-result.fixture.ts';
import { tap } from './tap.ts';

/** Control characters other than those that text is made of. */
const CONTROL = /[^\P{Cc}\n\t]/u;

/** Any code units at all, lone surrogates too. */
const text = fc.oneof(
  fc.array(fc.nat(0xffff), { maxLength: 12 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    ']]>',
    '<!--',
    '&#0;',
    '\u0000',
    '\r\n',
    '"',
    "'",
    '::error::',
    '```',
    '\n...\n',
    '%0A',
    'Bail out!',
  ),
);
const verdict = fc.record({
  kind: fc.constantFrom(...VERDICT_KINDS),
  summary: text,
  evidence: fc.array(text, { maxLength: 2 }),
  findings: fc.constant([]),
});
const subtest = fc.record({
  path: fc.array(text, { minLength: 1, maxLength: 3 }),
  outcome: fc.constantFrom('passed', 'failed', 'skipped', 'todo'),
  reason: text,
  diagnostics: fc.array(text, { maxLength: 2 }),
});
const result: fc.Arbitrary<TestResult> = fc
  .record({
    file: text,
    cell: fc.record({ kernel: text, smp: text, agent: text }),
    outcome: fc.constantFrom(...CASE_OUTCOMES),
    verdict,
    reason: text,
    earlier: fc.array(verdict, { maxLength: 1 }),
    subtests: fc.array(subtest, { maxLength: 3 }),
    output: text,
    console: fc.array(text, { maxLength: 2 }),
    again: text,
  })
  .map((fields) => testResult(fields));
const suite: fc.Arbitrary<SuiteResult> = fc
  .array(result, { maxLength: 3 })
  .map((results) => suiteResult(results));

function always(check: (suite: SuiteResult) => void): void {
  fc.assert(fc.property(suite, check), { numRuns: 200 });
}

describe('a report of anything whatever', () => {
  it('is well-formed XML that keeps to the schema', () => {
    always((any) => {
      expect(checkJunit(readXml(junit(any)))).toEqual([]);
    });
  });

  it('has as many test points for a TAP parser as there are results, and none fails to be read', () => {
    always((any) => {
      const parser = new Parser({ strict: true });
      const extra: string[] = [];
      parser.on('extra', (line: string) => extra.push(line));
      parser.end(tap(any));
      expect(parser.results).toMatchObject({ count: any.results.length, bailout: false });
      const passed = any.results.filter(
        ({ outcome }) => outcome === 'passed' || outcome === 'skipped',
      ).length;
      expect(parser.results?.pass).toBe(passed);
      expect(extra).toEqual([]);
    });
  });

  it('has one command for GitHub on each line, and nothing else', () => {
    always((any) => {
      const bad = any.results.filter(({ outcome }) => outcome === 'failed' || outcome === 'flaky');
      const lines = githubAnnotations(any).split('\n');
      expect(lines.pop()).toBe('');
      expect(lines).toHaveLength(bad.length);
      for (const line of lines)
        expect(line).toMatch(/^::(error|warning) file=[^:,]*,title=[^:,]*::[^\r\n]*$/);
    });
  });

  it('is JSON, Markdown, KTAP and lines for people without control characters that end a line', () => {
    always((any) => {
      expect(JSON.parse(jsonReport(any)).results).toHaveLength(any.results.length);
      expect(githubSummary(any)).not.toMatch(CONTROL);
      expect(ktap(any)).not.toMatch(CONTROL);
      for (const { text: line } of prettyLines(any)) expect(line).not.toContain('\n');
    });
  });
});
