import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { chooseTests, type TestChoice } from './choose-tests.ts';

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'devbox-choose-')));
afterAll(() => rmSync(dir, { recursive: true }));
const suites = { one: { files: ['*.sh', '!c.sh'], agent: 'edf', smp: [2], timeout: '5s', retries: 1 } };
writeFileSync(join(dir, 'devbox.config.json'), JSON.stringify({ suites }));
for (const name of ['a', 'b', 'c']) writeFileSync(join(dir, `${name}.sh`), '#!/bin/sh\n');
const choose = (choice: TestChoice) => chooseTests(choice, dir);

describe('which tests are to run', () => {
  it('is what the suite says, where nothing else is said', async () => {
    const { suite, filters } = await choose({});
    expect(suite).toMatchObject({ name: 'one', agents: [['edf']], smp: ['2'], timeoutMs: 5000, retries: 1 });
    expect(filters).toEqual({ repeat: 1 });
  });

  it('is what is said instead', async () => {
    const said = { kernels: ['x'], smp: [1, 'sockets=2'], timeoutMs: 9, jobs: 3, retries: 0, repeat: 2 };
    const { suite, filters } = await choose({ ...said, agents: ['none', 'cfs --latency 5ms'], grep: '^a' });
    expect(suite).toMatchObject({
      ...{ kernels: ['x'], smp: ['1', 'sockets=2'], timeoutMs: 9, jobs: 3, retries: 0 },
      agents: [[], ['cfs', '--latency', '5ms']],
    });
    expect(filters).toEqual({ repeat: 2, grep: '^a' });
  });

  it('is a part of the suite, or files without one', async () => {
    expect((await choose({ suite: 'one', files: ['a.sh'] })).filters.files).toEqual(['a.sh']);
    expect(await choose({ files: ['c.sh'] })).toMatchObject({ suite: { name: 'files', globs: ['c.sh'] } });
  });

  it.each([
    [{ suite: 'two' }, 'There is no suite "two"'],
    [{ suite: 'one', files: ['c.sh'] }, 'is not one of the suite one'],
    [{ grep: '(' }, '--grep (: Invalid regular expression'],
    [{ smp: ['none'] }, 'none'],
    [{ suite: 'kselftest:sched_ext', agents: ['fifo'] }, 'loads schedulers of its own'],
    [{ suite: 'kselftest:sched_ext', changed: true }, 'no suite of files'],
  ] satisfies [TestChoice, string][])('refuses %j', async (choice, message) => {
    await expect(choose(choice)).rejects.toThrow(message);
    await expect(choose(choice)).rejects.toMatchObject({ kind: 'usage' });
  });

  it("is fine without an agent for the kernel's own tests, and names their cases", async () => {
    const { suite, filters } = await choose({
      suite: 'kselftest:sched_ext',
      agents: ['none'],
      files: ['exit'],
    });
    expect([suite.selftests, filters.files]).toEqual(['sched_ext', ['exit']]);
  });
});
