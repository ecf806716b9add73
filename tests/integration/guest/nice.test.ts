// Origin: ghOSt's api_test (GhostTaskPriorityVia…): the agent hears of nice values, those of before and those that change.
import { setPriority } from 'node:os';
import { test } from 'node:test';
import { agentPromises, agentUnderTest, assertFairness, onlineCpus, spawnLoad } from 'devbox/guest';

const skip =
  !agentPromises('weights') && `${agentUnderTest() ?? 'nobody'} does not promise to go by nice values`;
/** Of the kernel, for each step of nice. */
const STEP = 1.25;
const FOR_MS = 4000;

test('processes on one CPU share it in proportion to their weights, and go by new ones at once', {
  skip,
}, async () => {
  const nices = [0, 0, 5];
  const cpu = onlineCpus().at(-1) as number;
  const loads = nices.map((nice) => spawnLoad({ cpus: [cpu], nice }));
  const pids = loads.flatMap((load) => load.pids);
  const sharedOut = () =>
    assertFairness(pids, {
      ...{ tolerance: 0.25, forMs: FOR_MS, weights: nices.map((nice) => STEP ** -nice) },
    });
  try {
    await sharedOut();
    nices.splice(0, 1, 5);
    setPriority(pids[0] as number, 5);
    await sharedOut();
  } finally {
    await Promise.all(loads.map((load) => load.stop()));
  }
});
