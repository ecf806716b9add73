import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  assertNoStarvation,
  lastCpu,
  onlineCpus,
  readSchedState,
  setCpuOnline,
  spawnLoad,
} from 'devbox/guest';

const cpus = onlineCpus();
const last = cpus.at(-1) as number;

test('a CPU goes and comes back while everybody works', {
  skip: cpus.length < 2 && 'there is one CPU only',
}, async () => {
  const { scheduler } = readSchedState();
  await using load = spawnLoad({ processes: 2 * cpus.length });
  setCpuOnline(last, false);
  try {
    await sleep(200);
    assert.ok(load.pids.every((pid) => lastCpu(pid) !== last));
    await assertNoStarvation(load.pids, { withinMs: 2000, forMs: 2000 });
  } finally {
    setCpuOnline(last, true);
  }
  await assertNoStarvation(load.pids, { withinMs: 2000, forMs: 2000 });
  assert.equal(readSchedState().scheduler, scheduler);
});
