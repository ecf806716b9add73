import { expect, it } from 'vitest';
import { devbox, latestRecord, temporaryDirectory } from '../support/devbox.ts';

/** With the kfuncs under their first names and their second; and with gaps in its BTF. */
it.each(['debian:6.16.12', 'debian:7.2.12'])(
  'fifo runs on %s, whatever its kfuncs are called',
  async (kernel) => {
    using dir = temporaryDirectory();
    const run = await devbox(['run', '--kernel', kernel, '--smp', '2', 'fifo'], { cwd: dir.path });
    expect(latestRecord(dir.path).result.verdict, run.stdout).toMatchObject({ kind: 'passed' });
    expect(run.code).toBe(0);
  },
);
