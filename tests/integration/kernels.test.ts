import { expect, it } from 'vitest';
import { devbox, latestRecord, temporaryDirectory } from '../support/devbox.ts';

/** With the kfuncs under their first names and their second; and with gaps in its BTF. */
it.each([
  ['fifo', 'debian:6.16.12'],
  ['fifo-bpf', 'debian:6.16.12'],
  ['fifo-bpf', 'debian:7.2.12'],
])('%s runs on %s, whatever its kfuncs are called', async (agent, kernel) => {
  using dir = temporaryDirectory();
  const run = await devbox(['run', '--kernel', kernel, '--smp', '2', agent], { cwd: dir.path });
  expect(latestRecord(dir.path).result.verdict, run.stdout).toMatchObject({ kind: 'passed' });
  expect(run.code).toBe(0);
});
