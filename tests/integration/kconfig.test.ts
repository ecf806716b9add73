import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { embeddedEnvironment } from '../../src/build/environment/embedded-environment.ts';
import type { BuildEnvironment } from '../../src/build/environment/environment.ts';
import { explainDropped, linesToAdd } from '../../src/build/kconfig/explain-dropped.ts';
import { parseFragment, parseSet } from '../../src/build/kconfig/parse-fragment.ts';
import type { ConfigRequest, DroppedOption } from '../../src/build/kconfig/request.ts';
import { resolveConfig } from '../../src/build/kconfig/resolve-config.ts';
import type { SourceTree } from '../../src/build/kernel-source/source.ts';
import { prepareBuildRoot } from '../../src/build/root/prepare-build-root.ts';
import { projectRoot } from '../../src/platform/paths.ts';

let environment: BuildEnvironment;
let home: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'devbox-kconfig-'));
  const root = await prepareBuildRoot({ emit: () => {} });
  environment = embeddedEnvironment(root, () => {});
});
afterAll(() => rmSync(home, { recursive: true }));

/** A tree with one of everything that can keep an option from being taken. */
const SOURCE: SourceTree = {
  dir: join(projectRoot, 'tests/support/kconfig-tree'),
  key: '',
  pin: { kind: 'tree' },
  epoch: 0,
  version: '0',
  incremental: false,
  [Symbol.asyncDispose]: async () => {},
};

let serial = 0;

function resolve(requests: readonly ConfigRequest[], base = 'tinyconfig', source = SOURCE) {
  serial += 1;
  const [outDir, scratch] = [join(home, `${serial}-out`), join(home, `${serial}-scratch`)];
  for (const dir of [outDir, scratch]) mkdirSync(dir);
  return resolveConfig({ environment, source, outDir, scratch, base, requests, make: {} });
}

async function reasonFor(asked: string, ...more: string[]): Promise<DroppedOption['reason'] | undefined> {
  const { dropped } = await resolve([...parseFragment('mine.config', more.join('\n')), parseSet(asked)]);
  return dropped.find(({ request }) => request.from.file === '--set')?.reason;
}

test('what is asked for and can be had comes out, and nothing is said', async () => {
  const fragment = 'CONFIG_PROGRAMS=y\nCONFIG_MODULES=y\nCONFIG_DISK=m\nCONFIG_CPUS=16\nCONFIG_NAME="mine"\n';
  const { text, dropped } = await resolve(parseFragment('mine.config', fragment));
  expect(dropped).toEqual([]);
  for (const line of [...fragment.trim().split('\n'), 'CONFIG_BUS=m']) expect(text).toContain(`${line}\n`);
});

test('a dependency is walked down to lines that can be set, and with those lines the option comes out', async () => {
  const asked = parseFragment('mine.config', '# why\nCONFIG_SMALL=y\nCONFIG_CLASS=y\n');
  const { dropped } = await resolve(asked.slice(1));
  expect(explainDropped(dropped)).toEqual([
    'mine.config:3: CONFIG_CLASS=y came out as n.',
    '  It depends on COMPILER && TYPES.',
    '  CONFIG_PROGRAMS is n, must be y.',
    '  CONFIG_COMPILER is n, must be y.',
    '  CONFIG_DEBUG_DWARF is n, must be y.',
    '  CONFIG_DEBUG_INFO is n, must be y.',
    '  CONFIG_TYPES is n, must be y.',
    '  Add: CONFIG_PROGRAMS=y, CONFIG_COMPILER=y, CONFIG_DEBUG_DWARF=y, CONFIG_TYPES=y',
  ]);
  const again = await resolve([...asked.slice(1), ...parseFragment('added', linesToAdd(dropped).join('\n'))]);
  expect(again.dropped).toEqual([]);
});

