import { test } from 'node:test';
import { assertNoStarvation, onlineCpus, spawnLoad } from 'devbox/guest';

test('nobody starves for ten seconds when there is twice as much to do as CPUs can', async () => {
  await using load = spawnLoad({ processes: 2 * onlineCpus().length });
  await assertNoStarvation(load.pids, { withinMs: 2000, forMs: 10_000 });
});
