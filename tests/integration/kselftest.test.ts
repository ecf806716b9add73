import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepareSelftests } from '../../src/build/selftests/prepare-selftests.ts';
import type { KernelArtifact } from '../../src/core/kernel.ts';
import type { SuiteResult } from '../../src/core/test-result.ts';
import { buildRoot } from '../support/debian-packages.ts';
import { devbox, latestRecord, temporaryDirectory } from '../support/devbox.ts';
import { writeToyKernel } from '../support/toy-kernel.ts';
import { writeToySelftests } from '../support/toy-selftests.ts';

async function run(cwd: string, ...words: readonly string[]) {
  const { code, stdout } = await devbox(
    ['test', 'kselftest:sched_ext', ...words, '--reporter', 'json:all.json'],
    { cwd },
  );
  const suite = JSON.parse(readFileSync(join(cwd, 'all.json'), 'utf8')) as SuiteResult;
  const events = latestRecord(cwd).read('events.ndjson').trimEnd().split('\n');
  const stage = events
    .map((line) => JSON.parse(line))
    .find(({ type, stage: name }) => type === 'stage-finished' && name === 'selftests');
  return { code, stdout, stage, results: suite.results };
}

describe("the kernel's own tests", () => {
  it('are run case by case, and an ejection that a case is about is no verdict', async () => {
    using dir = temporaryDirectory();
    const { code, stdout, results } = await run(
      dir.path,
      'ddsp_bogus_dsq_fail',
      'maybe_null',
      'minimal',
      'exit',
    );
    expect(code, stdout).toBe(0);
    expect(results.map(({ file, outcome }) => [file, outcome])).toEqual([
      ['ddsp_bogus_dsq_fail', 'passed'],
      ['exit', 'passed'],
      ['maybe_null', 'passed'],
      ['minimal', 'passed'],
    ]);
    const [ejected] = results;
    expect(ejected?.console.join('\n')).toMatch(/ddsp_bogus_dsq_fail" disabled \(runtime error\)/);
    expect(ejected?.verdict).toMatchObject({ kind: 'passed', findings: [] });
    expect(ejected?.output).toContain('ok 1 ddsp_bogus_dsq_fail');
    const offered = await devbox(['__complete', '--', 'test', 'kselftest:sched_ext', 'ddsp_'], {
      cwd: dir.path,
    });
    expect(offered.stdout).toContain('ddsp_bogus_dsq_fail\t\n');
  });

  it('build nothing the second time, and say of a case that failed or was skipped why, and how to run it again', async () => {
    using dir = temporaryDirectory();
    // The one needs ops.select_cpu(), which is not called with one CPU; the other a CPU that can be switched off.
    const { code, stage, results } = await run(dir.path, '--smp', '1', 'ddsp_bogus_dsq_fail', 'hotplug');
    expect(stage).toMatchObject({ outcome: 'cached' });
    expect(code).toBe(1);
    expect(results).toMatchObject([
      {
        file: 'ddsp_bogus_dsq_fail',
        outcome: 'failed',
        verdict: {
          kind: 'test-failed',
          summary: expect.stringMatching(/^ddsp_bogus_dsq_fail: ddsp_bogus_dsq_fail\.c:\d+: Expected /),
          hint: expect.stringContaining('--smp 2'),
        },
        again: 'devbox test kselftest:sched_ext ddsp_bogus_dsq_fail --kernel scx --smp 1',
      },
      { file: 'hotplug', outcome: 'skipped', reason: expect.stringMatching(/./) },
    ]);
  });
});

describe('the selftests of a tree', () => {
  const prepare = (dir: string) => {
    const btf = join(dir, '../btf');
    writeFileSync(btf, 'types');
    const kernel = { name: dir, release: '6.99.0', bootImage: join(dir, 'vmlinux'), btf } as KernelArtifact;
    const options = { root: buildRoot, emit: () => {}, builder: 'embedded', offline: false } as const;
    return prepareSelftests(kernel, options);
  };
  const tree = (parent: string) => {
    const dir = join(parent, 'linux');
    mkdirSync(dir);
    return dir;
  };

  it('are all there: one that does not compile takes no other with it, and is told with the words of the compiler', async () => {
    using dir = temporaryDirectory();
    const linux = tree(dir.path);
    writeToySelftests(linux, ['bad', 'good']);
    const { cases } = await prepare(linux);
    expect(cases).toMatchObject([
      {
        name: 'bad',
        failure: { code: 'selftest-failed', evidence: [expect.stringContaining('undeclared')] },
      },
      { name: 'good', program: expect.stringMatching(/good$/) },
    ]);
    execFileSync(cases[1]?.program as string);
  });

  it('are a failed build when none compiles, and missed where there are none', async () => {
    using dir = temporaryDirectory();
    const linux = tree(dir.path);
    writeToySelftests(linux, ['bad']);
    await expect(prepare(linux)).rejects.toMatchObject({
      ...{ kind: 'build', code: 'selftests-failed', log: expect.any(String) },
      evidence: [expect.stringContaining('undeclared')],
    });
    using other = temporaryDirectory();
    const bare = tree(other.path);
    writeToyKernel(bare);
    await expect(prepare(bare)).rejects.toMatchObject({ kind: 'usage', code: 'no-selftests' });
  });
});
