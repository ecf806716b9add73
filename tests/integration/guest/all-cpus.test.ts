import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastCpu, onlineCpus, spawnLoad } from 'devbox/guest';

/** Of a process of one thread that computes without end. */
const LOOKS = 60;
const LOOK_MS = 50;

test('every CPU gets work when there is enough of it', async () => {
  const cpus = onlineCpus();
  await using load = spawnLoad({ processes: 2 * cpus.length });
  const seen = new Set<number>();
  for (let look = 0; look < LOOKS && seen.size < cpus.length; look += 1) {
    await sleep(LOOK_MS);
    for (const pid of load.pids) seen.add(lastCpu(pid));
  }
  assert.deepEqual([...seen].sort(), [...cpus].sort());
});
