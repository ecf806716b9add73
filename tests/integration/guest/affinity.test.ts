// Origin: ghOSt's api_test (SchedGetAffinity): a task runs nowhere but where it may.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { allowedCpus, assertNoStarvation, lastCpu, onlineCpus, pin, spawnLoad } from 'devbox/guest';

const LOOKS = 20;
const LOOK_MS = 25;

test('processes that may use one CPU each run there and nowhere else, among others that may use all', async () => {
  const cpus = onlineCpus();
  const pinned = cpus.map((cpu) => spawnLoad({ cpus: [cpu] }));
  try {
    await using _others = spawnLoad({ processes: cpus.length + 1 });
    const pids = pinned.flatMap((load) => load.pids);
    assert.deepEqual(
      pids.map(allowedCpus),
      cpus.map((cpu) => [cpu]),
    );
    for (let look = 0; look < LOOKS; look += 1) {
      assert.deepEqual(pids.map(lastCpu), cpus);
      await sleep(LOOK_MS);
    }
    await assertNoStarvation(pids, { withinMs: 2000, forMs: 2000 });
  } finally {
    await Promise.all(pinned.map((load) => load.stop()));
  }
});

test('a process that is moved while it runs goes on where it was moved to', async () => {
  await using load = spawnLoad();
  const [pid = 0] = load.pids;
  for (const cpu of [...onlineCpus(), ...onlineCpus()]) {
    pin(cpu, pid);
    assert.equal(lastCpu(pid), cpu);
    await sleep(LOOK_MS);
    assert.equal(lastCpu(pid), cpu);
  }
  await assertNoStarvation([pid], { withinMs: 2000, forMs: 2000 });
});
