// What ghOSt's capabilities and affinity tests verify: a task runs nowhere but where it may.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertNoStarvation, lastCpu, onlineCpus, pin, spawnLoad } from 'devbox/guest';

const LOOKS = 20;
const LOOK_MS = 25;

async function assertStaysOn(pid: number, cpu: number): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    assert.equal(lastCpu(pid), cpu);
    await sleep(LOOK_MS);
  }
}

test('a process that may use one CPU runs there and nowhere else, among others that may use all', async () => {
  const cpus = onlineCpus();
  await using _others = spawnLoad({ processes: cpus.length + 1 });
  for (const cpu of cpus) {
    await using load = spawnLoad({ cpus: [cpu] });
    await assertStaysOn(load.pids[0] as number, cpu);
    await assertNoStarvation(load.pids, { withinMs: 1000, forMs: 1000 });
  }
});

test('a process that is moved while it runs goes on where it was moved to', async () => {
  await using load = spawnLoad();
  const [pid = 0] = load.pids;
  for (const cpu of [...onlineCpus(), ...onlineCpus()]) {
    pin(cpu, pid);
    await sleep(LOOK_MS);
    await assertStaysOn(pid, cpu);
  }
});
