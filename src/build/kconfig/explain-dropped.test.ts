import { expect, test } from 'vitest';
import { explainDropped, linesToAdd } from './explain-dropped.ts';
import type { ConfigRequest, DroppedOption } from './request.ts';

const from = { file: 'mine.config', line: 7 };
const y: ConfigRequest = { symbol: 'X', value: 'y', from };
const text = (reason: DroppedOption['reason'], request = y) =>
  explainDropped([{ request, actual: 'n', reason }]);

const DEPENDENCY = {
  kind: 'dependency',
  expression: 'A && B',
  missing: [
    { symbol: 'C', needs: 'y', is: 'n', add: ['CONFIG_C=m'] },
    { symbol: 'A', needs: 'y', is: 'n', add: ['CONFIG_C=m', '# CONFIG_D is not set'], asked: from },
  ],
} as const;

test('a dependency is told with what to add, each line once', () => {
  expect(text(DEPENDENCY)).toEqual([
    'mine.config:7: CONFIG_X=y came out as n.',
    '  It depends on A && B.',
    '  CONFIG_C is n, must be y.',
    '  CONFIG_A is n, must be y: mine.config:7 asks for n.',
    '  Add: CONFIG_C=m, # CONFIG_D is not set',
  ]);
});

test.each<[DroppedOption['reason'], RegExp]>([
  [{ kind: 'unknown', nearest: 'XY' }, /no option CONFIG_X\. Did you mean CONFIG_XY\?/],
  [{ kind: 'unknown' }, /no option CONFIG_X\.$/],
  [{ kind: 'selected', by: ['A'] }, /selected by CONFIG_A: switch that off/],
  [{ kind: 'no-prompt', selectedBy: [...'ABCDEFGHIJ'], add: [] }, /CONFIG_H and 2 more/],
  [{ kind: 'choice', taken: 'A' }, /CONFIG_A was/],
  [{ kind: 'other', text: 'Because.' }, /Because\./],
  [{ ...DEPENDENCY, missing: [{ symbol: 'A = 3', needs: 'y', is: 'n', add: [] }] }, /Nothing that was tried/],
])('%j is told', (reason, line) => {
  expect(text(reason).join('\n')).toMatch(line);
});

test('who asked by --set is told so', () => {
  const request = { symbol: 'X', value: 'n', from: { file: '--set' } };
  expect(text({ kind: 'selected', by: ['A'] }, request)[0]).toBe(
    '--set: # CONFIG_X is not set came out as n.',
  );
});

test('of the lines for several options there is one for each symbol, built in when one needs that', () => {
  const other = { ...DEPENDENCY, missing: [{ symbol: 'C', needs: 'y', is: 'n', add: ['CONFIG_C=y'] }] };
  const dropped = [DEPENDENCY, other].map((reason) => ({ request: y, actual: 'n', reason }));
  expect(linesToAdd(dropped)).toEqual(['CONFIG_C=y', '# CONFIG_D is not set']);
  expect(linesToAdd(dropped.reverse())).toEqual(['CONFIG_C=y', '# CONFIG_D is not set']);
});

test('of very many only the first are told, and how many more there are', () => {
  const dropped = Array.from({ length: 30 }, () => ({
    request: y,
    actual: 'n',
    reason: { kind: 'unknown' } as const,
  }));
  const lines = explainDropped(dropped);
  expect(lines).toHaveLength(2 * 25 + 1);
  expect(lines.at(-1)).toBe('… and 5 more.');
});
