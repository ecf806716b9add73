import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { devbox, latestRecord, temporaryDirectory } from '../support/devbox.ts';
import { EXAMPLES_KERNEL, kernelSchedulers } from '../support/kernel-schedulers.ts';

/** By their source in tools/sched_ext: what each prints of its work, and the name that it gives itself. */
const SCHEDULERS = [
  ['scx_simple', 'simple', /local=\d+ global=[1-9]/],
  ['scx_qmap', 'qmap', /enq=[1-9]\d* dsp=[1-9]/],
  ['scx_central', 'central', /total +: +[1-9]/],
] as const;

describe("the kernel's own schedulers run as agents by path", () => {
  let built: string;
  beforeAll(async () => {
    built = await kernelSchedulers(SCHEDULERS.map(([name]) => name));
  });

  it.each(SCHEDULERS)('%s', async (name, scheduler, works) => {
    using dir = temporaryDirectory();
    copyFileSync(join(built, name), join(dir.path, name));
    const words = ['run', '--kernel', EXAMPLES_KERNEL, '--smp', '4', `./${name}`];
    const run = await devbox(words, { cwd: dir.path });
    expect(run.code, run.stdout).toBe(0);
    const record = latestRecord(dir.path);
    expect(record.result).toMatchObject({ verdict: { kind: 'passed' } });
    expect(record.read('streams/agent-stdout')).toMatch(works);
    expect(record.read('streams/agent-stderr')).toContain('EXIT: unregistered from user space');
    const ready = record
      .read('events.ndjson')
      .split('\n')
      .find((line) => line.includes('"type":"agent-ready"'));
    expect(JSON.parse(ready ?? '{}').scheduler).toBe(scheduler);
  });
});
