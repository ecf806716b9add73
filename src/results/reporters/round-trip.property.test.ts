import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeForTerminal } from '../../core/escape-bytes.ts';
import type { SubtestResult } from '../../core/test-result.ts';
import { parseText } from '../tap/parse-text.fixture.ts';
import { ktap } from './ktap.ts';
import { suiteResult, testResult } from './suite-result.fixture.ts';
import { tap } from './tap.ts';

interface Tree {
  readonly name: string;
  readonly own: Omit<SubtestResult, 'path'>;
  readonly children: readonly Tree[];
}

const name = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
    fc.constantFrom(
      '#',
      '\\',
      '\\#',
      'a # SKIP b',
      '12',
      '- x',
      'ok 1',
      'a \\\\# todo',
      'x #',
      '1..3',
      'time=1ms',
      '# time=1ms',
    ),
  )
  .map((text) => text.trim())
  .filter(
    (text) =>
      text !== '' && escapeForTerminal(text) === text && !text.includes('\n') && !/^-(\s|$)/.test(text),
  );
const own = fc.record(
  {
    outcome: fc.constantFrom<SubtestResult['outcome']>('passed', 'failed', 'skipped', 'todo'),
    reason: name,
    diagnostics: fc.array(
      fc.oneof(
        name,
        fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
      ),
      { maxLength: 4 },
    ),
    ms: fc.double({ min: 0, max: 1e9, noNaN: true, noDefaultInfinity: true }),
  },
  { requiredKeys: ['outcome', 'diagnostics'] },
);
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.record({
    name,
    own,
    children: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'tree' },
      fc.constant([]),
      fc.array(tie('tree'), { maxLength: 3, depthIdentifier: 'tree' }),
    ),
  }),
}));

/** As the parser lists it: what ended first comes first, and a group only when it says more than is in it. */
function listed({ name, own, children }: Tree): SubtestResult[] {
  const inner = children.flatMap(listed);
  const outcomes = inner.map(({ outcome }) => outcome);
  const { reason, ...rest } = own;
  const mayHaveReason = own.outcome !== 'failed' && reason !== undefined;
  const result = { ...rest, ...(mayHaveReason ? { reason } : {}), path: [name] };
  const isGroup = inner.length > 0;
  const saysMore = {
    passed: false,
    failed: !outcomes.includes('failed'),
    todo: !outcomes.includes('failed') && !outcomes.includes('todo'),
    skipped: outcomes.some((outcome) => outcome !== 'skipped'),
  }[own.outcome];
  return [
    ...inner.map((subtest) => ({ ...subtest, path: [name, ...subtest.path] })),
    ...(!isGroup || saysMore ? [result] : []),
  ];
}

const subtests = fc.array(tree, { minLength: 1, maxLength: 4 }).map((trees) => trees.flatMap(listed));

function readBack(report: string) {
  const { problems, subtests: read } = parseText(report.split('\n'));
  return { problems, subtests: read.map(({ path, ...rest }) => ({ ...rest, path: path.slice(1) })) };
}

describe('what a report says of subtests', () => {
  it('is read back from TAP as it was', () => {
    fc.assert(
      fc.property(subtests, (list) => {
        expect(readBack(tap(suiteResult([testResult({ subtests: list })])))).toEqual({
          problems: [],
          subtests: list,
        });
      }),
      { numRuns: 300 },
    );
  });

  it('is read back from KTAP, but for what KTAP cannot say', () => {
    const bare = (list: readonly SubtestResult[]) =>
      list.map(({ path, outcome, reason }) => ({
        path: path.map((part) => part.replaceAll('#', '＃')),
        outcome,
        reason: outcome === 'passed' ? undefined : reason,
      }));
    fc.assert(
      fc.property(subtests, (list) => {
        const read = readBack(ktap(suiteResult([testResult({ subtests: list })])));
        expect(read.problems).toEqual([]);
        expect(bare(read.subtests)).toEqual(bare(list));
      }),
      { numRuns: 300 },
    );
  });
});
