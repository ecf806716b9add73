import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { againInCell, planTests, type TestFilters } from './plan-tests.ts';
import { suiteOfFiles, type TestSuite } from './suite.ts';
import { findTestFiles, readDirectives } from './test-file.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'devbox-plan-'));
  mkdirSync(join(dir, 'deep'));
  write('b.sh', '#!/bin/sh\n');
  write('a.c', 'int main(void) { return 0; }');
  write('deep/c.test.ts', "import { test } from 'node:test';");
  write('d', 'ELF', 0o755);
  write('readme.txt', 'no test');
});
afterAll(() => rmSync(dir, { recursive: true }));

function write(name: string, text: string, mode = 0o644): void {
  writeFileSync(join(dir, name), text);
  chmodSync(join(dir, name), mode);
}
const suite = (more: Partial<TestSuite> = {}): TestSuite => ({
  ...suiteOfFiles(['*.{sh,c}', 'd', '**/*.ts'], dir),
  ...more,
});
const plan = (more: Partial<TestSuite> = {}, filters: Partial<TestFilters> = {}) =>
  planTests(suite(more), { repeat: 1, ...filters });

describe('the files of a suite', () => {
  it('are found by globs, in order of their names, and told apart by what they are', () => {
    const found = findTestFiles(suite().globs, dir).map(({ name, kind }) => [name, kind]);
    expect(found).toEqual([
      ['a.c', 'c'],
      ['b.sh', 'program'],
      ['d', 'program'],
      ['deep/c.test.ts', 'node'],
    ]);
  });

  it('are left out by a glob with an exclamation mark', () => {
    expect(findTestFiles(['*.{sh,c}', '!a.*'], dir).map(({ name }) => name)).toEqual(['b.sh']);
  });

  it('are missed: a glob that matches nothing is a mistake, and so is a file that is no test', () => {
    expect(() => findTestFiles(['*.py'], dir)).toThrow('No file matches *.py');
    expect(() => findTestFiles(['b.s'], dir)).toThrow('There is no test file b.s');
    expect(() => findTestFiles(['readme.txt'], dir)).toThrow('readme.txt is no test');
  });
});

describe('a plan', () => {
  it('has every file in every place, kernels first', () => {
    const places = plan({ kernels: ['x', 'y'], smp: ['1', '4'] }).map(
      ({ file, cell, index }) => `${index} ${cell.kernel} ${cell.smp} ${file.name}`,
    );
    expect(places).toHaveLength(16);
    expect(places[0]).toBe('0 x 1 a.c');
    expect(places[4]).toBe('4 x 4 a.c');
    expect(places[15]).toBe('15 y 4 deep/c.test.ts');
  });

  it('has every file under every agent, but for those that name their own', () => {
    write('b.sh', '#!/bin/sh\n# devbox-test: agent=stall\n');
    const agents = [['fifo'], ['cfs', '--latency', '5ms'], []];
    const planned = plan({ agents, globs: ['*.sh', 'd'] });
    write('b.sh', '#!/bin/sh\n');
    expect(planned.map(({ file, agent }) => [file.name, ...agent].join(' '))).toEqual([
      ...['b.sh stall', 'd fifo', 'd cfs --latency 5ms', 'd'],
    ]);
    expect(planned.map(({ again }) => again.split(' --smp 2').at(-1))).toEqual([
      ...['', ' --agent fifo', " --agent 'cfs --latency 5ms'", ''],
    ]);
  });

  it('has a test that loads agents itself for every agent, with none loaded', () => {
    write('b.sh', '#!/bin/sh\n# devbox-test: agent=unloaded\n');
    const planned = plan({ agents: [['fifo'], ['cfs', '--latency', '5ms'], []], globs: ['b.sh'] });
    write('b.sh', '#!/bin/sh\n');
    expect(planned.map(({ agent, about, cell }) => [agent.length, about[0], cell.agent])).toEqual([
      [0, 'fifo', 'fifo'],
      [0, 'cfs', 'cfs --latency 5ms'],
      [0, undefined, undefined],
    ]);
    expect(planned.map(({ again }) => again.split(' --smp 2').at(-1))).toEqual([
      ...[' --agent fifo', " --agent 'cfs --latency 5ms'", ''],
    ]);
  });

  it('is cut into shards that make the whole, whatever else is in the suite', () => {
    const names = (index: number) => plan({}, { shard: { index, of: 3 } }).map(({ file }) => file.name);
    const parts = [1, 2, 3].flatMap((index) => {
      try {
        return names(index);
      } catch {
        return [];
      }
    });
    expect(parts.sort()).toEqual(plan().map(({ file }) => file.name));
  });

  it('is narrowed by names and repeated', () => {
    expect(plan({}, { grep: '^[ab]', repeat: 2 }).map(({ file }) => file.name)).toEqual([
      ...['a.c', 'a.c', 'b.sh', 'b.sh'],
    ]);
    expect(plan({}, { files: ['d'] })).toHaveLength(1);
  });

  it('that is empty is a mistake, not a success', () => {
    expect(() => plan({}, { grep: 'nothing like it' })).toThrow(
      'No test of the suite files is left by --grep nothing like it',
    );
  });

  it('says how each is run again', () => {
    const [first] = plan({ name: 'mine', kernels: ['scx'], smp: ['sockets=2,cores=1'] });
    expect(first?.again).toBe('devbox test mine ./a.c --kernel scx --smp sockets=2,cores=1');
  });

  it('says how all that need the same guest are run again', () => {
    const cell = { kernel: 'scx', smp: '2', agent: 'cfs --latency 5ms' };
    const words = "--kernel scx --smp 2 --agent 'cfs --latency 5ms'";
    expect(againInCell(suite({ name: 'mine' }), cell)).toBe(`devbox test mine ${words}`);
    expect(againInCell(suiteOfFiles(['*.sh', 'deep/*'], dir), cell)).toBe(
      `devbox test ./b.sh deep/c.test.ts ${words}`,
    );
  });
});

describe('a test that asks for something in a comment', () => {
  it('gets it', () => {
    const text = '#!/bin/sh\n# devbox-test: expect=kernel-panic timeout=5s agent=stall,--comm=sleep\n';
    expect(readDirectives('x', text)).toEqual({
      ...{ expect: 'kernel-panic', timeoutMs: 5000, agent: ['stall', '--comm=sleep'] },
    });
    expect(readDirectives('x', '/* devbox-test: agent=none */')).toEqual({ agent: [] });
  });

  it('is told what there is when it asks for something else', () => {
    expect(() => readDirectives('x', '# devbox-test: expect=panic')).toThrow('"devbox-test: expect=panic"');
    expect(() => readDirectives('x', '# devbox-test: memory=1G')).toThrow('nothing that a test can ask for');
  });
});
