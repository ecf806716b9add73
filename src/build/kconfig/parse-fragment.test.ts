import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../platform/paths.ts';
import { configLine, mergeRequests, parseFragment, parseSet } from './parse-fragment.ts';

test('a fragment is lines of a .config; comments and blank lines mean nothing', () => {
  const text =
    '\uFEFF# why\r\n\r\nCONFIG_SMP=y\r\n# CONFIG_VT is not set\n  CONFIG_NR_CPUS=0x40 \nCONFIG_NAME="a \\" b"\n#CONFIG_NO=y';
  expect(parseFragment('f.config', text)).toEqual([
    { symbol: 'SMP', value: 'y', from: { file: 'f.config', line: 3 } },
    { symbol: 'VT', value: 'n', from: { file: 'f.config', line: 4 } },
    { symbol: 'NR_CPUS', value: '0x40', from: { file: 'f.config', line: 5 } },
    { symbol: 'NAME', value: '"a \\" b"', from: { file: 'f.config', line: 6 } },
  ]);
});

test.each([
  ['CONFIG_SMP = y', /f\.config:2: expected CONFIG_NAME=value/, /no space around/],
  ['SMP=y', /got "SMP=y"/, /CONFIG_SMP=y/],
  ['CONFIG_SMP=yes', /expected y, m, n, a number/, /lower case/],
  ['CONFIG_SMP=y # both', /expected y, m, n/, /line of its own/],
  ['CONFIG_NAME="open', /got "CONFIG_NAME="open"/, /quotes must be closed/],
  ['CONFIG_SMP=', /expected y, m, n/, /./],
  ['hello', /got "hello"/, /begins with "#"/],
  ['x'.repeat(10_000), /x…"/, /./],
])('the line %j is refused with its place and what is expected', (line, message, hint) => {
  const parse = () => parseFragment('f.config', `\n${line}\n`);
  expect(parse).toThrow(message);
  expect(parse).toThrow(expect.objectContaining({ kind: 'usage', hint: expect.stringMatching(hint) }));
});

test('a symbol asked for twice is refused when the values differ, with both lines', () => {
  const twice = 'CONFIG_SMP=y\n\n# CONFIG_SMP is not set\n';
  expect(() => parseFragment('f.config', twice)).toThrow(/CONFIG_SMP: "y" in line 1, "n" in line 3/);
  expect(parseFragment('f.config', 'CONFIG_SMP=y\nCONFIG_SMP=y\n')).toHaveLength(1);
});

test.each([
  ['CONFIG_SMP=y', 'SMP', 'y'],
  ['SMP=n', 'SMP', 'n'],
  ['NR_CPUS=8', 'NR_CPUS', '8'],
  ['LOCALVERSION=-mine', 'LOCALVERSION', '"-mine"'],
  ['LOCALVERSION="-mine"', 'LOCALVERSION', '"-mine"'],
  ['NAME=a"b\\', 'NAME', '"a\\"b\\\\"'],
])('--set %s', (text, symbol, value) => {
  expect(parseSet(text)).toEqual({ symbol, value, from: { file: '--set' } });
});

test.each(['SMP', 'SMP=', '=y', 'SMP=yes', 'SMP=Y', 'a b=y', 'SMP=y\nCONFIG_X=y'])(
  '--set %j is refused',
  (text) => {
    expect(() => parseSet(text)).toThrow(expect.objectContaining({ code: 'bad-set' }));
  },
);

test('a later request takes the place of an earlier one, and remembers who asked', () => {
  const requests = [...parseFragment('a', 'CONFIG_A=y\nCONFIG_B=y'), parseSet('A=n')];
  expect(mergeRequests(requests).map((request) => [configLine(request), request.from])).toEqual([
    ['CONFIG_B=y', { file: 'a', line: 2 }],
    ['# CONFIG_A is not set', { file: '--set' }],
  ]);
});

const DIRECTORY = join(projectRoot, 'kernel-configs');
test.each(readdirSync(DIRECTORY).filter((file) => file.endsWith('.config')))(
  '%s is a fragment, and says what it is for',
  (file) => {
    const text = readFileSync(join(DIRECTORY, file), 'utf8');
    expect(text).toMatch(/^# (?!CONFIG_)\w.+\./);
    expect(parseFragment(file, text)).not.toEqual([]);
  },
);
