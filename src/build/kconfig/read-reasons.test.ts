import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../platform/paths.ts';
import { findUnfulfilled } from './compare-config.ts';
import { evaluate, parseExpression, showExpression } from './kconfig-expression.ts';
import { parseFragment } from './parse-fragment.ts';
import { readReasons } from './read-reasons.ts';

const TREE = join(projectRoot, 'tests/support/kconfig-tree');

function reasons(config: string, asked: string) {
  return readReasons(TREE, config, findUnfulfilled(parseFragment('f', asked), config));
}

test('a name that no file defines is unknown', () => {
  expect(reasons('', 'CONFIG_CLAS=y')).toEqual([{ kind: 'unknown', nearest: 'CLASS' }]);
});

test('dependencies are walked down, innermost first', () => {
  expect(reasons('CONFIG_SMALL=y', 'CONFIG_CLASS=y')).toEqual([
    {
      kind: 'dependency',
      expression: 'COMPILER && TYPES',
      missing: [
        { symbol: 'PROGRAMS', needs: 'y', is: 'n', add: ['CONFIG_PROGRAMS=y'] },
        { symbol: 'COMPILER', needs: 'y', is: 'n', add: ['CONFIG_COMPILER=y'] },
        { symbol: 'DEBUG_INFO', needs: 'y', is: 'n', add: [] },
        { symbol: '!SMALL', needs: 'y', is: 'n', add: [] },
        { symbol: 'TYPES', needs: 'y', is: 'n', add: ['CONFIG_TYPES=y'] },
      ],
    },
  ]);
});

test('menus that are not visible, and conditions of prompts, are dependencies too', () => {
  const found = reasons('CONFIG_FUTEX=y', 'CONFIG_DISK=m\n# CONFIG_FUTEX is not set\nCONFIG_PUMP=y');
  expect(found.map((reason) => reason.kind === 'dependency' && reason.expression)).toEqual([
    'MODULES && PROGRAMS',
    'EXPERT',
    false, // Without PROGRAMS nothing keeps it.
  ]);
});

test('what is selected, and what nobody asks for', () => {
  expect(reasons('CONFIG_PROCESSOR=y\nCONFIG_HEAT=y', '# CONFIG_HEAT is not set\nCONFIG_BUS=y')).toEqual([
    { kind: 'selected', by: ['PROCESSOR'] },
    { kind: 'no-prompt', selectedBy: ['DISK'], add: [] },
  ]);
});

test.each([
  ['A && !B', 2],
  ['(A || B) && C', 1],
  ['N >= 3 && N < 10', 2],
  ['S = "text"', 2],
  ['S != "text" || B', 0],
  ['!C', 1],
])('%s comes to %i', (text, value) => {
  const values: Record<string, string> = { A: 'y', C: 'm', N: '9', S: '"text"' };
  const expression = parseExpression(text);
  if (expression === undefined) throw new Error('not parsed');
  expect(evaluate(expression, (name) => values[name] ?? 'n')).toBe(value);
  expect(showExpression(expression)).toBe(text);
});

test.each(['$(cc-option,-x)', 'A &&', '(A', 'A B', ''])('%j is no expression', (text) => {
  expect(parseExpression(text)).toBeUndefined();
});
