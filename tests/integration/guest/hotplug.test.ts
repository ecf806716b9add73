import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
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

test('a CPU goes and comes back again and again while tasks come and go', {
  skip: cpus.length < 2 && 'there is one CPU only',
}, async () => {
  const { scheduler } = readSchedState();
  // What is preempted in the kernel has to go on, or the kernel waits for it with the CPU half off.
  const shells = Array.from({ length: 3 * cpus.length }, () =>
    spawn('sh', ['-c', 'while :; do (:); done'], { stdio: 'ignore' }),
  );
  try {
    for (let round = 0; round < 10; round += 1) {
      setCpuOnline(last, false);
      setCpuOnline(last, true);
      await sleep(20);
    }
  } finally {
    for (const shell of shells) shell.kill('SIGKILL');
  }
  assert.equal(readSchedState().scheduler, scheduler);
});
