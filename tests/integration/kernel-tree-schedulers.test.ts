import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { devbox, latestRecord, temporaryDirectory } from '../support/devbox.ts';
import { buildKernelTreeSchedulers, KERNEL_TREE_SCHEDULERS } from '../support/kernel-tree-schedulers.ts';

/** The newest kernel of Debian's that still has the kfuncs under the names that the 6.12 schedulers call them by. */
const KERNEL = 'debian:6.16.12';

describe('the schedulers of the kernel tree, run by path', () => {
  let dir: ReturnType<typeof temporaryDirectory>;
  let bin: string;
  beforeAll(async () => {
    dir = temporaryDirectory();
    bin = await buildKernelTreeSchedulers(dir.path, 'linux-source-6.12', KERNEL);
  });
  afterAll(() => dir[Symbol.dispose]());

  it.each(KERNEL_TREE_SCHEDULERS)('%s schedules a workload and passes', async (name) => {
    const run = await devbox(['run', '--kernel', KERNEL, '--smp', '2', join('bin', name)], { cwd: dir.path });
    const { result, read } = latestRecord(dir.path);
    expect(result.verdict, run.stdout).toMatchObject({ kind: 'passed' });
    expect(run.code).toBe(0);
    expect(read('console.log')).toContain(`BPF scheduler "${name.replace('scx_', '')}`);
    expect(bin).toContain(dir.path);
  });
});

describe('our own scheduler', () => {
  it.each([KERNEL, 'debian:7.2.12'])('runs on %s, whatever its kfuncs are called', async (kernel) => {
    using place = temporaryDirectory();
    const run = await devbox(['run', '--kernel', kernel, '--smp', '2', 'fifo'], { cwd: place.path });
    expect(latestRecord(place.path).result.verdict, run.stdout).toMatchObject({ kind: 'passed' });
    expect(run.code).toBe(0);
  });
});
