import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TapParser } from './tap-parser.ts';
import type { TapResult } from './tap-result.ts';

const LIMITS = {
  results: 5,
  lineLength: 60,
  nameLength: 20,
  diagnosticLines: 3,
  diagnosticLength: 200,
  depth: 4,
  problems: 4,
};

function parsed(chunks: readonly (Uint8Array | string)[]): TapResult {
  const parser = new TapParser({ limits: LIMITS });
  for (const chunk of chunks) parser.push(chunk);
  return parser.end();
}

/** Lines that mean something, mangled, and among them anything at all. */
const word = fc.constantFrom(
  ...[
    'TAP version 14',
    'KTAP version 1',
    '1..3',
    '1..0 # SKIP',
    'ok 1 - a',
    'not ok 2 b # TODO',
    'ok 3 # SKIP x',
  ],
  ...[
    'Bail out! x',
    '# Subtest: a',
    '---',
    '...',
    'duration_ms: 1',
    'diagnostics:',
    '  - "a"',
    '# ',
    '#',
    '[    1.0] ',
  ],
  ...['ok', 'ok 99999999999999999999', '0..0', '\\# ', '\r', '\u0000', '\t', '    ', '  ', '\n    '],
);
const line = fc.array(
  fc.oneof({ weight: 6, arbitrary: word }, { weight: 1, arbitrary: fc.string({ unit: 'binary' }) }),
  {
    maxLength: 4,
  },
);
const text = fc
  .tuple(
    fc.constantFrom('', 'TAP version 14\n', 'KTAP version 1\n', '1..4\n'),
    fc.array(line, { maxLength: 60 }),
  )
  .map(([head, lines]) => head + lines.map((words) => words.join('')).join('\n'));

describe('whatever is parsed as TAP', () => {
  it('never throws, and what is kept is bounded', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.uint8Array({ maxLength: 2000 })), (input) => {
        const { subtests, problems, outcome, counts, omitted } = parsed([input]);
        expect(subtests.length).toBeLessThanOrEqual(105);
        expect(problems.length).toBeLessThanOrEqual(5);
        for (const { path, diagnostics } of subtests) {
          expect(path.length).toBeGreaterThan(0);
          expect(path.length).toBeLessThanOrEqual(4);
          for (const name of path)
            expect(name.length > 0 && name.length <= 20 && !name.includes('\n')).toBe(true);
          expect(diagnostics.length).toBeLessThanOrEqual(3);
        }
        const total = counts.passed + counts.failed + counts.skipped + counts.todo;
        expect(omitted).toBe(total - subtests.length);
        expect(outcome === 'failed').toBe(problems.length > 0 || counts.failed > 0);
      }),
      { numRuns: 500 },
    );
  });

  it('comes to the same however it is cut into chunks', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(100), { minLength: 1, maxLength: 20 }), (input, sizes) => {
        const bytes = Buffer.from(input);
        const chunks: Uint8Array[] = [];
        for (let from = 0, next = 0; from < bytes.length; next += 1) {
          const size = (sizes[next % sizes.length] ?? 0) + 1;
          chunks.push(bytes.subarray(from, from + size));
          from += size;
        }
        expect(parsed(chunks)).toEqual(parsed([bytes]));
      }),
      { numRuns: 300 },
    );
  });
});