test.each([
  ['CLASS=y', ['CONFIG_SMALL=y'], /# CONFIG_SMALL is not set/],
  ['DISK=y', [], /CONFIG_PROGRAMS=y/],
  ['DISK=m', [], /CONFIG_MODULES=y/],
  ['FUTEX=n', [], /CONFIG_EXPERT=y/],
  ['SENSOR=y', ['CONFIG_PROGRAMS=y', 'CONFIG_DISK=y'], /# CONFIG_DISK is not set/],
  ['BUS=y', [], /CONFIG_DISK=y/],
  ['DEBUG_INFO=y', [], /CONFIG_DEBUG_DWARF=y/],
  ['PUMP=y', ['CONFIG_PROGRAMS=y'], /CONFIG_HEAT=y/],
])('--set %s with %j comes out with the lines that are told', async (asked, fragment, line) => {
  const base = parseFragment('mine.config', fragment.join('\n'));
  const { dropped } = await resolve([...base, parseSet(asked)]);
  const add = linesToAdd(dropped).join('\n');
  expect(add).toMatch(line);
  const again = await resolve([...base, ...parseFragment('added', add), parseSet(asked)]);
  expect(again.dropped.filter(({ request }) => request.from.file === '--set')).toEqual([]);
});

test('every other reason', async () => {
  expect(await reasonFor('CLAS=y')).toEqual({ kind: 'unknown', nearest: 'CLASS' });
  expect(await reasonFor('HEAT=n', 'CONFIG_PROCESSOR=y')).toEqual({ kind: 'selected', by: ['PROCESSOR'] });
  expect(await reasonFor('OTHER_MACHINE=y')).toEqual({ kind: 'no-prompt', selectedBy: [], add: [] });
  expect(await reasonFor('THERE=y')).toMatchObject({ missing: [{ symbol: 'OTHER_MACHINE', add: [] }] });
  expect(await reasonFor('DEBUG_NONE=n')).toMatchObject({ kind: 'other', text: /DEBUG_DWARF/ });
  expect(await reasonFor('CPUS=500')).toMatchObject({ kind: 'other', text: /between 2 and 64/ });
  expect(await reasonFor('CPUS=y')).toMatchObject({ kind: 'other', text: /a whole number, not y/ });
  expect(await reasonFor('HEAT_OLD_NAME=y')).toMatchObject({ kind: 'other', text: /HEAT_CONTROL/ });
});

test('who keeps a dependency from holding is named', async () => {
  const { dropped } = await resolve([...parseFragment('f', 'CONFIG_COMPILER=y'), parseSet('PROGRAMS=n')]);
  expect(explainDropped(dropped)).toContain('  CONFIG_PROGRAMS is n, must be y: --set asks for n.');
});

test('of a choice the member that was asked for last is taken, and the others are no mistake', async () => {
  expect(await reasonFor('DEBUG_DWARF=y', 'CONFIG_DEBUG_NONE=y')).toBeUndefined();
  const { dropped } = await resolve(parseFragment('f', 'CONFIG_DEBUG_DWARF=y\nCONFIG_DEBUG_NONE=y\n'));
  expect(dropped).toEqual([]);
});

test('a tree with words that kconfiglib does not know is explained all the same', async () => {
  const dir = join(home, 'newer-tree');
  cpSync(SOURCE.dir, dir, { recursive: true });
  appendFileSync(join(dir, 'Kconfig'), '\tfuture\n');
  const asked = parseFragment('mine.config', 'CONFIG_COMPILER=y\nCONFIG_CLAS=y\n');
  const { dropped } = await resolve(asked, 'tinyconfig', { ...SOURCE, dir });
  expect(explainDropped(dropped)).toEqual([
    'mine.config:1: CONFIG_COMPILER=y came out as n.',
    '  It depends on PROGRAMS.',
    '  CONFIG_PROGRAMS is n, must be y.',
    '  Add: CONFIG_PROGRAMS=y',
    'mine.config:2: CONFIG_CLAS=y came out as n.',
    '  This kernel has no option CONFIG_CLAS. Did you mean CONFIG_CLASS?',
  ]);
});

test.each(['menuconfig', 'bzImage', 'tinyconfig;true', '', '-f/tmp/config'])(
  '%j is no base',
  async (base) => {
    await expect(resolve([], base)).rejects.toMatchObject({ kind: 'usage', code: 'bad-base-config' });
  },
);

test('a base that the tree does not have is named', async () => {
  const found = resolve([], 'my_defconfig');
  await expect(found).rejects.toMatchObject({ code: 'kernel-config-failed', hint: /no my_defconfig/ });
});
