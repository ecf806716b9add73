import { describe, expect, it } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { planTests, type TestFilters } from './plan-tests.ts';
import { findSuite, listSuites, suiteOfFiles } from './suite.ts';
import type { TestFile } from './test-file.ts';

const selftest = (name: string): TestFile => ({ name, path: `/x/${name}`, kind: 'selftest', directives: {} });
const PREPARED = new Map([
  ['scx', [selftest('exit'), selftest('minimal')]],
  ['scx-7.2', [selftest('minimal'), selftest('numa')]],
]);
const suite = { ...(await findSuite('kselftest:sched_ext', '/')), kernels: ['scx', 'scx-7.2'] };
const plan = (filters: Partial<TestFilters> = {}) => planTests(suite, { repeat: 1, ...filters }, PREPARED);

describe("a suite of the kernel's own tests", () => {
  it('is there without a configuration, and is offered where suites are listed', async () => {
    expect(suite).toMatchObject({ selftests: 'sched_ext', globs: [], agents: [[]] });
    expect((await listSuites('/')).map(({ name }) => name)).toContain('kselftest:sched_ext');
  });

  it('has, on each kernel, the cases of that', () => {
    expect(plan().map(({ cell, file }) => `${cell.kernel} ${file.name}`)).toEqual([
      ...['scx exit', 'scx minimal', 'scx-7.2 minimal', 'scx-7.2 numa'],
    ]);
  });

  it('is narrowed to cases by their names, and by --grep', () => {
    expect(plan({ files: ['numa'] }).map(({ file }) => file.name)).toEqual(['numa']);
    expect(plan({ grep: 'mini' })).toHaveLength(2);
    expect(plan({ files: ['numa'] })[0]?.again).toBe(
      'devbox test kselftest:sched_ext numa --kernel scx-7.2 --smp 2',
    );
    expect(() => plan({ files: ['minimum'] })).toThrow('no case "minimum" for scx, scx-7.2. Did you mean');
  });

  it('lets its tests be the judges of what schedulers are thrown out for, which other suites do not', () => {
    expect(plan().every(({ allowsEjection }) => allowsEjection)).toBe(true);
    const files = suiteOfFiles(['package.json'], process.cwd());
    const others = new Map([['scx', [{ ...selftest('x'), kind: 'c' } as const]]]);
    expect(planTests(files, { repeat: 1 }, others)[0]?.allowsEjection).toBe(false);
  });

  it('is only one: the name of any other is refused with what there is', async () => {
    const refused = await findSuite('kselftest:sched_ex', '/').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Failure);
    expect(refused).toMatchObject({ kind: 'usage', code: 'no-such-suite' });
    expect((refused as Failure).message).toContain('only those of sched_ext can be run. Did you mean');
  });
});
